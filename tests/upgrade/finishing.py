"""Loads what was recorded into the world of the crash matrix, and brings the case to its end on today's code."""

import base64
import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.domain.timeline import parse_instant
from tests.crash.flows import ADDRESS, ASSIGNMENT, PARCEL, STATEMENT, decision
from tests.crash.machine import Execution
from tests.crash.state import check_chains
from tests.crash.steps import BUYER, MANAGER, SELLER, Ask
from tests.crash.world import Kept, World
from tests.integration.conftest import TABLE_NAME

CONTRACTS = Path(__file__).parent.parent / "fixtures"
TERMINAL = {"RESOLVED", "DECIDED", "CANCELLED"}
# More turns than any case has windows and reminders.
_MOST_TURNS = 40

Recorded = dict[str, Any]


def recorded(path: Path) -> Recorded:
    """One fixture, as a deployment finds it."""
    found: Recorded = json.loads(path.read_text())
    return found


def load(world: World, nothing: Kept, found: Recorded) -> None:
    """Put it into an empty world, through DynamoDB's own door."""
    world.begin(nothing)
    client = Row.connection().client
    for row in copy.deepcopy(found["rows"]):
        if "B" in row.get("body", {}):
            row["body"]["B"] = base64.b64decode(row["body"]["B"])
        client.put_item(TableName=TABLE_NAME, Item=row)
    # Whatever the table's stream carried before and is not pending has been processed.
    world.forget_stream()
    world.pending, world.messages = list(found["pending"]), list(found["messages"])
    world.now = parse_instant(found["now"])
    world.machine.executions = {one["name"]: _execution(one) for one in found["executions"]}
    # Further tokens must differ from those that wait already.
    world.machine.parked = 1000


def _execution(one: dict[str, Any]) -> Execution:
    wakes: datetime | None = parse_instant(one["wake_at"]) if one["wake_at"] else None
    return Execution(**{**one, "wake_at": wakes})


def status(world: World) -> str:
    """The case's."""
    return str(_row(world, "STATE")["status"]["S"])


def finish_by_clock(world: World) -> None:
    """Nobody acts; every window ends by the execution. Only the team's decision is a person's (R24)."""
    world.settle()
    for turn in range(_MOST_TURNS):
        due = _row(world, "TIMER").get("wake_at")
        if status(world) in TERMINAL:
            return
        if due is None:
            _ask(world, f"clock-{turn}-mine", "assign_claim", MANAGER, ASSIGNMENT)
            _ask(world, f"clock-{turn}", "decide_claim", MANAGER, decision("SELLER_FAVOUR", 0))
            world.settle()
            continue
        world.now = max(world.now, parse_instant(due["S"]))
        world.wait(seconds=1)
    raise AssertionError(f"the clock does not end a case in {status(world)}")


def finish_by_sweeper(world: World) -> None:
    """The same with every execution dead and none started again: the sweeper alone."""
    for turn in range(_MOST_TURNS):
        world.machine.kill_all()
        if status(world) in TERMINAL and not world.pending:
            return
        if world.pending:
            world.dispatch()
        due = _row(world, "TIMER").get("due_at")
        if due is not None:
            world.now = max(world.now, parse_instant(due["S"]))
            world.wait(seconds=1)
            world.sweep()
        elif status(world) not in TERMINAL:
            _ask(world, f"sweeper-{turn}-mine", "assign_claim", MANAGER, ASSIGNMENT)
            _ask(world, f"sweeper-{turn}", "decide_claim", MANAGER, decision("SELLER_FAVOUR", 0))
    raise AssertionError(f"the sweeper does not end a case in {status(world)}")


def finish_by_people(world: World) -> None:
    """Everybody does at once what they can; what the mails and the clock have to do follows."""
    world.settle()
    world.wait(seconds=1)
    for turn in range(_MOST_TURNS):
        now = status(world)
        if now in TERMINAL:
            return
        for number, (function, who, body) in enumerate(_ACTS[now]):
            _ask(world, f"people-{turn}-{number}", function, who, body)
            world.settle()
    raise AssertionError(f"people do not end a case in {status(world)}")


_ACTS: dict[str, tuple[tuple[str, Any, Any], ...]] = {
    "NEGOTIATION": (
        ("send_message", BUYER, {"text": "Let us end this."}),
        ("accept_request", SELLER, None),
    ),
    "CLAIM_EVIDENCE": (
        ("add_evidence", SELLER, STATEMENT),
        ("add_evidence", BUYER, STATEMENT),
        ("complete_evidence", SELLER, None),
        ("complete_evidence", BUYER, None),
    ),
    "UNDER_REVIEW": (
        ("assign_claim", MANAGER, ASSIGNMENT),
        ("decide_claim", MANAGER, decision("BUYER_FAVOUR", 2000)),
    ),
    "AWAITING_RETURN": (
        ("confirm_return_address", SELLER, ADDRESS),
        ("register_return_shipment", BUYER, PARCEL),
    ),
    "RETURN_SHIPPED": (("acknowledge_return", SELLER, {"condition": "ITEM_RECEIVED"}),),
}


def _ask(world: World, key: str, function: str, who: Any, body: Any) -> None:
    Ask(function, who, body).take(world, f"key-of-the-upgrade-{key}")


def deliver_the_rest(world: World) -> None:
    """What is left after the end: leases run out, refunds are asked for again, the payment system answers."""
    for minutes in (3, 70):
        world.settle()
        world.wait(minutes=minutes)
        world.sweep()
    world.settle()


def check_ended(world: World) -> None:
    """Terminal, with whole chains, no mail left, the order free, the refund asked for, every execution at its end."""
    assert status(world) in TERMINAL
    rows = world.rows()
    check_chains(rows)
    kinds = [row.get("kind", {}).get("S") for row in rows]
    assert [row for row in rows if row.get("kind", {}).get("S") == "MAIL" and "due_key" in row] == []
    assert "active_dispute_id" not in next(row for row in rows if row["sk"]["S"] == "LEDGER")
    assert "task_token" not in _row(world, "TIMER")
    asked = [
        one
        for one in world.wire.effects
        if one.operation == "eventbridge.PutEvents" and "RefundRequested" in str(one)
    ]
    if "REFUND" in kinds and _row(world, "REFUND")["status"]["S"] != "SUCCEEDED":
        assert asked
    assert [one.name for one in world.machine.executions.values() if one.status == "RUNNING"] == []


def _row(world: World, sort_key: str) -> dict[str, Any]:
    return next(row for row in world.rows() if row["sk"]["S"] == sort_key)
