"""ID tokens as API Gateway passes them on once it has verified them, for handlers that are called in this process."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

# What the functions know of the two user pools.
ENVIRONMENT = {
    "PUBLIC_POOL_ID": "us-east-1_Public000",
    "PUBLIC_CLIENT_ID": "client-of-the-public",
    "TEAM_POOL_ID": "us-east-1_Team00000",
    "TEAM_CLIENT_ID": "client-of-the-team",
    "USER_ID_CLAIM": "sub",
}
_ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/"


def everybody_is_in_the_team() -> None:
    """Let the functions of this process take everybody for a present member of the team: there is no user pool."""
    from buyer_protection.adapters.aws.team import CognitoTeam

    CognitoTeam.has_member = lambda _team, _person_id: True
    CognitoTeam.names = lambda _team: {}


def claims_of(sub: str, groups: Sequence[str] = (), *, team: bool = False, **more: Any) -> dict[str, Any]:
    """The claims of an ID token of the public's pool, or of the team's; `more` adds to them and replaces them."""
    pool, client = ("TEAM_POOL_ID", "TEAM_CLIENT_ID") if team else ("PUBLIC_POOL_ID", "PUBLIC_CLIENT_ID")
    claims = {
        "sub": sub,
        "iss": _ISSUER + ENVIRONMENT[pool],
        "aud": ENVIRONMENT[client],
        "token_use": "id",
        **({"cognito:groups": list(groups)} if groups else {}),
    }
    return claims | more


def token_of(claims: dict[str, Any]) -> str:
    """The token with these claims. Nobody signed it: that is the gateway's to check."""
    parts = ({"alg": "RS256"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*encoded, "signature"))


def rendered(claims: dict[str, Any]) -> dict[str, str]:
    """The claims as the authorizer passes them on: text, lists joined without a way back."""
    return {
        name: f"[{' '.join(map(str, value))}]" if isinstance(value, list) else str(value)
        for name, value in claims.items()
    }
