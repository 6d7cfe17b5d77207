"""A schema of problem documents for each set of codes that an answer can carry, shared by all calls with that set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from buyer_protection.runtime.problems import Problem
from tools.contract import schemas
from tools.contract.codes import CODES
from tools.contract.model import Operation, Refusal

# Members that only some codes have, by `Code.member`.
_SPECIAL = {code.member for code in CODES.values() if code.member}
# So many codes still make a name.
_NAMED_BY_CODES = 3


def by_status(operation: Operation) -> dict[int, list[Refusal]]:
    """What the call can refuse with, by status."""
    found: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in operation.refusals():
        for status in refusal.statuses or CODES[refusal.code].statuses:
            found[status].append(refusal)
    return {status: found[status] for status in sorted(found)}


def codes_of(refusals: Iterable[Refusal]) -> tuple[str, ...]:
    """The codes, each once."""
    return tuple(dict.fromkeys(refusal.code for refusal in refusals))


class ProblemSchemas:
    """The names of the sets, and their schemas."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        for operation in operations:
            for status, refusals in by_status(operation).items():
                codes = codes_of(refusals)
                self._names.setdefault(codes, _name(codes, operation.id, status))

    def name(self, codes: tuple[str, ...]) -> str:
        """The schema's name."""
        return self._names[codes]

    def components(self) -> dict[str, Any]:
        """Every schema by name, and what they refer to."""
        found = schemas.of_answers([Problem])
        base = found.pop("Problem")
        return found | {name: _schema(base, codes) for codes, name in self._names.items()}


def _name(codes: tuple[str, ...], operation: str, status: int) -> str:
    if len(codes) <= _NAMED_BY_CODES:
        return "Problem" + "Or".join(_pascal(code.lower()) for code in codes)
    return f"{_pascal(operation)}Problem{status}"


def _pascal(snake: str) -> str:
    return "".join(word.capitalize() for word in snake.split("_"))


def _schema(base: dict[str, Any], codes: tuple[str, ...]) -> dict[str, Any]:
    special = {CODES[code].member for code in codes}
    properties = {
        name: of for name, of in base["properties"].items() if name not in _SPECIAL or name in special
    }
    known = schemas.enumeration(codes, {code: CODES[code].text for code in codes})
    properties["code"] = {
        "description": f"{properties['code']['description']} Others may come at any time.",
        "anyOf": [known, {"type": "string"}],
    }
    return base | {
        "description": f"A problem document (RFC 9457): {', '.join(codes)}.",
        "properties": properties,
    }
