"""The answers of the contract: what each reader sees of a dispute, an order, an offer, an item of evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.action_documents import ActionDocument, action_document
from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.case_parts import (
    LimitsDocument,
    NoticeDocument,
    PersonDocument,
    limits,
    notices,
    person,
    sees_metadata,
)
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.parcel_documents import CaseParcelDocument, parcels_of
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.application.schemas.return_documents import (
    ReturnAddressDocument,
    ReturnParcelDocument,
    return_addresses_document,
    return_parcel_document,
)
from buyer_protection.application.schemas.standing_offers import (
    CurrentOfferDocument,
    ProposalDocument,
    current_offer,
    standing_proposal,
)
from buyer_protection.domain.agreement import Offer, Outcome
from buyer_protection.domain.available_actions import available_actions, party_state
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionReason,
    EventType,
    OfferStatus,
    OfferType,
    OutcomeCode,
    PartyState,
    Reason,
    Role,
    Stage,
    Status,
    SubReason,
)
from buyer_protection.domain.evidence_window import requests_made
from buyer_protection.domain.messages import unread
from buyer_protection.domain.order import CaseItem
from buyer_protection.domain.refund_request import RefundProgress
from buyer_protection.domain.refunds import progress_of
from buyer_protection.domain.timeline import TimelineEntry, instant, without_teams_words


class ItemDocument(Struct, frozen=True):
    """So many units of one line of the order."""

    item_id: str
    quantity: int


class CaseItemDocument(Struct, frozen=True):
    """So many units of one line, as they were when the case was opened (R40).

    `title` is empty and `amount` None in cases of before these were kept.
    """

    item_id: str
    quantity: int
    title: str
    amount: MoneyDocument | None


class PolicyReference(Struct, frozen=True):
    """The policy the case was opened under, for its whole life."""

    profile: str
    version: int


class SellerContactDocument(Struct, frozen=True):
    """R5, R6."""

    contacted: bool
    how: str


class OutcomeDocument(Struct, frozen=True):
    """How it ended."""

    code: OutcomeCode
    refund: MoneyDocument
    return_required: bool
    decided_by: Role
    reasons: Sequence[DecisionReason]
    rationale: str
    evidence_ids: Sequence[str]


class CaseRefundDocument(Struct, frozen=True):
    """R44: the money that the case ended with. `asked_at` is when it ended, `paid_at` what the payment system says.

    `paid_at` stays where the money came back from the bank (RETURNED); it is null in cases of before it was kept.
    """

    status: RefundProgress
    amount: MoneyDocument
    asked_at: At
    paid_at: At | None


class DisputeDocument(Struct, frozen=True):
    """A dispute as one reader sees it now.

    buyer: the buyer by name.
    seller: the seller by name.
    settlement: what is agreed or decided while a return is under way, and what it was once the return has ended.
    unread_messages: of the others, since this party last read or wrote; null for the team.
    last_message_at: when the last message was sent; null without one, and in cases of before this was kept.
    limits: what this party can still do; null for the team.
    proposal: what the team proposes to both sides (R14); null where no proposal stands.
    viewer: as whom the caller reads it.
    as_of: the server's instant.
    metadata: the shop's own keys; for the shop's backend and the team only.
    """

    dispute_id: str
    order_id: str
    buyer_id: str
    seller_id: str
    items: Sequence[CaseItemDocument]
    reason: Reason
    sub_reason: SubReason | None
    description: str
    seller_contacted: SellerContactDocument | None
    requested_refund: MoneyDocument
    max_refundable: MoneyDocument
    stage: Stage
    status: Status
    party_state: PartyState
    policy: PolicyReference
    opened_at: At
    escalation_available_at: At
    negotiation_due_at: At
    escalated_at: At | None
    escalated_by: Role | None
    claim_reason: ClaimReason | None
    evidence_due_at: At | None
    decision_due_at: At | None
    parcels: Sequence[CaseParcelDocument]
    delivered_at: At | None
    reason_change_due_at: At | None
    buyer_received_at: At | None
    assigned_to: str | None
    evidence_requests: int
    return_address: Sequence[str] | None
    return_addresses: Sequence[ReturnAddressDocument]
    return_parcel: ReturnParcelDocument | None
    return_shipment_due_at: At | None
    return_receipt_due_at: At | None
    closed_at: At | None
    outcome: OutcomeDocument | None
    refund: CaseRefundDocument | None
    current_offer: CurrentOfferDocument | None
    available_actions: Sequence[ActionDocument]
    notices: Sequence[NoticeDocument]
    version: int
    updated_at: At
    buyer: PersonDocument
    seller: PersonDocument
    settlement: OutcomeDocument | None
    unread_messages: int | None
    last_message_at: At | None
    limits: LimitsDocument | None
    proposal: ProposalDocument | None
    viewer: ViewerDocument
    as_of: At
    can_reopen_until: At | UnsetType | None = UNSET
    metadata: Mapping[str, str] | UnsetType = UNSET


class OfferDocument(Struct, frozen=True):
    """One proposal, standing or not."""

    offer_id: str
    dispute_id: str
    made_by: Role
    type: OfferType
    refund: MoneyDocument
    note: str
    status: OfferStatus
    made_at: At
    closed_at: At | None


class ActorDocument(Struct, frozen=True):
    """Who did it."""

    role: Role
    id: str


class TimelineDocument(Struct, frozen=True):
    """One entry of the timeline, with the hash that chains it to the one before."""

    seq: int
    at: At
    actor: ActorDocument
    type: EventType
    data: Mapping[str, Any]
    prev_hash: str
    hash: str
    # Entries of before named what is the team's own (R45): a party reads them without it, and cannot recompute `hash`.
    # Neither can anybody where a text in them was erased (R48).
    redacted: bool | UnsetType = UNSET
    # Who of the team acted: for the team alone.
    person_id: str | UnsetType = UNSET


def dispute_document(
    case: Dispute,
    reader: Role,
    now: datetime,
    *,
    reader_id: str | None = None,
    can_reopen_until: datetime | UnsetType | None = UNSET,
) -> DisputeDocument:
    """The case as this reader sees it at this instant."""
    return DisputeDocument(
        dispute_id=case.dispute_id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        items=[_item(item, case.max_refundable.currency) for item in case.items],
        reason=case.reason,
        sub_reason=case.sub_reason,
        description=case.description,
        seller_contacted=_seller_contact(case),
        requested_refund=money(case.asked),
        max_refundable=money(case.grantable),
        stage=case.stage,
        status=case.status,
        party_state=party_state(case, reader, now),
        policy=PolicyReference(case.policy.profile, case.policy.version),
        opened_at=instant(case.opened_at),
        escalation_available_at=instant(case.escalation_available_at),
        negotiation_due_at=instant(case.negotiation_due_at),
        escalated_at=at(case.escalated_at),
        escalated_by=case.escalated_by,
        claim_reason=case.claim_reason,
        evidence_due_at=at(case.evidence_due_at),
        decision_due_at=at(case.decision_due_at),
        parcels=parcels_of(case),
        delivered_at=at(case.delivered_at),
        reason_change_due_at=at(case.reason_change_due_at),
        buyer_received_at=at(case.buyer_received_at),
        # R45: who of the team has the claim is for the team alone.
        assigned_to=case.assigned_to if reader is Role.CASE_MANAGER else None,
        evidence_requests=requests_made(case),
        return_address=(case.return_address if reader is not Role.SYSTEM else ()) or None,
        return_addresses=return_addresses_document(case, reader),
        return_parcel=return_parcel_document(case),
        return_shipment_due_at=at(case.return_shipment_due_at),
        return_receipt_due_at=at(case.return_receipt_due_at),
        closed_at=at(case.closed_at),
        outcome=outcome_document(case.outcome),
        refund=_refund(case),
        current_offer=current_offer(case),
        available_actions=[
            action_document(case, it) for it in available_actions(case, reader, now, reader_id)
        ],
        notices=notices(case, reader),
        version=case.version,
        updated_at=instant(case.updated_at or case.opened_at),
        buyer=person(case, Role.BUYER, reader),
        seller=person(case, Role.SELLER, reader),
        settlement=outcome_document(case.settlement),
        unread_messages=unread(case, reader),
        last_message_at=at(case.thread.last_at),
        limits=limits(case, reader),
        proposal=standing_proposal(case, reader),
        viewer=ViewerDocument(reader),
        as_of=instant(now),
        metadata=case.metadata if sees_metadata(reader) else UNSET,
        can_reopen_until=can_reopen_until
        if isinstance(can_reopen_until, UnsetType)
        else at(can_reopen_until),
    )


def _seller_contact(case: Dispute) -> SellerContactDocument | None:
    declared = case.seller_contacted
    return SellerContactDocument(declared.contacted, declared.how) if declared else None


def _item(item: CaseItem, currency: str) -> CaseItemDocument:
    amount = None if item.amount_minor is None else MoneyDocument(item.amount_minor, currency)
    return CaseItemDocument(item.item_id, item.quantity, item.title, amount)


def outcome_document(outcome: Outcome | None) -> OutcomeDocument | None:
    """An outcome or a settlement as the contract writes it, or None."""
    if outcome is None:
        return None
    return OutcomeDocument(
        outcome.code,
        money(outcome.refund),
        outcome.return_required,
        outcome.decided_by,
        [DecisionReason(reason) for reason in outcome.reasons],
        outcome.rationale,
        outcome.evidence_ids,
    )


def _refund(case: Dispute) -> CaseRefundDocument | None:
    status, outcome, ended = progress_of(case), case.outcome, case.closed_at
    if status is None or outcome is None or ended is None:
        return None
    return CaseRefundDocument(status, money(outcome.refund), instant(ended), at(case.refund_paid_at))


def offer_document(dispute_id: str, offer: Offer) -> OfferDocument:
    """A proposal as both sides see it."""
    return OfferDocument(
        offer.offer_id,
        dispute_id,
        offer.made_by,
        offer.type,
        money(offer.refund),
        offer.note,
        offer.status,
        instant(offer.made_at),
        at(offer.closed_at),
    )


def timeline_document(entry: TimelineEntry, reader: Role) -> TimelineDocument:
    """An entry as this reader sees it, hashes included: a party without what is the team's own (R45)."""
    is_team = reader is Role.CASE_MANAGER
    shown = entry if is_team else without_teams_words(entry)
    return TimelineDocument(
        shown.seq,
        instant(shown.at),
        ActorDocument(shown.actor.role, shown.actor.actor_id),
        shown.type,
        shown.said,
        shown.prev_hash,
        shown.hash,
        UNSET if shown is entry and not entry.erased else True,
        entry.person_id if is_team and entry.person_id else UNSET,
    )


def answer(
    status: int, document: object, *, version: int | None = None, location: str | None = None
) -> Answer:
    """An answer ready to be sent and kept."""
    return Answer(status, msgspec.json.encode(document), version, location)


def dispute_answer(case: Dispute, reader: Role, now: datetime, reader_id: str | None = None) -> Answer:
    """The dispute document with its version as `ETag`: what every action on a case answers."""
    return answer(200, dispute_document(case, reader, now, reader_id=reader_id), version=case.version)
