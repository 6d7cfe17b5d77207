"""What the shop's payment system says of a refund, held against the case that asked for it.

An answer never changes money, status or outcome: it is noted on the closed case, and ends the asking or prolongs it.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.dispute import Change, Dispute, Guard, Refund
from buyer_protection.domain.enums import EventType, RefundStatus
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.money import Money
from buyer_protection.domain.timeline import PAYMENT, instant

# How often a refund that failed is asked for in all, before a person must look at it.
MAX_ATTEMPTS = 5

_PREFIX = "rf-"


def refund_id_of(dispute_id: str) -> str:
    """The id of a case's one refund: the payment system's own key against paying twice."""
    return f"{_PREFIX}{dispute_id}"


def dispute_id_of(refund_id: str) -> str:
    """The case behind a refund's id; NotFoundError where the text is no refund id of ours."""
    if not refund_id.startswith(_PREFIX):
        raise NotFoundError
    return refund_id.removeprefix(_PREFIX)


def needs_operator(refund: Refund) -> bool:
    """Whether it has failed so often that it is not asked for any more."""
    return refund.attempt > MAX_ATTEMPTS


class RefundAnswer(NamedTuple):
    """SUCCEEDED or FAILED, of exactly this amount; `note` is the payment's reference, or why it failed."""

    status: RefundStatus
    amount: Money
    occurred_at: datetime
    note: str = ""


def note_answer(case: Dispute, answer: RefundAnswer, now: datetime) -> Change | None:
    """The answer as an entry of the timeline; None where it is known already.

    409 `REFUND_UNKNOWN` where the case asked for none, `REFUND_AMOUNT_DIFFERS` for another amount or currency,
    `REFUND_SUCCEEDED` for a failure after the success, `REFUND_PAID_TWICE` for a success under another reference than
    the known one. A success after a failure is taken.
    """
    if case.outcome is None or case.outcome.refund.is_zero():
        raise ConflictError("This case asked for no refund.", code="REFUND_UNKNOWN")
    if answer.amount != case.outcome.refund:
        raise ConflictError("The amount is not the one that was asked for.", code="REFUND_AMOUNT_DIFFERS")
    if answer.status is case.refund_status:
        other = case.refund_reference and answer.note and answer.note != case.refund_reference
        if answer.status is RefundStatus.SUCCEEDED and other:
            raise ConflictError("It was paid under another reference already.", code="REFUND_PAID_TWICE")
        return None
    if case.refund_status is RefundStatus.SUCCEEDED:
        raise ConflictError("The refund has succeeded already.", code="REFUND_SUCCEEDED")
    succeeded = answer.status is RefundStatus.SUCCEEDED
    data = {
        "refund_id": refund_id_of(case.dispute_id),
        "refund_minor": answer.amount.amount_minor,
        "currency": answer.amount.currency,
        "occurred_at": instant(answer.occurred_at),
        "reference" if succeeded else "reason": answer.note or None,
    }
    kind = EventType.REFUND_SUCCEEDED if succeeded else EventType.REFUND_FAILED
    reference = answer.note if succeeded else ""
    after = replace(case, refund_status=answer.status, refund_reference=reference)
    return case.record(now, PAYMENT, kind, data, after, Guard.NONE)
