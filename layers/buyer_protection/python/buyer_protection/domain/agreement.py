"""A proposal of one side, and how a case ends: what both agreed on, or the team decided (R14, R24)."""

from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.enums import OfferStatus, OfferType, OutcomeCode, Role
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """R14: one proposal. `offer_id` counts per case (`of-1` is the buyer's opening request).

    `salt` is the note's (`domain.proof`).
    """

    offer_id: str
    made_by: Role
    type: OfferType
    refund: Money
    note: str
    made_at: datetime
    status: OfferStatus = OfferStatus.OPEN
    closed_at: datetime | None = None
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the case ended. `salt` is the rationale's (`domain.proof`)."""

    code: OutcomeCode
    refund: Money
    return_required: bool
    decided_by: Role
    reasons: tuple[str, ...] = ()
    rationale: str = ""
    evidence_ids: tuple[str, ...] = ()
    salt: str = ""
