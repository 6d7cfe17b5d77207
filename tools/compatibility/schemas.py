"""Compares two JSON schemas, as what is given to clients (answers, events) or as what is taken from them (requests)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

# Words for people, which no client depends on.
_WORDS = frozenset(
    {"description", "title", "examples", "example", "x-enumDescriptions", "$comment", "$id", "$schema"}
)
# What `_compare` looks at by itself.
_KNOWN = frozenset(
    {"properties", "required", "enum", "anyOf", "oneOf", "items", "additionalProperties", "$ref", "$defs"}
)
# Bounds, and whether a larger number takes more.
_BOUNDS = {
    "maximum": True, "maxLength": True, "maxItems": True, "maxProperties": True,
    "minimum": False, "minLength": False, "minItems": False, "minProperties": False,
}  # fmt: skip


class Change(NamedTuple):
    """One difference. `names` are the words by which the changelog can name it."""

    place: str
    text: str
    is_breaking: bool
    names: frozenset[str]

    def __str__(self) -> str:
        return f"{'BREAKING' if self.is_breaking else 'compatible'}: {self.place}: {self.text}"


class Comparison:
    """Compares schemas of two documents. Each pair of named schemas is compared once for each direction."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def given(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """What clients read: it may gain members and values."""
        yield from self._compare(old, new, place, given=True)

    def taken(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """What clients send: what was accepted has to be accepted."""
        yield from self._compare(old, new, place, given=False)

    def _compare(self, old: Schema, new: Schema, place: str, *, given: bool) -> Iterator[Change]:
        if "$ref" in old or "$ref" in new:
            key = (str(old.get("$ref", place)), str(new.get("$ref", place)), given)
            if key in self._seen:
                return
            self._seen.add(key)
            place = key[1].rpartition("/")[2] if "$ref" in new else place
            old, new = resolved(self._old, old), resolved(self._new, new)
            if "$ref" in old or "$ref" in new:
                yield from self._compare(old, new, place, given=given)
                return
        yield from self._members(old, new, place, given=given)
        yield from _values(old, new, place)
        yield from self._choices(old, new, place, given=given)
        for name in ("items", "additionalProperties"):
            one, other = old.get(name), new.get(name)
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                yield from self._compare(one, other, place, given=given)
            elif one != other and not (given and name == "additionalProperties" and not one):
                yield _change(place, f"{name} is {other}, was {one}", breaking=True)
        yield from _keywords(old, new, place, given=given)

    def _members(self, old: Schema, new: Schema, place: str, *, given: bool) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in before.keys() - after.keys():
            yield _change(f"{place}.{name}", "the member is gone", breaking=True)
        for name in after.keys() - before.keys():
            has_to = name in needs and not given
            yield _change(
                f"{place}.{name}", "a new member" + (" that is required" if has_to else ""), breaking=has_to
            )
        for name in sorted(before.keys() & after.keys()):
            if name in needs - needed:
                yield _change(
                    f"{place}.{name}",
                    "is always there now" if given else "is required now",
                    breaking=not given,
                )
            if name in needed - needs:
                yield _change(f"{place}.{name}", "may be absent now", breaking=given)
            yield from self._compare(before[name], after[name], f"{place}.{name}", given=given)

    def _choices(self, old: Schema, new: Schema, place: str, *, given: bool) -> Iterator[Change]:
        before, after = choices(old), choices(new)
        if not before and not after:
            return
        for name in before.keys() - after.keys():
            yield _change(place, f"{name} is no choice any more", breaking=True)
        is_open = not given or any(_takes_anything(self._new, one) for one in after.values())
        for name in after.keys() - before.keys():
            yield _change(place, f"{name} is a new choice", breaking=not is_open, also=name)
        for name in sorted(before.keys() & after.keys()):
            yield from self._compare(before[name], after[name], place, given=given)


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the reference of a schema, a parameter, a header or a message is about; itself where it is none."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return dict(found)


def choices(schema: Schema) -> dict[str, Schema]:
    """The alternatives of a schema, each under a name that stays when others come."""
    named: dict[str, Schema] = {}
    for choice in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        if "$ref" in choice:
            name = choice["$ref"].rpartition("/")[2]
        else:
            name = f"{choice.get('type', 'anything')}{' of some values' if 'enum' in choice else ''}"
        named[name] = choice
    return named


def _takes_anything(document: Mapping[str, Any], choice: Schema) -> bool:
    """Whether the choice is any text, or an object whose `type` is any text: what is to come is one of these."""
    found = resolved(document, choice)
    kind = found.get("properties", {}).get("type", {})
    return any(one.get("type") == "string" and one.keys() - _WORDS == {"type"} for one in (found, kind))


def _values(old: Schema, new: Schema, place: str) -> Iterator[Change]:
    before, after = set(map(str, old.get("enum", ()))), set(map(str, new.get("enum", ())))
    if ("enum" in old) != ("enum" in new):
        yield _change(place, f"is {'a set of values' if after else 'any value'} now", breaking=True)
        return
    for value in sorted(before - after):
        yield _change(place, f"the value {value} is gone", breaking=True)
    for value in sorted(after - before):
        yield _change(place, f"the new value {value}", breaking=False, also=value)


def _keywords(old: Schema, new: Schema, place: str, *, given: bool) -> Iterator[Change]:
    for name in sorted((old.keys() | new.keys()) - _KNOWN - _WORDS):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        wider = not given and name in _BOUNDS and _is_wider(before, after, larger=_BOUNDS[name])
        yield _change(place, f"{name} is {after}, was {before}", breaking=not wider)


def _is_wider(before: Any, after: Any, *, larger: bool) -> bool:
    if before is None or after is None:
        return after is None
    return bool(after > before) if larger else bool(after < before)


def _change(place: str, text: str, *, breaking: bool, also: str = "") -> Change:
    return Change(place, text, breaking, frozenset(filter(None, [*place.split("."), place, also])))
