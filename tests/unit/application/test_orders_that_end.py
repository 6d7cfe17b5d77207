"""The end of an order is published, and its buyer hears where nobody collected it (finding B6; R3, R25, R31, R44)."""

from datetime import timedelta
from typing import Any

from buyer_protection.application.actions import negotiation, orders
from buyer_protection.application.mails.bounces import BounceHandler, MailEvent, MailEventKind, Outcome
from buyer_protection.application.mails.bounces import process_mail_event as process
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.mails import subject_of_order
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest, ContactModel, ShipmentModel
from buyer_protection.domain.enums import Role, TrackingStatus
from tests.support.builders import DAY, OPENED, SHIPPED, order, shipment
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SELLER, call, cancel, mail_delivery, opened, world
from tests.unit.application.order_calls import put
from tests.unit.application.parcel_calls import TWO, report

EXPIRED = TrackingStatus.COLLECTION_EXPIRED
SUBJECT = subject_of_order("order-1")


def completed(of: World) -> list[dict[str, Any]]:
    of.deliver_stream()
    return [dict(event.detail) for event in of.bus.published if event.type == "OrderCompleted"]


def confirm(of: World) -> None:
    orders.confirm_receipt(of.context, call(BUYER), "order-1", ConfirmReceiptRequest(True))


def mails(of: World) -> list[dict[str, Any]]:
    of.deliver_stream(times=2)
    deliver_mails(mail_delivery(of), SUBJECT)
    return [mail for mail in of.transport.sent if mail["kind"] == "ORDER_UNCOLLECTED"]


def test_b6_an_order_that_nobody_collected_is_published_and_its_buyer_gets_one_mail() -> None:
    of = world()
    report(of, "sh-1", status=EXPIRED)
    assert completed(of) == [{"order_id": "order-1", "cause": "COLLECTION_EXPIRED"}]
    assert set(of.queue.asked) == {SUBJECT}
    [mail] = mails(of)
    assert mails(of) == [mail]
    assert (mail["to"], mail["order_id"], mail["recipient"]) == ("buyer@example.com", "order-1", "BUYER")
    assert "dispute_id" not in mail
    assert "Not collected: sh-1 (Post TN-1): Blue mug, Tea spoon." in mail["text"]
    assert "https://shop.example.com/orders/order-1" in mail["text"]
    assert "case" not in mail["text"].lower()


def test_b6_only_what_was_not_collected_is_named() -> None:
    of = world(order(shipments=TWO))
    report(of, "sh-2")
    assert (completed(of), mails(of)) == ([], [])
    report(of, "sh-1", status=EXPIRED)
    [mail] = mails(of)
    assert "sh-1" in mail["text"]
    assert "sh-2" not in mail["text"]


def test_b6_a_confirmed_receipt_is_published_and_mails_nobody() -> None:
    of = world()
    confirm(of)
    assert completed(of) == [{"order_id": "order-1", "cause": "RECEIPT_CONFIRMED"}]
    assert (of.queue.asked, of.mails) == ([], {})


def test_b6_a_dispute_that_finishes_its_order_is_published_with_it() -> None:
    of = world()
    opened(of)
    assert completed(of) == []
    negotiation.accept_request(of.context, call(SELLER), "dp-1")
    assert completed(of) == [{"order_id": "order-1", "cause": "DISPUTE", "dispute_id": "dp-1"}]


def test_b6_a_cancelled_dispute_finishes_nothing() -> None:
    of = world()
    opened(of)
    cancel(of)
    assert completed(of) == []


def test_b6_a_word_of_the_carrier_under_a_dispute_finishes_nothing() -> None:
    of = world()
    opened(of)
    report(of, "sh-1", status=EXPIRED)
    assert (completed(of), of.ledger("order-1").finished_at) == ([], None)


def test_b6_an_order_whose_parcel_arrived_after_all_is_open_again_and_ends_anew() -> None:
    of = world()
    report(of, "sh-1", OPENED - DAY, EXPIRED)
    assert of.ledger("order-1").finished_by == "COLLECTION_EXPIRED"
    report(of, "sh-1", OPENED)
    assert of.ledger("order-1").finished_at is None
    opened(of)
    cancel(of)
    of.clock.at += timedelta(minutes=1)
    confirm(of)
    of.deliver_stream()
    ends = [event for event in of.bus.published if event.type == "OrderCompleted"]
    assert [event.detail["cause"] for event in ends] == ["COLLECTION_EXPIRED", "RECEIPT_CONFIRMED"]
    assert len({event.event_id for event in ends}) == 2


def test_b6_a_mail_about_an_order_that_is_open_again_is_dropped() -> None:
    of = world()
    report(of, "sh-1", OPENED - DAY, EXPIRED)
    of.deliver_stream()
    report(of, "sh-1", OPENED)
    assert mails(of) == []
    assert {row.dropped for row in of.mails.values()} == {"ORDER_OPEN_AGAIN"}


def test_b3_another_number_opens_an_order_again_that_ended_uncollected() -> None:
    of = world()
    report(of, "sh-1", OPENED - DAY, EXPIRED)
    version = of.ledger("order-1").version
    put(of, shipments=[ShipmentModel("sh-1", "Post", "TN-9", SHIPPED)])
    books = of.ledger("order-1")
    assert (books.finished_at, books.finished_by, books.version) == (None, None, version + 1)
    opened(of)


def test_b3_a_receipt_that_was_confirmed_stays_confirmed_whatever_carriers_say() -> None:
    of = world()
    confirm(of)
    report(of, "sh-1", OPENED, EXPIRED)
    report(of, "sh-1", OPENED + timedelta(minutes=1))
    put(of, shipments=[ShipmentModel("sh-1", "Post", "TN-9", SHIPPED)])
    assert of.ledger("order-1").finished_by == "RECEIPT_CONFIRMED"


def test_b6_the_mail_goes_where_it_can_and_its_troubles_mark_the_address() -> None:
    of = world(order(shipments=(shipment(),)))
    report(of, "sh-1", status=EXPIRED)
    of.transport.broken.add("buyer@example.com")
    of.deliver_stream()
    outcomes: list[tuple[str, str]] = []
    try:
        deliver_mails(mail_delivery(of, outcomes), SUBJECT)
    except RuntimeError:
        outcomes.append(("raised", ""))
    assert [outcome for outcome, _ in outcomes] == ["FAILED", "raised"]
    handler = BounceHandler(of.cases, of.orders, of.addresses)
    bounced = MailEvent(MailEventKind.HARD_BOUNCE, "", Role.BUYER, "buyer@example.com", OPENED)
    assert [process(handler, bounced), process(handler, bounced)] == [Outcome.RECORDED, Outcome.KNOWN]
    of.transport.broken.clear()
    of.clock.at += DAY
    assert mails(of) == []
    assert {row.dropped for row in of.mails.values()} == {"MAIL_UNDELIVERABLE"}


def test_b6_a_buyer_without_an_address_is_written_to_by_nobody() -> None:
    of = world()
    put(of, buyer=ContactModel(name="Ana"))
    report(of, "sh-1", status=EXPIRED)
    assert mails(of) == []
    assert {row.dropped for row in of.mails.values()} == {"NO_ADDRESS"}
