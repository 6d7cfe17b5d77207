"""The reference model notices wrong code: each of these faults, planted into the domain, is found (Q6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from buyer_protection.domain import claim, dispute, evidence, permissions, settlement, tracking, windows
from buyer_protection.domain.enums import DecisionOutcome, Status
from tests.model.life import Life

pytestmark = pytest.mark.verify
LOOKING = settings(
    max_examples=600,
    stateful_step_count=50,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)

check_status, record, ruled_refund = permissions.check_status, dispute.Dispute.record, claim._ruled_refund
close_window, close, deliver = windows.close_window, settlement.close, tracking._Story.deliver
MILLISECOND = evidence.LINK_LIFE / 300_000


def late_by_an_instant(case: Any, now: Any) -> bool:
    """A boundary: a person still acts at the very instant where the window ends."""
    return case.status is not Status.UNDER_REVIEW and case.deadline is not None and now > case.deadline


def wakes_early(case: Any, now: Any) -> Any:
    """A boundary: the clock acts a millisecond before it is time."""
    return close_window(case, now + MILLISECOND)


def never_over(case: Any, action: Any) -> None:
    """A missing condition: a closed case takes one write more."""
    if not case.is_closed:
        check_status(case, action)


def generous(case: Any, ruling: Any) -> Any:
    """Money: for the buyer means all that was paid, not all that was asked for."""
    found = ruled_refund(case, ruling)
    return case.max_refundable if ruling.outcome is DecisionOutcome.BUYER_FAVOUR else found


def sleeps_on(self: Any, *args: Any) -> Any:
    """A dropped wake: a moved deadline leaves the epoch as it was."""
    change = record(self, *args)
    same = change.after.status is self.status and self.version > 0
    after = replace(change.after, epoch=self.epoch) if same else change.after
    return replace(change, after=after)


def pays_twice(*args: Any, **options: Any) -> Any:
    """Money: the order's ledger does not learn what was refunded."""
    return replace(close(*args, **options), finishes_order=False)


def nothing_lapses(case: Any, accepted: Any = None) -> dict[str, Any]:
    """Something forgotten: proposals still stand when the talking has ended."""
    return {}


def evidence_out_of_thin_air(case: Any) -> bool:
    """A missing condition: a claim without any evidence is reviewed."""
    return True


def one_speaks_for_all(parcels: Any) -> Any:
    """A missing condition: the first parcel that arrives counts as everything."""
    return min((it.delivered_at for it in parcels.values() if it.delivered_at), default=None)


def registered_when_it_arrived(self: Any, name: Any, reported: Any) -> None:
    """A window that begins too early: with the delivery, however late it was reported."""
    deliver(self, name, reported)
    self.parcels[name] = replace(self.parcels[name], registered_at=reported.delivered_at)


FAULTS: dict[Callable[..., Any], tuple[object, str]] = {
    late_by_an_instant: (permissions, "window_is_over"),
    wakes_early: (windows, "close_window"),
    never_over: (permissions, "check_status"),
    generous: (claim, "_ruled_refund"),
    sleeps_on: (dispute.Dispute, "record"),
    pays_twice: (claim, "close"),
    nothing_lapses: (claim, "lapsing"),
    evidence_out_of_thin_air: (windows, "can_be_judged"),
    one_speaks_for_all: (tracking, "delivered_as_a_whole"),
    registered_when_it_arrived: (tracking._Story, "deliver"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_q6_a_planted_fault_is_found(fault: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    where, name = FAULTS[fault]
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(seed(20260310)(Life), settings=LOOKING)
