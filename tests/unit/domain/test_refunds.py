"""What the payment system says of a refund: noted on the closed case, never a change of money or outcome (R25)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import negotiation, parcels
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, RefundStatus, Status
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund, ReturnedPayment
from buyer_protection.domain.refunds import (
    FIRST_RETRY,
    MAX_RETRIES,
    UNANSWERED_AFTER,
    RefundAnswer,
    ask_again,
    dispute_id_of,
    give_up,
    hold,
    is_unanswered,
    needs_operator,
    note_answer,
    pause_after,
    refund_id_of,
)
from buyer_protection.domain.timeline import OPERATOR, PAYMENT, first_break, instant
from tests.support.builders import BUYER, DAY, OPENED, PAID, SELLER, opening_change, usd

NOW = OPENED + 2 * DAY
SUCCEEDED, FAILED, RETURNED = RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.RETURNED


def settled() -> Dispute:
    return negotiation.accept_request(opening_change().after, SELLER, OPENED + DAY).after


def said(status: RefundStatus, amount: Money | None = None, note: str = "") -> RefundAnswer:
    return RefundAnswer(status, amount or usd(PAID), NOW, note)


def noted(case: Dispute, status: RefundStatus) -> Dispute:
    change = note_answer(case, said(status), NOW)
    assert change is not None
    return change.after


def test_a_case_that_ends_with_money_waits_for_the_payment_systems_word() -> None:
    assert settled().refund_status is RefundStatus.REQUESTED
    cancelled = parcels.cancel(opening_change().after, BUYER, acknowledge_consequences=True, now=NOW)
    assert cancelled.after.refund_status is None


def test_r25_a_success_is_an_entry_of_the_closed_case_and_changes_nothing_else() -> None:
    case = settled()
    change = note_answer(case, said(SUCCEEDED, note="pay-1"), NOW)
    assert change is not None
    entry = change.entry
    assert (entry.type, entry.actor, entry.seq) == (
        EventType.REFUND_SUCCEEDED,
        PAYMENT,
        case.timeline_seq + 1,
    )
    assert dict(entry.data) == {
        "refund_id": "rf-dp-1",
        "refund_minor": PAID,
        "currency": "USD",
        "occurred_at": instant(NOW),
        "reference": "pay-1",
    }
    same = replace(
        change.after,
        updated_at=case.updated_at,
        timeline_seq=case.timeline_seq,
        timeline_hash=case.timeline_hash,
        refund_status=case.refund_status,
        refund_reference=case.refund_reference,
        refund_paid_at=case.refund_paid_at,
    )
    assert same == case
    assert (change.refund, change.finishes_order, change.releases_order) == (None, False, False)
    assert change.after.epoch == case.epoch


def test_r25_a_failure_may_still_become_a_success() -> None:
    failed = noted(settled(), FAILED)
    assert (failed.refund_status, failed.status) == (FAILED, Status.RESOLVED)
    assert noted(failed, SUCCEEDED).refund_status is SUCCEEDED


def test_d1_a_failure_after_the_success_is_money_that_came_back() -> None:
    change = note_answer(noted(settled(), SUCCEEDED), said(FAILED, note="ACCOUNT_CLOSED"), NOW + DAY)
    assert change is not None
    assert (change.entry.type, change.after.refund_status) == (EventType.REFUND_RETURNED, RETURNED)
    assert (change.entry.data["reason"], change.paid_minor) == ("ACCOUNT_CLOSED", -PAID)


def test_d1_a_case_of_before_the_payments_instant_was_kept_takes_a_return_too() -> None:
    old = replace(noted(settled(), SUCCEEDED), refund_paid_at=None)
    assert note_answer(old, RefundAnswer(FAILED, usd(PAID), NOW - DAY), NOW + DAY) is None
    assert note_answer(old, RefundAnswer(FAILED, usd(PAID), NOW + DAY), NOW + DAY) is not None


@pytest.mark.parametrize("becomes", [hold, give_up])
def test_d1_a_success_is_taken_whatever_was_noted_before(
    becomes: Callable[[Dispute, datetime], Change],
) -> None:
    stopped = becomes(noted(settled(), FAILED), NOW).after
    assert note_answer(stopped, said(FAILED), NOW) is None
    paid = note_answer(stopped, said(SUCCEEDED), NOW)
    assert paid is not None
    assert (paid.after.refund_status, paid.paid_minor) == (SUCCEEDED, PAID)


def test_d3_only_what_nobody_asks_for_any_more_is_asked_for_again_by_an_operator() -> None:
    failed = noted(settled(), FAILED)
    paid = noted(failed, SUCCEEDED)
    for case in (settled(), failed, paid, hold(failed, NOW).after):
        assert ask_again(case, 1, NOW) is None
    returned = note_answer(paid, RefundAnswer(FAILED, usd(PAID), NOW + DAY), NOW + DAY)
    assert returned is not None
    for case in (give_up(failed, NOW).after, returned.after):
        again = ask_again(case, 1, NOW + DAY)
        assert again is not None
        assert (again.entry.type, again.entry.actor) == (EventType.REFUND_RELEASED, OPERATOR)
        assert again.after.refund_status is RefundStatus.REQUESTED


def returned(note: str = "pay-1") -> Dispute:
    """Paid, and sent back by the bank a day later."""
    paid = note_answer(settled(), said(SUCCEEDED, note=note), NOW)
    assert paid is not None
    change = note_answer(paid.after, RefundAnswer(FAILED, usd(PAID), NOW + DAY), NOW + DAY)
    assert change is not None
    return change.after


def asked_anew(note: str = "pay-1", attempts: int = 3) -> Dispute:
    change = ask_again(returned(note), attempts, NOW + 2 * DAY)
    assert change is not None
    return change.after


OLD = [
    RefundAnswer(SUCCEEDED, usd(PAID), NOW, "pay-1"),
    RefundAnswer(SUCCEEDED, usd(PAID), NOW, ""),
    # Said again as of now, under the reference of the payment that came back.
    RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-1"),
    RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-1", 3),
    RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "", 1),
    RefundAnswer(FAILED, usd(PAID), NOW + DAY),
    RefundAnswer(FAILED, usd(PAID), NOW + 3 * DAY, "", 2),
]


@pytest.mark.parametrize("answer", OLD)
def test_r44_an_answer_to_what_was_asked_before_is_none_to_what_was_asked_anew(answer: RefundAnswer) -> None:
    """The payment came back: nothing that is said of it is the new payment."""
    assert note_answer(asked_anew(), answer, NOW + 4 * DAY) is None


@pytest.mark.parametrize("answer", OLD)
def test_r44_nor_once_the_new_payment_was_made(answer: RefundAnswer) -> None:
    paid = note_answer(
        asked_anew(), RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2", 4), NOW + 3 * DAY
    )
    assert paid is not None
    if answer.occurred_at <= NOW + DAY or answer.status is SUCCEEDED:
        assert note_answer(paid.after, answer, NOW + 4 * DAY) is None


@pytest.mark.parametrize(
    "answer",
    [
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2"),
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, ""),
        # A payment system that names each payment of a refund alike says which request it answers.
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-1", 4),
        RefundAnswer(FAILED, usd(PAID), NOW + 3 * DAY, "ACCOUNT_CLOSED"),
        RefundAnswer(FAILED, usd(PAID), NOW + 3 * DAY, "ACCOUNT_CLOSED", 4),
    ],
)
def test_r44_the_answer_to_what_was_asked_anew_is_taken(answer: RefundAnswer) -> None:
    change = note_answer(asked_anew(), answer, NOW + 4 * DAY)
    assert change is not None
    assert change.after.refund_status is answer.status


def test_r44_a_second_payment_that_comes_back_too_is_known_as_well() -> None:
    paid = note_answer(
        asked_anew(), RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2"), NOW + 3 * DAY
    )
    assert paid is not None
    back = note_answer(paid.after, RefundAnswer(FAILED, usd(PAID), NOW + 4 * DAY), NOW + 4 * DAY)
    assert back is not None
    assert back.after.refund_status is RETURNED
    again = ask_again(back.after, 4, NOW + 5 * DAY)
    assert again is not None
    for note, occurred_at in (("pay-2", NOW + 3 * DAY), ("", NOW + 3 * DAY), ("", NOW)):
        old = RefundAnswer(SUCCEEDED, usd(PAID), occurred_at, note)
        assert note_answer(again.after, old, NOW + 6 * DAY) is None


def test_r44_a_payment_of_before_it_was_kept_as_returned_is_known_by_what_the_case_has() -> None:
    old = replace(returned(), refund_returned=None)
    again = ask_again(old, 2, NOW + 2 * DAY)
    assert again is not None
    assert again.after.refund_returned == ReturnedPayment("pay-1", NOW, NOW + DAY, 2)
    requested = replace(again.after, refund_returned=None)
    assert note_answer(requested, RefundAnswer(SUCCEEDED, usd(PAID), NOW, "pay-1"), NOW + 4 * DAY) is None


def test_d3_a_failure_that_was_known_when_the_refund_was_asked_for_anew_is_nothing_new() -> None:
    again = ask_again(give_up(noted(settled(), FAILED), NOW).after, 16, NOW + DAY)
    assert again is not None
    assert note_answer(again.after, said(FAILED), NOW + DAY) is None
    assert note_answer(again.after, RefundAnswer(FAILED, usd(PAID), NOW + DAY), NOW + DAY) is not None


@pytest.mark.parametrize("status", [SUCCEEDED, FAILED])
def test_the_same_answer_again_is_nothing_new(status: RefundStatus) -> None:
    assert note_answer(noted(settled(), status), said(status), NOW + DAY) is None


def test_a_second_payment_under_another_reference_is_never_taken_for_the_first() -> None:
    first = note_answer(settled(), said(SUCCEEDED, note="pay-1"), NOW)
    assert first is not None
    paid = first.after
    for note in ("pay-1", ""):
        assert note_answer(paid, said(SUCCEEDED, note=note), NOW) is None
    with pytest.raises(ConflictError) as refused:
        note_answer(paid, said(SUCCEEDED, note="pay-2"), NOW)
    assert refused.value.code == "REFUND_PAID_TWICE"


def test_a_success_after_a_failure_has_its_own_reference_and_not_the_failures_reason() -> None:
    failed = note_answer(settled(), said(FAILED, note="CARD_EXPIRED"), NOW)
    assert failed is not None
    assert failed.after.refund_reference == ""
    paid = note_answer(failed.after, said(SUCCEEDED, note="pay-1"), NOW)
    assert paid is not None
    assert paid.after.refund_reference == "pay-1"


@pytest.mark.parametrize("status", [SUCCEEDED, FAILED])
@pytest.mark.parametrize("amount", [usd(PAID - 1), usd(PAID + 1), Money(PAID, "EUR")])
def test_an_answer_about_another_amount_is_refused(status: RefundStatus, amount: Money) -> None:
    for case in (settled(), noted(settled(), SUCCEEDED)):
        with pytest.raises(ConflictError) as refused:
            note_answer(case, said(status, amount), NOW)
        assert refused.value.code == "REFUND_AMOUNT_DIFFERS"


def test_a_case_without_a_refund_takes_no_answer() -> None:
    cancelled = parcels.cancel(opening_change().after, BUYER, acknowledge_consequences=True, now=NOW)
    for case in (opening_change().after, cancelled.after):
        with pytest.raises(ConflictError) as refused:
            note_answer(case, said(SUCCEEDED, usd(0)), NOW)
        assert refused.value.code == "REFUND_UNKNOWN"


def test_the_timelines_chain_goes_on_after_the_end() -> None:
    opened = opening_change()
    agreed = negotiation.accept_request(opened.after, SELLER, OPENED + DAY)
    answered = note_answer(agreed.after, said(SUCCEEDED), NOW)
    assert answered is not None
    assert first_break([opened.entry, agreed.entry, answered.entry]) is None


def test_a_refund_is_named_by_its_case() -> None:
    assert refund_id_of("dp-1") == "rf-dp-1"
    assert dispute_id_of("rf-dp-1") == "dp-1"
    with pytest.raises(NotFoundError):
        dispute_id_of("dp-1")


def test_d3_after_fifteen_retries_which_are_three_days_a_person_is_asked() -> None:
    refund = Refund("rf-dp-1", "dp-1", "order-1", usd(PAID), OPENED, FAILED, 9 + MAX_RETRIES - 1, 9)
    assert not needs_operator(refund)
    given_up = replace(refund, attempt=9 + MAX_RETRIES)
    assert needs_operator(given_up)
    assert not needs_operator(replace(given_up, first_retry=None))
    assert not needs_operator(replace(given_up, status=RefundStatus.REQUESTED))
    tries = [replace(refund, attempt=9 + n) for n in range(MAX_RETRIES)]
    assert timedelta(days=3) < FIRST_RETRY + sum(map(pause_after, tries), timedelta(0)) < timedelta(days=3.5)


def test_d2_a_request_without_an_answer_is_an_operators_after_a_day() -> None:
    refund = Refund("rf-dp-1", "dp-1", "order-1", usd(PAID), OPENED)
    assert not is_unanswered(refund, OPENED + UNANSWERED_AFTER - timedelta(milliseconds=1))
    assert is_unanswered(refund, OPENED + UNANSWERED_AFTER)
    assert not is_unanswered(replace(refund, status=FAILED), OPENED + 9 * UNANSWERED_AFTER)


def came_back(case: Dispute, paid: RefundAnswer, days: int) -> Dispute:
    """Paid, and sent back by the bank so many days on."""
    success = note_answer(case, paid, paid.occurred_at)
    assert success is not None
    failure = note_answer(success.after, RefundAnswer(FAILED, usd(PAID), NOW + days * DAY), NOW + days * DAY)
    assert failure is not None
    assert failure.after.refund_status is RETURNED
    return failure.after


@pytest.mark.parametrize(
    "old",
    [
        RefundAnswer(SUCCEEDED, usd(PAID), NOW, "pay-1"),
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 5 * DAY, "pay-1"),
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 5 * DAY, "pay-2"),
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 5 * DAY, "", 3),
        RefundAnswer(SUCCEEDED, usd(PAID), NOW + 4 * DAY),
    ],
)
def test_r44_each_payment_that_came_back_stays_known(old: RefundAnswer) -> None:
    back = came_back(asked_anew(), RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2"), 4)
    again = ask_again(back, 4, NOW + 5 * DAY)
    assert again is not None
    assert back.refund_returned is not None
    assert back.refund_returned.references == ("pay-1", "pay-2")
    for case in (back, again.after):
        assert note_answer(case, old, NOW + 6 * DAY) is None
    third = RefundAnswer(SUCCEEDED, usd(PAID), NOW + 6 * DAY, "pay-3", 5)
    change = note_answer(again.after, third, NOW + 6 * DAY)
    assert change is not None
    assert note_answer(change.after, old, NOW + 7 * DAY) is None


def test_r44_the_first_payment_without_a_reference_is_known_by_its_instant_after_the_second() -> None:
    back = came_back(asked_anew(""), RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2"), 4)
    late = RefundAnswer(SUCCEEDED, usd(PAID), NOW, "pay-1")
    assert note_answer(back, late, NOW + 5 * DAY) is None
    new = RefundAnswer(SUCCEEDED, usd(PAID), NOW + 5 * DAY, "pay-3")
    assert note_answer(back, new, NOW + 5 * DAY) is not None


@pytest.mark.parametrize(
    ("paid", "failed", "comes_back"), [(2, 1, False), (2, 2, True), (2, None, True), (None, 1, True)]
)
def test_r44_a_failure_of_an_older_attempt_than_the_one_that_was_paid_is_of_that_attempt(
    paid: int | None, failed: int | None, comes_back: bool
) -> None:
    success = note_answer(settled(), RefundAnswer(SUCCEEDED, usd(PAID), NOW, "pay-1", paid), NOW)
    assert success is not None
    later = RefundAnswer(FAILED, usd(PAID), NOW + DAY, "", failed)
    assert (note_answer(success.after, later, NOW + DAY) is not None) is comes_back


@pytest.mark.parametrize("paid", [4, None])
def test_r44_a_failure_of_an_attempt_before_the_money_came_back_does_not_send_the_new_payment_back(
    paid: int | None,
) -> None:
    success = note_answer(asked_anew(), RefundAnswer(SUCCEEDED, usd(PAID), NOW + 3 * DAY, "pay-2", paid), NOW)
    assert success is not None
    for attempt, is_old in ((1, True), (3, True), (4, False)):
        later = RefundAnswer(FAILED, usd(PAID), NOW + 4 * DAY, "", attempt)
        assert (note_answer(success.after, later, NOW + 4 * DAY) is None) is is_old
