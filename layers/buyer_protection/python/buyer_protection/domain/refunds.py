"""What the shop's payment system says of a refund, held against the case that asked for it.

An answer never changes money, status or outcome: it is noted on the closed case, and ends the asking or prolongs it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, RefundStatus
from buyer_protection.domain.era import without_era
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.mail_alert import NoticeCode
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund, RefundProgress, ReturnedPayment
from buyer_protection.domain.timeline import CLOCK, OPERATOR, PAYMENT, Actor, instant

# How long an answer may take before the request is repeated, twice as long each time up to the longest pause.
ANSWER_AFTER = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=12)
# A refund that fails is asked for again after this, twice as long each time up to the longest pause, and so often in
# all, which takes three days.
FIRST_RETRY = timedelta(minutes=1)
MAX_RETRIES = 15
# From then on a request without an answer is an operator's to look at.
UNANSWERED_AFTER = timedelta(days=1)
# When a refund that is held is compared with its order's ledger again.
HELD_CHECK_AFTER = timedelta(hours=1)

# Nobody asks for these any more by themselves.
NOT_ASKED = frozenset({RefundStatus.SUCCEEDED, RefundStatus.GIVEN_UP, RefundStatus.RETURNED})

REFUND_PREFIX = "rf-"


def refund_id_of(dispute_id: str) -> str:
    """The id of a case's one refund: the payment system's own key against paying twice."""
    return f"{REFUND_PREFIX}{dispute_id}"


def refund_id_for(case: Dispute) -> str:
    """The id of the refund that the case ended with: of the era in which it ended, where the table was restored."""
    return case.refund_id or refund_id_of(case.dispute_id)


def dispute_id_of(refund_id: str) -> str:
    """The case behind a refund's id, of any era; NotFoundError where the text is no refund id of ours."""
    if not refund_id.startswith(REFUND_PREFIX):
        raise NotFoundError
    return without_era(refund_id.removeprefix(REFUND_PREFIX))


def is_of_another_era(case: Dispute, refund_id: str) -> bool:
    """Whether this is a refund's id of ours, and not of the refund that the case ended with: what was asked for under
    it is not in the table any more, since that was restored to an earlier instant."""
    return refund_id.startswith(REFUND_PREFIX) and refund_id != refund_id_for(case)


def check_era(case: Dispute, refund_id: str) -> None:
    """409 `REFUND_UNKNOWN` for the answer to a refund that the table knows nothing of any more."""
    if is_of_another_era(case, refund_id):
        raise ConflictError("This case asked for no refund under this id.", code="REFUND_UNKNOWN")


_PROGRESS = {
    RefundStatus.REQUESTED: RefundProgress.REQUESTED,
    RefundStatus.SUCCEEDED: RefundProgress.PAID,
    RefundStatus.FAILED: RefundProgress.RETRYING,
    RefundStatus.HELD: RefundProgress.HELD,
    RefundStatus.GIVEN_UP: RefundProgress.GIVEN_UP,
    RefundStatus.RETURNED: RefundProgress.RETURNED,
}
_NOTICES = {
    RefundStatus.FAILED: NoticeCode.REFUND_RETRYING,
    RefundStatus.HELD: NoticeCode.REFUND_HELD,
    RefundStatus.GIVEN_UP: NoticeCode.REFUND_GIVEN_UP,
    RefundStatus.RETURNED: NoticeCode.REFUND_RETURNED,
}


def progress_of(case: Dispute) -> RefundProgress | None:
    """R44: what became of the refund; None where the case has none."""
    return None if case.refund_status is None else _PROGRESS[case.refund_status]


def notice_of(case: Dispute) -> NoticeCode | None:
    """R44: what both parties are shown while the refund does not come as it should."""
    return None if case.refund_status is None else _NOTICES.get(case.refund_status)


def needs_operator(refund: Refund) -> bool:
    """Whether it has failed so often that it is not asked for any more."""
    return refund.status is RefundStatus.FAILED and _retries_before(refund) >= MAX_RETRIES


def _retries_before(refund: Refund) -> int:
    return 0 if refund.first_retry is None else refund.attempt - refund.first_retry


def is_unanswered(refund: Refund, now: datetime) -> bool:
    """Whether the payment system has said nothing for so long that an operator must look at it."""
    return refund.status is RefundStatus.REQUESTED and now >= refund.requested_at + UNANSWERED_AFTER


def pause_after(refund: Refund) -> timedelta:
    """How long after this attempt the next one is made, where no answer settles the matter before."""
    if refund.status is RefundStatus.FAILED:
        return _doubled(FIRST_RETRY, _retries_before(refund))
    return _doubled(ANSWER_AFTER, refund.attempt - 1)


def _doubled(pause: timedelta, times: int) -> timedelta:
    factor: int = 2 ** min(times, 10)
    return min(pause * factor, LONGEST_PAUSE)


def due_after_entry(case: Dispute, at: datetime) -> datetime | None:
    """When a refund is due to be asked for once this became of it; None where nobody asks for it any more."""
    match case.refund_status:
        case RefundStatus.FAILED:
            return at + FIRST_RETRY
        case RefundStatus.HELD:
            return at + HELD_CHECK_AFTER
        case RefundStatus.REQUESTED:
            return at
        case _:
            return None


class RefundAnswer(NamedTuple):
    """SUCCEEDED or FAILED, of exactly this amount; `note` is the payment's reference, or why it failed.

    `attempt`: which request it answers, where the payment system says so. `payment`: which payment of the refund it is,
    where the order keeps it as one that the shop made by hand (`payment_number`).
    """

    status: RefundStatus
    amount: Money
    occurred_at: datetime
    note: str = ""
    attempt: int | None = None
    payment: int | None = None


def is_of(case: Dispute, refund: Refund) -> bool:
    """Whether the case ended with exactly this refund: what no case ended with is never paid."""
    ended = case.outcome is not None and case.is_closed and case.outcome.refund == refund.amount
    ours = refund.refund_id == refund_id_for(case), refund.order_id == case.order_id
    return ended and not refund.amount.is_zero() and all(ours)


def hold(case: Dispute, now: datetime) -> Change:
    """R39: the refund does not leave, because it no longer fits into what the order has left."""
    return _noted(case, CLOCK, EventType.REFUND_HELD, RefundStatus.HELD, now)


def release(case: Dispute, now: datetime) -> Change:
    """R39: it fits again, and is asked for."""
    return _noted(case, CLOCK, EventType.REFUND_RELEASED, RefundStatus.REQUESTED, now)


def give_up(case: Dispute, now: datetime) -> Change:
    """R44: it has failed for days; it does not come by itself any more."""
    return _noted(case, CLOCK, EventType.REFUND_GIVEN_UP, RefundStatus.GIVEN_UP, now)


def ask_again(case: Dispute, attempts: int, now: datetime) -> Change | None:
    """What an operator gets going again: a refund that was given up, or that the bank sent back. None for any other.

    `attempts`: how often it has been asked for, so that an answer to one of these is none to the new one.
    """
    if case.refund_status not in {RefundStatus.GIVEN_UP, RefundStatus.RETURNED}:
        return None
    change = _noted(case, OPERATOR, EventType.REFUND_RELEASED, RefundStatus.REQUESTED, now)
    gone = _returned(case)
    known = None if gone is None else replace(gone, attempts=attempts)
    return replace(change, after=replace(change.after, refund_returned=known))


def _noted(
    case: Dispute,
    actor: Actor,
    kind: EventType,
    status: RefundStatus,
    now: datetime,
    said: Mapping[str, str | None] | None = None,
) -> Change:
    if case.outcome is None:
        raise AssertionError("a refund is of a case that has ended")
    refund = case.outcome.refund
    data = {
        "refund_id": refund_id_for(case),
        "refund_minor": refund.amount_minor,
        "currency": refund.currency,
        **(said or {}),
    }
    return case.record(now, actor, kind, data, replace(case, refund_status=status), Guard.NONE)


def note_answer(case: Dispute, answer: RefundAnswer, now: datetime) -> Change | None:
    """The answer as an entry of the timeline; None where it is known already, or overtaken.

    409 `REFUND_UNKNOWN` where the case asked for none, `REFUND_AMOUNT_DIFFERS` for another amount or currency,
    `REFUND_PAID_TWICE` for a success under another reference than the known one. A success is taken whatever was said
    before, unless it is that of a payment which came back; a failure after the success means that the money came back
    (R44).
    """
    if case.outcome is None or case.outcome.refund.is_zero():
        raise ConflictError("This case asked for no refund.", code="REFUND_UNKNOWN")
    if answer.amount != case.outcome.refund:
        raise ConflictError("The amount is not the one that was asked for.", code="REFUND_AMOUNT_DIFFERS")
    if answer.status is RefundStatus.SUCCEEDED:
        return _note_success(case, answer, now)
    return _note_failure(case, answer, now)


def _note_success(case: Dispute, answer: RefundAnswer, now: datetime) -> Change | None:
    if _is_of_returned(case, answer):
        return None
    same = not answer.note or not case.refund_reference or answer.note == case.refund_reference
    if case.refund_status is RefundStatus.SUCCEEDED:
        if not same:
            raise ConflictError("It was paid under another reference already.", code="REFUND_PAID_TWICE")
        return None
    said = {"occurred_at": instant(answer.occurred_at), "reference": answer.note or None}
    change = _noted(case, PAYMENT, EventType.REFUND_SUCCEEDED, RefundStatus.SUCCEEDED, now, said)
    paid = replace(
        change.after,
        refund_reference=answer.note,
        refund_paid_at=answer.occurred_at,
        refund_paid_attempt=answer.attempt,
    )
    return replace(change, after=paid)


def payment_number(case: Dispute, reference: str) -> int:
    """R39: which payment of the case's refund this is, counted from 1: each that came back makes room for another."""
    gone = _returned(case)
    if gone is None:
        return 1
    known = gone.references
    return known.index(reference) + 1 if reference in known else len(known) + 1


def _returned(case: Dispute) -> ReturnedPayment | None:
    """The newest payment that came back; as far as it is known, in cases of before it was kept."""
    if case.refund_returned is not None or case.refund_status is RefundStatus.SUCCEEDED:
        return case.refund_returned
    paid_at = case.refund_paid_at
    if paid_at is None:
        return None
    return ReturnedPayment(case.refund_reference, paid_at, case.refund_failed_at or paid_at)


def _is_of_returned(case: Dispute, answer: RefundAnswer) -> bool:
    """Whether the success is that of a payment that came back: never an answer to what was asked since."""
    gone = _returned(case)
    if gone is None:
        return False
    if answer.payment is not None:
        return answer.payment <= len(gone.references)
    if answer.attempt is not None and (gone.attempts or answer.attempt <= gone.last_attempt):
        return answer.attempt <= gone.last_attempt
    if answer.note and (answer.note in gone.references or all(gone.references)):
        return answer.note in gone.references
    return answer.occurred_at <= gone.returned_at


def _note_failure(case: Dispute, answer: RefundAnswer, now: datetime) -> Change | None:
    if case.refund_status is RefundStatus.REQUESTED and not _is_of_earlier(case, answer):
        kind, status = EventType.REFUND_FAILED, RefundStatus.FAILED
    elif case.refund_status is RefundStatus.SUCCEEDED and not _is_before_success(case, answer):
        kind, status = EventType.REFUND_RETURNED, RefundStatus.RETURNED
    else:
        return None
    said = {"occurred_at": instant(answer.occurred_at), "reason": answer.note or None}
    change = _noted(case, PAYMENT, kind, status, now, said)
    failed = replace(change.after, refund_failed_at=answer.occurred_at)
    if kind is EventType.REFUND_RETURNED:
        paid_at = case.refund_paid_at or answer.occurred_at
        gone = ReturnedPayment(case.refund_reference, paid_at, answer.occurred_at)
        if (before := case.refund_returned) is not None:
            gone = replace(gone, earlier=before.references, earlier_attempts=before.last_attempt)
        failed = replace(failed, refund_returned=gone)
    return replace(change, after=failed)


def _is_of_earlier(case: Dispute, answer: RefundAnswer) -> bool:
    """Whether the failure was known when the refund was asked for anew."""
    gone = _returned(case)
    if answer.attempt is not None and gone is not None and gone.attempts:
        return answer.attempt <= gone.attempts
    return case.refund_failed_at is not None and answer.occurred_at <= case.refund_failed_at


def _is_before_success(case: Dispute, answer: RefundAnswer) -> bool:
    """Whether the failure is that of an earlier attempt, said late or again."""
    gone, paid_attempt = case.refund_returned, case.refund_paid_attempt or 0
    over = max(paid_attempt - 1, gone.last_attempt if gone else 0)
    if answer.attempt is not None and answer.attempt <= over:
        return True
    # Cases of before `refund_paid_at` was kept know when the success was noted.
    paid_at = case.refund_paid_at or case.updated_at
    # What was paid by hand may be dated at its day's beginning, before the failure that it followed.
    failed_at = case.refund_failed_at
    said_before = failed_at is not None and answer.occurred_at <= failed_at
    return said_before or (paid_at is not None and answer.occurred_at < paid_at)
