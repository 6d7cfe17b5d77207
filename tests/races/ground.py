"""Where races begin, and what must be true however one ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from boto3.dynamodb.types import TypeDeserializer

from bench import scene
from buyer_protection.domain.timeline import UNVERSIONED
from tests.e2e.checks import check_chain
from tests.races.runner import EPOCH, MILLISECOND, Json, Result, Stage

BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)
CONTRACT = 1
_DESERIALIZE = TypeDeserializer().deserialize


def days(number: float) -> timedelta:
    return timedelta(days=number)


@dataclass(frozen=True)
class Scene:
    """An order, mostly with a case, and the instant that its round is about."""

    order_id: str
    dispute_id: str
    instant: datetime
    epoch: int = 0
    entries: int = 0
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def hour(self) -> int:
        """The instant in milliseconds."""
        return (self.instant - EPOCH) // MILLISECOND


def shipped(stage: Stage, order_id: str, opening: datetime) -> None:
    """The shop's order, shipped ten days before its dispute."""
    stage.at(opening)
    stage.act("put_order", scene.BACKEND, scene.order(opening - days(10)), order_id=order_id)


def opened(stage: Stage, order_id: str, opening: datetime) -> str:
    """The order and its dispute about the whole sum."""
    shipped(stage, order_id, opening)
    return str(stage.act("open_dispute", "buyer", scene.opening(order_id))["dispute_id"])


def under_review(stage: Stage, order_id: str, opening: datetime) -> str:
    """A claim with evidence of both sides, ready to be decided."""
    dispute_id = opened(stage, order_id, opening)
    stage.at(opening + days(3))
    stage.act("escalate_dispute", "buyer", scene.ESCALATION, dispute_id=dispute_id)
    for party in ("buyer", "seller"):
        stage.act("add_evidence", party, scene.STATEMENT, dispute_id=dispute_id)
    # An item after "nothing more to add" could be answered for a day (R43).
    for party in ("buyer", "seller"):
        stage.act("complete_evidence", party, {}, dispute_id=dispute_id)
    stage.act("assign_claim", "case_manager", scene.ASSIGNMENT, dispute_id=dispute_id)
    return dispute_id


def ready(stage: Stage, order_id: str, dispute_id: str, instant: datetime, **extra: str) -> Scene:
    """The scene as it is an hour before its instant, every reminder sent."""
    stage.at(instant - timedelta(hours=1))
    stage.call("close_window", alarm(dispute_id))
    state = rows_of(dispute_id)["STATE"]
    return Scene(order_id, dispute_id, instant, int(state["epoch"]), int(state["timeline_seq"]), extra)


def alarm(dispute_id: str) -> Json:
    """The payload that the state machine passes to its tasks."""
    return {
        "case_id": dispute_id,
        "generation": 1,
        "contract": CONTRACT,
        "status": "NEGOTIATION",
        "epoch": 1,
        "seconds": 1,
    }


def rows_of(dispute_id: str) -> dict[str, Json]:
    """The case's rows as they are stored, by sort key."""
    return _partition(f"CASE#{dispute_id}")


def ledger_of(order_id: str) -> Json:
    """The order's ledger as it is stored."""
    return _partition(f"ORDER#{order_id}")["LEDGER"]


def _partition(pk: str) -> dict[str, Json]:
    from buyer_protection.adapters.dynamodb.row import Row

    answer = Row.connection().client.query(
        TableName=Row.Meta.table_name,
        ConsistentRead=True,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    plain = [{name: _DESERIALIZE(value) for name, value in item.items()} for item in answer["Items"]]
    return {str(row["sk"]): row for row in plain}


# --- what must be true


class BrokenError(AssertionError):
    """Something that must never be; the message says what."""


def require(holds: object, what: str) -> None:
    """A check that `python -O` leaves in place."""
    if not holds:
        raise BrokenError(what)


def timeline_of(stage: Stage, found: Scene) -> list[Json]:
    """The timeline as the buyer reads it, its chain checked: no gap, nothing altered."""
    stage.at(found.instant + timedelta(hours=1))
    event = scene.event_of("get_timeline", "buyer", None, dispute_id=found.dispute_id)
    event |= {
        "queryStringParameters": {"page_size": "50"},
        "multiValueQueryStringParameters": {"page_size": ["50"]},
    }
    entries: list[Json] = scene.invoke("get_timeline", event)["items"]
    check_chain(found.dispute_id, entries)
    return entries


def check_rows(found: Scene, entries: Sequence[Json], *, raised: int) -> Json:
    """State, timer, timeline, refund and ledger agree; the epoch rose `raised` times. The STATE row."""
    rows, ledger = rows_of(found.dispute_id), ledger_of(found.order_id)
    state, timer, refund = rows["STATE"], rows["TIMER"], rows.get("REFUND")
    quiet = sum(entry["type"] in UNVERSIONED for entry in entries)
    whole = state["version"] + quiet == state["timeline_seq"] == len(entries)
    require(whole, "version and timeline differ")
    require(state["epoch"] - found.epoch == raised, f"the epoch rose {state['epoch'] - found.epoch} times")
    require(timer["epoch"] == state["epoch"], "timer and state are of different epochs")
    require(timer["generation"] == 1, "the execution was replaced though it runs")
    alarmed = {"CLAIM_OPENED": "CLAIM_EVIDENCE"}.get(timer["status"], timer["status"])
    require(alarmed == state["status"], f"the timer is for {timer['status']}, the case {state['status']}")
    is_open = not state.get("closed_at")
    require(is_open == bool(ledger.get("active_dispute_id")), "the order is held wrongly")
    refunded = int(ledger.get("refunded_minor", 0))
    asked = int(str(refund["amount"]).split()[0]) if refund else 0
    require(asked == refunded <= scene.PAID, f"asked for {asked}, the ledger says {refunded}")
    return state


def check_answers(results: Sequence[Result], losing: frozenset[str]) -> list[Result]:
    """Everybody was answered, the losers with 409 and one of these codes; returns who was accepted."""
    for result in results:
        if result.status >= 300:
            answer = f"{result.name}: {result.status} {result.code}"
            require(result.status == 409 and result.code in losing, answer)
    return [result for result in results if result.status < 300]
