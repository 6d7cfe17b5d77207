"""Q1: a refund that fails until it is given up, and a sweeper that stumbles once, at each of its calls in each way."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import needs_operator
from tests.simulation.campaign import one
from tests.simulation.faults import AT_A_CALL, Fault, Kind
from tests.simulation.life import Life, Plan, lived
from tests.simulation.surroundings import Bus
from tests.support.fake_workers import MemoryRefunds

# Found by looking: the payment system never pays. The first test sees to it that it stays so.
SEED = "refunds:79"


def sweepers_calls(life: Life) -> list[str]:
    """What the sweeper does about refunds; a case that is over has no other business."""
    return [place for place in life.gate.seen if place.startswith(("sweeper refunds.", "sweeper bus."))]


def noted_before_it_is_asked(life: Life) -> None:
    """As the sweeper once was: whoever finds a refund due has used its attempt up."""
    life.world.refunds = _Hasty(life.world)


class _Hasty(MemoryRefunds):
    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        refund = super().overdue(dispute_id, now)
        if refund is not None and not needs_operator(refund):
            self.note_asked(refund, now)
        return refund


def test_q1_this_life_has_a_refund_that_is_given_up() -> None:
    life, violation = lived(Plan(SEED))
    assert violation is None
    ends = [(refund.status, due) for refund, due in life.world.refunds_kept.values()]
    assert (RefundStatus.GIVEN_UP, None) in ends
    calls = [place.split()[1] for place in sweepers_calls(life)]
    assert calls.count("refunds.note_asked") == calls.count("refunds.overdue") - 1 >= 10
    assert calls.count("bus.publish") == calls.count("refunds.note_asked")


@pytest.mark.sampled(every=len(AT_A_CALL))
@pytest.mark.parametrize("kind", AT_A_CALL)
def test_q1_no_attempt_is_passed_over_where_the_sweeper_stumbles_once(kind: Kind) -> None:
    for place in sweepers_calls(lived(Plan(SEED))[0]):
        life, violation = lived(Plan(SEED, (Fault(kind, place),)))
        assert violation is None, f"{kind} at {place}: {violation}"
        assert [fault.place for fault in life.gate.fired] == [place]


@pytest.mark.parametrize("kind", [Kind.CRASH_BEFORE, Kind.THROTTLE])
def test_q1_an_attempt_that_is_noted_before_it_is_asked_for_is_seen_to_be_passed_over(kind: Kind) -> None:
    calm, violation = lived(Plan(SEED), noted_before_it_is_asked)
    assert violation is None
    place = [place for place in sweepers_calls(calm) if place.startswith("sweeper bus.")][-1]
    _, violation = lived(Plan(SEED, (Fault(kind, place),)), noted_before_it_is_asked)
    assert violation is not None
    assert violation.kind == "attempt passed over"


def the_readers_request_is_dropped(life: Life) -> None:
    """Whatever the reader is to ask for: it says that it has, and has not."""
    life.bus = _Deaf(life.schedule, life.gate, life.dice("bus"))


class _Deaf(Bus):
    def publish(self, events: Sequence[OutboundEvent]) -> None:
        super().publish([event for event in events if event.detail.get("attempt") != 1])


def test_r44_a_request_that_a_later_attempt_overtook_is_not_sent_and_not_lost() -> None:
    life, violation = one("20261127:514")
    assert violation is None
    assert life.overtaken == {"dp-1"}
    assert len(life.payments.paid) == 1


def test_q1_a_first_request_that_nothing_overtook_is_seen_to_be_lost() -> None:
    plan = next(
        life.plan for number in range(40) if (life := lived(Plan(f"overtaken:{number}"))[0]).payments.paid
    )
    life, violation = lived(plan, the_readers_request_is_dropped)
    assert violation is not None
    assert violation.kind == "attempt passed over"
    assert life.overtaken == set()
