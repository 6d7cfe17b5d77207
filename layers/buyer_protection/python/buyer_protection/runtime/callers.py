"""Who calls: from what API Gateway has verified to a `Caller`. Pure; the gateway checks signatures and expiry."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from buyer_protection.application.actions.execute import CASE_MANAGERS, OPERATORS, STAFF_OF, Caller
from buyer_protection.runtime.problems import UnauthenticatedError
from buyer_protection.runtime.settings import SignInSettings

_ASSUMED_ROLE = re.compile(r"(arn:[^:]+:sts::\d+:assumed-role/.+)/[^/]+")
_TEAM_GROUPS = frozenset({CASE_MANAGERS, OPERATORS})
_COMPARED = ("iss", "aud", "sub", "token_use")


def caller_of(event: Mapping[str, Any], settings: SignInSettings) -> Caller:
    """A person by their ID token, or the shop's backend by its signature; 401 for anybody else."""
    context = event.get("requestContext") or {}
    verified = (context.get("authorizer") or {}).get("claims")
    if verified:
        return person_of(_claims_of(event, verified), settings)
    arn = (context.get("identity") or {}).get("userArn")
    if not arn:
        raise UnauthenticatedError("Sign in: there is no token and no signature.")
    # The session's name differs from call to call; a retry from another session is still the same caller.
    role = _ASSUMED_ROLE.fullmatch(arn)
    return Caller(role[1] if role else arn, is_system=True)


def person_of(claims: Mapping[str, Any], settings: SignInSettings) -> Caller:
    """The person of an ID token. Its pool and client decide which of its groups mean anything (R24, R47).

    Groups of the team count from the team's pool only, `seller:{seller_id}` from the public's only: whoever may put
    people into groups of the one gives no right in the other.
    """
    if claims.get("token_use") != "id":
        raise UnauthenticatedError("Send the ID token, not another one.")
    groups = _groups_of(claims)
    match (str(claims.get("iss")).rpartition("/")[2], claims.get("aud")):
        case (settings.team_pool_id, settings.team_client_id):
            return Caller(_text(claims, "sub"), groups & _TEAM_GROUPS, False, *_account(claims))
        case (settings.public_pool_id, settings.public_client_id):
            staff_of = frozenset(group for group in groups if group.startswith(STAFF_OF))
            return Caller(_text(claims, settings.user_id_claim), staff_of, False, *_account(claims))
    raise UnauthenticatedError("This token was not issued to one of our clients.")


def standing_of(caller: Caller) -> str:
    """Whose token or signature it is, whatever the caller is to a case: `BACKEND`, `TEAM`, `OPERATOR` or `PERSON`."""
    if caller.is_system:
        return "BACKEND"
    if caller.is_case_manager:
        return "TEAM"
    return "OPERATOR" if OPERATORS in caller.groups else "PERSON"


def _claims_of(event: Mapping[str, Any], verified: Mapping[str, Any]) -> dict[str, Any]:
    """The verified token's own claims: the gateway renders all as text, which makes two groups of `seller:a b`."""
    headers = event.get("multiValueHeaders") or {}
    sent = [value for name, values in headers.items() if name.lower() == "authorization" for value in values]
    if len(sent) != 1:
        raise UnauthenticatedError("Send one token.")
    try:
        payload = sent[0].split()[-1].split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise UnauthenticatedError("The token cannot be read.") from None
    if not isinstance(claims, dict) or any(claims.get(name) != verified.get(name) for name in _COMPARED):
        raise UnauthenticatedError("This is not the token that was verified.")
    return claims


def _groups_of(claims: Mapping[str, Any]) -> frozenset[str]:
    groups = claims.get("cognito:groups")
    return (
        frozenset(group for group in groups if isinstance(group, str))
        if isinstance(groups, list)
        else frozenset()
    )


def _account(claims: Mapping[str, Any]) -> Iterator[str | None]:
    """The account's language and zone, in OpenID Connect's own claims; None for anything but a text."""
    for value in (claims.get("locale"), claims.get("zoneinfo")):
        yield value if isinstance(value, str) and value else None


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise UnauthenticatedError("This account has no id by which orders could name it.")
    return value
