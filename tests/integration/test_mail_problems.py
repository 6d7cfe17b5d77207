"""Marks and notices in the table, and the two mail functions as a whole, over moto (design 4)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.address_book import PynamoAddressBook
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.ports.mail_transport import AddressMark, address_id
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.composition import container
from buyer_protection.domain.enums import Role
from buyer_protection.domain.mail_alert import MailNotice, MailProblem
from tests.integration import people
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.people import BUYER, DISPUTE_ID, OPENED, SELLER
from tests.support import ses_events
from tests.support.api_events import CONTEXT, ENVIRONMENT, document, person
from tests.support.fake_workers import MemoryAddressBook
from tests.support.in_process import call, handler_of

ADDRESS = address_id("buyer@example.com")
TO_BUYER = OutboxMail(DISPUTE_ID, 1, Role.BUYER, MailKind.DISPUTE_OPENED)


# --- the port's contract: what is kept in the table and in the tests' memory ----------------------------------------


@pytest.fixture(params=["table", "memory"])
def book(request: pytest.FixtureRequest, table: Any) -> Any:
    return PynamoAddressBook() if request.param == "table" else MemoryAddressBook()


def mark(problem: MailProblem, hours: int = 0) -> AddressMark:
    return AddressMark(problem, OPENED + timedelta(hours=hours), DISPUTE_ID)


def test_a_mark_is_kept_once_and_only_gets_graver(book: Any) -> None:
    assert book.mark_of(ADDRESS) is None
    assert book.mark(ADDRESS, mark(MailProblem.UNDELIVERABLE))
    assert not book.mark(ADDRESS, mark(MailProblem.UNDELIVERABLE, hours=1))
    assert book.mark_of(ADDRESS) == mark(MailProblem.UNDELIVERABLE)
    assert book.mark(ADDRESS, mark(MailProblem.STOPPED, hours=2))
    assert not book.mark(ADDRESS, mark(MailProblem.UNDELIVERABLE, hours=3))
    assert book.mark_of(ADDRESS) == mark(MailProblem.STOPPED, hours=2)
    assert book.mark_of(address_id("seller@example.com")) is None


def test_a_notice_replaces_what_was_read_and_no_version_goes_up(cases: PynamoCaseStore) -> None:
    cases.commit(people.opening(), now=OPENED)
    notice = MailNotice(MailProblem.DELAYED, OPENED, ADDRESS)
    graver = MailNotice(MailProblem.STOPPED, OPENED, ADDRESS)
    assert cases.replace_notice(DISPUTE_ID, Role.BUYER, None, notice)
    assert not cases.replace_notice(DISPUTE_ID, Role.BUYER, None, graver)
    assert cases.replace_notice(DISPUTE_ID, Role.BUYER, notice, graver)
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert (loaded.case.buyer_notice, loaded.case.seller_notice, loaded.case.version) == (graver, None, 1)
    assert cases.replace_notice(DISPUTE_ID, Role.BUYER, graver, None)
    again = cases.load(DISPUTE_ID)
    assert again is not None
    assert again.case.buyer_notice is None
    assert not cases.replace_notice("dp-unknown", Role.BUYER, None, notice)


def test_a_change_of_the_case_leaves_a_notice_that_came_meanwhile(cases: PynamoCaseStore) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    notice = MailNotice(MailProblem.UNDELIVERABLE, OPENED, ADDRESS)
    assert cases.replace_notice(DISPUTE_ID, Role.BUYER, None, notice)
    cases.commit(people.counter_offer(opened.after, OPENED), now=OPENED)
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert (loaded.case.buyer_notice, loaded.case.version) == (notice, 2)


def test_a_postponed_mail_is_nobodys_until_then_and_the_sweepers_only_long_after(table: Any) -> None:
    outbox, timers = PynamoOutbox(), PynamoTimerStore()
    outbox.add([TO_BUYER])
    assert outbox.lease(TO_BUYER, OPENED, 60)
    until = OPENED + timedelta(minutes=15)
    outbox.postpone(TO_BUYER, until)
    assert not outbox.lease(TO_BUYER, until - timedelta(milliseconds=1), 60)
    assert timers.due(until + timedelta(minutes=14), limit=9) == []
    assert len(timers.due(until + timedelta(minutes=15), limit=9)) == 1
    assert outbox.lease(TO_BUYER, until, 60)
    outbox.settle(TO_BUYER, until, message_id="m-1")
    outbox.postpone(TO_BUYER, until + timedelta(days=1))
    assert timers.due(until + timedelta(days=9), limit=9) == []


# --- whole handlers -----------------------------------------------------------------------------------------


@pytest.fixture
def queue_url(
    table: Any, cases: PynamoCaseStore, orders: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A case with its opening mails unsent, and the functions' environment."""
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="notifications")["QueueUrl"]
    mail = {"MAIL_SENDER": "disputes@shop.example.com", "MAIL_CONFIGURATION_SET": "set"}
    for name, value in {**ENVIRONMENT, **mail, "NOTIFICATION_QUEUE_URL": url}.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="shop.example.com")
    orders.put(people.order())
    cases.commit(people.opening(), now=OPENED)
    PynamoOutbox().add([TO_BUYER])
    yield url
    container.get.cache_clear()


def received(*envelopes: object) -> list[str]:
    """The ids of the events that are given back to the queue."""
    handler = handler_of("receive_mail_events")
    records = [{"messageId": f"m-{n}", "body": json.dumps(one)} for n, one in enumerate(envelopes, 1)]
    return [one["itemIdentifier"] for one in handler({"Records": records}, CONTEXT)["batchItemFailures"]]


def notified() -> list[dict[str, str]]:
    """What the notification function gives back to its queue of a message about the case."""
    handler = handler_of("notify_parties")
    message = {"messageId": "m-1", "body": json.dumps({"case_id": DISPUTE_ID})}
    answer: dict[str, list[dict[str, str]]] = handler({"Records": [message]}, CONTEXT)
    return answer["batchItemFailures"]


def shown_to(caller: str) -> list[dict[str, str]]:
    answer = call("get_dispute", person(caller), dispute_id=DISPUTE_ID)
    found: list[dict[str, str]] = document(answer)["notices"]
    return found


def mail_row() -> dict[str, Any]:
    pk, sk = keys.mail(DISPUTE_ID, 1, "BUYER")
    row = boto3.resource("dynamodb", region_name=REGION).Table(TABLE_NAME).get_item(Key={"pk": pk, "sk": sk})
    return dict(row["Item"])


def failing(code: str, message: str = "no") -> Any:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")

    return fail


def test_a_bounce_is_shown_to_its_reader_and_stops_further_mails(
    queue_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bounced = ses_events.envelope(ses_events.bounce(), DISPUTE_ID)
    assert received(bounced, bounced) == []
    shown = [{"code": "MAIL_UNDELIVERABLE", "at": "2026-03-11T12:00:00.456Z"}]
    assert shown_to(BUYER.actor_id) == shown
    assert shown_to(SELLER.actor_id) == []
    assert notified() == []
    row = mail_row()
    assert (row["status"], row["dropped"]) == ("DROPPED", "MAIL_UNDELIVERABLE")
    written = capsys.readouterr()
    assert "HARD_BOUNCE" in written.out
    assert "@example.com" not in written.out + written.err


def test_an_event_that_cannot_be_read_comes_back_alone_and_names_no_address(
    queue_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = ses_events.envelope(ses_events.bounce(), DISPUTE_ID)
    del broken["detail"]["bounce"]
    assert received(broken, ses_events.envelope(ses_events.complaint(), DISPUTE_ID), "no event") == [
        "m-1",
        "m-3",
    ]
    assert [one["code"] for one in shown_to(BUYER.actor_id)] == ["MAIL_STOPPED"]
    written = capsys.readouterr()
    assert "buyer@example.com" not in written.out + written.err


def test_no_address_is_in_any_row_that_a_bounce_writes(queue_url: str) -> None:
    received(ses_events.envelope(ses_events.bounce(), DISPUTE_ID))
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName=TABLE_NAME)["Items"]
    holding = {item["sk"]["S"] for item in items if "buyer@example.com" in json.dumps(item, default=str)}
    assert holding == {"ORDER"}
    assert any(item["pk"]["S"] == f"ADDRESS#{ADDRESS}" for item in items)


def test_r23_a_throttled_mail_goes_back_into_the_queue_and_is_no_failure(
    queue_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held: list[dict[str, Any]] = []
    client("sqs").meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: held.append(dict(params))
    )
    with monkeypatch.context() as throttled:
        throttled.setattr(client("sesv2"), "send_email", failing("TooManyRequestsException"))
        assert notified() == []
    (message,) = held
    assert json.loads(message["MessageBody"]) == {"case_id": DISPUTE_ID}
    assert (message["QueueUrl"], message["DelaySeconds"]) == (queue_url, 15)
    assert (mail_row()["status"], int(mail_row()["attempts"])) == ("PENDING", 1)
    assert "DEFERRED" in capsys.readouterr().out


def test_r23_a_refused_mail_is_dropped_counted_and_never_tried_again(
    queue_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr(client("sesv2"), "send_email", failing("MessageRejected", "bad content"))
        assert notified() == []
    assert notified() == []
    assert (mail_row()["status"], mail_row()["dropped"]) == ("DROPPED", "MESSAGE_REFUSED")
    assert '"outcome":"MESSAGE_REFUSED"' in capsys.readouterr().out.replace(" ", "")
    assert [one["code"] for one in shown_to(BUYER.actor_id)] == ["MAIL_NOT_DELIVERED"]


def test_r23_a_mail_is_sent_and_counted(queue_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert notified() == []
    assert mail_row()["status"] == "SENT"
    out = capsys.readouterr().out
    assert "SENT" in out
    assert "@example.com" not in out
