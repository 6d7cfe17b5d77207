"""A refund is asked for, and then it is noted: whoever fails in between has used no attempt up and lost nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import RETRY_DELAY, Repair
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import RefundStatus, Status
from buyer_protection.domain.refunds import MAX_RETRIES, RefundAnswer, note_answer
from tests.support.fakes import World
from tests.unit.application.helpers import CASE, world_in
from tests.unit.application.test_sweep import sweeper

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MS = timedelta(milliseconds=1)


class Died(BaseException):
    """The process ended."""


def due(*, status: RefundStatus = RefundStatus.FAILED, attempt: int = 1) -> World:
    """A refund that is due to be asked for; nothing else is."""
    of = world_in(Status.RESOLVED)
    of.deliver_stream()
    of.mails.clear()
    of.bus.published.clear()
    refund, _ = of.refunds_kept[CASE]
    of.refunds_kept[CASE] = (replace(refund, status=status, attempt=attempt), of.clock.at)
    return of


def die(*_: object, **__: object) -> NoReturn:
    raise Died


def refuse(*_: object) -> NoReturn:
    raise ConnectionError


def asked(of: World) -> list[tuple[str, int]]:
    """The requests that went out: under which event id, as which attempt."""
    return [(event.event_id, event.detail["attempt"]) for event in of.bus.published]


SECOND_ATTEMPT = ("rf-dp-1-RefundRequested-2", 2)


def test_d3_a_refund_that_the_bus_refused_keeps_its_attempt_and_is_asked_for_within_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = due()
    with monkeypatch.context() as patch:
        patch.setattr(of.bus, "publish", refuse)
        for _ in range(3):
            done = sweep(sweeper(of))
            assert (done["failed_ConnectionError"], done["refunds_reemitted"]) == (1, 0)
            assert (of.refunds_kept[CASE][0].attempt, asked(of)) == (1, [])
            # Put off once, it stands in nobody's way and costs nothing.
            writes = of.writes
            assert not sweep(sweeper(of))
            assert of.writes == writes
            of.clock.at += RETRY_DELAY
    # With the minute until the next round, within five.
    assert timedelta(minutes=4) == RETRY_DELAY
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert asked(of) == [SECOND_ATTEMPT]
    assert (of.refunds_kept[CASE][0].attempt, of.refunds_kept[CASE][1]) == (2, of.clock.at + MINUTE)


def test_a_round_that_dies_between_asking_and_noting_asks_again_under_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = due(status=RefundStatus.REQUESTED)
    with monkeypatch.context() as patch:
        patch.setattr(of.refunds, "note_asked", die)
        with pytest.raises(Died):
            sweep(sweeper(of))
    assert asked(of) == [SECOND_ATTEMPT]
    of.clock.at += MINUTE
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert asked(of) == [SECOND_ATTEMPT] * 2
    of.clock.at += 2 * HOUR - MS
    assert not sweep(sweeper(of))
    of.clock.at += MS
    sweep(sweeper(of))
    assert asked(of)[2:] == [("rf-dp-1-RefundRequested-3", 3)]


def test_where_only_the_noting_is_refused_the_same_attempt_is_asked_for_after_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = due()
    with monkeypatch.context() as patch:
        patch.setattr(of.refunds, "note_asked", refuse)
        done = sweep(sweeper(of))
    assert (done["refunds_reemitted"], done["failed_ConnectionError"]) == (1, 1)
    assert not sweep(sweeper(of))
    of.clock.at += RETRY_DELAY
    sweep(sweeper(of))
    assert asked(of) == [SECOND_ATTEMPT] * 2


@pytest.mark.parametrize(
    ("status", "request_made"),
    [(RefundStatus.FAILED, SECOND_ATTEMPT), (RefundStatus.REQUESTED, SECOND_ATTEMPT)],
)
def test_of_two_rounds_at_once_both_may_ask_but_one_attempt_is_used(
    monkeypatch: pytest.MonkeyPatch, status: RefundStatus, request_made: tuple[str, int]
) -> None:
    of = due(status=status)
    publish = of.bus.publish

    def let_the_other_first(events: Sequence[OutboundEvent]) -> None:
        monkeypatch.undo()
        sweep(sweeper(of))
        publish(events)

    monkeypatch.setattr(of.bus, "publish", let_the_other_first)
    writes = of.writes
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert asked(of) == [request_made] * 2
    assert of.writes == writes + 1
    assert not sweep(sweeper(of))


def test_a_refund_that_is_given_up_is_published_before_it_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    of = due()
    of.cases.commit(failed_for_days(of), now=of.clock.at)
    kept, _ = of.refunds_kept[CASE]
    of.refunds_kept[CASE] = (replace(kept, attempt=MAX_RETRIES + 1, first_retry=2), of.clock.at)
    repairs: list[Repair] = []
    with monkeypatch.context() as patch:
        patch.setattr(of.cases, "commit", die)
        with pytest.raises(Died):
            sweep(sweeper(of), on_repair=repairs.append)
    assert repairs == [Repair("refunds_given_up", CASE)]
    # Rather twice than never; and no more once it is noted.
    for _ in range(3):
        of.clock.at += MINUTE
        sweep(sweeper(of), on_repair=repairs.append)
    assert repairs == [Repair("refunds_given_up", CASE)] * 2
    assert (of.refunds_kept[CASE][1], asked(of)) == (None, [])
    assert of.cases_kept[CASE].refund_status is RefundStatus.GIVEN_UP


def failed_for_days(of: World) -> Change:
    case = of.cases_kept[CASE]
    assert case.outcome is not None
    change = note_answer(
        case, RefundAnswer(RefundStatus.FAILED, case.outcome.refund, of.clock.at), of.clock.at
    )
    assert change is not None
    return change


def test_d3_while_the_bus_is_away_for_days_a_refund_is_never_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = due(status=RefundStatus.REQUESTED)
    of.clock.at += timedelta(days=5)
    with monkeypatch.context() as patch:
        patch.setattr(of.bus, "publish", refuse)
        for _ in range(5 * 24 * 12):
            assert sweep(sweeper(of))["failed_ConnectionError"] == 1
            of.clock.at += RETRY_DELAY
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert asked(of) == [SECOND_ATTEMPT]


def test_d2_a_refund_that_was_let_go_is_asked_for_again_under_the_next_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = due(status=RefundStatus.REQUESTED)
    monkeypatch.setattr("buyer_protection.application.workers.refunds.fits", lambda *_: False)
    assert sweep(sweeper(of))["refunds_held_over_ledger"] == 1
    assert (of.cases_kept[CASE].refund_status, of.refunds_kept[CASE][0].attempt) == (RefundStatus.HELD, 1)
    monkeypatch.undo()
    of.clock.at += HOUR
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    of.clock.at += 2 * HOUR
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    assert asked(of) == [SECOND_ATTEMPT, ("rf-dp-1-RefundRequested-3", 3)]


def test_d3_while_operators_hold_refunds_back_for_days_a_failing_one_uses_up_no_retry() -> None:
    of = due()
    of.clock.at += timedelta(days=9)
    for n in range(3):
        assert sweep(sweeper(of))["refunds_reemitted"] == 1
        of.clock.at += MINUTE * 2**n
