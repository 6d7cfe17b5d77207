"""The stream's reader: each committed row starts, wakes, mails and publishes once, however often it is delivered."""

from datetime import timedelta

import pytest
from msgspec import structs

from buyer_protection.application.actions import claim, negotiation, order_upserts
from buyer_protection.application.actions.refunds_elsewhere import record_refund
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.schemas.outbound_events import events_for
from buyer_protection.application.schemas.requests import EvidenceWindowRequest
from buyer_protection.application.workers.dispatch import Outcome
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.domain.enums import DecisionOutcome, EventType, OfferType, Reason, Status
from buyer_protection.domain.windows import CONTRACT, Alarm
from tests.support.builders import DAY, PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    SHOP,
    call,
    cancel,
    case_of,
    decide,
    escalate,
    evidence,
    follow_without_queue,
    offer,
    opened,
    roles_of,
    tick,
    wait_until_due,
    world,
    world_in,
)
from tests.unit.application.order_calls import projection, refund, worth


def names(of: World) -> list[str]:
    return [event.type for event in of.bus.published]


def fresh(of: World) -> World:
    """Everything so far is dispatched and forgotten."""
    of.deliver_stream()
    of.bus.published.clear()
    of.queue.asked.clear()
    of.mails.clear()
    return of


def test_r15_a_new_case_starts_one_execution_that_sleeps_until_its_first_instant() -> None:
    of = world()
    opened(of)
    of.deliver_stream(times=3)
    assert of.executions.started == {(CASE, 1): Alarm(CASE, 1, CONTRACT, "NEGOTIATION", 1, 3 * 86_400)}
    assert set(roles_of(of)) == {("BUYER", "DISPUTE_OPENED"), ("SELLER", "DISPUTE_OPENED")}
    assert len(of.mails) == 2
    assert set(names(of)) == {"DisputeOpened", "OrderHeld"}
    assert len({event.event_id for event in of.bus.published}) == 2
    assert set(of.queue.asked) == {CASE}


def test_r16_an_escalation_wakes_the_sleeper_once_and_asks_for_its_mails_besides() -> None:
    of = world_in(Status.NEGOTIATION)
    fresh(of)
    of.park(CASE, "token-1")
    escalate(of)
    of.deliver_stream(times=2)
    assert list(of.executions.woken) == ["token-1"]
    assert of.executions.woken["token-1"].status == "CLAIM_OPENED"
    assert of.timers.timer(CASE).task_token is None  # type: ignore[union-attr]
    assert roles_of(of) == [("BUYER", "ESCALATED"), ("SELLER", "ESCALATED")]
    assert set(of.queue.asked) == {CASE}
    assert set(names(of)) == {"DisputeEscalated"}


def test_r17_an_offer_wakes_nobody() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    of.park(CASE, "token-1")
    offer(of, SELLER, 500)
    of.deliver_stream()
    assert not of.executions.woken
    assert roles_of(of) == [("BUYER", "OFFER_MADE")]
    assert of.queue.asked == [CASE]
    assert names(of) == ["OfferMade"]


def test_r22_another_date_wakes_the_sleeper_which_then_sleeps_longer() -> None:
    of = fresh(world_in(Status.CLAIM_EVIDENCE))
    of.park(CASE, "token-2")
    asked = EvidenceWindowRequest(of.clock.at + 20 * DAY)
    claim.set_evidence_window(of.context, call(MANAGER), CASE, asked)
    of.deliver_stream()
    assert of.executions.woken["token-2"].seconds == 19 * 86_400


def test_r23_noting_the_mediation_wakes_nobody_and_informs_nobody() -> None:
    of = fresh(world_in(Status.CLAIM_EVIDENCE))
    of.park(CASE, "token-2")
    open_mediation(of.cases, of.orders, of.clock, tick(of))
    of.deliver_stream()
    assert (of.executions.woken, names(of), roles_of(of)) == ({}, [], [])


def test_r14_a_settled_case_asks_for_its_refund_under_one_id() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    negotiation.accept_request(of.context, call(SELLER), CASE)
    of.deliver_stream(times=2)
    refunds = [event for event in of.bus.published if event.type == "RefundRequested"]
    assert {event.event_id for event in refunds} == {"rf-dp-1-RefundRequested"}
    assert dict(refunds[0].detail) == {
        "refund_id": "rf-dp-1",
        "dispute_id": CASE,
        "order_id": "order-1",
        "amount_minor": PAID,
        "currency": "USD",
        "attempt": 1,
    }
    assert set(names(of)) == {
        "OfferAccepted",
        "DisputeResolved",
        "OrderCompleted",
        "OrderReleased",
        "RefundRequested",
    }
    assert set(roles_of(of)) == {("BUYER", "OFFER_ACCEPTED"), ("SELLER", "OFFER_ACCEPTED")}
    assert set(of.queue.asked) == {CASE}


def test_r24_r28_each_end_is_published_under_its_own_name() -> None:
    of = fresh(world_in(Status.UNDER_REVIEW))
    decide(of, DecisionOutcome.SELLER_FAVOUR)
    of.deliver_stream()
    assert sorted(names(of)) == ["DisputeDecided", "OrderCompleted", "OrderReleased"]
    assert {kind for _, kind in roles_of(of)} == {"DECIDED"}
    of = fresh(world_in(Status.NEGOTIATION))
    cancel(of)
    of.deliver_stream()
    assert names(of) == ["DisputeCancelled", "OrderReleased"]
    assert {kind for _, kind in roles_of(of)} == {"CANCELLED_BY_BUYER"}
    of = fresh(world_in(Status.CLAIM_EVIDENCE))
    wait_until_due(of)
    of.deliver_stream()
    assert {kind for _, kind in roles_of(of)} >= {"CANCELLED_NO_EVIDENCE"}


def test_r36_an_agreed_return_is_no_end_yet() -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    offer(of, SELLER, 500, OfferType.REFUND_WITH_RETURN)
    fresh(of)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    of.deliver_stream()
    assert names(of) == ["OfferAccepted"]
    assert of.queue.asked == [CASE]
    wait_until_due(of)
    of.deliver_stream()
    assert "DisputeResolved" in names(of)
    assert "RefundRequested" in names(of)


def test_d4_a_missed_decision_is_two_events_and_a_mail_to_both() -> None:
    of = fresh(world_in(Status.UNDER_REVIEW))
    wait_until_due(of)
    of.deliver_stream()
    assert names(of) == ["DeadlineMissed", "DecisionOverdue"]
    assert roles_of(of) == [("BUYER", "DECISION_LATE"), ("SELLER", "DECISION_LATE")]
    [missed] = [entry for entry in of.timeline[CASE] if entry.type is EventType.DEADLINE_MISSED]
    # The handler counts it: the alarm's metric.
    outcomes = [of.processor.retry(entry) for entry in (missed, of.timeline[CASE][0])]  # type: ignore[arg-type]
    assert outcomes == [Outcome.DECISION_OVERDUE, Outcome.DONE]


def test_r26_evidence_in_a_claim_is_mailed_to_the_other_side_and_while_negotiating_to_nobody() -> None:
    of = fresh(world_in(Status.CLAIM_EVIDENCE))
    evidence(of, SELLER)
    of.deliver_stream()
    assert roles_of(of) == [("BUYER", "EVIDENCE_ADDED")]
    of = fresh(world_in(Status.NEGOTIATION))
    evidence(of, SELLER)
    of.deliver_stream()
    assert roles_of(of) == []


def test_r16_reminders_go_to_whoever_must_act() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    for day in (3, 14):
        of.clock.at = case_of(of).opened_at + day * DAY
        tick(of)
    of.deliver_stream()
    assert roles_of(of) == [("BUYER", "MAY_ESCALATE"), ("SELLER", "REMINDER_NEGOTIATION")]


@pytest.mark.parametrize("status", Status)
def test_r23_mails_and_events_follow_from_the_entry_alone_with_ids_that_never_change(status: Status) -> None:
    of = world_in(status)
    for entry in of.timeline[CASE]:
        mails, events = mails_for(entry), events_for(entry)
        assert (mails_for(entry), events_for(entry)) == (mails, events)
        assert len({(mail.seq, mail.recipient) for mail in mails}) == len(mails)
        assert all(event.event_id == f"dp-1-{entry.seq}-{event.type}" for event in events)


def test_a_call_is_named_in_its_mails_and_in_the_message_that_asks_for_them() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    of.queue.correlation_ids.clear()
    command = structs.replace(call(SELLER), correlation_id="shop-page-0000000042")
    negotiation.accept_request(of.context, command, CASE)
    of.deliver_stream()
    assert {kept.mail.correlation_id for kept in of.mails.values()} == {"shop-page-0000000042"}
    assert of.queue.correlation_ids == ["shop-page-0000000042"]
    assert "shop-page" not in repr(of.bus.published)


def test_a_call_is_named_in_the_refund_and_in_the_alarm_that_follow_from_it() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    of.park(CASE, "token-1")
    command = structs.replace(call(SELLER), correlation_id="shop-page-0000000042")
    negotiation.accept_request(of.context, command, CASE)
    of.deliver_stream()
    refund, _ = of.refunds_kept[CASE]
    assert refund.correlation_id == "shop-page-0000000042"
    assert of.executions.woken["token-1"].correlation_id == "shop-page-0000000042"


def test_what_the_clock_does_by_itself_names_no_call() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    of.park(CASE, "token-1")
    assert wait_until_due(of).correlation_id is None
    of.deliver_stream()
    assert of.executions.woken["token-1"].correlation_id is None


def test_r39_a_change_of_the_order_is_named_by_the_call_that_it_came_from() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    name = "shop-backend-00000042"
    cheaper = projection(items=worth(100))
    order_upserts.put_order(of.context, structs.replace(call(SHOP), correlation_id=name), "order-1", cheaper)
    record_refund(of.context, structs.replace(call(SHOP), correlation_id=name), "order-1", refund(10))
    changed = [entry for entry in of.timeline[CASE] if entry.type is EventType.ORDER_CHANGED]
    assert [(entry.correlation_id, entry.data["cause"]) for entry in changed] == [
        (name, "ORDER"),
        (name, "REFUND_ELSEWHERE"),
    ]
    of.deliver_stream()
    assert {kept.mail.correlation_id for kept in of.mails.values()} == {name}


def test_what_the_clock_does_follows_from_no_call() -> None:
    of = fresh(world_in(Status.NEGOTIATION))
    wait_until_due(of)
    tick(of)
    of.deliver_stream()
    assert {kept.mail.correlation_id for kept in of.mails.values()} == {None}


def test_i14_mails_that_the_queue_takes_are_its_own_and_those_that_it_does_not_take_the_sweepers() -> None:
    taken, left = world(), world()
    for of in (taken, left):
        opened(of)
    taken.deliver_stream()
    follow_without_queue(left)
    assert {row.due_at for row in taken.mails.values()} == {None}
    assert {row.due_at for row in left.mails.values()} == {left.clock.at + timedelta(minutes=2)}
    assert (set(taken.queue.asked), left.queue.asked) == ({CASE}, [])


def test_i14_a_record_stays_where_neither_the_queue_nor_the_sweeper_gets_its_mails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    opened(of)

    def away(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(of.outbox, "leave_to_sweeper", away)
    of.queue.is_away = True
    with pytest.raises(TimeoutError):
        of.deliver_stream()
