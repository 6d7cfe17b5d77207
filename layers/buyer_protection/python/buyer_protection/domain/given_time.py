"""Time given back: after an outage, operators move the end of a case's window by hours, once in each run.

The case moves as by any other change: one entry, one version, another epoch, so that its execution is woken and waits
for the new date, and its reminder comes anew. Only the window that is open moves, and only while it is: what the clock
has done, or is about to do, stays. A review has no such window: nothing happens by itself at its end (R24).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import PARTIES, EventType, Status
from buyer_protection.domain.errors import ConflictError, InvalidRequestError, WindowClosedError
from buyer_protection.domain.evidence_window import rescheduled, window_until
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.sides import GivenTime
from buyer_protection.domain.timeline import OPERATOR, instant

LEAST_HOURS, MOST_HOURS = 1, 720


def give_time(
    case: Dispute, run: str, hours: int, now: datetime, held_since: datetime | None = None
) -> Change | None:
    """The case with the end of its window later; None where this run has moved it before. While operators hold the
    clock, what had not ended `held_since` then is not ended.

    An hour is a 24th of a day of the case's policy. InvalidRequestError for hours out of bounds; ConflictError
    `DISPUTE_CLOSED`, or `WRONG_STATUS` in a review; WindowClosedError where the window has ended, and the rest is the
    clock's.
    """
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        raise InvalidRequestError(f"Between {LEAST_HOURS} and {MOST_HOURS} hours can be given at a time.")
    if was_given(case, run):
        return None
    window, due, move = case.window, case.deadline, LATER.get(case.status)
    if window is None:
        raise ConflictError("This dispute is closed.", code="DISPUTE_CLOSED", rule="R25")
    if move is None:
        raise ConflictError(f"Nobody loses time while a dispute is {case.status}.", rule=window.rule)
    as_of = now if held_since is None else min(now, held_since)
    if due is None or as_of >= due:
        raise WindowClosedError("This window has ended.", rule=window.rule, deadline=window.due(case))
    ms = case.policy.days(1) * hours / 24 // timedelta(milliseconds=1)
    moved = move(case, timedelta(milliseconds=ms), as_of)
    after = replace(moved, times_given=(*case.times_given, GivenTime(run, window.name, ms)))
    data = {
        "window": window.name,
        "due_at": instant(after.deadline or due),
        "previous_due_at": instant(due),
        "run": run,
        "hours": hours,
    }
    guard = None if held_since is None else Guard.NONE
    return case.record(now, OPERATOR, EventType.TIME_GIVEN, data, after, guard=guard)


def was_given(case: Dispute, run: str) -> bool:
    """Whether that run has moved a date of the case before."""
    return any(it.run == run for it in case.times_given)


def _later(at: datetime | None, span: timedelta) -> datetime | None:
    return None if at is None else at + span


def _negotiation(case: Dispute, _span: timedelta, _now: datetime) -> Dispute:
    """R15: its end follows from the opening and from `times_given`. R16: escalating opens when it did."""
    return case


def _evidence(case: Dispute, span: timedelta, now: datetime) -> Dispute:
    """R22, R43: the window, and each answer that somebody may still give."""
    for role in PARTIES:
        side = case.side(role)
        if side.reply_until is not None and now < side.reply_until:
            case = case.with_side(role, side._replace(reply_until=side.reply_until + span))
    # Files that were waited for after the window's end are in time again: the window is open anew.
    until = window_until(case) + span
    case = replace(case, evidence_due_at=until, evidence_window_until=None, uploads_awaited=False)
    return rescheduled(case, now)


def _return_shipment(case: Dispute, span: timedelta, _now: datetime) -> Dispute:
    return replace(case, return_shipment_due_at=_later(case.return_shipment_due_at, span))


def _return_receipt(case: Dispute, span: timedelta, _now: datetime) -> Dispute:
    return replace(case, return_receipt_due_at=_later(case.return_receipt_due_at, span))


# How the end of each strict window of the table moves.
LATER: dict[Status, Callable[[Dispute, timedelta, datetime], Dispute]] = {
    Status.NEGOTIATION: _negotiation,
    Status.CLAIM_EVIDENCE: _evidence,
    Status.AWAITING_RETURN: _return_shipment,
    Status.RETURN_SHIPPED: _return_receipt,
}
