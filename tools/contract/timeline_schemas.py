"""The timeline's entries in the document: `anyOf` their types, ending in a generic entry for types to come."""

from __future__ import annotations

from typing import Any

from buyer_protection.application.schemas.documents import TimelineDocument
from buyer_protection.application.schemas.timeline_data import DATA
from buyer_protection.domain.enums import EventType
from tools.contract import meanings, schemas

ENTRY = schemas.name_of(TimelineDocument)
OTHER = "OtherEntry"


def entry_name(kind: EventType) -> str:
    """The name of the schema of entries of that type."""
    return "".join(word.capitalize() for word in kind.split("_")) + "Entry"


def with_timeline(found: dict[str, Any]) -> dict[str, Any]:
    """The schemas with an entry for each type of event instead of one for all."""
    plain = found[ENTRY]
    words = meanings.of_enum(EventType)[1]
    kinds = [kind for kind in EventType if kind in DATA]
    entries = {entry_name(kind): _entry(plain, kind, words[kind]) for kind in kinds}
    generic = plain | {"description": "An entry of a type that may be added at any time."}
    generic["properties"] = plain["properties"] | {
        "type": {"description": "What happened: none of the other types.", "type": "string"}
    }
    whole = {
        "description": f"{plain['description']}\n\nEntries of other types may come at any time: take them as they are.",
        "anyOf": [schemas.ref(name) for name in (*entries, OTHER)],
    }
    without = {name: of for name, of in found.items() if name not in {"EventType", "KnownEventType"}}
    return without | schemas.of_answers(list(DATA.values())) | entries | {OTHER: generic, ENTRY: whole}


def _entry(plain: dict[str, Any], kind: EventType, words: str) -> dict[str, Any]:
    own = {
        "type": {"description": "What happened.", **schemas.enumeration([kind.value], {kind.value: words})},
        "data": {"description": "What it was about.", **schemas.ref(schemas.name_of(DATA[kind]))},
    }
    return plain | {"description": words, "properties": plain["properties"] | own}
