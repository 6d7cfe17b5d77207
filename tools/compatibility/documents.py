"""Compares two OpenAPI documents, or two AsyncAPI documents, call by call and message by message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.compatibility.schemas import Change, Comparison, resolved

Document = Mapping[str, Any]


def compare(old: Document, new: Document) -> list[Change]:
    """Every change from the old document to the new one, the breaking ones first."""
    kind = _asyncapi if "asyncapi" in new else _openapi
    return sorted(
        dict.fromkeys(kind(old, new)), key=lambda change: (not change.is_breaking, change.place, change.text)
    )


def _openapi(old: Document, new: Document) -> Iterator[Change]:
    schemas = Comparison(old, new)
    before, after = dict(_calls(old)), dict(_calls(new))
    for name in before.keys() - after.keys():
        yield _of_call(before[name], name, "the call is gone", breaking=True)
    for name in after.keys() - before.keys():
        yield _of_call(after[name], name, "a new call", breaking=False)
    for name in sorted(before.keys() & after.keys()):
        yield from _call(name, before[name], after[name], schemas, (old, new))


def _calls(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _call(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    schemas: Comparison,
    documents: tuple[Document, Document],
) -> Iterator[Change]:
    for member in ("operationId", "tags"):
        if old.get(member) != new.get(member):
            yield _of_call(new, name, f"{member} is {new.get(member)}, was {old.get(member)}", breaking=True)
    if any(way not in new.get("security", []) for way in old.get("security", [])):
        yield _of_call(new, name, "callers have to show otherwise who they are", breaking=True)
    elif old.get("security") != new.get("security"):
        yield _of_call(new, name, "others may call it", breaking=False)
    yield from _parameters(name, old, new, schemas, documents)
    yield from _body(name, old, new, schemas)
    yield from _answers(name, old, new, schemas, documents)


def _parameters(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    schemas: Comparison,
    documents: tuple[Document, Document],
) -> Iterator[Change]:
    before, after = _named(documents[0], old), _named(documents[1], new)
    for key in before.keys() - after.keys():
        yield _of_call(new, name, f"the parameter {key[1]} is gone", breaking=True)
    for key in after.keys() - before.keys():
        must = bool(after[key].get("required"))
        yield _of_call(new, name, f"the new parameter {key[1]}", breaking=must, also=key[1])
    for key in sorted(before.keys() & after.keys()):
        if after[key].get("required") and not before[key].get("required"):
            yield _of_call(new, name, f"the parameter {key[1]} is required now", breaking=True)
        yield from schemas.taken(
            before[key]["schema"], after[key]["schema"], f"{new['operationId']}.{key[1]}"
        )


def _named(document: Document, call: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    found = [resolved(document, parameter) for parameter in call.get("parameters", [])]
    return {(one["in"], one["name"]): one for one in found}


def _body(name: str, old: Mapping[str, Any], new: Mapping[str, Any], schemas: Comparison) -> Iterator[Change]:
    before, after = old.get("requestBody", {}), new.get("requestBody", {})
    if after.get("required") and not before.get("required"):
        yield _of_call(new, name, "a body is required now", breaking=True)
    if before and not after:
        yield _of_call(new, name, "no body is taken any more", breaking=True)
    yield from _contents(name, before, after, new, schemas.taken)


def _contents(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    call: Mapping[str, Any],
    compare_schemas: Any,
) -> Iterator[Change]:
    for media, content in before.get("content", {}).items():
        other = after.get("content", {}).get(media)
        if other is None:
            yield _of_call(call, name, f"no {media} any more", breaking=True)
        else:
            yield from compare_schemas(content["schema"], other["schema"], call["operationId"])


def _answers(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    schemas: Comparison,
    documents: tuple[Document, Document],
) -> Iterator[Change]:
    before, after = old["responses"], new["responses"]
    for status in before.keys() - after.keys():
        yield _of_call(new, name, f"the status {status} is gone", breaking=True)
    for status in after.keys() - before.keys():
        yield _of_call(new, name, f"the new status {status}", breaking=int(status) < 400, also=status)
    for status in sorted(before.keys() & after.keys()):
        one, other = resolved(documents[0], before[status]), resolved(documents[1], after[status])
        for header in one.get("headers", {}).keys() - other.get("headers", {}).keys():
            yield _of_call(new, name, f"{status}: the header {header} is gone", breaking=True)
        yield from _contents(f"{name}: {status}", one, other, new, schemas.given)


def _asyncapi(old: Document, new: Document) -> Iterator[Change]:
    schemas = Comparison(old, new)
    before, after = dict(_messages(old)), dict(_messages(new))
    for key in before.keys() - after.keys():
        yield Change(key[1], "the message is gone", True, frozenset({key[1]}))
    for key in after.keys() - before.keys():
        yield Change(key[1], "a new message", False, frozenset({key[1]}))
    for action, name in sorted(before.keys() & after.keys()):
        way = schemas.given if action == "send" else schemas.taken
        yield from way(before[action, name]["payload"], after[action, name]["payload"], name)


def _messages(document: Document) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    """The messages by what our application does with them (`send`, `receive`), and by name."""
    for operation in document["operations"].values():
        channel = resolved(document, operation["channel"])
        wanted = operation.get("messages", list(channel["messages"].values()))
        for message in wanted:
            found: Mapping[str, Any] = message
            name = str(message.get("$ref", "")).rpartition("/")[2]
            while "$ref" in found:
                found = resolved(document, found)
            yield (operation["action"], found.get("name", name)), found


def _of_call(call: Mapping[str, Any], name: str, text: str, *, breaking: bool, also: str = "") -> Change:
    names = [call.get("operationId", ""), name, name.partition(" ")[2], also]
    return Change(name, text, breaking, frozenset(filter(None, names)))
