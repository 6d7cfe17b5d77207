"""Evaluates the patterns of EventBridge rules and of Lambda's event filters, as far as the templates use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """Whether the message has, for every key of the pattern, one of the values that the pattern lists.

    Raises AssertionError for a pattern that AWS refuses (empty, or a value that is not in a list) and for an operator
    that this evaluator does not know.
    """
    assert pattern, "a pattern names at least one key"
    return all(_holds(key, wanted, message) for key, wanted in pattern.items())


def _holds(key: str, wanted: Any, message: Mapping[str, Any]) -> bool:
    if isinstance(wanted, Mapping):
        inner = message.get(key)
        return matches(wanted, inner if isinstance(inner, Mapping) else {})
    assert isinstance(wanted, list), f"{key}: values stand in a list"
    assert wanted, f"{key}: an empty list matches nothing"
    return key in message and any(_is(one, message[key]) for one in wanted)


def _is(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(wanted == value)
    ((operator, operand),) = wanted.items()
    if operator == "prefix":
        return isinstance(value, str) and value.startswith(operand)
    if operator == "exists" and operand is True:
        return True
    if operator == "anything-but":
        return value not in (operand if isinstance(operand, list) else [operand])
    raise AssertionError(f"the evaluator does not know {operator!r}")
