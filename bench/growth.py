"""Q19: whether an action costs more late in a case's life, or on a full table.

Run as `python -m bench.growth ENDPOINT OUT CASES`. The functions' handlers run here, against the emulator's DynamoDB.
Units are exact; times are medians of many, taken with FEW and then with CASES cases in the same table, copies of a
real one under ids of their own.
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
from bench.figures import Line
from bench.recorder import Recorder, new_recorder

# The bar speaks of FULL cases; MANY keep a run within minutes.
FEW, MANY, FULL = 1_000, 20_000, 100_000
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
        short = "" if found["cases"] >= FULL else f", not the {FULL:,} of the bar"
        what = f"{action} among {found['cases']:,} cases{short} / among {FEW:,}"
        ratio = median(many) / median(few)
        lines.append(Line("Q19", what, ours, reference, ratio, "x", TIME_GATE, TIME_AIM))
    return lines


def main(endpoint: str, out: str, cases: str = str(MANY)) -> None:
    """Count, fill, time, fill to so many cases, time; write what was found."""
    many_cases = int(cases)
    recorder = new_recorder(endpoint)
    units = _units(recorder)
    recorder.meter.look = None
    _fill(recorder, FEW)
    few = _timed()
    _fill(recorder, many_cases - FEW)
    many = _timed()
    seconds = {action: (few[action], many[action]) for action in few}
    found = {"cases": many_cases, "units": units, "seconds": seconds}
    Path(out).write_text(json.dumps(found))
    recorder.close()


def _opened() -> tuple[str, str]:
    """A fresh case four days old, by the handlers alone."""
    order_id = f"order-{secrets.token_hex(6)}"
    scene.at(-4)
    order = scene.order(datetime.now(UTC) - timedelta(days=20))
    scene.invoke("put_order", scene.event_of("put_order", scene.BACKEND, order, order_id=order_id))
    opened = scene.invoke("open_dispute", scene.event_of("open_dispute", "buyer", scene.opening(order_id)))
    return order_id, str(opened["dispute_id"])


def _units(recorder: Recorder) -> dict[str, tuple[int, int]]:
    """Table and index units of an offer and of a message, early and as the hundredth action."""
    _, case = _opened()

    def act(action: str, who: str, body: Any, **path: str) -> int:
        recorder.act(action, who, body, dispute_id=case, **path)
        return recorder.costs[-1].units

    def offer_after_a_refusal(number: int) -> int:
        act("decline_offer", "buyer", {}, offer_id=f"of-{number}")
        return act("make_offer", "seller", scene.offer(4_000))

    act("make_offer", "seller", scene.offer(4_000))
    early_offer = offer_after_a_refusal(2)
    act("send_message", "buyer", scene.MESSAGE)
    early_message = act("send_message", "buyer", scene.MESSAGE)
    for _ in range(ACTIONS - 8):
        act("send_message", "buyer", scene.MESSAGE)
    late_message = act("send_message", "buyer", scene.MESSAGE)
    return {
        "send_message": (early_message, late_message),
        "make_offer": (early_offer, offer_after_a_refusal(3)),
    }


def _fill(recorder: Recorder, number: int) -> None:
    """So many more cases: copies of one that was just opened, each with ids and index entries of its own."""
    order_id, case = _opened()
    rows = _rows(recorder, f"CASE#{case}") + _rows(recorder, f"ORDER#{order_id}")
    copies = (row for _ in range(number) for row in _copy(rows, order_id, case))
    for batch in _batches(copies):
        left = {recorder.table: [{"PutRequest": {"Item": row}} for row in batch]}
        while left:
            left = recorder.client.batch_write_item(RequestItems=left)["UnprocessedItems"]


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


def _rows(recorder: Recorder, pk: str) -> list[dict[str, Any]]:
    answer = recorder.client.query(
        TableName=recorder.table,
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


def _timed() -> dict[str, list[float]]:
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
    main(*sys.argv[1:4])
