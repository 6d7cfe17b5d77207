"""Page tokens: opaque to the client, bound to the caller and the query they were given for."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from buyer_protection.domain.errors import FieldError, InvalidRequestError, Place
from buyer_protection.domain.timeline import parse_instant


def page_token(caller_id: str, query: str, next_key: Mapping[str, Any] | None) -> str | None:
    """The token for the next page; None where there is none."""
    if next_key is None:
        return None
    packed = msgspec.json.encode({"b": _binding(caller_id, query), "k": next_key})
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def next_key(caller_id: str, query: str, token: str | None) -> Mapping[str, Any] | None:
    """The key inside a token; 400 for one that was made for somebody or something else, or was never ours.

    The key holds sort keys only: the partition always comes from the caller, so that no token opens another's list.
    """
    if not token:
        return None
    try:
        packed = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        bound, key = packed["b"], packed["k"]
    except (ValueError, KeyError, TypeError, msgspec.DecodeError):
        bound, key = None, None
    if bound != _binding(caller_id, query) or not isinstance(key, dict):
        raise foreign_token()
    return key


def next_place(
    caller_id: str, query: str, token: str | None, names: frozenset[str]
) -> Mapping[str, Any] | None:
    """The place inside a token of a list by instants: texts of these names, `queue_due` an instant; else 400."""
    key = next_key(caller_id, query, token)
    if key is None:
        return None
    try:
        if key.keys() != names or not all(isinstance(it, str) for it in key.values()):
            raise foreign_token()
        if "queue_due" in key:
            parse_instant(key["queue_due"])
    except ValueError:
        raise foreign_token() from None
    return key


def foreign_token() -> InvalidRequestError:
    """400: not a token of this list."""
    return InvalidRequestError(
        "This page token does not belong to this list.",
        fields=[FieldError("/page_token", "NOT_OF_THIS_LIST")],
        fields_in=Place.QUERY,
    )


def _binding(caller_id: str, query: str) -> str:
    return hashlib.sha256(f"{caller_id}\n{query}".encode()).hexdigest()[:32]
