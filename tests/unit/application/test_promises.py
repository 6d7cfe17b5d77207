"""What the stream shows of promises: deadlines met, refunds asked for, and how late (service level objectives)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.ports.timers import TimerMove, TimerState
from buyer_protection.application.workers.promises import WITHIN, Kept, Promise, kept_by
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund
from tests.support.builders import OPENED

DUE = OPENED + timedelta(days=3)
OLD = TimerState("dp-1", 1, "NEGOTIATION", 1, DUE)
NEW = TimerState("dp-1", 1, "CLAIM_EVIDENCE", 2, DUE + timedelta(days=7))
REFUND = Refund("rf-dp-1", "dp-1", "o-1", Money(4990, "USD"), OPENED)


@pytest.mark.parametrize("seconds", [0, 1, 119, 121, 86_400])
def test_q1_a_deadline_is_met_when_its_step_is_written(seconds: int) -> None:
    written = DUE + timedelta(seconds=seconds)
    kept = list(kept_by(TimerMove(OLD, NEW), written, written + timedelta(hours=1)))

    assert kept == [Kept(Promise.DEADLINE, timedelta(seconds=seconds), "dp-1")]
    assert (kept[0].lateness > WITHIN[Promise.DEADLINE]) is (seconds > 120)


def test_the_stream_cuts_an_instant_to_its_second_and_nothing_is_early_for_that() -> None:
    due = DUE + timedelta(milliseconds=900)
    old = TimerState("dp-1", 1, "NEGOTIATION", 1, due)

    assert [it.lateness for it in kept_by(TimerMove(old, NEW), DUE, DUE)] == [timedelta()]


def test_who_acts_before_the_deadline_says_nothing_of_it() -> None:
    assert list(kept_by(TimerMove(OLD, NEW), DUE - timedelta(seconds=2), DUE)) == []


def test_what_moves_no_date_is_no_deadline() -> None:
    parked = TimerState("dp-1", 1, "NEGOTIATION", 1, DUE, "token")
    after = DUE + timedelta(hours=1)

    assert list(kept_by(TimerMove(OLD, parked), after, after)) == []
    assert list(kept_by(TimerMove(None, NEW), after, after)) == []
    assert list(kept_by(TimerMove(OLD, NEW), None, after)) == []
    assert list(kept_by(None, after, after)) == []


def test_d2_a_refund_is_asked_for_when_its_record_is_dealt_with() -> None:
    asked = OPENED + timedelta(minutes=6)

    assert list(kept_by(REFUND, OPENED, asked)) == [Kept(Promise.REFUND, timedelta(minutes=6), "dp-1")]
    assert next(kept_by(replace(REFUND, attempt=2), None, OPENED)).lateness == timedelta()
