"""Every wrong field of a document at once, and a document without what its model does not know.

msgspec stops at the first thing that is wrong. This walks the model along the document and asks msgspec about each
part. It is imported only once something is wrong, and by the reader of the bus.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from buyer_protection.runtime.incoming import Ambiguous

# Whoever sends more than this wrong has one mistake a hundred times.
MOST = 100

Steps = tuple[str, ...]
# Pointer's steps and code of one of msgspec's sentences, relative to the part that it was asked about.
Reader = Callable[[str], tuple[Steps, str]]


def wrong_fields(value: Any, model: Any, read: Reader) -> list[tuple[Steps, str]]:
    """Steps and code of every field that is wrong, in the order of the model, `MOST` at most; empty if none is."""
    found: list[tuple[Steps, str]] = []
    for one in _wrong(value, model, (), read):
        found.append(one)
        if len(found) == MOST:
            break
    return found


def known_only(value: Any, model: Any) -> Any:
    """The document with those members alone, at every depth, that the model has; ambiguous where one of these is."""
    struct, item = _parts(model)
    if isinstance(value, dict) and struct is not None:
        known = _fields_of(struct)
        kept = {name: known_only(it, known[name].type) for name, it in value.items() if name in known}
        twice = [name for name in value.twice if name in known] if isinstance(value, Ambiguous) else []
        if not twice:
            return kept
        ambiguous = Ambiguous(kept)
        ambiguous.twice = twice
        return ambiguous
    if isinstance(value, list) and item is not None:
        return [known_only(it, item) for it in value]
    return value


def allowed_at(model: Any, steps: Sequence[str]) -> list[str]:
    """The values that the field there can have; empty where it is none of a few."""
    for step in steps:
        struct, item = _parts(model)
        known = _fields_of(struct) if struct is not None else {}
        model = known[step].type if step in known else item
    found: list[str] = []
    for one in _alternatives(model):
        if isinstance(one, type) and issubclass(one, Enum):
            found += [str(member.value) for member in one]
        elif get_origin(one) is Literal:
            found += [str(value) for value in get_args(one)]
    return found


def _wrong(value: Any, model: Any, at: Steps, read: Reader) -> Iterator[tuple[Steps, str]]:
    try:
        msgspec.convert(value, model)
    except msgspec.ValidationError as error:
        steps, code = read(str(error))
    else:
        return
    struct, item = _parts(model)
    inside: Iterator[tuple[Steps, str]] = iter(())
    if isinstance(value, dict) and struct is not None:
        inside = _in_object(value, struct, at, read)
    elif isinstance(value, list) and item is not None:
        inside = (one for index, it in enumerate(value) for one in _wrong(it, item, (*at, str(index)), read))
    anything = False
    # What is wrong with a list as a whole, such as its length, is said beside what is wrong inside.
    if not steps and not isinstance(value, dict):
        anything = True
        yield at, code
    for one in inside:
        anything = True
        yield one
    if not anything:
        yield (*at, *steps), code


def _in_object(
    value: dict[str, Any], struct: type[msgspec.Struct], at: Steps, read: Reader
) -> Iterator[tuple[Steps, str]]:
    known = _fields_of(struct)
    for name, field in known.items():
        if name in value:
            yield from _wrong(value[name], field.type, (*at, name), read)
        elif field.required:
            yield (*at, name), "REQUIRED"
    if struct.__struct_config__.forbid_unknown_fields:
        for name in (name for name in value if name not in known):
            yield (*at, name), "UNKNOWN_FIELD"


def _fields_of(struct: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    return {field.encode_name: field for field in fields(struct)}


def _parts(model: Any) -> tuple[type[msgspec.Struct] | None, Any]:
    """The one struct that the type can be, and the type of the items of the one list; None where there is none."""
    structs, items = [], []
    for one in _alternatives(model):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            structs.append(one)
        elif get_origin(one) is list:
            items.append(get_args(one)[0])
    return (structs[0] if len(structs) == 1 else None), (items[0] if len(items) == 1 else None)


def _alternatives(model: Any) -> Iterator[Any]:
    origin = get_origin(model)
    if origin is Annotated:
        yield from _alternatives(get_args(model)[0])
    elif origin is Union or type(model).__name__ == "UnionType":
        for one in get_args(model):
            yield from _alternatives(one)
    else:
        yield model
