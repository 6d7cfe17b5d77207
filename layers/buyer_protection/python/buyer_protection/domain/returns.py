"""Sending the goods back: address, shipment, acknowledgement (R36).

A return is under way after an agreement or a decision that asks for one; `case.settlement` says what is paid at its
end. Each step opens the next window.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action, EventType, ReturnCondition, Status
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
)
from buyer_protection.domain.evidence_window import opened
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.permissions import check
from buyer_protection.domain.return_goods import ReturnAddress, ReturnParcel
from buyer_protection.domain.settlement import close, terminal_status_of, within_left
from buyer_protection.domain.texts import check_says_something
from buyer_protection.domain.timeline import CARRIER, Actor, instant

RETURN_PREFIX = "return-"
# R42: how often a return address can be confirmed.
MAX_ADDRESSES = 3


def settlement_of(case: Dispute) -> Outcome:
    """What the return is for."""
    if case.settlement is None:
        raise AssertionError("a return is under way only after an agreement or a decision")
    return case.settlement


def close_return(
    case: Dispute, actor: Actor, cause: str, now: datetime, guard: Guard | None = None
) -> Change:
    """What was agreed or decided is paid, or what is left of it, where that is less (R36, R39)."""
    settlement = settlement_of(case)
    outcome, said = within_left(case, settlement)
    status = terminal_status_of(settlement)
    return close(
        case, now, actor, EventType.RETURN_CLOSED, status, outcome, {"cause": cause, **said}, guard=guard
    )


def return_evidence(case: Dispute, now: datetime) -> tuple[Dispute, datetime]:
    """R42: the case with a window for the evidence of both sides about the return, and the window's end.

    What was agreed or decided before stays the settlement, so that this window never cancels.
    """
    due = now + case.policy.days(case.policy.return_reply_days)
    return opened(replace(case, buyer_complete=False, seller_complete=False), due), due


def addresses_of(case: Dispute) -> tuple[ReturnAddress, ...]:
    """Each address that the seller confirmed, oldest first; one, in cases of before all were kept (R42)."""
    if case.return_addresses or case.return_address_confirmed_at is None:
        return case.return_addresses
    return (ReturnAddress(_address_id(1), case.return_address, case.return_address_confirmed_at),)


def _address_id(number: int) -> str:
    return f"ra-{number}"


def confirm_address(
    case: Dispute, actor: Actor, address: Sequence[str], now: datetime, salt: str = ""
) -> Change:
    """The seller says where the goods go; from here on the buyer has the whole window to ship (R36).

    May be said again while nothing is shipped, three times in all: a corrected address opens the window anew, and
    those of before stay in the file (R42).
    """
    check(case, actor.role, Action.CONFIRM_RETURN_ADDRESS, now)
    known = addresses_of(case)
    if len(known) >= MAX_ADDRESSES:
        raise LimitReachedError(
            f"A return address can be confirmed at most {MAX_ADDRESSES} times.",
            rule="R42",
        )
    due = now + case.policy.days(case.policy.return_shipment_days)
    if case.return_shipment_due_at is not None:
        # Time that operators gave back may reach farther.
        due = max(due, case.return_shipment_due_at)
    new = ReturnAddress(_address_id(len(known) + 1), tuple(address), now, salt)
    data = {
        "return_shipment_due_at": instant(due),
        "address_id": new.address_id,
        "address_sha256": new.digest,
    }
    after = replace(
        case,
        return_address=new.lines,
        return_addresses=(*known, new),
        return_address_confirmed_at=now,
        return_shipment_due_at=due,
    )
    return case.record(now, actor, EventType.RETURN_ADDRESS_CONFIRMED, data, after)


def register_shipment(case: Dispute, actor: Actor, parcel: ReturnParcel, now: datetime) -> Change:
    """The buyer has sent the goods back, to an address that the seller confirmed: any of them counts (R36, R42).

    The one that was confirmed last, where the parcel names none.
    """
    check(case, actor.role, Action.REGISTER_RETURN_SHIPMENT, now)
    check_says_something("/carrier", parcel.carrier)
    check_says_something("/tracking_number", parcel.tracking_number)
    known = {address.address_id: address for address in addresses_of(case)}
    wanted = parcel.address_id or next(reversed(known), "")
    if wanted not in known:
        raise ConflictError(
            "The seller has not confirmed that return address."
            if known
            else "The seller has not confirmed a return address yet.",
            code="RETURN_ADDRESS_UNCONFIRMED",
            rule="R36",
        )
    due = now + case.policy.days(case.policy.return_receipt_days)
    data = {
        "return_receipt_due_at": instant(due),
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "shipment_id": return_shipment_id(case),
        "address_id": wanted,
    }
    after = replace(
        case,
        status=Status.RETURN_SHIPPED,
        return_parcel=replace(parcel, address_id=wanted),
        return_address=known[wanted].lines,
        return_receipt_due_at=due,
    )
    return case.record(now, actor, EventType.RETURN_SHIPPED, data, after)


def return_shipment_id(case: Dispute) -> str:
    """The id under which a carrier's events about the return are taken: it is no parcel of the order."""
    return f"{RETURN_PREFIX}{case.dispute_id}"


def register_return_delivery(case: Dispute, delivered_at: datetime, now: datetime) -> Change | None:
    """The carrier's DELIVERED for the return: counts at the window's end if the seller stays silent (R36)."""
    if case.is_closed or case.return_parcel is None or case.return_delivered_at is not None:
        return None
    data = {"delivered_at": instant(delivered_at), "of": "RETURN"}
    after = replace(case, return_delivered_at=delivered_at)
    # Within the window, or once the clock has ended it: what is said after its end is not what it ended on (R42).
    return case.record(now, CARRIER, EventType.RETURN_DELIVERED, data, after)


class Acknowledgement(NamedTuple):
    """What the seller says of the return: in order, or what is wrong with it, and the evidence for that."""

    condition: ReturnCondition
    note: str
    evidence_ids: Sequence[str]


def acknowledge(
    case: Dispute, actor: Actor, said: Acknowledgement, own_evidence: frozenset[str], now: datetime
) -> Change:
    """ITEM_RECEIVED ends the case as settled; anything else, with evidence, brings the return to the team (R36, R42).

    `own_evidence` holds the cited ids that are the seller's own items and count.
    """
    check(case, actor.role, Action.ACKNOWLEDGE_RETURN, now)
    if said.condition is ReturnCondition.ITEM_RECEIVED:
        return close_return(case, actor, "RECEIVED", now)
    if not said.evidence_ids:
        raise InvalidRequestError(
            "A return that is not in order needs evidence: add it first, then name it here.",
            rule="R36",
            fields=[FieldError("/evidence_ids", "REQUIRED")],
        )
    foreign = [evidence_id for evidence_id in said.evidence_ids if evidence_id not in own_evidence]
    if foreign:
        raise ImpossibleError(
            f"Only your own complete evidence can be named; not {', '.join(foreign)}.",
            code="EVIDENCE_NOT_SHARED",
            rule="R36",
        )
    after, due = return_evidence(case, now)
    data = {
        "condition": said.condition,
        "note": said.note,
        "evidence_ids": list(dict.fromkeys(said.evidence_ids)),
        "evidence_due_at": instant(due),
    }
    return case.record(now, actor, EventType.RETURN_PROBLEM, data, after)
