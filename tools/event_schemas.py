"""Write `docs/events/<Name>.schema.json` anew: one JSON Schema for the `detail` of each event, out and in.

Run `make schemas` after an intended change of `application/schemas/events.py` and review the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from buyer_protection.application.schemas.events import INBOUND, OUTBOUND
from tools.contract.schemas import dedented, in_ecma

FOLDER = Path(__file__).parents[1] / "docs" / "events"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(name: str) -> dict[str, Any]:
    """The schema of that event's detail, whole in itself."""
    model = {**OUTBOUND, **INBOUND}[name]
    ((top,), definitions) = msgspec.json.schema_components([model], ref_template="#/$defs/{name}")
    definitions = {model: dedented(found) for model, found in in_ecma(definitions).items()}
    own = definitions.pop(name)
    if name in OUTBOUND:
        own, definitions = _open(own), {model: _open(found) for model, found in definitions.items()}
        own["properties"]["type"] = {"const": name}
    direction = "out: from buyer protection to the shop" if name in OUTBOUND else "in: from the shop"
    if top != {"$ref": f"#/$defs/{name}"}:
        raise AssertionError(f"{name} has no schema of its own")
    return {
        "$schema": DIALECT,
        "$id": f"urn:buyer-protection:event:{name}:1",
        "$comment": f"detail-type {name}; {direction}. Generated: make schemas",
        **own,
        **({"$defs": dict(sorted(definitions.items()))} if definitions else {}),
    }


def _open(schema: Any) -> Any:
    """What we send as its receivers should read it: a code may get further values at any time."""
    if isinstance(schema, list):
        return [_open(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "enum" in schema:
        values = schema["enum"]
        rest = {name: value for name, value in schema.items() if name != "enum"}
        fixed = {"const": values[0]}
        return {**rest, **(fixed if len(values) == 1 else {"type": "string", "x-extensible-enum": values})}
    return {name: _open(value) for name, value in schema.items()}


def files() -> dict[str, str]:
    """File name and text of every schema."""
    names = sorted({**OUTBOUND, **INBOUND})
    return {f"{name}.schema.json": json.dumps(schema_of(name), indent=2) + "\n" for name in names}


def main() -> None:
    """Write all, and remove those of events that are no more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = files()
    for known in FOLDER.glob("*.schema.json"):
        if known.name not in written:
            known.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
