"""What becomes of a mail that SES does not take now, or never, or whose address takes none (R23, design 4)."""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.mails.delivery import (
    ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    MailDeliveryError,
    deliver_mails,
    waiting_time,
)
from buyer_protection.application.ports.mail_transport import (
    AddressMark,
    MailDeferredError,
    MailRefusedError,
    Refusal,
    address_id,
)
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.mail_alert import MailProblem
from buyer_protection.domain.timeline import instant
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    cancel,
    case_of,
    mail_delivery,
    opened,
    seen,
    tick,
    world,
    world_in,
)

TO_BUYER = "buyer@example.com"
THROTTLED = MailDeferredError("TooManyRequestsException")


def with_opening_mails() -> World:
    of = world()
    opened(of)
    of.deliver_stream()
    return of


def kinds(of: World, to: str = TO_BUYER) -> list[str]:
    return [mail["kind"] for mail in of.transport.sent if mail["to"] == to]


def test_r23_a_throttled_mail_waits_in_the_queue_and_fails_no_message() -> None:
    of, outcomes = with_opening_mails(), []
    of.transport.answers[TO_BUYER] = THROTTLED
    of.queue.asked.clear()
    of.queue.delays.clear()
    assert deliver_mails(mail_delivery(of, outcomes), CASE) == 1
    assert outcomes == [("DEFERRED", "TooManyRequestsException"), ("SENT", "")]
    assert (of.queue.asked, of.queue.delays) == ([CASE], [15])
    row = of.mails[CASE, 1, Role.BUYER]
    assert row.leased_until == of.clock.at + timedelta(seconds=15)
    assert row.due_at is not None
    # The sweeper keeps out of what the queue holds.
    assert row.due_at > row.leased_until + timedelta(minutes=10)


def test_r23_a_mail_that_waits_is_not_tried_before_its_time_and_sent_once_afterwards() -> None:
    of = with_opening_mails()
    of.transport.answers[TO_BUYER] = THROTTLED
    deliver_mails(mail_delivery(of), CASE)
    of.transport.answers.clear()
    of.clock.at += timedelta(seconds=14)
    assert deliver_mails(mail_delivery(of), CASE) == 0
    of.clock.at += timedelta(seconds=1)
    assert deliver_mails(mail_delivery(of), CASE) == 1
    assert deliver_mails(mail_delivery(of), CASE) == 0
    assert kinds(of) == ["DISPUTE_OPENED"]


def test_the_wait_doubles_up_to_what_the_queue_can_hold_back_and_lasts_three_days_in_all() -> None:
    waits = [waiting_time(attempt) for attempt in range(1, ATTEMPTS)]
    assert [wait.seconds for wait in waits[:7]] == [15, 30, 60, 120, 240, 480, 900]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert max(waits) == timedelta(seconds=LONGEST_WAIT_SECONDS)
    assert timedelta(days=3) <= sum(waits, timedelta()) < timedelta(days=3, minutes=15)


def test_r23_a_mail_that_is_never_taken_is_given_up_in_the_end_and_its_reader_is_shown_a_notice() -> None:
    of, outcomes = with_opening_mails(), []
    of.transport.answers[TO_BUYER] = THROTTLED
    for _ in range(ATTEMPTS + 5):
        deliver_mails(mail_delivery(of, outcomes), CASE)
        of.clock.at += timedelta(seconds=LONGEST_WAIT_SECONDS)
    assert [outcome for outcome, _ in outcomes].count("DEFERRED") == ATTEMPTS
    assert [outcome for outcome, _ in outcomes].count("GIVEN_UP") == 1
    row = of.mails[CASE, 1, Role.BUYER]
    assert (row.dropped, row.due_at) == ("GIVEN_UP", None)
    assert [notice["code"] for notice in seen(of, BUYER)["notices"]] == ["MAIL_NOT_DELIVERED"]


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [
        (Refusal.ADDRESS_INVALID, MailProblem.UNDELIVERABLE),
        (Refusal.MESSAGE_REFUSED, MailProblem.NOT_DELIVERED),
    ],
)
def test_what_will_never_be_taken_is_dropped_at_once_with_its_reason(
    refusal: Refusal, shown: MailProblem
) -> None:
    of, outcomes = with_opening_mails(), []
    of.transport.answers[TO_BUYER] = MailRefusedError(refusal)
    assert deliver_mails(mail_delivery(of, outcomes), CASE) == 1
    assert (refusal, "") in outcomes
    assert of.mails[CASE, 1, Role.BUYER].dropped == refusal
    assert not of.outbox.unsent(CASE)
    (notice,) = seen(of, BUYER)["notices"]
    assert notice["code"] == shown
    assert seen(of, SELLER)["notices"] == []


def test_a_fault_of_ours_is_raised_counted_and_tried_again_ever_more_seldom() -> None:
    of, outcomes = with_opening_mails(), []
    of.transport.broken.add(TO_BUYER)
    with pytest.raises(MailDeliveryError):
        deliver_mails(mail_delivery(of, outcomes), CASE)
    assert outcomes == [("FAILED", "ConnectionError"), ("SENT", "")]
    assert of.mails[CASE, 1, Role.BUYER].leased_until == of.clock.at + timedelta(seconds=15)


@pytest.mark.parametrize("problem", [MailProblem.UNDELIVERABLE, MailProblem.STOPPED])
def test_nothing_is_sent_to_a_marked_address_and_the_row_says_why(problem: MailProblem) -> None:
    of = with_opening_mails()
    of.addresses.mark(address_id(" Buyer@Example.com"), AddressMark(problem, of.clock.at, "dp-another"))
    assert deliver_mails(mail_delivery(of), CASE) == 1
    assert kinds(of) == []
    assert of.mails[CASE, 1, Role.BUYER].dropped == problem
    assert of.mails[CASE, 1, Role.SELLER].dropped is None
    (notice,) = seen(of, BUYER)["notices"]
    assert notice == {"code": problem, "at": instant(of.clock.at)}
    assert seen(of, SELLER)["notices"] == seen(of, MANAGER)["notices"] == []


def test_many_mails_to_a_marked_address_show_one_notice_and_write_it_once() -> None:
    of = with_opening_mails()
    of.addresses.mark(address_id(TO_BUYER), AddressMark(MailProblem.UNDELIVERABLE, of.clock.at, "dp-another"))
    deliver_mails(mail_delivery(of), CASE)
    version = case_of(of).version
    of.clock.at = case_of(of).opened_at + 14 * DAY
    tick(of)
    of.deliver_stream()
    writes = of.writes
    deliver_mails(mail_delivery(of), CASE)
    assert of.writes == writes
    assert len(seen(of, BUYER)["notices"]) == 1
    assert case_of(of).version == version


def test_r25_a_mail_that_waited_until_its_case_was_closed_is_dropped() -> None:
    of = with_opening_mails()
    of.transport.answers[TO_BUYER] = THROTTLED
    deliver_mails(mail_delivery(of), CASE)
    of.transport.answers.clear()
    cancel(of)
    of.deliver_stream()
    of.clock.at += timedelta(minutes=1)
    deliver_mails(mail_delivery(of), CASE)
    assert kinds(of) == ["CANCELLED_BY_BUYER"]
    assert of.mails[CASE, 1, Role.BUYER].dropped == "CASE_CLOSED"


def test_r25_a_case_that_closes_between_two_of_its_mails_keeps_the_second_back() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    render = mail_delivery(of).render

    def and_then_the_buyer_cancels(view: object) -> object:
        if not case_of(of).is_closed:
            cancel(of)
        return render(view)

    delivery = mail_delivery(of)
    object.__setattr__(delivery, "render", and_then_the_buyer_cancels)
    assert deliver_mails(delivery, CASE) == 1
    assert [row.dropped for row in of.mails.values()].count("CASE_CLOSED") == 1


def test_all_mails_of_a_case_to_one_reader_are_one_thread() -> None:
    of = with_opening_mails()
    cancel(of)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    assert {(mail["to"], mail["thread"]) for mail in of.transport.sent} == {
        (TO_BUYER, "dp-1.buyer"),
        ("seller@example.com", "dp-1.seller"),
    }


WEATHER = st.lists(st.sampled_from([None, THROTTLED, ConnectionError("a fault of ours")]), max_size=30)


@given(WEATHER)
def test_r23_whatever_ses_answers_in_between_a_mail_is_sent_once_and_waits_for_nobody_in_vain(
    weather: list[Exception | None],
) -> None:
    of = with_opening_mails()
    row = of.mails[CASE, 1, Role.BUYER]
    answers = iter(weather)
    while row.message_id is None:
        answer = next(answers, None)
        of.transport.answers = {} if answer is None else {TO_BUYER: answer}
        with suppress(MailDeliveryError):
            deliver_mails(mail_delivery(of), CASE)
        # A row that is not settled is always due for somebody, soon.
        if row.message_id is None:
            assert row.leased_until is not None
            assert row.due_at is not None
            assert row.due_at - of.clock.at <= timedelta(minutes=30)
            of.clock.at = row.leased_until
    deliver_mails(mail_delivery(of), CASE)
    assert kinds(of) == ["DISPUTE_OPENED"]
    assert kinds(of, "seller@example.com") == ["DISPUTE_OPENED"]
