"""The thread through its calls: written, listed, read, and mailed once until it is read (R5, R25)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import MessageRequest, ReadRequest
from buyer_protection.domain.enums import Role, Status
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    STAFF,
    call,
    case_of,
    doc,
    mail_delivery,
    world_in,
)


def write(of: World, caller: Caller, text: str = "Is it on its way?", key: str | None = None) -> Answer:
    return messages.send_message(of.context, call(caller, key), CASE, MessageRequest(text))


def read(of: World, caller: Caller, **page: object) -> dict[str, object]:
    return doc(messages.list_messages(of.context, call(caller), CASE, PageQuery(**page)))  # type: ignore[arg-type]


def mark(of: World, caller: Caller, up_to: str, key: str | None = None, body: str = "body") -> Answer:
    command = call(caller, key, body=body)
    return messages.mark_messages_read(of.context, command, CASE, ReadRequest(up_to))


def texts(body: dict[str, object]) -> list[str]:
    return [one["text"] for one in body["items"]]  # type: ignore[attr-defined]


def waiting(of: World) -> list[Role]:
    """Who has been mailed that something waits for them, in this order."""
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    return [Role(m["recipient"]) for m in of.transport.sent if m["kind"] == "MESSAGE_WAITING"]


def test_r05_a_message_is_created_and_read_by_both_parties_and_the_team() -> None:
    of = world_in(Status.NEGOTIATION)
    made = write(of, BUYER)
    assert (made.status, made.location) == (201, f"/v1/disputes/{CASE}/messages")
    assert doc(made)["message_id"] == "ms-1"
    assert (doc(made)["sender"], doc(made)["sent_at"]) == ("BUYER", "2026-03-10T13:00:00.000Z")
    write(of, STAFF, "It is.")
    write(of, MANAGER, "So we see.")
    for caller in (BUYER, SELLER, STAFF, MANAGER):
        assert texts(read(of, caller)) == ["Is it on its way?", "It is.", "So we see."]
        assert b"staff-1" not in messages.list_messages(of.context, call(caller), CASE, PageQuery()).body


def test_r05_what_is_written_stays_out_of_the_timeline() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER, "a secret")
    assert "a secret" not in str(of.timeline[CASE])


def test_r05_one_mail_until_the_thread_is_read() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    write(of, BUYER, "Hello?")
    assert waiting(of) == ["SELLER"]
    write(of, MANAGER, "Please answer.")
    assert waiting(of) == ["SELLER", "BUYER"]
    mark(of, SELLER, "ms-3")
    write(of, BUYER, "Thank you.")
    assert waiting(of) == ["SELLER", "BUYER", "SELLER"]


def test_r05_what_was_read_before_the_mail_left_is_not_mailed() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    mark(of, SELLER, "ms-1")
    assert waiting(of) == []
    assert "READ_ALREADY" in {row.dropped for row in of.mails.values()}


def test_h10_neither_a_message_nor_its_reading_moves_the_version_that_if_match_compares() -> None:
    of = world_in(Status.NEGOTIATION)
    before = case_of(of)
    assert write(of, SELLER).version == mark(of, BUYER, "ms-1").version == before.version
    assert (case_of(of).version, case_of(of).timeline_seq) == (before.version, before.timeline_seq + 2)
    stale = call(SELLER, if_match=before.version)
    messages.send_message(of.context, stale, CASE, MessageRequest("And this?"))
    assert case_of(of).messages == 2
