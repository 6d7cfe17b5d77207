"""Holds entries of the timeline to the shapes that the contract gives their types."""

from collections.abc import Mapping
from typing import Any

import msgspec

from buyer_protection.application.schemas.timeline_data import DATA
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.timeline import TEAM_ONLY


def misfit(kind: EventType, data: Mapping[str, Any]) -> str | None:
    """What is not of the shape: a member of another type, a missing one, or one that the document does not know."""
    shape = DATA[kind]
    plain = msgspec.to_builtins(data)
    try:
        msgspec.convert(plain, shape)
    except msgspec.ValidationError as error:
        return f"{kind}: {error}"
    unknown = plain.keys() - set(shape.__struct_encode_fields__) - TEAM_ONLY.get(kind, frozenset())
    return f"{kind}: {', '.join(sorted(unknown))} undocumented" if unknown else None
