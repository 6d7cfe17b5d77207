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
    """What the facts point to, and which facts they are. `refund` is the amount that goes with the outcome."""

    outcome: DecisionOutcome
    refund: Money
    grounds: tuple[str, ...]


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
    """What the facts point to."""
    nothing, everything = zero(case.requested_refund.currency), case.requested_refund
    by_buyer = [item for item in evidence if item.party is Role.BUYER and item.counts]
    by_seller = [item for item in evidence if item.party is Role.SELLER and item.counts]
    if case.reason is Reason.NOT_RECEIVED:
        return _not_received(parcels, by_seller, nothing, everything)
    if by_buyer and not by_seller:
        return Suggestion(DecisionOutcome.BUYER_FAVOUR, everything, ("ONLY_BUYER_GAVE_EVIDENCE",))
    if by_seller and not by_buyer:
        return Suggestion(DecisionOutcome.SELLER_FAVOUR, nothing, ("ONLY_SELLER_GAVE_EVIDENCE",))
    half = Money(max(1, everything.amount_minor // 2), everything.currency)
    if half == everything:
        return Suggestion(
            DecisionOutcome.BUYER_FAVOUR, everything, ("BOTH_GAVE_EVIDENCE", "NOTHING_TO_SPLIT")
        )
    return Suggestion(DecisionOutcome.PARTIAL, half, ("BOTH_GAVE_EVIDENCE",))


def _not_received(
    parcels: Sequence[ParcelFact], by_seller: Sequence[Evidence], nothing: Money, everything: Money
) -> Suggestion:
    if parcels and all(p.tracking_status is TrackingStatus.COLLECTION_EXPIRED for p in parcels):
        return Suggestion(DecisionOutcome.SELLER_FAVOUR, nothing, ("PARCEL_NOT_COLLECTED",))
    proofs = {item.type for item in by_seller} & _DELIVERY_PROOFS
    delivered = bool(parcels) and all(p.delivered_at is not None for p in parcels)
    asks_signature = any(p.delivery_method is DeliveryMethod.SIGNATURE for p in parcels)
    signed = EvidenceType.PROOF_OF_DELIVERY_SIGNATURE in proofs
    if asks_signature and not signed:
        # R32: a parcel sent against signature is proved by the signature.
        return Suggestion(DecisionOutcome.BUYER_FAVOUR, everything, ("SIGNATURE_MISSING",))
    if delivered or proofs:
        return Suggestion(DecisionOutcome.SELLER_FAVOUR, nothing, ("DELIVERY_PROVED",))
    return Suggestion(DecisionOutcome.BUYER_FAVOUR, everything, ("NO_PROOF_OF_DELIVERY",))
