"""The sweeper: alone it meets every deadline; where nothing is overdue it writes nothing; the dead are started anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.actions.negotiation import accept_request
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.switches import Hold
from buyer_protection.application.workers import sweep_round
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import RETRY_DELAY, Repair, Sweeper
from buyer_protection.application.workers.watch import UnwatchedError, restart_if_dead
from buyer_protection.domain.enums import EventType, RefundStatus, Status
from buyer_protection.domain.windows import Alarm
from tests.support.builders import DAY, OPENED, SECOND, order
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    call,
    case_of,
    escalate,
    evidence,
    follow_without_queue,
    opened,
    wish,
    world,
    world_in,
)


def sweeper(of: World) -> Sweeper:
    ports = of.cases, of.timers, of.refunds, of.executions, of.queue, of.bus
    return Sweeper(*ports, of.clock, of.orders, of.webhook_queue)


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
            # R23: nobody brought the claim before the team in its first two minutes.
            of.clock.at += timedelta(minutes=2)
            sweep(sweeper(of))
            seen.append(of.timeline[CASE][-1].type.value)
            evidence(of, SELLER)
    assert seen == [
        "ESCALATION_AVAILABLE",
        "REMINDED",
        "ESCALATED",
        "MEDIATION_OPENED",
        "REMINDED",
        "REVIEW_STARTED",
        "DEADLINE_MISSED",
    ]


def test_r15_ten_sweeps_in_a_row_write_nothing_after_the_first() -> None:
    of = world()
    for number in (1, 2, 3):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        open_dispute(of.context, call(BUYER), wish(order_id=f"order-{number}"))
    accept_request(of.context, call(SELLER), "dp-3")
    of.clock.at = OPENED + 15 * DAY + SECOND
    first = sweep(sweeper(of))
    assert (first["deadlines"], first["transitions"], first["started"]) == (2, 2, 2)
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


def test_d2_a_refund_nobody_answers_is_asked_for_again_ever_more_seldom_each_time_under_its_own_id() -> None:
    of = world_in(Status.RESOLVED)
    of.bus.published.clear()
    hours = []
    for hour in range(8 * 24):
        done = sweep(sweeper(of))
        hours += [hour] * done["refunds_reemitted"]
        # From the second day on, somebody is called each time.
        assert done["refunds_unanswered"] == (done["refunds_reemitted"] if hour >= 23 else 0)
        of.clock.at += timedelta(hours=1)
    assert hours[:6] == [0, 2, 6, 14, 26, 38]
    assert hours[4:] == list(range(26, 8 * 24, 12))
    ids = [event.event_id for event in of.bus.published]
    assert ids == [f"rf-dp-1-RefundRequested-{n}" for n in range(2, len(hours) + 2)]
    assert [event.detail["attempt"] for event in of.bus.published] == list(range(2, len(hours) + 2))


def test_r23_stuck_mails_are_asked_for_again_once_a_case() -> None:
    of = world()
    opened(of)
    follow_without_queue(of)
    sweep(sweeper(of))
    assert of.queue.asked == []
    of.clock.at += timedelta(minutes=2)
    assert sweep(sweeper(of))["mails_requeued"] == 1
    assert of.queue.asked == [CASE]


def test_r15_one_case_that_fails_keeps_no_other_back(monkeypatch: pytest.MonkeyPatch) -> None:
    of = world()
    for number in (1, 2):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        open_dispute(of.context, call(BUYER), wish(order_id=f"order-{number}"))
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


# --- what is poisoned, and what is much -----------------------------------------------------------------------


def crowd(count: int) -> World:
    """So many cases whose negotiation ends at the same instant, which has come."""
    of = world()
    for number in range(count):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        open_dispute(of.context, call(BUYER), wish(order_id=f"order-{number}"))
    of.clock.at = OPENED + 15 * DAY
    return of


def poison(of: World, monkeypatch: pytest.MonkeyPatch, *case_ids: str) -> None:
    load = of.cases.load

    def broken(dispute_id: str, **kwargs: object) -> object:
        if dispute_id in case_ids:
            raise ConnectionError
        return load(dispute_id, **kwargs)

    monkeypatch.setattr(of.cases, "load", broken)


def claims(of: World) -> int:
    return sum(case.status is Status.CLAIM_EVIDENCE for case in of.cases_kept.values())


@pytest.mark.parametrize("concurrency", [1, 8])
def test_r15_more_windows_than_a_page_that_end_at_once_are_all_met_in_one_round(
    monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    monkeypatch.setattr(sweep_round, "PAGE", 7)
    of = crowd(50)
    done = sweep(replace(sweeper(of), concurrency=concurrency))
    assert (done["transitions"], claims(of), done["unfinished"]) == (50, 50, 0)
    assert len({entry.seq for entries in of.timeline.values() for entry in entries}) == 2


def test_r15_a_head_full_of_poison_starves_nobody_and_is_tried_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep_round, "PAGE", 5)
    of = crowd(40)
    oldest = [row.dispute_id for row in of.timers.due(of.clock.at, limit=20)]
    poison(of, monkeypatch, *oldest)
    done = sweep(sweeper(of))
    assert (done["failed_ConnectionError"], claims(of)) == (20, 20)
    assert of.timers.due(of.clock.at, limit=1) == []
    assert not sweep(sweeper(of))
    monkeypatch.undo()
    of.clock.at += RETRY_DELAY
    assert sweep(sweeper(of))["transitions"] == 20
    assert claims(of) == 40


def test_r15_where_even_putting_off_fails_the_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_round, "PAGE", 2)
    of = crowd(8)
    poison(of, monkeypatch, "dp-1", "dp-2", "dp-3")

    def away(*_: object) -> bool:
        raise TimeoutError

    monkeypatch.setattr(of.timers, "postpone", away)
    done = sweep(sweeper(of))
    assert (done["failed_ConnectionError"], claims(of)) == (3, 5)
    # The five that were met stay due within the minute, which could not be put right either, at two attempts each.
    assert done["failed_TimeoutError"] == 3 + 5 * 2


def test_r15_a_round_without_time_stops_says_so_and_the_next_one_goes_on() -> None:
    of = crowd(30)
    turns = iter([True] * 3)
    done = sweep(sweeper(of), lambda: next(turns, False))
    assert done["unfinished"] == 1
    assert 0 < done["transitions"] < 30
    assert done["transitions"] == claims(of)
    sweep(sweeper(of))
    assert claims(of) == 30


# --- executions -----------------------------------------------------------------------------------------------


def test_r15_a_start_that_was_lost_is_made_up_for_without_using_up_a_generation() -> None:
    of = world()
    opened(of)
    of.clock.at = OPENED + 3 * DAY
    assert sweep(sweeper(of))["started"] == 1
    assert list(of.executions.started) == [(CASE, 1)]
    assert not restart_if_dead(sweeper(of), CASE)


def test_r15_where_starting_fails_every_minute_one_generation_is_used_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    start, writes = of.executions.start, of.writes

    def refused(alarm: Alarm) -> bool:
        if alarm.generation > 1:
            raise ConnectionError
        return start(alarm)

    monkeypatch.setattr(of.executions, "start", refused)
    for _ in range(5):
        with pytest.raises(UnwatchedError):
            restart_if_dead(sweeper(of), CASE)
    assert of.writes == writes + 1
    monkeypatch.undo()
    assert restart_if_dead(sweeper(of), CASE)["started"] == 1
    assert of.executions.is_running(CASE, 2)


def test_r23_a_claim_whose_execution_died_is_before_the_team_within_minutes() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    escalate(of)
    of.clock.at += timedelta(minutes=1)
    assert not sweep(sweeper(of))["deadlines"]
    of.clock.at += timedelta(minutes=1)
    repairs: list[Repair] = []
    sweep(replace(sweeper(of), orders=of.orders), on_repair=repairs.append)
    assert of.timeline[CASE][-1].type is EventType.MEDIATION_OPENED
    assert of.briefs[CASE]
    assert {Repair("mediations_opened", CASE), Repair("restarted", CASE)} <= set(repairs)
    writes = of.writes
    for _ in range(9):
        sweep(replace(sweeper(of), orders=of.orders))
    assert of.writes == writes


# --- what is reported -----------------------------------------------------------------------------------------


def test_every_repair_is_reported_by_its_case_and_looking_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    of = crowd(2)
    of.deliver_stream()
    poison(of, monkeypatch, "dp-1")
    repairs: list[Repair] = []
    sweep(sweeper(of), on_repair=repairs.append)
    assert sorted((one.kind, one.dispute_id) for one in repairs) == [
        ("failed_ConnectionError", "dp-1"),
        ("transitions", "dp-2"),
    ]


def test_r23_a_mail_that_nobody_fetches_is_asked_for_every_four_minutes_not_every_minute() -> None:
    of = world()
    opened(of)
    follow_without_queue(of)
    of.clock.at += timedelta(minutes=2)
    for _ in range(10):
        sweep(sweeper(of))
        of.clock.at += timedelta(minutes=1)
    assert of.queue.asked == [CASE, CASE, CASE]


# --- the refunds' switch --------------------------------------------------------------------------------------


def test_a_refund_held_back_waits_untouched_and_goes_out_once_released(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep_round, "PAGE", 1)
    of = world()
    opened(of)
    accept_request(of.context, call(SELLER), CASE)
    of.switch.held = Hold(of.clock.at)
    follow_without_queue(of)
    assert "RefundRequested" not in {event.type for event in of.bus.published}
    of.clock.at += 5 * DAY
    held = replace(sweeper(of), switch=of.switch)
    kept, writes = dict(of.refunds_kept), of.writes
    for _ in range(10):
        assert sweep(held)["refunds_held"] == 1
    assert of.refunds_kept == kept
    # The mails of the opening and of the end were put off once each; the refund cost nothing.
    assert of.writes == writes + 2 * 2
    of.switch.held = None
    assert sweep(held)["refunds_reemitted"] == 1
    assert [event.event_id for event in of.bus.published if event.type == "RefundRequested"] == [
        "rf-dp-1-RefundRequested-2"
    ]


def test_a_failed_refund_that_is_held_back_uses_up_no_attempt() -> None:
    of = world_in(Status.RESOLVED)
    refund, _ = of.refunds_kept[CASE]
    of.refunds_kept[CASE] = (replace(refund, status=RefundStatus.FAILED), of.clock.at)
    of.switch.held = Hold(of.clock.at)
    for _ in range(10):
        sweep(replace(sweeper(of), switch=of.switch))
        of.clock.at += DAY
    assert of.refunds_kept[CASE][0].attempt == 1


def test_r15_where_nobody_can_tell_whether_refunds_are_held_money_waits_and_deadlines_do_not() -> None:
    class Away:
        def hold(self) -> Hold | None:
            raise TimeoutError

    of = crowd(2)
    done = sweep(replace(sweeper(of), switch=Away()))
    assert (done["failed_TimeoutError"], done["transitions"]) == (1, 2)
    settled = world_in(Status.RESOLVED)
    settled.clock.at += DAY
    done = sweep(replace(sweeper(settled), switch=Away()))
    assert (done["refunds_held"], done["refunds_reemitted"]) == (1, 0)


def test_q5_with_step_functions_dead_every_deadline_is_met_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dead(*_: object) -> bool:
        raise ConnectionError

    of = crowd(3)
    monkeypatch.setattr(of.executions, "is_running", dead)
    monkeypatch.setattr(of.executions, "start", dead)
    repairs: list[Repair] = []
    done = sweep(sweeper(of), on_repair=repairs.append)
    assert (done["transitions"], claims(of)) == (3, 3)
    # That nobody watches over them is reported, and looked at again within the minute.
    assert done["failed_ConnectionError"] == 3
    writes = of.writes
    for _ in range(9):
        sweep(sweeper(of))
    assert of.writes == writes


def test_r22_a_case_that_the_sweeper_ends_gets_no_new_execution() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    due = case_of(of).deadline
    assert due is not None
    of.clock.at = due
    done = sweep(sweeper(of))
    assert (case_of(of).status, done["restarted"], done["started"]) == (Status.CANCELLED, 0, 0)
