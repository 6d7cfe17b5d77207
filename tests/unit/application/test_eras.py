"""A table that was restored to an earlier instant: what is made from then on repeats no id (decision 0083, F7)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.actions import negotiation
from buyer_protection.application.actions.context import Context
from buyer_protection.application.changes import in_era
from buyer_protection.application.schemas.events import RefundSucceeded
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.era import Era, era_of, without_era
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.refunds import dispute_id_of, refund_id_of
from tests.support.builders import OPENED
from tests.support.fakes import World
from tests.unit.application.helpers import CASE, SELLER, call, case_of, opened, world
from tests.unit.application.order_calls import code_of, given_back

ERA = Era("2", OPENED)
MINOR = 1000


def context_in(of: World, era: Era | None) -> Context:
    return of.context if era is None else replace(of.context, cases=in_era(of.cases, era))


def settled(era: Era | None) -> World:
    """A case that ended with a refund, on a stage of that era, and what followed."""
    of = world()
    opened(of, refund=MINOR)
    negotiation.accept_request(context_in(of, era), call(SELLER), CASE)
    processor, records, of.stream = replace(of.processor, era=era), of.stream, []
    for record in records:
        processor.retry(record)
    return of


def answered(of: World, refund_id: str) -> Outcome:
    word = RefundSucceeded(refund_id=refund_id, amount_minor=MINOR, currency="USD", occurred_at=of.clock.at)
    return receive_event(of.context, word, of.clock.at)


def test_a_table_that_was_never_restored_makes_the_ids_of_always() -> None:
    of = settled(None)
    assert case_of(of).refund_id == ""
    assert {event.event_id for event in of.bus.published if event.type != "OrderCompleted"} == {
        f"{CASE}-1-DisputeOpened",
        f"{CASE}-1-OrderHeld",
        f"{CASE}-2-OfferAccepted",
        f"{CASE}-2-DisputeResolved",
        f"{CASE}-2-OrderReleased",
        f"rf-{CASE}-RefundRequested",
    }


def test_f7_another_era_makes_other_ids_of_all_that_a_case_can_do_again() -> None:
    before, after = settled(None), settled(ERA)
    ids, marked = (
        [it.event_id for it in of.bus.published if it.type != "OrderCompleted"] for of in (before, after)
    )
    assert not set(ids) & set(marked)
    assert f"{CASE}-2-OfferAccepted-era-2" in marked
    (request,) = (it for it in after.bus.published if it.type == "RefundRequested")
    assert (request.event_id, request.detail["refund_id"]) == (
        f"rf-{CASE}-era-2-RefundRequested",
        f"rf-{CASE}-era-2",
    )


def test_f7_what_happened_before_the_era_keeps_the_ids_under_which_it_is_known() -> None:
    later = Era("2", OPENED + timedelta(days=1))
    known = [it.event_id for it in settled(None).bus.published]
    assert [it.event_id for it in settled(later).bus.published] == known


def test_f7_an_answer_to_what_was_asked_for_before_is_none_to_the_refund_of_the_era() -> None:
    of = settled(ERA)
    with pytest.raises(ConflictError) as refused:
        answered(of, f"rf-{CASE}")
    assert code_of(refused) == "REFUND_UNKNOWN"
    assert case_of(of).refund_status is RefundStatus.REQUESTED
    assert answered(of, f"rf-{CASE}-era-2") is Outcome.RECORDED
    assert of.timeline[CASE][-1].data["refund_id"] == f"rf-{CASE}-era-2"


def test_f7_r39_a_payment_of_before_is_no_payment_of_the_refund_of_the_era() -> None:
    of = settled(ERA)
    assert given_back(of, MINOR, f"rf-{CASE}").paid is None
    assert of.ledger("order-1").elsewhere_minor == MINOR
    assert case_of(of).refund_status is RefundStatus.REQUESTED
    # By hand, under the id of now: that is its payment.
    assert given_back(of, MINOR, f"rf-{CASE}-era-2").paid is not None


def test_f7_a_refund_of_a_stage_without_an_era_is_answered_after_the_next_restore() -> None:
    of = settled(None)
    assert answered(of, f"rf-{CASE}") is Outcome.RECORDED


def test_an_id_of_any_era_names_its_case() -> None:
    refund_id = refund_id_of(CASE)
    assert refund_id == f"rf-{CASE}"
    assert dispute_id_of(ERA.mark(refund_id, OPENED)) == CASE
    assert without_era(ERA.mark(refund_id, OPENED)) == refund_id
    assert (era_of(ERA.mark(refund_id, OPENED)), era_of(refund_id)) == (ERA.name, "")
    assert ERA.mark(refund_id, OPENED - timedelta(milliseconds=1)) == refund_id
