"""Which part of the thread or the timeline a token asks for: onwards, or back from the newest part of a page.

Both are numbered from 1 without gaps, so that a part is found by its numbers.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from buyer_protection.application.schemas.page_tokens import foreign_token, next_key, page_token

_LAST = 99_999_999


class Part(NamedTuple):
    """So many entries after a number. `back`: the key of the part before it, where one was asked for backwards."""

    after: int
    limit: int
    is_backwards: bool = False
    back: Mapping[str, Any] | None = None


def asked_part(caller_id: str, query: str, token: str | None, place: str, page_size: int) -> Part:
    """What the token asks for, the beginning without one; `place` is the store's own name for a number."""
    key = next_key(caller_id, query, token) or {}
    before, after = key.get("before"), key.get(place, 0)
    if before is None:
        return Part(after if isinstance(after, int) else 0, page_size)
    if not isinstance(before, int) or not 1 < before <= _LAST:
        raise foreign_token()
    return _before(before, page_size)


def newest_part(length: int, page_size: int) -> Part:
    """The last entries of so many."""
    return _before(length + 1, page_size) if length else Part(0, page_size)


def earlier_token(caller_id: str, query: str, part: Part) -> str | None:
    """The token that leads to what came before; None at the beginning."""
    return page_token(caller_id, query, part.back)


def token_onwards(caller_id: str, query: str, part: Part, store_key: Mapping[str, Any] | None) -> str | None:
    """The token for the part that follows in the direction that was asked for."""
    return page_token(caller_id, query, part.back if part.is_backwards else store_key)


def _before(number: int, page_size: int) -> Part:
    after = max(0, number - 1 - page_size)
    return Part(after, number - 1 - after, True, {"before": after + 1} if after else None)
