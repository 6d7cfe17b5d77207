"""Faults of a running stack, each undone at the end of its block: functions that cannot start, services that are asked
elsewhere, triggers and schedules that are switched off, a row that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from infra.names import LIVE
from infra.routes import CALLED, SPECS
from local import aws
from tests.e2e.waiting import until
from tests.e2e.world import FUNCTION_PREFIX, Json, World

ABSENT = "absent_handler"
_HAS_VERSIONS = frozenset(row.id for row in SPECS if row.kind in CALLED)


@contextmanager
def broken(world: World, action: str) -> Iterator[None]:
    """The function fails at every call until the end of the block."""
    name = FUNCTION_PREFIX + action
    handler = world.functions.get_function_configuration(FunctionName=name)["Handler"]
    world.functions.update_function_configuration(FunctionName=name, Handler=f"handler.{ABSENT}")
    try:
        until(f"{action} is broken", lambda: _fails(world, name))
        yield
    finally:
        world.functions.update_function_configuration(FunctionName=name, Handler=handler)
        # What is sent to a process of before would lie hidden in its queue for minutes.
        until(f"{action} works again", lambda: not _fails(world, name))


def _fails(world: World, name: str) -> bool:
    """Whether the handler is not found. What a handler makes of this payload does not matter here."""
    answer = world.functions.invoke(FunctionName=name, Payload=b'{"Records": []}')
    return "FunctionError" in answer and ABSENT in answer["Payload"].read().decode()


@contextmanager
def pointed(world: World, endpoints: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """New processes of these functions, by action, have these variables until the end of the block."""
    usual = {action: _variables(world, action) for action in endpoints}
    try:
        for action, variables in endpoints.items():
            _set(world, action, usual[action] | variables)
        yield
    finally:
        for action, variables in usual.items():
            _set(world, action, variables)


def _variables(world: World, action: str) -> dict[str, str]:
    known = world.functions.get_function_configuration(FunctionName=FUNCTION_PREFIX + action)
    return dict(known["Environment"]["Variables"])


def _set(world: World, action: str, variables: Mapping[str, str]) -> None:
    name = FUNCTION_PREFIX + action
    world.functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": dict(variables)}
    )
    if action in _HAS_VERSIONS:
        version = world.functions.publish_version(FunctionName=name)["Version"]
        world.functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)


def trigger(world: World, action: str, source: str, *, is_on: bool) -> None:
    """Switch a function's trigger by a queue or stream whose ARN contains `source` on or off, as in the console."""
    found = world.functions.list_event_source_mappings(FunctionName=FUNCTION_PREFIX + action)
    (one,) = (it for it in found["EventSourceMappings"] if source in it["EventSourceArn"])
    world.functions.update_event_source_mapping(UUID=one["UUID"], Enabled=is_on)


@contextmanager
def trigger_off(world: World, action: str, source: str) -> Iterator[None]:
    """Nobody reads that queue or stream until the end of the block."""
    trigger(world, action, source, is_on=False)
    try:
        yield
    finally:
        trigger(world, action, source, is_on=True)


def schedule(world: World, action: str, *, is_on: bool) -> None:
    """Switch the rule that calls a function on or off, as in the console."""
    events = aws.client(world.workspace, "events")
    (events.enable_rule if is_on else events.disable_rule)(Name=f"{FUNCTION_PREFIX}{action}-schedule")


@contextmanager
def schedule_off(world: World, action: str) -> Iterator[None]:
    """The function is not called by its schedule until the end of the block."""
    schedule(world, action, is_on=False)
    try:
        yield
    finally:
        schedule(world, action, is_on=True)


@contextmanager
def tries_sooner(world: World, queue: str, seconds: int) -> Iterator[None]:
    """What fails in a queue is tried again after so many seconds until the end of the block."""
    sqs = aws.client(world.workspace, "sqs")
    url = sqs.get_queue_url(QueueName=FUNCTION_PREFIX + queue)["QueueUrl"]
    name = "VisibilityTimeout"
    usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(seconds)})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: usual})


def put_back(world: World, row: Json) -> None:
    """A row as it was, in DynamoDB's own form: what an operator takes from the point-in-time backup."""
    world.dynamodb.put_item(TableName=world.stack.table_name, Item=row)


@contextmanager
def unreadable(world: World, pk: str, sk: str, name: str, text: str) -> Iterator[Json]:
    """An attribute of a row holds what no version can read, until the end of the block; the row of before."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    found = world.dynamodb.get_item(TableName=world.stack.table_name, Key=key, ConsistentRead=True)
    before: Json = found["Item"]
    world.set_instant(pk, sk, name, text)
    try:
        yield before
    finally:
        now = world.dynamodb.get_item(TableName=world.stack.table_name, Key=key, ConsistentRead=True)
        if now["Item"][name] == {"S": text}:
            put_back(world, before)
