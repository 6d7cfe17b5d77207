"""Erasing what is kept of a person (R48): when it may be asked for, until when it can be stopped, what delays it.

It is refused while something is open, and takes effect after `ERASURE_DAYS` of the policy. Whatever is opened until
then delays it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.errors import ConflictError, WindowClosedError
from buyer_protection.domain.policy import ERASURE_DAYS, Policy


class ErasureStatus(StrEnum):
    """Where the erasure of a person's data stands."""

    WAITING = "WAITING"
    STOPPED = "STOPPED"
    DONE = "DONE"


class ErasureBlocker(StrEnum):
    """What keeps a person's data from being erased."""

    DISPUTES_OPEN = "DISPUTES_OPEN"
    REFUND_UNPAID = "REFUND_UNPAID"
    LEGAL_HOLD = "LEGAL_HOLD"


def _refused_for(blocker: ErasureBlocker) -> ConflictError:
    match blocker:
        case ErasureBlocker.DISPUTES_OPEN:
            detail = "A dispute of this person is open."
            return ConflictError(detail, code="DISPUTES_OPEN", rule="R48")
        case ErasureBlocker.REFUND_UNPAID:
            detail = "A refund of a dispute of this person is not paid."
            return ConflictError(detail, code="REFUND_UNPAID", rule="R48")
        case ErasureBlocker.LEGAL_HOLD:
            detail = "A legal hold is set on this person, or on a dispute of theirs."
            return ConflictError(detail, code="LEGAL_HOLD", rule="R48")


@dataclass(frozen=True, slots=True)
class Erasure:
    """The last request to erase a person's data. `effective_at` is when it begins, and until when it can be stopped."""

    person_id: str
    requested_at: datetime
    effective_at: datetime
    status: ErasureStatus = ErasureStatus.WAITING
    ended_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it is still to be done."""
        return self.status is ErasureStatus.WAITING


def blocker_of(cases: Iterable[Dispute], *, is_held: bool) -> ErasureBlocker | None:
    """What keeps the data from being erased, given all cases of the person; None where nothing does."""
    if is_held:
        return ErasureBlocker.LEGAL_HOLD
    found = {_blocker_in(case) for case in cases}
    return next((one for one in ErasureBlocker if one in found), None)


def _blocker_in(case: Dispute) -> ErasureBlocker | None:
    if not case.is_closed:
        return ErasureBlocker.DISPUTES_OPEN
    is_paid = case.refund_status in (None, RefundStatus.SUCCEEDED)
    return None if is_paid else ErasureBlocker.REFUND_UNPAID


def requested(
    kept: Erasure | None, blocker: ErasureBlocker | None, person_id: str, policy: Policy, now: datetime
) -> Erasure:
    """The request, or the one that waits already. 409 where something is open; its code says what."""
    if kept is not None and kept.waits:
        return kept
    if blocker is not None:
        raise _refused_for(blocker)
    return Erasure(person_id, now, now + policy.days(ERASURE_DAYS))


def stopped(kept: Erasure, now: datetime) -> Erasure:
    """The request taken back. 409 `TOO_LATE` once it is due; one that was stopped before is as it was."""
    if kept.status is ErasureStatus.STOPPED:
        return kept
    if not kept.waits or now >= kept.effective_at:
        raise WindowClosedError("The erasure has begun.", rule="R48", deadline=kept.effective_at)
    return replace(kept, status=ErasureStatus.STOPPED, ended_at=now)


def done(kept: Erasure, now: datetime) -> Erasure:
    """The request once nothing is left to erase."""
    return replace(kept, status=ErasureStatus.DONE, ended_at=now)
