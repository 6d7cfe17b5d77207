"""PynamoDB attributes that hold the domain's own values: a row's attribute is what the domain dataclass holds."""

from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec
from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER, STRING, STRING_SET

from buyer_protection.domain.money import Money
from buyer_protection.domain.order import ParcelTracking, Settlement
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.timeline import instant, parse_instant

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)


class InstantAttribute(Attribute[datetime]):
    """RFC 3339 in UTC with milliseconds, always of the same width: text order is time order."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return instant(value)

    def deserialize(self, value: str) -> datetime:
        return parse_instant(value)


class CountAttribute(Attribute[int]):
    """A whole number."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class WordAttribute(Attribute[W], Generic[W]):
    """A word of one of the domain's enumerations."""

    attr_type = STRING

    def __init__(self, words: type[W], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.words = words

    def serialize(self, value: W) -> str:
        return value.value

    def deserialize(self, value: str) -> W:
        return self.words(value)


class MoneyAttribute(Attribute[Money]):
    """`1299 USD`: minor units and currency."""

    attr_type = STRING

    def serialize(self, value: Money) -> str:
        return f"{value.amount_minor} {value.currency}"

    def deserialize(self, value: str) -> Money:
        amount, currency = value.split(" ", 1)
        return Money(int(amount), currency)


class PolicyAttribute(Attribute[Policy]):
    """The policy snapshot of a case, whole: a later version of the code may have other defaults.

    A list of the values in the order of `Policy`'s fields, a fifth of the room that names would take in every case.
    So fields are only ever appended to `Policy`, never moved or removed; a test holds that.
    """

    attr_type = STRING

    def serialize(self, value: Policy) -> str:
        return msgspec.json.encode(list(value.to_snapshot().values())).decode()

    def deserialize(self, value: str) -> Policy:
        values: list[object] = msgspec.json.decode(value)
        return Policy.from_snapshot(dict(zip((field.name for field in fields(Policy)), values, strict=False)))


class RecordAttribute(Attribute[T], Generic[T]):
    """A domain dataclass, or a tuple or mapping of them, as JSON. The same value always gives the same text."""

    attr_type = STRING

    def __init__(self, shape: Any, *, null: bool = False) -> None:
        super().__init__(null=null)
        self.shape = shape

    def serialize(self, value: T) -> str:
        return msgspec.json.encode(value).decode()

    def deserialize(self, value: str) -> T:
        record: T = msgspec.json.decode(value, type=self.shape)
        return record


class SettlementsAttribute(Attribute[tuple[Settlement, ...]]):
    """A set of texts, one for each dispute, to which the next is added without reading those before it."""

    attr_type = STRING_SET

    def serialize(self, value: tuple[Settlement, ...]) -> list[str]:
        return [msgspec.json.encode(settlement).decode() for settlement in value]

    def deserialize(self, value: list[str]) -> tuple[Settlement, ...]:
        found = (msgspec.json.decode(text, type=Settlement) for text in value)
        return tuple(sorted(found, key=lambda settlement: settlement.dispute_id))


class IdsAttribute(Attribute[tuple[str, ...]]):
    """A set of ids, in their order."""

    attr_type = STRING_SET

    def serialize(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def deserialize(self, value: list[str]) -> tuple[str, ...]:
        return tuple(sorted(value))


class TrackingAttribute(Attribute[dict[str, ParcelTracking]]):
    """What is known of each parcel, as JSON. Conditions compare the text, so that what was not kept before is left out
    where there is nothing of it: what was stored then still gives the same text."""

    attr_type = STRING

    def serialize(self, value: dict[str, ParcelTracking]) -> str:
        return msgspec.json.encode({name: _as_kept(parcel) for name, parcel in value.items()}).decode()

    def deserialize(self, value: str) -> dict[str, ParcelTracking]:
        return msgspec.json.decode(value, type=dict[str, ParcelTracking])


_KEPT_ALWAYS = frozenset({"status", "occurred_at", "delivered_at"})


def _as_kept(parcel: ParcelTracking) -> dict[str, Any]:
    values = {field.name: getattr(parcel, field.name) for field in fields(ParcelTracking)}
    return {name: value for name, value in values.items() if value or name in _KEPT_ALWAYS}
