"""Q19: whether an action costs more late in a case's life, or on a full table. `python -m bench.growth ENDPOINT OUT`.

The functions' handlers run here, against the emulator's DynamoDB. Units are exact; times are medians of many, taken
with FEW and then with MANY cases in the same table, copies of a real one under ids of their own.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench import scene
from bench.actions import Desk, own_desk
from bench.figures import Line

FEW, MANY = 1_000, 20_000
TIMED = 60
BATCH = 25
ACTIONS = 100
UNITS_GATE, UNITS_AIM, TIME_GATE, TIME_AIM = 1.0, 1.0, 1.15, 1.05


def lines_of(found: dict[str, Any]) -> list[Line]:
    """Ratios from what was counted and timed."""
    lines = [
        Line(
            "Q19", f"{action} as action {ACTIONS} of a case / as an early one", f"{late} units",
            f"{early} units", late / early, "x", UNITS_GATE, UNITS_AIM,
        )
        for action, (early, late) in found["units"].items()
    ]  # fmt: skip
    for action, (few, many) in found["seconds"].items():
        ours, reference = f"{median(many) * 1000:.1f} ms", f"{median(few) * 1000:.1f} ms"
        what = f"{action} among {MANY} cases / among {FEW}"
        ratio = median(many) / median(few)
        lines.append(Line("Q19", what, ours, reference, ratio, "x", TIME_GATE, TIME_AIM))
    return lines


def main(endpoint: str, out: str) -> None:
    """Count, fill, time, fill, time; write what was found."""
    desk = own_desk(endpoint)
    units = _units(desk)
    few = _timed(_fill(desk, FEW))
    many = _timed(_fill(desk, MANY - FEW))
    found = {"units": units, "seconds": {action: (few[action], many[action]) for action in few}}
    Path(out).write_text(json.dumps(found))
    desk.client.delete_table(TableName=desk.table)


def _opened() -> tuple[str, str]:
    """A fresh case four days old, by the handlers alone."""
    order_id = f"order-{secrets.token_hex(6)}"
    scene.at(-4)
    order = scene.order(datetime.now(UTC) - timedelta(days=20))
    scene.invoke("put_order", scene.event_of("put_order", scene.BACKEND, order, order_id=order_id))
    opened = scene.invoke("open_dispute", scene.event_of("open_dispute", "buyer", scene.opening(order_id)))
    return order_id, str(opened["dispute_id"])


def _units(desk: Desk) -> dict[str, tuple[int, int]]:
    """Table and index units of an offer and of a message, early and as the hundredth action."""
    _, case = _opened()

    def act(action: str, who: str, body: Any, **path: str) -> int:
        desk.act(action, who, body, dispute_id=case, **path)
        cost = desk.costs[-1]
        return cost.table_units + cost.index_units

    def offer_after_a_refusal(number: int) -> int:
        act("decline_offer", "buyer", {}, offer_id=f"of-{number}")
        return act("make_offer", "seller", scene.offer(4_000))

    message = {"text": scene.TEXT}
    act("make_offer", "seller", scene.offer(4_000))
    early_offer = offer_after_a_refusal(2)
    act("send_message", "buyer", message)
    early_message = act("send_message", "buyer", message)
    for _ in range(ACTIONS - 8):
        act("send_message", "buyer", message)
    late_message = act("send_message", "buyer", message)
    return {
        "send_message": (early_message, late_message),
        "make_offer": (early_offer, offer_after_a_refusal(3)),
    }


def _fill(desk: Desk, number: int) -> None:
    """So many more cases: copies of one that was just opened, each with ids and index entries of its own."""
    order_id, case = _opened()
    rows = _rows(desk, f"CASE#{case}") + _rows(desk, f"ORDER#{order_id}")
    copies = (row for _ in range(number) for row in _copy(rows, order_id, case))
    for batch in _batches(copies):
        left = {desk.table: [{"PutRequest": {"Item": row}} for row in batch]}
        while left:
            left = desk.client.batch_write_item(RequestItems=left)["UnprocessedItems"]


def _copy(rows: Sequence[dict[str, Any]], order_id: str, case: str) -> list[dict[str, Any]]:
    from buyer_protection.adapters.aws.system import RandomIds
    from buyer_protection.adapters.dynamodb import keys

    own = RandomIds().dispute_id()
    names = {
        order_id: f"order-{secrets.token_hex(6)}",
        case: own,
        scene.PEOPLE["buyer"]: secrets.token_hex(18),
    }
    copies: list[dict[str, Any]] = [_renamed(row, names) for row in rows]
    for row in copies:
        if "due_key" in row:
            row["due_key"] = {"S": keys.due_key(own)}
    return copies


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same with other ids in all its texts."""
    if isinstance(value, dict):
        return {name: _renamed(item, names) for name, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
    return value


def _rows(desk: Desk, pk: str) -> list[dict[str, Any]]:
    answer = desk.client.query(
        TableName=desk.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    rows: list[dict[str, Any]] = answer["Items"]
    return rows


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield from [batch] if batch else []


def _timed(_filled: None) -> dict[str, list[float]]:
    """Seconds of each call of a negotiation, TIMED times, each on a case of its own."""
    taken: dict[str, list[float]] = {}
    for _ in range(TIMED):
        _, case = _opened()
        for action, who, body in (
            ("make_offer", "seller", scene.offer(4_000)),
            ("add_evidence", "buyer", scene.STATEMENT),
            ("get_dispute", "buyer", None),
            ("escalate_dispute", "buyer", scene.ESCALATION),
        ):
            scene.at(0)
            event = scene.event_of(action, who, body, dispute_id=case)
            begun = time.perf_counter()
            scene.invoke(action, event)
            taken.setdefault(action, []).append(time.perf_counter() - begun)
    return taken


if __name__ == "__main__":
    main(*sys.argv[1:3])
