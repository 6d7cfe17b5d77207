"""Instants as the contract writes them."""

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta

from buyer_protection.domain.timeline import instant

At: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


def at(moment: datetime | None) -> str | None:
    """An instant as the contract writes it, or None."""
    return None if moment is None else instant(moment)
