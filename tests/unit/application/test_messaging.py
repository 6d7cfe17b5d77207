"""The thread through its calls: written, listed, read, and mailed once until it is read (R5, R25)."""

import pytest

from buyer_protection.application.actions import messages
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.reads import get_dispute
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import MessageRequest, ReadRequest
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotFoundError,
)
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    STAFF,
    call,
    cancel,
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


def test_h10_reading_writes_nothing_and_a_mark_makes_nobodys_version_stale() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    before, seen = of.writes, get_dispute(of.context, call(BUYER), CASE)
    read(of, SELLER)
    assert of.writes == before
    marked = mark(of, SELLER, "ms-1")
    after = get_dispute(of.context, call(BUYER), CASE)
    # The same entity tag, for the same document.
    assert (marked.version, after) == (seen.version, seen)
    body = MessageRequest("It came.")
    assert messages.send_message(of.context, call(BUYER, if_match=seen.version), CASE, body).status == 201


def test_h10_a_mark_and_another_change_of_the_same_version_are_both_kept() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    of.before_commit = lambda: mark(of, SELLER, "ms-1")
    cancel(of)
    entries = [entry.type for entry in of.timeline[CASE]]
    assert entries[-2:] == ["MESSAGES_READ", "CANCELLED"]


def test_r05_a_mark_is_noted_once_under_its_key_and_the_next_message_is_mailed() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    assert waiting(of) == ["SELLER"]
    first, again = (mark(of, SELLER, "ms-1", key="k-1") for _ in range(2))
    assert (first.status, first) == (200, again)
    with pytest.raises(IdempotencyKeyReusedError):
        mark(of, SELLER, "ms-2", key="k-1", body="other")
    write(of, BUYER, "Thank you.")
    assert waiting(of) == ["SELLER", "SELLER"]


def test_r05_a_mark_that_notes_nothing_answers_the_dispute_and_writes_nothing() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    write(of, BUYER, "Hello?")
    writes = of.writes
    for caller, up_to in ((BUYER, "ms-2"), (SELLER, "ms-1")):
        marked = mark(of, caller, up_to, key="k-1")
        assert (marked.status, doc(marked)["dispute_id"]) == (200, CASE)
    assert of.writes == writes
    assert case_of(of).seller_has_unread


def test_r05_a_message_that_came_meanwhile_is_not_taken_for_read() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    of.before_commit = lambda: write(of, MANAGER, "Meanwhile.")
    mark(of, SELLER, "ms-1")
    assert case_of(of).seller_has_unread
    mark(of, SELLER, "ms-2")
    assert not case_of(of).seller_has_unread


def test_r05_a_thread_is_paged_oldest_first() -> None:
    of = world_in(Status.NEGOTIATION)
    for number in range(5):
        write(of, BUYER, f"m{number}")
    seen: list[str] = []
    token = None
    while True:
        body = read(of, SELLER, page_size=2, page_token=token)
        seen += texts(body)
        token = body.get("next_page_token")
        if token is None:
            break
    assert seen == [f"m{number}" for number in range(5)]


def test_r05_a_page_token_is_its_callers_alone() -> None:
    of = world_in(Status.NEGOTIATION)
    for number in range(3):
        write(of, BUYER, f"m{number}")
    token = read(of, SELLER, page_size=1)["next_page_token"]
    with pytest.raises(InvalidRequestError):
        read(of, BUYER, page_size=1, page_token=token)


def test_r05_the_same_message_twice_with_one_key_is_one_message() -> None:
    of = world_in(Status.NEGOTIATION)
    first = write(of, BUYER, key="k" * 16)
    assert write(of, BUYER, key="k" * 16) == first
    assert len(of.messages[CASE]) == 1


def test_r25_a_closed_case_can_be_read_and_not_written_to_and_sends_nothing_more() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, BUYER)
    cancel(of)
    assert waiting(of) == []
    writes = of.writes
    for caller in (BUYER, SELLER, MANAGER):
        with pytest.raises(ConflictError) as refused:
            write(of, caller)
        assert (refused.value.code, refused.value.rule) == ("DISPUTE_CLOSED", "R25")
        assert texts(read(of, caller)) == ["Is it on its way?"]
    assert of.writes == writes


@pytest.mark.parametrize("caller", [OTHER_BUYER, OTHER_SELLER])
def test_r01_a_stranger_finds_no_thread(caller: Caller) -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(NotFoundError):
        write(of, caller)
    with pytest.raises(NotFoundError):
        read(of, caller)
