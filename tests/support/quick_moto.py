"""moto without its detours: the same answers, for half of the processor's time (docs/decisions/0071).

Of what a test over moto costs, most was moto's: it looks for each value of an answer under every name that any service
could give it, sorts the table by parsed values for every query, and copies the whole table for each item of a
transaction. What is put in place here does each of these once; `tests/integration/test_quick_moto.py` compares it with
moto's own.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.loaders import create_loader

_SCALARS = frozenset({"S", "N", "BOOL", "NULL"})
_SETS = frozenset({"SS", "NS"})
_ATTRIBUTE = "AttributeValue"
# What stood in the places before, for who compares.
OWN: dict[str, Any] = {}


class _UnusualError(Exception):
    """A value that moto's own way has to look at."""


@contextmanager
def mocked_aws() -> Iterator[None]:
    """Every AWS call goes to moto."""
    from moto import mock_aws

    place()
    with mock_aws():
        yield


@cache
def place() -> None:
    """Put the shorter ways in place, once in a process."""
    # botocore's data of a service are read from the disk by every session; nothing changes them.
    botocore.session.create_loader = cache(create_loader)
    _answer_attributes_directly()
    _compare_strings_as_they_are()
    _copy_a_table_once_a_transaction()
    _know_the_methods()


def _answer_attributes_directly() -> None:
    from moto.core.serialize import BaseJSONSerializer

    OWN["structure"] = one = BaseJSONSerializer._serialize_type_structure
    OWN["map"] = many = BaseJSONSerializer._serialize_type_map

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == _ATTRIBUTE and key:
            try:
                answered = attribute(self, value)
            except _UnusualError:
                pass
            else:
                self._default_serialize(serialized, answered, shape, key)
                return
        one(self, serialized, value, shape, key)

    def mapping(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.value.name == _ATTRIBUTE:
            try:
                answered = {name: attribute(self, inner) for name, inner in value.items()}
            except _UnusualError:
                pass
            else:
                self._default_serialize(serialized, answered, shape, key)
                return
        many(self, serialized, value, shape, key)

    BaseJSONSerializer._serialize_type_structure = structure
    BaseJSONSerializer._serialize_type_map = mapping


def attribute(serializer: Any, value: Any) -> dict[str, Any]:
    """A value of DynamoDB as it is sent, from a dict of its one type. Raises _UnusualError for anything else."""
    if type(value) is not dict or len(value) != 1:
        raise _UnusualError
    ((kind, inner),) = value.items()
    if kind in _SCALARS and isinstance(inner, str | bool):
        return {kind: inner}
    if kind == "B" and isinstance(inner, str | bytes):
        return {kind: serializer._base64(inner)}
    if kind == "M" and type(inner) is dict:
        return {kind: {name: attribute(serializer, one) for name, one in inner.items()}}
    if kind == "L" and type(inner) is list:
        return {kind: [attribute(serializer, one) for one in inner]}
    if kind in _SETS and type(inner) is list and all(isinstance(one, str) for one in inner):
        return {kind: list(inner)}
    raise _UnusualError


def _compare_strings_as_they_are() -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table

    parsed = DynamoType.cast_value.fget
    OWN["all_items"] = in_order = Table.all_items

    def cast_value(self: Any) -> Any:
        return self.value if self.type == "S" else parsed(self)

    def equal(self: Any, other: Any) -> bool:
        return bool(self.type == other.type and self.cast_value == other.cast_value)

    def all_items(self: Any) -> list[Any]:
        if self.range_key_attr is None:
            return list(in_order(self))
        found = [item for ranges in self.items.values() for item in ranges.values()]
        if any(item.hash_key.type != "S" or item.range_key.type != "S" for item in found):
            return list(in_order(self))
        return sorted(found, key=lambda item: (item.hash_key.value, item.range_key.value))

    DynamoType.cast_value = property(cast_value)
    DynamoType.__eq__ = equal
    Table.all_items = all_items


def _copy_a_table_once_a_transaction() -> None:
    from moto.dynamodb import models
    from moto.dynamodb.models.table import Table

    write = models.DynamoDBBackend.transact_write_items
    copies: dict[int, Any] = {}

    def deepcopy(thing: Any) -> Any:
        """All copies of a table that a transaction makes are made before its first change."""
        if not isinstance(thing, Table):
            return copy.deepcopy(thing)
        if id(thing) not in copies:
            copies[id(thing)] = copy.deepcopy(thing)
        return copies[id(thing)]

    def transact_write_items(self: Any, transact_items: Any) -> None:
        copies.clear()
        try:
            write(self, transact_items)
        finally:
            copies.clear()

    models.copy = SimpleNamespace(deepcopy=deepcopy)
    models.DynamoDBBackend.transact_write_items = transact_write_items


def _know_the_methods() -> None:
    from moto.core import responses

    responses.method_names_from_class = cache(responses.method_names_from_class)
