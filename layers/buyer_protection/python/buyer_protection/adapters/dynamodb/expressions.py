"""Update expressions in DynamoDB's language, with the attributes of PynamoDB's models and its conditions.

PynamoDB's own update actions do the same by way of three objects and two regular expressions for each attribute, which
was a third of what a warm action cost beside its calls (docs/decisions/0028).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb.row import Row


class Expression:
    """The expressions of one write, which share their placeholders: `#0` for names, `:0` for values."""

    def __init__(self, row: type[Row]) -> None:
        self._attributes = row.get_attributes()
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def of(self, condition: Condition) -> str:
        """PynamoDB numbers names and values by how many there are, as it is done here."""
        text: str = condition.serialize(self._names, self._values)
        return text

    def of_changes(
        self,
        values: Mapping[str, Any],
        add: Mapping[str, Any],
        take: Mapping[str, Any] = MappingProxyType({}),
    ) -> str:
        """SET and REMOVE (None) by `values`, ADD by `add`, DELETE (of members of a set) by `take`."""
        sets = [
            f"{self._name(name)} = {self._value(name, it)}" for name, it in values.items() if it is not None
        ]
        removed = [self._name(name) for name, it in values.items() if it is None]
        added = [f"{self._name(name)} {self._value(name, number)}" for name, number in add.items()]
        taken = [f"{self._name(name)} {self._value(name, members)}" for name, members in take.items()]
        clauses = (("SET", sets), ("REMOVE", removed), ("ADD", added), ("DELETE", taken))
        return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses if parts)

    def operands(self) -> dict[str, Any]:
        """What the placeholders stand for, as request parameters."""
        names = {placeholder: name for name, placeholder in self._names.items()}
        operands = {"ExpressionAttributeNames": names}
        return operands | {"ExpressionAttributeValues": self._values} if self._values else operands

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{len(self._names)}")

    def _value(self, name: str, value: Any) -> str:
        attribute, placeholder = self._attributes[name], f":{len(self._values)}"
        self._values[placeholder] = {attribute.attr_type: attribute.serialize(value)}
        return placeholder
