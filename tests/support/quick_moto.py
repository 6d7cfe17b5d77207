"""moto without its detours: the same answers, for half of the processor's time (docs/decisions/0071).

Of what a test over moto costs, most was moto's: it looks for each value of an answer under every name that any service
could give it, sorts the table by parsed values for every query, copies the whole table with its stream for each item of
a transaction, and walks through each expression a dozen times. What is put in place here does each of these once, and
copies only what changes; `tests/integration/test_quick_moto.py` compares it with moto's own.
"""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.hooks import EVENT_ALIASES, EventAliaser
from botocore.loaders import create_loader
from botocore.useragent import UserAgentString

_SCALARS = frozenset({"S", "N", "BOOL", "NULL"})
_SETS = frozenset({"SS", "NS"})
_ATTRIBUTE = "AttributeValue"
_TABLES = re.compile(r"https://dynamodb\.[a-z0-9-]+\.amazonaws\.com/")
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
    _keep_what_a_transaction_changes()
    _look_at_expressions_once()
    _find_the_table_at_once()
    _name_once()
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


def _keep_what_a_transaction_changes() -> None:
    from moto.dynamodb import models
    from moto.dynamodb.models.table import Table

    write = models.DynamoDBBackend.transact_write_items
    changes: list[dict[str, Any]] = []
    kept: dict[int, Any] = {}

    def deepcopy(thing: Any) -> Any:
        """What a transaction goes back to in case it fails, made before its first change."""
        if not isinstance(thing, Table):
            return copy.deepcopy(thing)
        if id(thing) not in kept:
            kept[id(thing)] = _as_it_is(thing, changes)
        return kept[id(thing)]

    def transact_write_items(self: Any, transact_items: Any) -> None:
        kept.clear()
        changes[:] = transact_items
        try:
            write(self, transact_items)
        finally:
            kept.clear()

    models.copy = SimpleNamespace(deepcopy=deepcopy)
    models.DynamoDBBackend.transact_write_items = transact_write_items


def _as_it_is(table: Any, changes: list[dict[str, Any]]) -> Any:
    """A copy of the table that these changes leave alone: of them, an update alone works in the row itself."""
    from moto.dynamodb.models import DynamoType

    made = copy.copy(table)
    made.items = copy.copy(table.items)
    if table.range_key_attr is not None:
        made.items.update((key, dict(rows)) for key, rows in table.items.items())
    if table.stream_shard is not None:
        made.stream_shard = copy.copy(table.stream_shard)
        made.stream_shard.table, made.stream_shard.items = made, list(table.stream_shard.items)
    for change in changes:
        update = change.get("Update", {})
        if update.get("TableName") == table.name and set(update["Key"]) >= set(table.table_key_attrs):
            *above, last = (DynamoType(update["Key"][name]) for name in table.table_key_attrs)
            rows = made.items[above[0]] if above else made.items
            if last in rows:
                rows[last] = copy.deepcopy(rows[last])
    return made


def _look_at_expressions_once() -> None:
    from moto.dynamodb.parsing import ast_nodes, expressions

    OWN["traverse"] = ast_nodes.DepthFirstTraverser.traverse
    OWN["find_clauses"] = ast_nodes.Node.find_clauses
    OWN["make"] = parse = expressions.UpdateExpressionParser.make
    # Whoever changes one of these trees has a copy of it.
    expressions.UpdateExpressionParser.make = cache(parse)
    is_node = cache(partial(_is_below, ast_nodes.Node))
    holds_clauses = cache(partial(_is_below, (ast_nodes.Expression, ast_nodes.UpdateExpressionFunction)))

    def traverse(self: Any, root: Any) -> Any:
        steps, known = self._processing_map(), {}

        def step_of(kind: type) -> Any:
            if kind not in known:
                known[kind] = next((steps[it] for it in steps if issubclass(kind, it)), None)
            return known[kind]

        return _visited(root, step_of, is_node, self.pre_processing_of_child)

    def find_clauses(self: Any, kinds: Any) -> list[Any]:
        clauses = []
        for child in self.children or ():
            if type(child) in kinds:
                clauses.append(child)
            elif holds_clauses(type(child)):
                clauses += child.find_clauses(kinds)
        return clauses

    ast_nodes.DepthFirstTraverser.traverse = traverse
    ast_nodes.Node.find_clauses = find_clauses


def _visited(root: Any, step_of: Any, is_node: Any, before: Any) -> Any:
    """Take the step of each node below the root, children first; answers what became of the root."""

    def visit(node: Any, place: int = -1) -> Any:
        if not is_node(type(node)):
            return node
        parent, step = node.parent, step_of(type(node))
        for number, child in enumerate(node.children or ()):
            before(node, number)
            visit(child, number)
        if step is not None:
            node = step(node)
            node.parent = parent
            if parent:
                parent.children[place] = node
        return node

    return visit(root)


def _is_below(above: type | tuple[type, ...], kind: type) -> bool:
    return issubclass(kind, above)


def _find_the_table_at_once() -> None:
    """A request to DynamoDB goes there; all others are looked for among the addresses of all services, as before."""
    from moto.core.botocore_stubber import BotocoreStubber
    from moto.core.exceptions import HTTPException
    from moto.core.request import normalize_request
    from moto.dynamodb.responses import DynamoHandler

    OWN["process_request"] = look_for = BotocoreStubber.process_request

    def process_request(self: Any, request: Any) -> Any:
        if not _TABLES.fullmatch(request.url):
            return look_for(self, request)
        asked = normalize_request(request)
        try:
            return DynamoHandler.dispatch(asked, asked.raw_url, asked.headers)
        except HTTPException as refused:
            return refused.code, refused.get_headers(), refused.get_body()

    BotocoreStubber.process_request = process_request


def _name_once() -> None:
    """The names of events, and of who calls: clients by the hundred find and write the same ones again."""
    make, names = EventAliaser.__init__, dict[str, str]()

    def init(self: Any, emitter: Any, event_aliases: Any = None) -> None:
        make(self, emitter, event_aliases)
        if event_aliases is None or event_aliases == EVENT_ALIASES:
            self._alias_name_cache = names

    EventAliaser.__init__ = init
    UserAgentString.to_string = lambda _self: "tests"


def _know_the_methods() -> None:
    from moto.core import responses

    responses.method_names_from_class = cache(responses.method_names_from_class)
