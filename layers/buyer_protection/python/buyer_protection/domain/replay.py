"""What a case's timeline says by itself: read from the first entry to the last, it is where the case stands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import TERMINAL, EventType, Status
from buyer_protection.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the entries say of a case; `is_ruled` once the team has decided (a return may still be under way)."""

    status: Status | None = None
    outcome: str | None = None
    refund_minor: int | None = None
    refund_status: str | None = None
    is_ruled: bool = False


def replay(entries: Iterable[TimelineEntry]) -> Snapshot:
    """What the entries add up to."""
    snapshot = Snapshot()
    for entry in entries:
        snapshot = _after(snapshot, entry)
    return snapshot


def snapshot_of(case: Dispute) -> Snapshot:
    """The same of the case as it is kept, to be compared: `is_ruled` is left aside, which a case does not keep."""
    outcome = case.outcome
    return Snapshot(
        case.status,
        outcome.code if outcome else None,
        outcome.refund.amount_minor if outcome else None,
        case.refund_status,
    )


_STATUS_AFTER = {
    EventType.DISPUTE_OPENED: Status.NEGOTIATION,
    EventType.ESCALATED: Status.CLAIM_EVIDENCE,
    EventType.EVIDENCE_REQUESTED: Status.CLAIM_EVIDENCE,
    EventType.REVIEW_STARTED: Status.UNDER_REVIEW,
    EventType.RETURN_PROBLEM: Status.CLAIM_EVIDENCE,
    EventType.RETURN_SHIPPED: Status.RETURN_SHIPPED,
    EventType.CANCELLED: Status.CANCELLED,
}
_SETTLED = {EventType.OFFER_ACCEPTED: Status.RESOLVED, EventType.DECIDED: Status.DECIDED}
_ANSWERED = {
    EventType.REFUND_SUCCEEDED: "SUCCEEDED",
    EventType.REFUND_FAILED: "FAILED",
    EventType.REFUND_HELD: "HELD",
    EventType.REFUND_RELEASED: "REQUESTED",
    EventType.REFUND_GIVEN_UP: "GIVEN_UP",
    EventType.REFUND_RETURNED: "RETURNED",
}


def _after(snapshot: Snapshot, entry: TimelineEntry) -> Snapshot:
    if entry.type in _ANSWERED:
        return replace(snapshot, refund_status=_ANSWERED[entry.type])
    is_ruled = entry.type is EventType.DECIDED or (
        snapshot.is_ruled and entry.type is not EventType.OFFER_ACCEPTED
    )
    status = _status_after(replace(snapshot, is_ruled=is_ruled), entry)
    snapshot = replace(snapshot, status=status, is_ruled=is_ruled)
    if status not in TERMINAL or "refund_minor" not in entry.data:
        return snapshot
    minor = entry.data["refund_minor"]
    asked = "REQUESTED" if minor else None
    return replace(snapshot, outcome=entry.data["outcome"], refund_minor=minor, refund_status=asked)


def _status_after(snapshot: Snapshot, entry: TimelineEntry) -> Status | None:
    if entry.type in _SETTLED:
        return Status.AWAITING_RETURN if entry.data.get("return_required") else _SETTLED[entry.type]
    if entry.type is EventType.RETURN_CLOSED:
        return Status.DECIDED if snapshot.is_ruled else Status.RESOLVED
    if entry.type is EventType.EVIDENCE_COMPLETED:
        return Status.UNDER_REVIEW if entry.data["review_started"] else snapshot.status
    if entry.type is EventType.RETURN_PROBLEM and "decision_due_at" in entry.data:
        # Before there was a window for both sides (R42), the review began at once.
        return Status.UNDER_REVIEW
    if entry.type is EventType.REASON_CHANGED and snapshot.status is Status.UNDER_REVIEW:
        # Entries of before name no date: the review went on (R43).
        return Status.CLAIM_EVIDENCE if "evidence_due_at" in entry.data else snapshot.status
    return _STATUS_AFTER.get(entry.type, snapshot.status)
