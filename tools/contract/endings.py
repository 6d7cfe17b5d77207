"""What the document says of calls that have an end (`Ending` in `domain.actions`): `deprecated`, and three headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buyer_protection.domain.actions import Ending
from buyer_protection.runtime.endings import headers_of
from tools.contract import schemas

# Of each header: its component's name, and what it says.
_SAID = {
    "Deprecation": (
        "Deprecation",
        "The instant from which the call is deprecated, in seconds since 1970 (RFC 9745).",
    ),
    "Sunset": ("Sunset", "The instant after which the call may be gone (RFC 8594)."),
    "Link": ("DeprecationLink", "The page that says what to call instead."),
}


def with_endings(document: dict[str, Any], endings: Mapping[str, Ending]) -> dict[str, Any]:
    """The document, changed in place: the calls with an end announce it. `endings` are by operation id."""
    for operations in document["paths"].values():
        for operation in operations.values():
            ending = endings.get(operation["operationId"])
            if ending is not None:
                _announce(document, operation, headers_of(ending))
    return document


def _announce(document: dict[str, Any], operation: dict[str, Any], headers: Mapping[str, str]) -> None:
    operation["deprecated"] = True
    for name, example in headers.items():
        component, description = _SAID[name]
        document["components"]["headers"].setdefault(
            component,
            {"description": description, "required": True, "schema": {"type": "string"}, "example": example},
        )
        for response in operation["responses"].values():
            response["headers"][name] = schemas.ref(component, "headers")
