"""What a field, a parameter or a value of an enumeration means: from the docstring of its class, or the shared tables.

A docstring line `name: meaning` (or `name, other: meaning`) says what that field or value of the class means; what
follows up to the next one, or to the next blank line, belongs to it. The rest of the docstring describes the class.
Names that mean the same wherever they occur stand once, in `field_meanings` and `value_meanings`.
"""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import Any

from msgspec import Struct

from tools.contract.field_meanings import FIELDS
from tools.contract.value_meanings import VALUES

# One member or several, at the beginning of a line or of a sentence.
_MEMBERS = re.compile(r"(?:^|(?<=\. ))(\w[\w/.-]*(?:, \w[\w/.-]*)*): +")


def split(docstring: str | None, names: frozenset[str]) -> tuple[str, dict[str, str]]:
    """A docstring's own words, and the meanings of the members that it names."""
    own: list[str] = []
    said: list[tuple[list[str], list[str]]] = []
    is_meaning = False
    for line in inspect.cleandoc(docstring or "").splitlines():
        found = [it for it in _MEMBERS.finditer(line) if names.issuperset(it[1].split(", "))]
        is_meaning = bool(line.strip()) and (is_meaning or bool(found and found[0].start() == 0))
        if not is_meaning:
            own.append(line)
            continue
        ends = [*(it.start() for it in found), len(line)]
        if ends[0]:
            said[-1][1].append(line[: ends[0]].strip())
        for it, end in zip(found, ends[1:], strict=True):
            said.append((it[1].split(", "), [line[it.end() : end].strip()]))
    meanings = {name: sentence(" ".join(words)) for members, words in said for name in members}
    return "\n".join(own).strip(), meanings


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end; a code keeps its case."""
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "?", "!", ":")) else begun + "."


def of_struct(model: Any) -> tuple[str, dict[str, str]]:
    """A model's own words, and what each of its fields means, inherited ones included; unknown fields are missing."""
    sent = dict(zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True))
    names = frozenset(sent)
    own = split(model.__doc__, names)[0]
    found: dict[str, str] = {name: FIELDS[name] for name in names if name in FIELDS}
    for kind in reversed(model.__mro__):
        prefix = f"{kind.__name__}."
        found |= {name: FIELDS[prefix + name] for name in names if prefix + name in FIELDS}
        if issubclass(kind, Struct) and kind is not Struct:
            found |= split(vars(kind).get("__doc__"), names)[1]
    return own, {sent[name]: words for name, words in found.items()}


def of_enum(kind: type[Enum]) -> tuple[str, dict[str, str]]:
    """An enumeration's own words, and what each of its values means; unknown ones are missing."""
    own, said = split(kind.__doc__, frozenset(str(member.value) for member in kind))
    return own, VALUES.get(kind.__name__, {}) | said
