"""Orders of a file on the demo's stage: which get a dispute, when, and what the people do."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.demo.bulk import BULK_DAY_SECONDS, day_seconds_for
from local.demo.orders import Behaviour, behaviour_of, calendar, plan_of, read_plans

DAY = timedelta(seconds=8)
OPENS = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)


def row(**changes: Any) -> dict[str, Any]:
    """An invented order that was promised in 20 days and came after 25."""
    return {
        "order_id": "an-order",
        "currency": "BRL",
        "items": [{"item_id": "1", "product_id": "p", "quantity": 2, "amount_minor": 5_000}],
        "placed_at": "2020-01-01T00:00:00Z",
        "shipped_at": "2020-01-03T00:00:00Z",
        "promised_at": "2020-01-23T00:00:00Z",
        "delivered_at": "2020-01-28T00:00:00Z",
        "order_status": "delivered",
        "review": {"score": 1},
    } | changes


def test_an_order_that_came_in_time_gets_no_dispute() -> None:
    assert plan_of(row(delivered_at="2020-01-23T00:00:00Z")) is None


def test_an_order_that_came_late_keeps_its_days() -> None:
    plan = plan_of(row())
    assert plan is not None
    assert (plan.promised_days, plan.delivered_after, plan.placed_before, plan.paid) == (20, 25.0, 2.0, 5_000)


@pytest.mark.parametrize("changes", [{"delivered_at": None}, {"order_status": "canceled"}])
def test_an_order_that_never_came_has_no_delivery(changes: dict[str, Any]) -> None:
    plan = plan_of(row(**changes))
    assert plan is not None
    assert plan.delivered_after is None


def test_a_part_of_a_promised_day_counts_as_a_day() -> None:
    plan = plan_of(row(promised_at="2020-01-08T00:00:01Z"))
    assert plan is not None
    assert plan.promised_days == 6


@pytest.mark.parametrize(
    ("promised", "opens_after"), [("2020-01-08T00:00:00Z", 0), ("2020-01-09T00:00:00Z", 5)]
)
def test_r8_a_promise_of_five_days_opens_at_the_shipment(promised: str, opens_after: int) -> None:
    plan = plan_of(row(promised_at=promised))
    assert plan is not None
    assert plan.opens_after == opens_after


def test_r9_an_order_that_was_never_sent_must_be_refused() -> None:
    plan = plan_of(row(shipped_at=None, delivered_at=None))
    assert plan is not None
    assert plan.expected_refusal == ("NOT_SHIPPED", "R9")


def test_r2_an_order_promised_before_it_was_sent_is_complete_at_once() -> None:
    plan = plan_of(row(promised_at="2020-01-02T00:00:00Z"))
    assert plan is not None
    assert plan.expected_refusal == ("ORDER_COMPLETED", "R2")


def test_any_other_order_is_expected_to_be_taken() -> None:
    plan = plan_of(row())
    assert plan is not None
    assert plan.expected_refusal is None


def test_r7_the_calendar_opens_the_dispute_five_days_after_the_shipment() -> None:
    plan = plan_of(row())
    assert plan is not None
    dates = calendar(plan, OPENS, DAY)
    assert dates.opens_at == OPENS
    assert dates.shipped_at == OPENS - 5 * DAY
    assert dates.placed_at == OPENS - 7 * DAY
    assert dates.delivered_at == OPENS + 20 * DAY


def test_the_same_order_always_meets_the_same_behaviour() -> None:
    first, second = plan_of(row()), plan_of(row())
    assert first is not None
    assert second is not None
    assert first.behaviour is second.behaviour


def test_a_parcel_that_comes_during_the_talks_pleases_or_disappoints() -> None:
    assert behaviour_of(5, 1, 2.0) is Behaviour.CANCEL
    assert behaviour_of(1, 1, 2.0) is Behaviour.CHANGE_REASON
    assert behaviour_of(1, 4, 2.0) is Behaviour.CLOCK


@pytest.mark.parametrize("arrives", [None, -1.0, 30.0])
def test_every_other_behaviour_is_drawn(arrives: float | None) -> None:
    drawn = {behaviour_of(score, draw, arrives) for score in range(1, 6) for draw in range(100)}
    assert drawn == set(Behaviour) - {Behaviour.CANCEL, Behaviour.CHANGE_REASON}


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    in_time = row(delivered_at="2020-01-04T00:00:00Z")
    rows = [row(order_id="a"), in_time, row(order_id="b"), row(order_id="c")]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    assert [plan.order_id for plan in read_plans(file)] == ["a", "b", "c"]
    assert [plan.order_id for plan in read_plans(file, limit=2)] == ["a", "b"]


def test_a_line_that_is_no_order_is_named(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text(json.dumps(row()) + "\n{}\n")
    with pytest.raises(ValueError, match="line 2"):
        read_plans(file)


def test_a_file_without_a_late_order_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text(json.dumps(row(delivered_at="2020-01-04T00:00:00Z")))
    with pytest.raises(ValueError, match="no order"):
        read_plans(file)


def test_many_orders_get_longer_days_unless_longer_ones_are_wanted() -> None:
    assert day_seconds_for(120, 2) == BULK_DAY_SECONDS
    assert day_seconds_for(120, 20) == 20
    assert day_seconds_for(3, 2) == 4
