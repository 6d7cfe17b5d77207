"""Who reads an answer, and when: what every document of a case, an order and a list says of itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from buyer_protection.domain.enums import Role
from buyer_protection.domain.timeline import instant


class ViewerDocument(Struct, frozen=True):
    """As whom the caller reads this.

    role: the caller's relation to the case or order, or that of the list.
    """

    role: Role


def listed(items: Sequence[Any], token: str | None, reader: Role, now: datetime) -> dict[str, Any]:
    """A part of a list as it is sent; `token` leads to the next part, where there is one."""
    body: dict[str, Any] = {"items": items, "viewer": ViewerDocument(reader), "as_of": instant(now)}
    if token is not None:
        body["next_page_token"] = token
    return body
