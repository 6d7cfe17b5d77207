"""Signing a person of the local stack in: by password, and a member of the team by their second factor too.

`python -m local.sign_in STATE_FILE NAME` prints the ID token of a person of the stack, for shells.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import sys
import time
from pathlib import Path
from typing import Any, Final

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from local.state import Person, StackInfo, parse

STEP_SECONDS: Final = 30
DIGITS: Final = 6


def id_token(cognito: Any, stack: StackInfo, person: Person) -> str:
    """The person's ID token, an hour's worth. `cognito` is a client of the stack's `cognito-idp`."""
    client_id = stack.team_pool_client_id if person.is_of_the_team else stack.user_pool_client_id
    return str(sign_in(cognito, client_id, person)["IdToken"])


def sign_in(cognito: Any, client_id: str, person: Person) -> dict[str, str]:
    """The tokens as Cognito names them."""
    answer = by_password(cognito, client_id, person.username, person.password)
    if person.totp_secret is not None:
        answer = cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=answer["Session"],
            ChallengeResponses={
                "USERNAME": person.username,
                "SOFTWARE_TOKEN_MFA_CODE": totp(person.totp_secret, time.time()),
            },
        )
    tokens: dict[str, str] = answer["AuthenticationResult"]
    return tokens


def set_up_second_factor(cognito: Any, client_id: str, username: str, password: str) -> str:
    """Sign in for the first time, as somebody who scans the code with their phone; returns the secret."""
    setup = by_password(cognito, client_id, username, password)
    made = cognito.associate_software_token(Session=setup["Session"])
    secret = str(made["SecretCode"])
    verified = cognito.verify_software_token(Session=made["Session"], UserCode=totp(secret, time.time()))
    cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="MFA_SETUP",
        Session=verified["Session"],
        ChallengeResponses={"USERNAME": username},
    )
    return secret


def by_password(cognito: Any, client_id: str, username: str, password: str) -> dict[str, Any]:
    """Cognito's answer to the password: tokens, or a challenge."""
    answer: dict[str, Any] = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    return answer


def totp(secret: str, at: float) -> str:
    """The code of an authenticator (RFC 6238, SHA-1) for a base32 secret at an instant in seconds since 1970."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", int(at // STEP_SECONDS)), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def main() -> None:
    """Print one person's token."""
    file, name = sys.argv[1:]
    stack = parse(Path(file).read_text())
    cognito = boto3.client(
        "cognito-idp",
        region_name=stack.region,
        endpoint_url=stack.endpoint_url,
        config=Config(signature_version=UNSIGNED, proxies={}),
    )
    print(id_token(cognito, stack, stack.people[name]))


if __name__ == "__main__":
    main()
