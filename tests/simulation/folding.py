"""The timeline alone, read from its first entry to its last: what it says the case is.

Status, outcome and refund are what the audit of production reads (`domain/replay.py`); all else is read here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Status
from buyer_protection.domain.replay import replay
from buyer_protection.domain.timeline import UNVERSIONED, TimelineEntry, parse_instant


@dataclass
class Folded:
    """As far as the entries give it."""

    status: str | None = None
    version: int = 0
    reason: str | None = None
    opened_at: datetime | None = None
    evidence_due_at: datetime | None = None
    decision_due_at: datetime | None = None
    return_shipment_due_at: datetime | None = None
    return_receipt_due_at: datetime | None = None
    missed_noted: bool = False
    messages: int = 0
    offers: int = 0
    evidence: frozenset[str] = frozenset()
    delivered: frozenset[str] = frozenset()
    return_delivered: bool = False
    outcome: str | None = None
    refund_minor: int | None = None
    refund_status: str | None = None
    ruled: bool = False


_COUNTED = {
    EventType.DISPUTE_OPENED: ("offers", 1),
    EventType.OFFER_MADE: ("offers", 1),
    EventType.MESSAGE_SENT: ("messages", 1),
}
_DUES = ("evidence_due_at", "decision_due_at", "return_shipment_due_at", "return_receipt_due_at")


def fold(
    entries: Iterable[TimelineEntry], case: Dispute, delivered_before: frozenset[str] = frozenset()
) -> Folded:
    """What the entries add up to. `case` gives the policy that it was opened under, and nothing else."""
    listed = list(entries)
    stands = replay(listed)
    found = Folded(
        status=stands.status,
        outcome=stands.outcome,
        refund_minor=stands.refund_minor,
        refund_status=stands.refund_status,
        ruled=stands.is_ruled,
        version=0,
        delivered=delivered_before,
    )
    for entry in listed:
        _take(found, entry, case)
    return found


def _take(found: Folded, entry: TimelineEntry, case: Dispute) -> None:
    data, kind = entry.data, entry.type
    found.version += kind not in UNVERSIONED
    found.reason = (
        data["reason"] if kind in {EventType.DISPUTE_OPENED, EventType.REASON_CHANGED} else found.reason
    )
    if kind is EventType.DISPUTE_OPENED:
        found.opened_at = entry.at
    if kind in _COUNTED:
        name, by = _COUNTED[kind]
        setattr(found, name, getattr(found, name) + by)
    if kind not in {EventType.REMINDED, EventType.ESCALATION_AVAILABLE, EventType.DEADLINE_MISSED}:
        for name in _DUES:
            if data.get(name):
                setattr(found, name, parse_instant(data[name]))
    _take_evidence(found, entry)
    if data.get("return_required"):
        found.return_shipment_due_at = entry.at + case.policy.days(case.policy.return_shipment_days)
    if data.get("decision_due_at"):
        # A review begins.
        found.missed_noted = False
    found.missed_noted |= kind is EventType.DEADLINE_MISSED
    _take_delivery(found, entry)


def _take_delivery(found: Folded, entry: TimelineEntry) -> None:
    is_return = entry.data.get("of") == "RETURN"
    match entry.type:
        case EventType.DELIVERED:
            found.delivered |= {entry.data["shipment_id"]}
        case EventType.DELIVERY_CORRECTED if not is_return:
            found.delivered -= {entry.data["shipment_id"]}
        case EventType.RETURN_DELIVERED | EventType.DELIVERY_CORRECTED:
            found.return_delivered = entry.type is EventType.RETURN_DELIVERED
        case _:
            pass


def _take_evidence(found: Folded, entry: TimelineEntry) -> None:
    data = entry.data
    match entry.type:
        case EventType.EVIDENCE_ADDED:
            found.evidence |= {data["evidence_id"]}
        case EventType.EVIDENCE_WITHDRAWN:
            # An item that waited for its files did not count, and is not missed.
            found.evidence -= {data["evidence_id"]}
        case _:
            pass


def of_case(case: Dispute, evidence: frozenset[str]) -> Folded:
    """The same, read from the case as it is stored."""
    ended = case.outcome
    return Folded(
        status=case.status,
        version=case.version,
        reason=case.reason,
        opened_at=case.opened_at,
        evidence_due_at=case.evidence_due_at,
        decision_due_at=case.decision_due_at,
        return_shipment_due_at=case.return_shipment_due_at,
        return_receipt_due_at=case.return_receipt_due_at,
        missed_noted=case.missed_noted,
        messages=case.messages,
        offers=case.offers_by_buyer + case.offers_by_seller,
        evidence=evidence,
        delivered=frozenset(name for name, it in case.parcels.items() if it.delivered_at is not None),
        return_delivered=case.return_delivered_at is not None,
        outcome=ended.code if ended else None,
        refund_minor=ended.refund.amount_minor if ended else None,
        refund_status=case.refund_status,
        ruled=case.status is Status.DECIDED or _ruled(case),
    )


def _ruled(case: Dispute) -> bool:
    ruling = case.settlement
    return ruling is not None and ruling.decided_by == "CASE_MANAGER"


def differences(
    entries: Iterable[TimelineEntry],
    case: Dispute,
    evidence: frozenset[str],
    delivered_before: frozenset[str],
) -> dict[str, Any]:
    """Where the timeline and the case differ: each field, with the value of the timeline and that of the case.

    `evidence` names the items that count as their rows say; `delivered_before` the parcels that had been delivered
    before the dispute was opened, which the timeline has no entry of.
    """
    folded, kept = fold(entries, case, delivered_before), of_case(case, evidence)
    return {
        name: (getattr(folded, name), getattr(kept, name))
        for name in Folded.__dataclass_fields__
        if getattr(folded, name) != getattr(kept, name)
    }
