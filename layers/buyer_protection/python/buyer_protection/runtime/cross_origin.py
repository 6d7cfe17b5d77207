"""Which web pages may call us and read the answers (CORS): those of the stage's origins, however many there are.

A function answers preflights, since API Gateway itself can name one origin only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from buyer_protection.domain.headers import EXPOSED_HEADERS, REQUEST_HEADERS, SECURITY_HEADERS
from buyer_protection.runtime import settings

# Browsers keep a preflight's answer for a day at most; several keep it for two hours whatever it says.
PREFLIGHT_SECONDS = 86_400
_EXPOSED = ",".join(EXPOSED_HEADERS)


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """A request's headers by lower-case name: their names know no case."""
    return {name.lower(): text for name, text in (event.get("headers") or {}).items()}


def readable(event: Mapping[str, Any]) -> dict[str, str]:
    """What lets a page of one of the stage's origins read the answer; nothing for any other.

    Raises SettingError.
    """
    origin = _allowed(event)
    if origin is None:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}


def readable_everywhere() -> dict[str, str]:
    """The same for what is answered in the gateway's stead, as the gateway does it: from every origin (H2). Nothing but
    an id is in it, and no cookie takes part."""
    return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _EXPOSED}


def preflight(event: Mapping[str, Any], methods: Sequence[str]) -> dict[str, Any]:
    """The answer to OPTIONS on a path with these methods, as API Gateway takes it: 204, and nothing for a foreign
    origin.

    Raises SettingError.
    """
    headers = {"Vary": "Origin", **SECURITY_HEADERS}
    origin = _allowed(event)
    if origin is not None:
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": ",".join(methods),
            "Access-Control-Allow-Headers": ",".join(REQUEST_HEADERS),
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
    return {"statusCode": 204, "headers": headers, "body": "", "isBase64Encoded": False}


def _allowed(event: Mapping[str, Any]) -> str | None:
    origin = headers_of(event).get("origin")
    return origin if origin in settings.site().allowed_origins else None
