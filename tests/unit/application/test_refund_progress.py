"""What becomes of a refund once its case has ended: asked for, failing, held, paid, given up, sent back (R39, R44)."""

from collections import Counter
from datetime import datetime, timedelta

import msgspec
import pytest

from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.orders import get_order
from buyer_protection.application.actions.reads import get_dispute
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.workers.inbound_events import Outcome
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.domain.enums import EventType, RefundKind, RefundStatus
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.timeline import instant
from tests.support.builders import PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    doc,
    mail_delivery,
    roles_of,
)
from tests.unit.application.test_receive_events import failed, paid, settled, sweeper, take
from tests.unit.application.test_refunds_elsewhere import given_back

HOUR = timedelta(hours=1)


def rounds(of: World, until: datetime) -> Counter[str]:
    """A round of the sweeper every minute."""
    done: Counter[str] = Counter()
    while of.clock.at < until:
        of.clock.at += timedelta(minutes=1)
        done.update(sweep(sweeper(of)))
    of.deliver_stream()
    return done


def asked_for(of: World) -> list[tuple[str, int]]:
    return [(e.event_id, e.detail["attempt"]) for e in of.bus.published if e.type == "RefundRequested"]


def test_d3_a_failure_is_asked_for_again_for_three_days_then_a_person_is() -> None:
    of = settled()
    began = of.clock.at
    assert [take(of, failed(of)), take(of, failed(of))] == [Outcome.RECORDED, Outcome.KNOWN]
    done = rounds(of, began + 71 * HOUR)
    assert (done["refunds_reemitted"], done["refunds_given_up"]) == (15, 0)
    assert asked_for(of) == [(f"rf-dp-1-RefundRequested-{n}", n) for n in range(2, 17)]
    done = rounds(of, began + 100 * HOUR)
    assert (done["refunds_reemitted"], done["refunds_given_up"]) == (0, 1)
    assert case_of(of).refund_status is RefundStatus.GIVEN_UP
    given_up = [event for event in of.bus.published if event.type == "RefundGivenUp"]
    assert [event.detail["refund_minor"] for event in given_up] == [PAID]
    assert roles_of(of)[-2:] == [("BUYER", "REFUND_GIVEN_UP"), ("SELLER", "REFUND_GIVEN_UP")]
    # Whatever is said of it afterwards: a late failure is nothing new, a success is taken.
    assert take(of, failed(of)) is Outcome.KNOWN
    assert take(of, paid(of)) is Outcome.RECORDED
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED


def test_d3_a_payment_system_that_is_away_for_a_day_costs_no_refund() -> None:
    of = settled()
    began = of.clock.at
    for _ in range(24):
        take(of, failed(of))
        rounds(of, of.clock.at + HOUR)
    assert case_of(of).refund_status is RefundStatus.FAILED
    before = len(asked_for(of))
    rounds(of, began + 49 * HOUR)
    assert len(asked_for(of)) > before
    assert take(of, paid(of)) is Outcome.RECORDED


def test_d1_a_refund_is_shown_in_words_from_asking_to_paying_and_back() -> None:
    of = settled()

    def shown(reader: Caller = BUYER) -> tuple[str, list[str]]:
        document = doc(get_dispute(of.context, call(reader), CASE))
        return document["refund"]["status"], [notice["code"] for notice in document["notices"]]

    asked_at = instant(of.clock.at)
    version = case_of(of).version
    assert shown() == ("REQUESTED", [])
    of.clock.at += HOUR
    take(of, failed(of))
    assert shown() == shown(SELLER) == ("RETRYING", ["REFUND_RETRYING"])
    assert shown(MANAGER) == ("RETRYING", [])
    of.clock.at += HOUR
    paid_at = instant(of.clock.at)
    take(of, paid(of))
    assert shown() == ("PAID", [])
    amount = {"amount_minor": PAID, "currency": "USD"}
    expected = {"status": "PAID", "amount": amount, "asked_at": asked_at, "paid_at": paid_at}
    assert doc(get_dispute(of.context, call(BUYER), CASE))["refund"] == expected
    refunded = doc(get_order(of.context, call(BUYER), "order-1"))["refunded"]
    assert (refunded["asked"]["amount_minor"], refunded["paid"]["amount_minor"]) == (PAID, PAID)
    of.clock.at += HOUR
    take(of, failed(of))
    assert shown() == shown(SELLER) == ("RETURNED", ["REFUND_RETURNED"])
    assert doc(get_dispute(of.context, call(BUYER), CASE))["refund"]["paid_at"] == paid_at
    refunded = doc(get_order(of.context, call(BUYER), "order-1"))["refunded"]
    assert (refunded["asked"]["amount_minor"], refunded["paid"]["amount_minor"]) == (PAID, 0)
    # What becomes of the refund moves no version (api.md), and each entry is there.
    assert case_of(of).version == version
    kinds = [entry.type for entry in of.timeline[CASE]][-3:]
    assert kinds == [EventType.REFUND_FAILED, EventType.REFUND_SUCCEEDED, EventType.REFUND_RETURNED]


def test_d1_the_buyer_hears_that_it_was_paid_and_that_it_came_back_and_each_once() -> None:
    of = settled()
    of.deliver_stream()
    before = len(roles_of(of))
    for event in (paid, paid, failed, failed):
        of.clock.at += HOUR
        take(of, event(of))
        of.deliver_stream(times=2)
    assert roles_of(of)[before:] == [("BUYER", "REFUND_PAID"), ("BUYER", "REFUND_RETURNED")]
    paid_out = [event.event_id for event in of.bus.published if event.type == "RefundPaid"]
    assert set(paid_out) == {f"dp-1-{len(of.timeline[CASE]) - 1}-RefundPaid"}


def test_d1_a_refund_that_came_back_is_not_asked_for_again_by_itself() -> None:
    of = settled()
    of.deliver_stream()
    of.bus.published.clear()
    take(of, paid(of))
    of.clock.at += HOUR
    take(of, failed(of))
    assert rounds(of, of.clock.at + 10 * 24 * HOUR)["refunds_reemitted"] == 0
    assert asked_for(of) == []


def test_d1_the_success_of_the_payment_that_came_back_is_no_new_payment() -> None:
    of = settled()
    first = paid(of)
    take(of, first)
    of.clock.at += HOUR
    take(of, failed(of))
    of.clock.at += HOUR
    assert take(of, first) is Outcome.KNOWN
    assert take(of, msgspec.structs.replace(first, reference=None)) is Outcome.KNOWN
    assert case_of(of).refund_status is RefundStatus.RETURNED
    again = msgspec.structs.replace(paid(of), reference="p-2")
    assert take(of, again) is Outcome.RECORDED
    assert (case_of(of).refund_status, of.ledgers["order-1"].paid_minor) == (RefundStatus.SUCCEEDED, PAID)


def test_d1_a_failure_that_is_older_than_the_success_does_not_send_it_back() -> None:
    of = settled()
    early = failed(of)
    take(of, early)
    take(of, paid(of))
    # The same failure again, though the success was at the same instant.
    assert take(of, early) is Outcome.KNOWN
    of.clock.at -= HOUR
    older = failed(of)
    of.clock.at += 2 * HOUR
    assert take(of, older) is Outcome.KNOWN
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED
    assert take(of, failed(of)) is Outcome.RECORDED
    assert case_of(of).refund_status is RefundStatus.RETURNED


def test_d1_a_refund_that_is_held_and_released_is_mailed_once_and_asked_for() -> None:
    of = settled()
    of.deliver_stream()
    before = len(roles_of(of))
    given_back(of, PAID, kind=RefundKind.CHARGEBACK)
    rounds(of, of.clock.at + 3 * HOUR)
    assert roles_of(of)[before:] == [("BUYER", "REFUND_HELD"), ("SELLER", "REFUND_HELD")]
    assert [event.type for event in of.bus.published][-1] == "RefundHeld"
    assert doc(get_dispute(of.context, call(BUYER), CASE))["refund"]["status"] == "HELD"
    # A failure of what was asked for before lets nothing go.
    assert take(of, failed(of)) is Outcome.KNOWN
    given_back(of, PAID, "g-2", reverses="g-1")
    done = rounds(of, of.clock.at + 2 * HOUR)
    assert done["refunds_reemitted"] == 1
    assert asked_for(of)[-1] == ("rf-dp-1-RefundRequested-2", 2)
    done = rounds(of, of.clock.at + 3 * HOUR)
    assert asked_for(of)[-1] == ("rf-dp-1-RefundRequested-3", 3)
    assert case_of(of).refund_status is RefundStatus.REQUESTED


def test_d1_a_mail_about_a_refund_that_has_moved_on_is_dropped() -> None:
    of = settled()
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    before = len(of.transport.sent)
    take(of, paid(of))
    of.clock.at += HOUR
    take(of, failed(of))
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    assert [mail["kind"] for mail in of.transport.sent[before:]] == ["REFUND_RETURNED"]


def test_d2_a_partial_amount_is_no_answer() -> None:
    of = settled()
    with pytest.raises(ConflictError) as refused:
        take(of, paid(of, PAID // 2))
    assert refused.value.code == "REFUND_AMOUNT_DIFFERS"
    assert case_of(of).refund_status is RefundStatus.REQUESTED
