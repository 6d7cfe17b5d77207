"""F4, Q38: what is much, and must wait, is out of the way of what is due; rounds share what is due without meeting."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.ports.switches import Hold
from buyer_protection.application.ports.timers import Share
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import PAGE
from buyer_protection.domain.enums import RefundStatus, Status
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund
from tests.support.fakes import World
from tests.unit.application.test_sweep import claims, crowd, sweeper

HELD = 100_000
# The overdue deadline, read once; and one refund, by which the round knows that some wait.
ENTRIES = 2


def with_refunds(of: World, count: int) -> World:
    """So many refunds of other cases that have been due for a day, longer than any deadline."""
    since = of.clock.at - timedelta(days=1)
    paid, asked = Money(100, "USD"), RefundStatus.REQUESTED
    for number in range(count):
        case = f"dp-held-{number}"
        of.refunds_kept[case] = (Refund(f"rf-{case}", case, f"o-{number}", paid, since, asked), since)
    return of


def test_f4_a_hundred_thousand_refunds_that_operators_hold_cost_a_round_one_entry() -> None:
    """An overdue deadline comes first, whatever is held back, and is met after one entry was read."""
    of = with_refunds(crowd(1), HELD)
    of.switch.held = Hold(of.clock.at)
    done = sweep(replace(sweeper(of), switch=of.switch))
    assert (done["transitions"], done["refunds_held"], claims(of)) == (1, 1, 1)
    assert of.timers.entries_read == ENTRIES


def test_f4_refunds_that_are_due_are_read_behind_every_deadline_only() -> None:
    """Where the time of a round ends with the deadlines, no refund was read."""
    of = with_refunds(crowd(5), 3 * PAGE)
    left = iter([True] * 7 + [False] * 1_000)
    done = sweep(sweeper(of), lambda: next(left))
    assert (done["transitions"], done["unfinished"]) == (5, 1)
    assert of.timers.entries_read == 5


@pytest.mark.parametrize("rounds", [1, 2, 4, 8])
def test_q38_rounds_beside_each_other_meet_every_deadline_once(rounds: int) -> None:
    of = crowd(60)
    done = [sweep(sweeper(of), share=Share(number, rounds))["transitions"] for number in range(rounds)]
    assert (sum(done), claims(of)) == (60, 60)
    assert all(done)
    assert {case.status for case in of.cases_kept.values()} == {Status.CLAIM_EVIDENCE}
    assert all(len(entries) == 2 for entries in of.timeline.values())
