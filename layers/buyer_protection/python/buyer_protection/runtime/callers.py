"""Who calls: a person by the claims that API Gateway's authorizer verified, or the shop's backend by its signature.

Groups are read from the payload of the verified ID token itself. What the authorizer passes on is one string: a list
becomes `[a b]`, so that a group whose name holds a space or a comma would look like two groups.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from buyer_protection.application.actions.execute import Caller
from buyer_protection.runtime import problems

_GROUPS = "cognito:groups"
_SEPARATORS = frozenset(" ,\t\r\n[]")
_ASSUMED_ROLE = re.compile(r"(arn:[^:]+:sts::\d+:assumed-role/.+)/[^/]+")


def caller_of(event: Mapping[str, Any]) -> Caller:
    """A person by the claims of an ID token, or the shop's backend by its signature; 401 for anybody else."""
    context = event.get("requestContext") or {}
    claims = (context.get("authorizer") or {}).get("claims")
    if claims:
        subject = claims.get("sub")
        if not subject or claims.get("token_use", "id") != "id":
            raise problems.UnauthenticatedError("Send the ID token, not another one.")
        return Caller(subject, groups_of(event, claims))
    arn = (context.get("identity") or {}).get("userArn")
    if not arn:
        raise problems.UnauthenticatedError("Sign in: there is no token and no signature.")
    # The session's name differs from call to call; a retry from another session is still the same caller.
    role = _ASSUMED_ROLE.fullmatch(arn)
    return Caller(role[1] if role else arn, is_system=True)


def groups_of(event: Mapping[str, Any], claims: Mapping[str, Any]) -> frozenset[str]:
    """The caller's groups as the token lists them. Without the token: a single group, or none at all."""
    claim = claims.get(_GROUPS)
    if not claim:
        return frozenset()
    payload = _token_payload(event)
    if payload is not None and payload.get("sub") == claims["sub"]:
        listed = payload.get(_GROUPS)
        return frozenset(listed if isinstance(listed, list) else ())
    if not isinstance(claim, str):
        return frozenset()
    single = claim.removeprefix("[").removesuffix("]")
    return frozenset() if not single or _SEPARATORS & frozenset(single) else frozenset({single})


def _token_payload(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payload of the one token in `Authorization`: with two it is not known which of them was verified."""
    several = event.get("multiValueHeaders") or {
        name: [text] for name, text in (event.get("headers") or {}).items()
    }
    sent = [text for name, texts in several.items() if name.lower() == "authorization" for text in texts]
    parts = sent[0].removeprefix("Bearer ").split(".") if len(sent) == 1 else []
    if len(parts) != 3:
        return None
    try:
        payload = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=="))
    except (binascii.Error, ValueError):
        return None
    return payload if isinstance(payload, dict) else None
