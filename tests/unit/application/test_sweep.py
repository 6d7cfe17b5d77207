"""The sweeper: alone it meets every deadline; where nothing is overdue it writes nothing; the dead are started anew."""

from datetime import timedelta

import pytest

from buyer_protection.application.negotiate import accept_request
from buyer_protection.application.open_dispute import open_dispute
from buyer_protection.application.sweep import Sweeper, restart_if_dead, sweep
from buyer_protection.domain.vocabulary import Status
from tests.builders import DAY, OPENED, SECOND, order
from tests.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    call,
    case_of,
    evidence,
    opened,
    wish,
    world,
    world_in,
)


def sweeper(of: World) -> Sweeper:
    return Sweeper(of.cases, of.timers, of.refunds, of.executions, of.queue, of.bus, of.clock)


def test_r15_r22_r24_the_sweeper_alone_takes_a_case_through_all_its_windows() -> None:
    of = world()
    opened(of)
    seen = []
    while (timer := of.timers.timer(CASE)) is not None and timer.wake_at is not None:
        of.clock.at = timer.wake_at - SECOND
        before = case_of(of)
        sweep(sweeper(of))
        assert case_of(of) == before
        of.clock.at = timer.wake_at + timedelta(minutes=1)
        sweep(sweeper(of))
        seen.append(of.timeline[CASE][-1].type.value)
        if case_of(of).status is Status.CLAIM_EVIDENCE and not case_of(of).evidence_items:
            evidence(of, SELLER)
    assert seen == [
        "ESCALATION_AVAILABLE",
        "REMINDED",
        "ESCALATED",
        "REMINDED",
        "REVIEW_STARTED",
        "DEADLINE_MISSED",
    ]


def test_r15_ten_sweeps_in_a_row_write_nothing_after_the_first() -> None:
    of = world()
    for number in (1, 2, 3):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        open_dispute(of.desk, call(BUYER), wish(order_id=f"order-{number}"))
    accept_request(of.desk, call(SELLER), "dp-3")
    of.clock.at = OPENED + 15 * DAY + SECOND
    first = sweep(sweeper(of))
    assert (first["deadlines"], first["transitions"], first["restarted"]) == (2, 2, 2)
    assert first["refunds_reemitted"] == 1
    writes, published = of.writes, len(of.bus.published)
    for _ in range(9):
        sweep(sweeper(of))
    assert (of.writes, len(of.bus.published)) == (writes, published)


def test_r15_a_dead_execution_is_started_anew_and_a_running_one_left_alone() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    assert not restart_if_dead(sweeper(of), CASE)
    of.executions.dead.add((CASE, 1))
    assert restart_if_dead(sweeper(of), CASE)["restarted"] == 1
    assert of.executions.started[CASE, 2].generation == 2
    assert not restart_if_dead(sweeper(of), CASE)
    assert not restart_if_dead(sweeper(of), "dp-9")


def test_r15_of_two_sweepers_one_raises_the_generation() -> None:
    of = world_in(Status.NEGOTIATION)
    stale = of.timers.timer(CASE)
    assert stale is not None
    assert of.timers.next_generation(stale) is not None
    assert of.timers.next_generation(stale) is None


def test_r14_a_refund_nobody_answers_is_asked_for_again_hourly_under_the_same_id() -> None:
    of = world_in(Status.RESOLVED)
    of.bus.published.clear()
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert not sweep(sweeper(of))["refunds_reemitted"]
    of.clock.at += timedelta(hours=1)
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert {event.event_id for event in of.bus.published} == {"rf-dp-1-RefundRequested"}


def test_r23_stuck_mails_are_asked_for_again_once_a_case() -> None:
    of = world()
    opened(of)
    of.deliver_stream()
    of.queue.asked.clear()
    sweep(sweeper(of))
    assert of.queue.asked == []
    of.clock.at += timedelta(minutes=2)
    assert sweep(sweeper(of))["mails_requeued"] == 1
    assert of.queue.asked == [CASE]


def test_r15_one_case_that_fails_keeps_no_other_back(monkeypatch: pytest.MonkeyPatch) -> None:
    of = world()
    for number in (1, 2):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        open_dispute(of.desk, call(BUYER), wish(order_id=f"order-{number}"))
    load = of.cases.load

    def broken(dispute_id: str, **kwargs: object) -> object:
        if dispute_id == "dp-1":
            raise ConnectionError
        return load(dispute_id, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(of.cases, "load", broken)
    of.clock.at = OPENED + 15 * DAY
    done = sweep(sweeper(of))
    assert (done["failed_ConnectionError"], done["transitions"]) == (1, 1)
    assert case_of(of, "dp-2").status is Status.CLAIM_EVIDENCE
