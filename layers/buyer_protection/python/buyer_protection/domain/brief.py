"""The claim brief: what the Case Management Team needs to decide, gathered and weighed (R21, R24, R31, R32).

The suggestion is arithmetic over stated facts, each named in `grounds`. It is advice: only a case manager decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DeliveryMethod,
    EvidenceType,
    Reason,
    Role,
    TrackingStatus,
)
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.money import Money, zero
from buyer_protection.domain.order import Order, OrderLedger

_DELIVERY_PROOFS = frozenset({EvidenceType.PROOF_OF_DELIVERY, EvidenceType.PROOF_OF_DELIVERY_SIGNATURE})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the facts point to, and which facts they are. `refund` is the amount that goes with the outcome.

    `not_looked_at` names what there is in the case that it takes no account of.
    """

    outcome: DecisionOutcome
    refund: Money
    grounds: tuple[str, ...]
    not_looked_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParcelFact:
    """What is known of one parcel."""

    shipment_id: str
    delivery_method: DeliveryMethod
    shipped_at: datetime
    tracking_status: TrackingStatus | None
    delivered_at: datetime | None


def parcel_facts(case: Dispute, order: Order, ledger: OrderLedger) -> tuple[ParcelFact, ...]:
    """The disputed items' parcels."""
    facts = []
    for shipment in order.shipments_of([item.item_id for item in case.items]):
        seen = ledger.seen(shipment)
        facts.append(
            ParcelFact(
                shipment.shipment_id,
                shipment.delivery_method,
                shipment.shipped_at,
                seen.status if seen else None,
                seen.delivered_at if seen else None,
            )
        )
    return tuple(facts)


def rules_that_bear(case: Dispute, parcels: Sequence[ParcelFact]) -> tuple[str, ...]:
    """The requirements that this claim turns on."""
    rules = {"R21", "R22", "R24", "R25"}
    rules.add("R15" if case.escalated_by is Role.SYSTEM else "R20")
    if case.reason is Reason.NOT_RECEIVED:
        rules |= {"R29", "R30"}
    if case.reason is Reason.NOT_AS_DESCRIBED:
        rules.add("R36")
    if any(p.tracking_status is TrackingStatus.COLLECTION_EXPIRED for p in parcels):
        rules.add("R31")
    if any(p.delivery_method is DeliveryMethod.SIGNATURE for p in parcels):
        rules.add("R32")
    if any(p.tracking_status is TrackingStatus.CUSTOMS_HELD for p in parcels):
        rules.add("R35")
    return tuple(sorted(rules, key=lambda rule: int(rule[1:])))


def suggest(case: Dispute, parcels: Sequence[ParcelFact], evidence: Sequence[Evidence]) -> Suggestion:
    """What the facts point to; of what was given only who gave it and of which type, never what it says or shows."""
    by_buyer = [item for item in evidence if item.party is Role.BUYER and item.counts]
    by_seller = [item for item in evidence if item.party is Role.SELLER and item.counts]
    outcome, grounds = _pointed_to(case, parcels, by_buyer, by_seller)
    everything = _at_stake(case)
    half = Money(everything.amount_minor // 2, everything.currency)
    if outcome is DecisionOutcome.PARTIAL and half.is_zero():
        outcome, grounds = DecisionOutcome.BUYER_FAVOUR, (*grounds, "NOTHING_TO_SPLIT")
    refund = {
        DecisionOutcome.BUYER_FAVOUR: everything,
        DecisionOutcome.PARTIAL: half,
        DecisionOutcome.SELLER_FAVOUR: zero(everything.currency),
    }[outcome]
    return Suggestion(outcome, refund, grounds, _unseen(case, [*by_buyer, *by_seller]))


def _at_stake(case: Dispute) -> Money:
    """What BUYER_FAVOUR would grant (R24): of a return what was settled, else what was asked for, or what is left."""
    asked = case.settlement.refund if case.settlement else case.asked
    return Money(min(asked.amount_minor, case.grantable.amount_minor), asked.currency)


def _unseen(case: Dispute, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """What there is that the suggestion did not look at."""
    there = {
        "TEXTS": bool(case.description) or any(item.text for item in evidence),
        "FILES": any(item.files for item in evidence),
        "MESSAGES": case.messages > 0,
        "OFFERS": case.offers_by_buyer + case.offers_by_seller > 1,
    }
    return tuple(name for name, is_there in there.items() if is_there)


def _pointed_to(
    case: Dispute,
    parcels: Sequence[ParcelFact],
    by_buyer: Sequence[Evidence],
    by_seller: Sequence[Evidence],
) -> tuple[DecisionOutcome, tuple[str, ...]]:
    if case.reason is Reason.NOT_RECEIVED:
        return _not_received(parcels, by_seller)
    if by_buyer and by_seller:
        return DecisionOutcome.PARTIAL, ("BOTH_GAVE_EVIDENCE",)
    if by_buyer:
        return DecisionOutcome.BUYER_FAVOUR, ("ONLY_BUYER_GAVE_EVIDENCE",)
    if by_seller:
        return DecisionOutcome.SELLER_FAVOUR, ("ONLY_SELLER_GAVE_EVIDENCE",)
    return DecisionOutcome.SELLER_FAVOUR, ("NOBODY_GAVE_EVIDENCE",)


def _not_received(
    parcels: Sequence[ParcelFact], by_seller: Sequence[Evidence]
) -> tuple[DecisionOutcome, tuple[str, ...]]:
    """A file that is called a proof has to be read; by its name alone it proves nothing."""
    if parcels and all(p.tracking_status is TrackingStatus.COLLECTION_EXPIRED for p in parcels):
        return DecisionOutcome.SELLER_FAVOUR, ("PARCEL_NOT_COLLECTED",)
    proofs = {item.type for item in by_seller} & _DELIVERY_PROOFS
    to_be_read = ("PROOF_TO_BE_READ",) if proofs else ()
    delivered = bool(parcels) and all(p.delivered_at is not None for p in parcels)
    asks_signature = any(p.delivery_method is DeliveryMethod.SIGNATURE for p in parcels)
    if asks_signature and EvidenceType.PROOF_OF_DELIVERY_SIGNATURE not in proofs:
        # R32: a parcel sent against signature is proved by the signature.
        return DecisionOutcome.BUYER_FAVOUR, ("SIGNATURE_MISSING", *to_be_read)
    if delivered:
        return DecisionOutcome.SELLER_FAVOUR, ("DELIVERY_PROVED", *(to_be_read if asks_signature else ()))
    return DecisionOutcome.BUYER_FAVOUR, ("NO_PROOF_OF_DELIVERY", *to_be_read)
