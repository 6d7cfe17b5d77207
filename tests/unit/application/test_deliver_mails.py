"""The notification function: each mail once, also under retries; a failing transport keeps the rows (R23)."""

from datetime import timedelta

import pytest

from buyer_protection.application.mails.delivery import LEASE_SECONDS, MailDeliveryError, deliver_mails
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.domain.enums import Role, Status
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    CASE,
    SELLER,
    cancel,
    case_of,
    decide,
    escalate,
    evidence,
    mail_delivery,
    offer,
    opened,
    tick,
    wait_until_due,
    world,
    world_in,
)


def sent(of: World) -> list[tuple[str, str]]:
    return [(mail["recipient"], mail["kind"]) for mail in of.transport.sent]


def test_r23_each_party_gets_one_mail_however_often_delivery_is_tried() -> None:
    of = world()
    opened(of)
    of.deliver_stream(times=3)
    assert deliver_mails(mail_delivery(of), CASE) == 2
    for _ in range(5):
        of.clock.at += timedelta(hours=1)
        of.deliver_stream()
        assert deliver_mails(mail_delivery(of), CASE) == 0
    assert sent(of) == [("BUYER", "DISPUTE_OPENED"), ("SELLER", "DISPUTE_OPENED")]
    assert [mail["to"] for mail in of.transport.sent] == ["buyer@example.com", "seller@example.com"]
    assert of.transport.sent[0]["dispute_id"] == CASE
    assert "https://shop.example.com/disputes/dp-1" in of.transport.sent[0]["text"]


def test_r23_on_escalation_on_the_review_and_on_the_decision_both_are_written_to() -> None:
    of = world_in(Status.NEGOTIATION)
    escalate(of)
    evidence(of, SELLER)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    wait_until_due(of)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    decide(of)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    for kind in ("ESCALATED", "UNDER_REVIEW", "DECIDED"):
        assert sorted(who for who, what in sent(of) if what == kind) == ["BUYER", "SELLER"]


def test_r23_a_failing_transport_keeps_the_row_and_no_other_mail_back() -> None:
    of = world()
    opened(of)
    of.deliver_stream()
    of.transport.broken.add("buyer@example.com")
    with pytest.raises(MailDeliveryError) as failed:
        deliver_mails(mail_delivery(of), CASE)
    assert isinstance(failed.value.__cause__, ConnectionError)
    assert sent(of) == [("SELLER", "DISPUTE_OPENED")]
    of.transport.broken.clear()
    assert deliver_mails(mail_delivery(of), CASE) == 0
    of.clock.at += timedelta(seconds=LEASE_SECONDS)
    assert deliver_mails(mail_delivery(of), CASE) == 1
    row = of.mails[CASE, 1, Role.BUYER]
    assert (row.mail.attempts, row.message_id, row.due_at) == (2, "message-2", None)


def test_r23_two_deliverers_at_once_send_one_mail() -> None:
    of = world()
    opened(of)
    of.deliver_stream()
    mail = OutboxMail(CASE, 1, Role.BUYER, of.mails[CASE, 1, Role.BUYER].mail.kind)
    assert of.outbox.lease(mail, of.clock.at, LEASE_SECONDS)
    assert deliver_mails(mail_delivery(of), CASE) == 1
    assert sent(of) == [("SELLER", "DISPUTE_OPENED")]


def test_r25_a_closed_case_sends_only_that_it_closed() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 500)
    cancel(of)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    assert sent(of) == [("BUYER", "CANCELLED_BY_BUYER"), ("SELLER", "CANCELLED_BY_BUYER")]
    dropped = {row.dropped for row in of.mails.values() if row.message_id is None}
    assert dropped == {"CASE_CLOSED"}
    assert not of.outbox.unsent(CASE)


def test_r16_a_reminder_that_its_window_has_outlived_is_dropped() -> None:
    of = world_in(Status.NEGOTIATION)
    of.clock.at = case_of(of).opened_at + 14 * DAY
    tick(of)
    escalate(of)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    kinds = {kind for _, kind in sent(of)}
    assert "ESCALATED" in kinds
    assert not kinds & {"MAY_ESCALATE", "REMINDER_NEGOTIATION"}
    assert {row.dropped for row in of.mails.values()} == {None, "WINDOW_OVER"}


def test_r23_a_case_without_mails_is_no_work_and_mails_without_a_case_are_an_error() -> None:
    of = world()
    assert deliver_mails(mail_delivery(of), "dp-9") == 0
    of.outbox.add([OutboxMail("dp-9", 1, Role.BUYER, MailKind.DISPUTE_OPENED)])
    with pytest.raises(MailDeliveryError) as failed:
        deliver_mails(mail_delivery(of), "dp-9")
    assert isinstance(failed.value.__cause__, LookupError)
