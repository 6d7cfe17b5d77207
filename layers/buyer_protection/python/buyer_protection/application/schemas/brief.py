"""The claim brief as the team reads it: facts, clocks, offers, evidence by party, tracking, rules, a suggestion."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.documents import (
    DisputeDocument,
    OfferDocument,
    dispute_document,
    offer_document,
)
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument, evidence_document
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.team_documents import (
    PendingDecisionDocument,
    pending_decision_document,
)
from buyer_protection.domain.brief import parcel_facts, rules_that_bear, suggest
from buyer_protection.domain.enums import DecisionOutcome, DeliveryMethod, EventType, Role, TrackingStatus
from buyer_protection.domain.timeline import instant


class ParcelDocument(Struct, frozen=True):
    """One parcel of the disputed items."""

    shipment_id: str
    delivery_method: DeliveryMethod
    shipped_at: At
    tracking_status: TrackingStatus | None
    delivered_at: At | None


class SuggestionDocument(Struct, frozen=True):
    """What the facts point to; the team decides (R24). `not_looked_at` names what it takes no account of: TEXTS, FILES,
    MESSAGES, OFFERS."""

    outcome: DecisionOutcome
    refund: MoneyDocument
    grounds: Sequence[str]
    not_looked_at: Sequence[str]


class EvidenceByParty(Struct, frozen=True):
    """R21: everything given, from the negotiation on."""

    buyer: Sequence[EvidenceDocument]
    seller: Sequence[EvidenceDocument]


class BriefDocument(Struct, frozen=True):
    """The dossier of a claim. `prepared_at` is when the mediation function opened it; the rest is as of now.

    waiting_decision: the ruling that waits until a second member of the team confirms it, whole (R47); null where none
    waits.
    """

    dispute: DisputeDocument
    prepared_at: At | None
    claim_text: str
    offers: Sequence[OfferDocument]
    evidence: EvidenceByParty
    parcels: Sequence[ParcelDocument]
    rules: Sequence[str]
    suggestion: SuggestionDocument
    waiting_decision: PendingDecisionDocument | None


def _claim_text(dossier: Dossier) -> str:
    """R20: what the buyer wrote when escalating; the timeline holds it."""
    texts = [e.said.get("claim_text") for e in dossier.timeline if e.type is EventType.ESCALATED]
    return next((text for text in texts if text), "")


def claim_brief(
    dossier: Dossier, order: LoadedOrder | None, clock: Clock, reader_id: str | None = None
) -> BriefDocument:
    """Gather and weigh what is known of a claim, for that member of the team."""
    case = dossier.case
    dispute_id = case.dispute_id
    parcels = parcel_facts(case, order.order, order.ledger) if order else ()
    suggestion = suggest(case, parcels, dossier.evidence)
    by = {
        role: [evidence_document(dispute_id, e) for e in dossier.evidence if e.party is role and e.counts]
        for role in Role
    }
    return BriefDocument(
        dispute=dispute_document(case, Role.CASE_MANAGER, clock.now(), reader_id=reader_id),
        prepared_at=at(case.mediation_opened_at),
        claim_text=_claim_text(dossier),
        offers=[offer_document(dispute_id, offer) for offer in dossier.offers],
        evidence=EvidenceByParty(by[Role.BUYER], by[Role.SELLER]),
        parcels=[
            ParcelDocument(
                p.shipment_id, p.delivery_method, instant(p.shipped_at), p.tracking_status, at(p.delivered_at)
            )
            for p in parcels
        ],
        rules=rules_that_bear(case, parcels),
        suggestion=SuggestionDocument(
            suggestion.outcome, money(suggestion.refund), suggestion.grounds, suggestion.not_looked_at
        ),
        waiting_decision=_waiting_decision(dossier),
    )


def _waiting_decision(dossier: Dossier) -> PendingDecisionDocument | None:
    """What a second member of the team is asked to confirm (R47)."""
    marker = dossier.case.waiting_ruling
    found = (
        kept for kept in dossier.rulings if marker is not None and kept.decision_id == marker.decision_id
    )
    kept = next(found, None)
    return None if kept is None else pending_decision_document(dossier.case, kept)
