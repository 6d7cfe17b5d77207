"""The document's schemas, from the models.

Answers are open: an enumeration in them is a string whose known values are a schema of their own (`KnownStatus`), and
objects may gain members. Requests are closed. No schema has a `default`: generators of clients would make the field one
that has to be given.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

import msgspec
from msgspec import inspect as kinds

from tools.contract import meanings
from tools.contract.value_meanings import VALUES

REF = "#/components/schemas/{name}"
Schema = dict[str, Any]


def ref(name: str, kind: str = "schemas") -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def name_of(model: Any) -> str:
    """The name a model has among the schemas."""
    return str(model.__name__)


def known(name: str) -> str:
    """The name of an enumeration's known values."""
    return f"Known{name}"


def in_ecma(schema: Any) -> Any:
    """The schema with its patterns as JSON Schema has them: the end of the text is `$`, Python's `\\Z`."""
    if isinstance(schema, dict):
        return {
            name: value.removesuffix(r"\Z") + "$"
            if name == "pattern" and isinstance(value, str) and value.endswith(r"\Z")
            else in_ecma(value)
            for name, value in schema.items()
        }
    return [in_ecma(item) for item in schema] if isinstance(schema, list | tuple) else schema


def dedented(schema: Schema) -> Schema:
    """A model's schema with its docstring as Python 3.13 keeps it: without the indentation."""
    return (
        schema | {"description": inspect.cleandoc(schema["description"])}
        if "description" in schema
        else schema
    )


def of_answers(models: Sequence[Any]) -> dict[str, Schema]:
    """The schemas of what the functions answer, by name."""
    return _Builder(models, is_open=True).built()


def of_requests(models: Sequence[Any]) -> dict[str, Schema]:
    """The schemas of what the functions take, by name."""
    return _Builder(models, is_open=False).built()


class _Builder:
    """Turns msgspec's schemas of some models into those of the document."""

    def __init__(self, models: Sequence[Any], *, is_open: bool) -> None:
        self.is_open = is_open
        self.raw = in_ecma(msgspec.json.schema_components(models, ref_template=REF)[1])
        self.classes = {name_of(kind): kind for kind in _classes(models)}
        self.enums = {name for name, kind in self.classes.items() if issubclass(kind, Enum)}

    def built(self) -> dict[str, Schema]:
        found: dict[str, Schema] = {}
        for name, schema in self.raw.items():
            if name in self.enums:
                found |= self._enum(name)
            else:
                found[name] = self._struct(name, schema)
        return found

    def _enum(self, name: str) -> dict[str, Schema]:
        own, said = meanings.of_enum(self.classes[name])
        values = [member.value for member in self.classes[name]]
        found = {known(name): {"description": own, **enumeration(values, said)}}
        if self.is_open:
            more = (
                f"{own}\n\nOthers than those of `{known(name)}` may come at any time: take them as they are."
            )
            found[name] = {"description": more, "anyOf": [ref(known(name)), {"type": "string"}]}
        return found

    def _struct(self, name: str, schema: Schema) -> Schema:
        own, said = meanings.of_struct(self.classes[name])
        properties = {
            field: self._property(name, field, of, said.get(field, ""))
            for field, of in schema.get("properties", {}).items()
        }
        made = {"type": "object", "description": own, "properties": properties}
        required = [field for field in schema.get("required", []) if field in properties]
        if required:
            made["required"] = required
        if "additionalProperties" in schema:
            made["additionalProperties"] = schema["additionalProperties"]
        return made

    def _property(self, model: str, field: str, schema: Schema, meaning: str) -> Schema:
        default = schema.get("default")
        words = " ".join(filter(None, [meaning, _said_default(default)]))
        made = self._tidy(schema, f"{model}.{field}")
        return ({"description": words} if words else {}) | {
            name: value for name, value in made.items() if name != "description" or not words
        }

    def _tidy(self, schema: Schema, place: str) -> Schema:
        """A schema below a property."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return ref(known(name)) if name in self.enums and not self.is_open else ref(name)
        made = {name: value for name, value in schema.items() if name not in {"default", "title"}}
        for name in ("anyOf", "oneOf"):
            if name in made:
                made[name] = [self._tidy(choice, place) for choice in made[name]]
        for name in ("items", "additionalProperties"):
            if isinstance(made.get(name), dict):
                made[name] = self._tidy(made[name], place)
        if "enum" in made and all(isinstance(value, str) for value in made["enum"]):
            made |= enumeration(_in_one_spelling(made["enum"]), VALUES["Role"] | VALUES["View"] | VALUES[""])
        elif "enum" in made:
            # Generators of clients know enumerations of texts alone; the field's words say what it always is.
            made["type"] = "boolean" if isinstance(made.pop("enum")[0], bool) else "integer"
        return made


def enumeration(values: Sequence[str], said: dict[str, str]) -> Schema:
    """The schema of a text that is one of the values."""
    shown = [value for value in values if value in said]
    found: Schema = {"type": "string", "enum": list(values)}
    if shown:
        found["x-enumDescriptions"] = {value: said[value] for value in shown}
    return found


def _in_one_spelling(values: Sequence[str]) -> list[str]:
    """Values that differ in case only, once: in capitals, as answers have them."""
    capitals = list(dict.fromkeys(str(value).upper() for value in values))
    return capitals if set(capitals) <= set(values) else list(values)


def _said_default(default: Any) -> str:
    if default in (None, "", [], {}):
        return ""
    return f"Default: `{msgspec.json.encode(default).decode()}`."


def _classes(models: Sequence[Any]) -> Iterator[Any]:
    """Every struct and enumeration that the models reach."""
    seen: set[Any] = set()
    waiting: list[Any] = list(kinds.multi_type_info(models))
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, kinds.StructType | kinds.EnumType):
            if kind.cls in seen:
                continue
            seen.add(kind.cls)
            yield kind.cls
        waiting += _inside(kind)


def _inside(kind: Any) -> list[Any]:
    found = [
        getattr(kind, name) for name in ("type", "item_type", "key_type", "value_type") if hasattr(kind, name)
    ]
    found += getattr(kind, "types", ()) or ()
    found += getattr(kind, "item_types", ()) or ()
    return [*found, *(field.type for field in getattr(kind, "fields", ()))]
