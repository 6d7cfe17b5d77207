"""Runs functions in this process against the emulator's DynamoDB and counts what each invocation does there.

Units follow the pricing rule, from each row as it was before and after; the emulator's ConsumedCapacity stands beside.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import Any

from bench import pricing, scene
from bench.meter import TRANSACTION, Call, Meter, Write
from tests.support import api_events, in_process
from tests.support.sign_in import everybody_is_in_the_team

# What of the measured actions is kept for the warm measurement, which answers with it from memory.
RECORDED = ("get_dispute", "make_offer", "escalate_dispute")


@dataclass
class Cost:
    """What one invocation did in DynamoDB: `by_row` has the units of each kind of row, `consumed` is what the emulator
    says of the transactions."""

    action: str
    calls: list[str]
    sent: int
    rows: int = 0
    table_units: int = 0
    index_units: int = 0
    read_units: float = 0.0
    consumed: float = 0.0
    largest: int = 0
    log_bytes: int = 0
    by_row: dict[str, int] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """Write units of table and indexes."""
        return self.table_units + self.index_units


@dataclass
class Recorder:
    """Runs functions and prices them; `written` is every row written since somebody took it."""

    client: Any
    table: str
    meter: Meter
    indexes: list[pricing.Index]
    costs: list[Cost] = field(default_factory=list)
    recordings: dict[str, Any] = field(default_factory=dict)
    written: list[Write] = field(default_factory=list)

    def act(self, action: str, who: str, body: Any = None, *, label: str = "", **path: str) -> dict[str, Any]:
        """One accepted action of the API; its answer's document."""
        event = scene.event_of(action, who, body, **path)
        result, calls = self.invoke(action, event, label)
        if action in RECORDED and not label:
            kept = [
                {"operation": call.operation, "parameters": call.parameters, "answer": call.answer}
                for call in calls
            ]
            self.recordings[action] = {"event": event, "calls": kept}
        return scene.accepted(action, result)

    def invoke(self, action: str, event: Any, label: str = "") -> tuple[Any, list[Call]]:
        """One invocation of any function; its result and calls."""
        self.meter.take()
        result, log_bytes = scene.run(action, event)
        calls = self.meter.take()
        cost = self.cost_of(label or action, calls)
        cost.log_bytes = log_bytes
        self.costs.append(cost)
        self.written += [write for call in calls for write in call.writes]
        return result, calls

    def cost_of(self, action: str, calls: list[Call]) -> Cost:
        """The calls, priced."""
        cost = Cost(action, [call.operation for call in calls], sum(call.sent for call in calls))
        for call in calls:
            cost.read_units += call.read_units
            if call.operation == TRANSACTION:
                cost.consumed += sum(entry["CapacityUnits"] for entry in call.capacity)
            for write in call.writes:
                in_table, in_indexes = write.units(), self.index_units(write)
                cost.rows += 1
                cost.table_units += in_table
                cost.index_units += in_indexes
                cost.by_row[write.kind] = cost.by_row.get(write.kind, 0) + in_table + in_indexes
                cost.largest = max(cost.largest, pricing.item_size(write.after) if write.after else 0)
        return cost

    def index_units(self, write: Write) -> int:
        """Write units of the entries that the row moves in the indexes."""
        return 0 if write.refused else pricing.index_units(write.before, write.after, self.indexes)

    def look(self, key: dict[str, Any]) -> pricing.Item | None:
        """The row of that key as it is now, by a client that is not counted."""
        item: pricing.Item | None = self.client.get_item(
            TableName=self.table, Key=key, ConsistentRead=True
        ).get("Item")
        return item

    def bytes_stored(self) -> int:
        """Bytes of all rows of the table."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return sum(pricing.item_size(item) for page in pages for item in page["Items"])

    def take_written(self) -> list[Write]:
        """The rows written since the last time, in their order."""
        taken, self.written = self.written, []
        return taken

    def close(self) -> None:
        """Delete the table."""
        self.client.delete_table(TableName=self.table)


def _environment(endpoint: str, table: str) -> dict[str, str]:
    return {
        **api_events.ENVIRONMENT,
        **in_process.WORKERS,
        "TABLE_NAME": table,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def new_recorder(endpoint: str) -> Recorder:
    """Let this process's handlers work on a new table of the emulator; the recorder of what they do there."""
    table = f"bench-{secrets.token_hex(4)}"
    _work_on(endpoint, table)
    # Before anything is counted: the meter asks each call for its capacity, which only calls about rows have.
    in_process.create_table(table)
    return _recorder(table)


def recorder_on(endpoint: str, table: str) -> Recorder:
    """The same on a table that is there."""
    _work_on(endpoint, table)
    return _recorder(table)


def _work_on(endpoint: str, table: str) -> None:
    os.environ.update(_environment(endpoint, table))
    everybody_is_in_the_team()
    from buyer_protection.composition import container

    container.get()


def _recorder(table: str) -> Recorder:
    import boto3

    from buyer_protection.adapters.dynamodb.row import Row

    schema = Row._get_schema()
    indexes = [
        pricing.Index(one["index_name"], tuple(key["AttributeName"] for key in one["key_schema"]))
        for one in schema["global_secondary_indexes"]
    ]
    meter = Meter()
    recorder = Recorder(boto3.client("dynamodb", region_name="us-east-1"), table, meter, indexes)
    meter.look = recorder.look
    meter.attach(Row.connection().client)
    return recorder
