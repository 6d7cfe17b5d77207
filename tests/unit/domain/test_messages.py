"""The message thread: who writes, who is informed once until they have read, and when it is over (R5, R25)."""

from dataclasses import replace

import pytest

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import OPEN, TERMINAL, EventType, Role, Status
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidRequestError,
    LimitReachedError,
    WindowClosedError,
)
from buyer_protection.domain.messages import mark_read, send_message
from buyer_protection.domain.numbers import message_number
from buyer_protection.domain.timeline import CLOCK, MESSAGE_RECIPIENTS, Actor
from tests.support.builders import (
    BUYER,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    case_in,
    case_in_claim,
    case_negotiating,
)

B, S, M = Role.BUYER, Role.SELLER, Role.CASE_MANAGER


def sent(case: Dispute, actor: Actor = BUYER, text: str = "Is it on its way?") -> Change:
    return send_message(case, actor, text, (case.updated_at or OPENED) + SECOND)


def test_r05_a_message_is_kept_and_the_timeline_says_only_that_there_was_one() -> None:
    change = sent(case_negotiating())
    message = change.new_message
    assert message is not None
    assert (message.message_id, message.sender, message.sender_id) == ("ms-1", B, "buyer-1")
    assert (message.text, message.sent_at) == ("Is it on its way?", OPENED + SECOND)
    assert change.entry.type is EventType.MESSAGE_SENT
    assert dict(change.entry.data) == {"message_id": "ms-1", MESSAGE_RECIPIENTS: ["SELLER"]}
    second = sent(change.after, SELLER).new_message
    assert second is not None
    assert [message_number(one.message_id) for one in (message, second)] == [1, 2]


@pytest.mark.parametrize(("actor", "recipients"), [(BUYER, {S}), (SELLER, {B}), (MANAGER, {B, S})])
def test_r05_everybody_else_is_informed_and_the_team_never_by_mail(
    actor: Actor, recipients: set[Role]
) -> None:
    change = sent(case_negotiating(), actor)
    assert set(change.entry.data[MESSAGE_RECIPIENTS]) == recipients
    assert {role for role in Role if change.after.side(role).has_unread} == recipients


def test_r05_one_mail_until_it_is_read() -> None:
    first = sent(case_negotiating())
    second = sent(first.after)
    assert second.entry.data[MESSAGE_RECIPIENTS] == []
    assert second.after.seller_has_unread
    read = mark_read(second.after, SELLER, "ms-2", OPENED + 9 * SECOND)
    assert read is not None
    assert sent(read.after).entry.data[MESSAGE_RECIPIENTS] == ["SELLER"]


def test_r05_who_answers_has_read() -> None:
    answered = sent(sent(case_negotiating()).after, SELLER)
    assert answered.entry.data[MESSAGE_RECIPIENTS] == ["BUYER"]
    assert (answered.after.seller_has_unread, answered.after.buyer_has_unread) == (False, True)
    assert mark_read(answered.after, SELLER, "ms-2", OPENED + 9 * SECOND) is None
    assert sent(answered.after).entry.data[MESSAGE_RECIPIENTS] == ["SELLER"]


def test_r05_what_was_read_up_to_the_threads_end_is_noted_once() -> None:
    case = sent(sent(case_negotiating()).after).after
    read = mark_read(case, SELLER, "ms-2", OPENED + 9 * SECOND)
    assert read is not None
    assert dict(read.entry.data) == {"party": "SELLER", "up_to": "ms-2"}
    assert not read.after.seller_has_unread
    assert mark_read(read.after, SELLER, "ms-2", OPENED + 10 * SECOND) is None


def test_r05_who_has_read_a_part_is_not_taken_to_have_read_the_rest() -> None:
    case = sent(sent(case_negotiating()).after).after
    assert mark_read(case, SELLER, "ms-1", OPENED + 9 * SECOND) is None


@pytest.mark.parametrize("up_to", ["ms-0", "ms-2", "of-1", "1"])
def test_r05_nobody_has_read_a_message_that_is_not_there(up_to: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        mark_read(sent(case_negotiating()).after, SELLER, up_to, OPENED + 9 * SECOND)
    assert (refused.value.rule, refused.value.fields) == ("R5", (FieldError("/up_to", "NOT_IN_DISPUTE"),))


def test_r05_who_was_not_informed_has_nothing_to_note() -> None:
    assert mark_read(sent(case_negotiating()).after, BUYER, "ms-1", OPENED + SECOND) is None
    with pytest.raises(ForbiddenError):
        mark_read(sent(case_negotiating()).after, MANAGER, "ms-1", OPENED + SECOND)


def test_r05_writing_moves_no_window_and_reading_not_even_the_version() -> None:
    case = case_negotiating()
    written = sent(case).after
    read = mark_read(written, SELLER, "ms-1", OPENED + 5 * SECOND)
    assert read is not None
    assert (read.after.epoch, read.after.deadline, read.after.status) == (
        case.epoch,
        case.deadline,
        case.status,
    )
    assert (read.after.version, read.after.updated_at) == (written.version, written.updated_at)
    assert read.after.timeline_seq == written.timeline_seq + 1


@pytest.mark.parametrize("status", sorted(OPEN))
@pytest.mark.parametrize("actor", [BUYER, SELLER, MANAGER])
def test_r05_one_can_write_as_long_as_the_case_is_open(status: Status, actor: Actor) -> None:
    assert sent(case_in(status), actor).after.status is status


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("actor", [BUYER, SELLER, MANAGER])
def test_r25_nobody_writes_in_a_closed_case(status: Status, actor: Actor) -> None:
    with pytest.raises(ConflictError) as refused:
        sent(case_in(status), actor)
    assert (refused.value.code, refused.value.rule) == ("DISPUTE_CLOSED", "R25")


def test_r05_nobody_else_writes() -> None:
    with pytest.raises(ForbiddenError) as refused:
        sent(case_negotiating(), CLOCK)
    assert refused.value.rule == "R5"


@pytest.mark.parametrize("loud", [BUYER, SELLER, MANAGER])
def test_e1_r46_who_has_used_up_the_own_messages_keeps_nobody_else_from_writing(loud: Actor) -> None:
    case = replace(case_negotiating(), messages=499, messages_by={loud.role: 499})
    full = sent(case, loud).after
    assert full.messages_by == {loud.role: 500}
    with pytest.raises(LimitReachedError) as refused:
        sent(full, loud)
    assert (refused.value.code, refused.value.rule) == ("LIMIT_REACHED", "R5")
    for other in {BUYER, SELLER, MANAGER} - {loud}:
        change = sent(full, other)
        assert change.new_message is not None
        assert change.new_message.message_id == "ms-501"


def test_e1_a_case_of_before_messages_were_counted_by_side_has_room_for_everybody() -> None:
    old = replace(case_negotiating(), messages=500)
    for actor in (BUYER, SELLER, MANAGER):
        assert sent(old, actor).after.messages == 501


def test_r15_r22_at_the_end_of_a_window_the_clock_comes_first() -> None:
    for case, rule in ((case_negotiating(), "R15"), (case_in_claim(), "R22")):
        assert case.deadline is not None
        send_message(case, BUYER, "In time.", case.deadline - SECOND)
        with pytest.raises(WindowClosedError) as refused:
            send_message(case, BUYER, "Late.", case.deadline)
        assert refused.value.rule == rule
