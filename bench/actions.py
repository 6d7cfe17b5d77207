"""Q18: what each accepted action costs in DynamoDB. Run as `python -m bench.actions ENDPOINT OUT`.

The functions' handlers run here, against the emulator's DynamoDB, on a table without a stream. Each transaction is
priced by the rule from the items before and after it, and beside that by the emulator's ConsumedCapacity.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import pricing, scene
from bench.meter import Call, Meter, written_keys

# What of the measured actions is kept for the warm measurement, which answers with it from memory.
RECORDED = ("get_dispute", "make_offer", "escalate_dispute")


@dataclass
class Cost:
    """What one accepted action did."""

    action: str
    calls: list[str]
    sent: int
    rows: int
    table_units: int
    index_units: int
    consumed: float
    largest: int = 0


@dataclass
class Desk:
    """Runs actions and prices them."""

    client: Any
    table: str
    meter: Meter
    indexes: list[pricing.Index]
    costs: list[Cost] = field(default_factory=list)
    recordings: dict[str, Any] = field(default_factory=dict)

    def act(self, action: str, who: str, body: Any = None, *, label: str = "", **path: str) -> dict[str, Any]:
        """One accepted action. The rows as they were before are read by running it against a copy of the truth:
        all rows of the table, which is small."""
        event = scene.event_of(action, who, body, **path)
        before = self._rows()
        self.meter.take()
        document = scene.invoke(action, event)
        calls = self.meter.take()
        self.costs.append(self._cost(label or action, calls, before, self._rows()))
        if action in RECORDED and not label:
            self.recordings[action] = {"event": event, "calls": [asdict(call) for call in calls]}
        return document

    def _cost(
        self, action: str, calls: list[Call], before: dict[str, pricing.Item], after: dict[str, pricing.Item]
    ) -> Cost:
        cost = Cost(
            action, [call.operation for call in calls], sum(call.sent for call in calls), 0, 0, 0, 0.0
        )
        for call in calls:
            if call.operation != "TransactWriteItems":
                continue
            cost.consumed += sum(entry["CapacityUnits"] for entry in call.capacity)
            for key in map(_spelt, written_keys(call.parameters)):
                old, new = before.get(key), after.get(key)
                cost.rows += 1
                cost.table_units += pricing.transaction_units(old, new)
                cost.index_units += pricing.index_units(old, new, self.indexes)
                cost.largest = max(cost.largest, pricing.item_size(new) if new else 0)
        return cost

    def _rows(self) -> dict[str, pricing.Item]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return {_spelt(item): item for page in pages for item in page["Items"]}


def _spelt(key: pricing.Item) -> str:
    return f"{key['pk']['S']} {key['sk']['S']}"


def lives(desk: Desk) -> Iterator[None]:
    """Four cases through every action: a claim to its decision, an agreement, a cancellation, a changed reason."""
    yield from _claim(desk)
    yield from _agreement(desk)
    one = _opened(desk, "NOT_RECEIVED", label="open_dispute (not received)")
    desk.act(
        "change_reason", "buyer", {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"}, dispute_id=one
    )
    desk.act("cancel_dispute", "buyer", {"acknowledge_consequences": True}, dispute_id=one)
    two = _opened(desk, label="open_dispute (again)")
    desk.act("accept_request", "seller", {}, dispute_id=two)
    yield


def _opened(desk: Desk, reason: str = "NOT_AS_DESCRIBED", label: str = "") -> str:
    order_id = f"order-{secrets.token_hex(6)}"
    scene.at(-4)
    shipped = datetime.now(UTC) - timedelta(days=20)
    desk.act("put_order", scene.BACKEND, scene.order(shipped), label="put_order", order_id=order_id)
    opened = desk.act("open_dispute", "buyer", scene.opening(order_id, reason), label=label)
    return str(opened["dispute_id"])


def _claim(desk: Desk) -> Iterator[None]:
    case = _opened(desk)
    desk.act("get_dispute", "buyer", dispute_id=case)
    desk.act("make_offer", "seller", scene.offer(4_000), dispute_id=case)
    scene.at(0)
    desk.act("escalate_dispute", "buyer", scene.ESCALATION, dispute_id=case)
    desk.act("add_evidence", "buyer", scene.STATEMENT, dispute_id=case)
    desk.act(
        "add_evidence", "seller", scene.STATEMENT, label="add_evidence (the other side's)", dispute_id=case
    )
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    desk.act("set_evidence_window", "case_manager", {"due_at": later}, dispute_id=case)
    desk.act("complete_evidence", "buyer", {}, dispute_id=case)
    desk.act("complete_evidence", "seller", {}, label="complete_evidence (review starts)", dispute_id=case)
    ruling = {
        "outcome": "PARTIAL",
        "refund": scene.money(6_000),
        "reasons": ["ITEM_DIFFERENT", "SELLER_EVIDENCE_INSUFFICIENT"],
        "rationale": scene.TEXT,
        "evidence_ids": ["ev-1", "ev-2"],
    }
    desk.act("decide_claim", "case_manager", ruling, dispute_id=case)
    yield


def _agreement(desk: Desk) -> Iterator[None]:
    case = _opened(desk, label="open_dispute (again)")
    first = desk.act("make_offer", "seller", scene.offer(3_000), label="make_offer (first)", dispute_id=case)
    desk.act("decline_offer", "buyer", {}, dispute_id=case, offer_id=str(first["offer_id"]))
    second = desk.act(
        "make_offer", "seller", scene.offer(4_000), label="make_offer (after a refusal)", dispute_id=case
    )
    third = desk.act(
        "make_offer", "seller", scene.offer(5_000), label="make_offer (in place of one)", dispute_id=case
    )
    assert second["offer_id"] != third["offer_id"]
    desk.act("accept_offer", "buyer", {}, dispute_id=case, offer_id=str(third["offer_id"]))
    yield


def _environment(endpoint: str, table: str) -> dict[str, str]:
    return {
        "STAGE": "local",
        "TABLE_NAME": table,
        "DAY_SECONDS": "86400",
        "ALLOWED_ORIGINS": "http://localhost:8080",
        "SITE_URL": "http://localhost:8080",
        "POWERTOOLS_SERVICE_NAME": "buyer-protection",
        "POWERTOOLS_METRICS_NAMESPACE": "BuyerProtection",
        "EVIDENCE_BUCKET": "bench",
        "MALWARE_SCANNING": "off",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _run(desk: Desk, script: Callable[[Desk], Iterator[None]]) -> None:
    for _ in script(desk):
        pass


def own_desk(endpoint: str) -> Desk:
    """Let this process's handlers work on a new table of the emulator; the desk that counts what they do there."""
    import boto3

    table = f"bench-{secrets.token_hex(4)}"
    os.environ.update(_environment(endpoint, table))
    from buyer_protection.composition import container

    container.context()
    from buyer_protection.adapters.dynamodb.row import Row

    schema = Row._get_schema()
    Row.connection().create_table(
        table,
        attribute_definitions=schema["attribute_definitions"],
        key_schema=schema["key_schema"],
        global_secondary_indexes=schema["global_secondary_indexes"],
        billing_mode="PAY_PER_REQUEST",
    )
    indexes = [
        pricing.Index(one["index_name"], tuple(key["AttributeName"] for key in one["key_schema"]))
        for one in schema["global_secondary_indexes"]
    ]
    meter = Meter()
    meter.attach(Row.connection().client)
    return Desk(boto3.client("dynamodb", region_name="us-east-1"), table, meter, indexes)


def main(endpoint: str, out: str) -> None:
    """Make a table, run the lives with and without asking for consumed capacity, write what was counted."""
    desk = own_desk(endpoint)
    _run(desk, lives)
    desk.meter.ask_for_capacity = False
    plain = Desk(desk.client, desk.table, desk.meter, desk.indexes)
    _run(plain, _claim)
    found = {
        "costs": [asdict(cost) for cost in desk.costs],
        "recordings": plain.recordings,
        "table": desk.table,
    }
    Path(out).write_text(json.dumps(found, default=_as_text))
    desk.client.delete_table(TableName=desk.table)


def _as_text(value: Any) -> Any:
    if isinstance(value, bytes):
        from base64 import b64encode

        return {"__bytes__": b64encode(value).decode()}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:3])
