"""Findings I1: what an event source mapping filters is a pattern that AWS takes, and selects what is meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import (
    case_rows,
    control_rows,
    event_rows,
    keys,
    person_tables,
    seller_tables,
    stream_records,
    team_tables,
)
from buyer_protection.adapters.dynamodb.row import Row
from infra.stages import STAGES
from tests.support.builders import OPENED
from tests.support.patterns import matches
from tests.synth.assembly import Synthesis

Synthesise = Callable[..., Synthesis]
EVENTS = ("INSERT", "MODIFY", "REMOVE")
# One sort key of each kind of row, by the kind's discriminator.
SORT_KEYS = {
    "ADDRESS": keys.address("a")[1],
    "ARCHIVED": keys.archived("d")[1],
    "ASSIGNMENT": keys.assignment("d", "2026-01-01T00:00:00.000Z", "c")[1],
    "AUDIT": keys.AUDIT[1],
    "BRIEF": keys.brief("d")[1],
    "DELIVERY": event_rows.delivery("w", "d")[1],
    "ENDPOINT": event_rows.endpoint("w")[1],
    "FEED": "2026-01-01T00:00:00.000Z#e",
    "SIGNING": event_rows.secret("w")[1],
    "COMMAND": "2026-11-27T00:00:00.000Z#0a1b2c3d",
    "COUNTED": keys.counted("d", "opened")[1],
    "ELSEWHERE": keys.elsewhere("o", "r")[1],
    "ERASURE": keys.erasure("p")[1],
    "EVIDENCE": keys.evidence("d", 1)[1],
    "FACTS": keys.facts("d")[1],
    "HOLD": keys.REFUNDS_HELD[1],
    "IDEM": keys.idempotency("i")[1],
    "LEDGER": keys.ledger("o")[1],
    "LEGAL_HOLD": keys.legal_hold(keys.person_pk("p"))[1],
    "LISTED": keys.listed_order("o")[1],
    "LOOK": keys.look("d", "l")[1],
    "MAIL": keys.mail("d", 1, "buyer")[1],
    "MESSAGE": keys.message("d", 1)[1],
    "METRICS": keys.metrics("s", "d")[1],
    "NOTE": keys.note("d", "n")[1],
    "OFFER": keys.offer("d", 1)[1],
    "ORDER": keys.order("o")[1],
    "REFUND": keys.refund("d")[1],
    "RULING": keys.ruling("d", "r")[1],
    "STATE": keys.state("d")[1],
    "SWEEP": keys.SWEEP[1],
    "TEMPLATE": "no-proof",
    "TIMER": keys.timer("d")[1],
    "TL": keys.timeline("d", 1)[1],
    "TRACK": keys.track("o", "e")[1],
}


def _filters(synthesis: Synthesis) -> dict[str, list[dict[str, Any]]]:
    """The patterns of each mapping that has any, by the ARN of what it reads; invalid JSON raises ValueError."""
    found = {}
    for mapping in synthesis.of("AWS::Lambda::EventSourceMapping").values():
        properties = mapping["Properties"]
        if "FilterCriteria" in properties:
            rendered = properties["FilterCriteria"]["Filters"]
            assert all(set(one) == {"Pattern"} for one in rendered), rendered
            found[synthesis.readable(properties["EventSourceArn"])] = [
                json.loads(one["Pattern"]) for one in rendered
            ]
    return found


def _record(event: str, sort_key: str) -> dict[str, Any]:
    change: dict[str, Any] = {"Keys": {"pk": {"S": "x"}, "sk": {"S": sort_key}}}
    if event != "INSERT":
        change["OldImage"] = {}
    if event != "REMOVE":
        # An order's ledger is followed by something once the order is finished.
        change["NewImage"] = {"finished_at": {"S": "2026-03-07"}} if sort_key == keys.LEDGER else {}
    return {"eventName": event, "eventSource": "aws:dynamodb", "dynamodb": change}


class _AnyRow:
    @staticmethod
    def from_raw_data(image: dict[str, Any]) -> dict[str, Any]:
        return image


class _FinishedOrder(_AnyRow):
    pk, version, finished_at, finished_by = "ORDER#o", 1, OPENED, "RECEIPT_CONFIRMED"

    @staticmethod
    def from_raw_data(image: dict[str, Any]) -> Any:
        return _FinishedOrder


@pytest.fixture
def follows(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], bool]:
    """Whether the function would do anything about a record: its own reading of key and event, whatever the image."""
    for model in ("RefundRow", "TimelineRow", "TimerRow"):
        monkeypatch.setattr(stream_records, model, _AnyRow)
    monkeypatch.setattr(stream_records, "LedgerRow", _FinishedOrder)
    for reading in ("entry_of", "refund_of", "timer_of"):
        monkeypatch.setattr(stream_records.mapping, reading, lambda row: row)
    return lambda record: stream_records.parse(record) is not None


def test_every_kind_of_row_has_a_sample() -> None:
    apart = {control_rows.AuditRow, seller_tables.MetricsRow, team_tables.NoteRow}
    apart |= {case_rows.ArchivedRow, person_tables.ErasureRow}
    assert apart <= set(Row.__subclasses__())
    assert set(SORT_KEYS) == {Row.kind.get_discriminator(model) for model in Row.__subclasses__()}


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_stream_is_filtered_and_by_patterns_that_are_json(
    synthesise: Synthesise, stage: str
) -> None:
    filters = _filters(synthesise(stage))

    assert len(filters) == 1
    assert all(name.endswith("StreamArn") for name in filters)
    # Lambda takes five filters a mapping.
    assert all(1 <= len(patterns) <= 5 for patterns in filters.values())


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("kind", SORT_KEYS)
def test_the_stream_brings_what_something_follows_from_and_nothing_else(
    synthesise: Synthesise, follows: Callable[[dict[str, Any]], bool], stage: str, event: str, kind: str
) -> None:
    (patterns,) = _filters(synthesise(stage)).values()
    record = _record(event, SORT_KEYS[kind])

    assert any(matches(pattern, record) for pattern in patterns) is follows(record)


def test_a_ledger_of_an_order_that_is_not_finished_is_followed_by_nothing(synthesise: Synthesise) -> None:
    (patterns,) = _filters(synthesise("prod")).values()
    record = _record("MODIFY", keys.LEDGER)
    record["dynamodb"]["NewImage"] = {"version": {"N": "3"}}

    assert not any(matches(pattern, record) for pattern in patterns)
    assert stream_records.parse(record) is None


def test_timeline_entries_timer_moves_refunds_and_ends_of_orders_are_what_something_follows_from(
    follows: Callable[[dict[str, Any]], bool],
) -> None:
    seen = {
        (event, kind) for event in EVENTS for kind in SORT_KEYS if follows(_record(event, SORT_KEYS[kind]))
    }

    assert seen == {
        ("INSERT", "TL"),
        ("INSERT", "REFUND"),
        ("INSERT", "TIMER"),
        ("MODIFY", "TIMER"),
        ("INSERT", "LEDGER"),
        ("MODIFY", "LEDGER"),
    }


@pytest.mark.parametrize(
    "pattern",
    [{}, {"eventName": "INSERT"}, {"eventName": []}, {"dynamodb": {}}, {"a": [{"numeric": [">", 0]}]}],
)
def test_the_evaluator_refuses_what_aws_refuses_and_what_it_does_not_know(pattern: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        matches(pattern, {"eventName": "INSERT", "a": 1})
