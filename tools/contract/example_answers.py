"""An example of every answer: the requests' own case, as the domain's functions and documents compute it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec

from buyer_protection.application.actions.messages import message_document
from buyer_protection.application.actions.refunds_elsewhere import (
    RefundedItemDocument,
    RefundElsewhereDocument,
)
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.evidence_files import FilePlace
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.schemas import documents, requests
from buyer_protection.application.schemas.amounts import money
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.schemas.evidence_documents import (
    DownloadDocument,
    FileLinks,
    UploadDocument,
    evidence_document,
)
from buyer_protection.application.schemas.guide_documents import case_guide
from buyer_protection.application.schemas.order_documents import (
    TrackingDocument,
    eligibility_document,
    order_document,
)
from buyer_protection.domain import (
    claim,
    eligibility,
    evidence,
    messages,
    negotiation,
    opening,
    parcels,
    returns,
    rulings,
    windows,
)
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import MediaType, OfferType, Role
from buyer_protection.domain.evidence_item import Copies, Evidence, EvidenceFile, FileCopy
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.proof import sealed
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.sides import ContactRecord
from buyer_protection.domain.timeline import Actor, instant
from tools.contract import example_lists, example_reads
from tools.contract.example_answers_events import about_events
from tools.contract.example_answers_people import about_people
from tools.contract.example_desk import desk_answers, operated_answers
from tools.contract.example_export import export_answers, salt
from tools.contract.example_order import LEDGER, ORDER, money_of, sent_as
from tools.contract.example_policies import policy_answers
from tools.contract.example_requests import BUYER_ID, DISPUTE_ID, MANAGER_ID, ORDER_ID, SELLER_ID

T = TypeVar("T")

BUYER, SELLER, MANAGER = (
    Actor(Role.BUYER, BUYER_ID),
    Actor(Role.SELLER, SELLER_ID),
    Actor(Role.CASE_MANAGER, MANAGER_ID),
)
DAY, BUCKET = timedelta(days=1), "buyer-protection-evidence.s3.amazonaws.com"
OPENED = datetime(2026, 3, 7, 12, tzinfo=UTC)
POLICY = ALIEXPRESS_CLASSIC
_COPY_SHA256 = "6f0f4a4f1f0e2f0f5a8d7c3b2a19080706050403020100fedcba987654321001"


class At:
    """A clock that stands at one instant."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """That instant."""
        return self._moment


def _open() -> Change:
    sent = sent_as("open_dispute", requests.OpenDisputeRequest)
    contact = cast(requests.SellerContact, sent.seller_contacted)
    wish = opening.OpeningRequest(
        sent.reason,
        sent.sub_reason,
        sent.description,
        money_of(sent.requested_refund),
        seller_contacted=ContactRecord(contact.contacted, contact.how),
    )
    return sealed(opening.open_dispute(DISPUTE_ID, ORDER, LEDGER, wish, POLICY, OPENED), salt)


def _offer(case: Dispute, kind: OfferType, now: datetime) -> Change:
    sent = sent_as("make_offer", requests.OfferRequest)
    asked = money_of(cast(requests.MoneyModel, sent.refund))
    return sealed(negotiation.make_offer(case, SELLER, kind, asked, sent.note, now), salt)


def _seen(case: Dispute, role: Role, now: datetime) -> documents.DisputeDocument:
    return documents.dispute_document(case, role, now)


def _after(change: Change) -> documents.DisputeDocument:
    """What the person who acted is answered."""
    return _seen(change.after, change.entry.actor.role, change.entry.at)


def answers() -> dict[str, Any]:
    """An example answer per operation, as JSON-ready values; the same in every run."""
    found = example_reads.with_readers(
        {**_orders(), **_negotiating(), **_claim(), **_return(), **policy_answers()}
    )
    found |= about_events()
    found |= about_people()
    found |= example_reads.reads(begun := _open(), _offer(begun.after, OfferType.REFUND, OPENED + DAY))
    return {operation: json.loads(msgspec.json.encode(document)) for operation, document in found.items()}


def _orders() -> dict[str, Any]:
    tracked = sent_as("record_tracking_event", requests.TrackingRequest)
    given = sent_as("record_refund", requests.RefundElsewhereRequest)
    receipt = OPENED - DAY
    finished = eligibility.finish_by_receipt(ORDER, LEDGER, POLICY, receipt)
    return {
        "put_order": order_document(ORDER, LEDGER, POLICY, Role.SYSTEM, False, receipt),
        "get_order": order_document(ORDER, LEDGER, POLICY, Role.BUYER, False, receipt),
        "confirm_receipt": order_document(ORDER, finished, POLICY, Role.BUYER, True, receipt),
        "get_dispute_eligibility": eligibility_document(
            eligibility.eligibility(ORDER, LEDGER, POLICY, OPENED - 2 * DAY)
        ),
        "record_refund": RefundElsewhereDocument(
            given.refund_id,
            ORDER_ID,
            given.kind,
            money(money_of(given.amount)),
            [
                RefundedItemDocument(item.item_id, item.quantity, money(money_of(item.amount)))
                for item in given.items
            ],
            instant(given.occurred_at),
            None,
            False,
        ),
        "record_tracking_event": TrackingDocument(
            tracked.event_id,
            ORDER_ID,
            tracked.shipment_id,
            tracked.status,
            instant(tracked.occurred_at),
            False,
        ),
    }


def _negotiating() -> dict[str, Any]:
    opened = _open()
    start, now = opened.after, OPENED + DAY
    offered = _offer(start, OfferType.REFUND, now)
    changed = sent_as("change_reason", requests.ChangeReasonRequest)
    written = messages.send_message(start, SELLER, sent_as("send_message", requests.MessageRequest).text, now)
    message = message_document(DISPUTE_ID, _given(written.new_message))
    standing = [
        documents.offer_document(DISPUTE_ID, _given(change.new_offer)) for change in (opened, offered)
    ]
    cancelled = parcels.cancel(start, BUYER, acknowledge_consequences=True, now=now)
    later = OPENED + 2 * DAY
    return {
        "open_dispute": _after(opened),
        "get_dispute": _seen(offered.after, Role.BUYER, now),
        "list_disputes": example_lists.disputes(offered.after, Role.BUYER, now, "eyJiIjoiNGY1In0"),
        "list_orders": example_lists.orders(),
        "get_timeline": {
            "items": [documents.timeline_document(change.entry, Role.BUYER) for change in (opened, offered)]
        },
        "make_offer": standing[1],
        "list_offers": {"items": standing},
        "accept_offer": _after(negotiation.accept_offer(offered.after, BUYER, "of-2", later)),
        "decline_offer": _after(negotiation.decline_offer(offered.after, BUYER, "of-2", later)),
        "withdraw_offer": _after(negotiation.withdraw_offer(offered.after, SELLER, "of-2", later)),
        "accept_request": _after(negotiation.accept_request(start, SELLER, later)),
        "change_reason": _after(
            parcels.change_reason(
                start, BUYER, changed.reason, changed.sub_reason, changed.description, later
            )
        ),
        "cancel_dispute": documents.dispute_document(
            cancelled.after, Role.BUYER, now, can_reopen_until=ORDER.completion_at(POLICY)
        ),
        "send_message": message,
        "list_messages": {"items": [message]},
        "mark_messages_read": _after(_given(messages.mark_read(written.after, BUYER, "ms-1", later))),
        "get_evidence_guide": {
            "items": case_guide(start, Role.SELLER, (), LoadedOrder(ORDER, LEDGER)),
        },
    }


def _given(value: T | None) -> T:
    """What a change is known to hold."""
    assert value is not None  # noqa: S101 - a generator's own check
    return value


def _escalated(case: Dispute) -> Change:
    sent = sent_as("escalate_dispute", requests.EscalateRequest)
    stated = claim.escalate(
        case,
        BUYER,
        confirm_no_agreement=True,
        claim_reason=sent.claim_reason,
        text=sent.text,
        now=OPENED + 4 * DAY,
    )
    return sealed(stated, salt)


def _claim() -> dict[str, Any]:
    opened = _open()
    offered = _offer(opened.after, OfferType.REFUND, OPENED + DAY)
    submitted = _evidence(offered.after, OPENED + 2 * DAY)
    added = _verified(submitted)
    item = _given(added.changed_evidence)
    escalated = _escalated(added.after)
    now = OPENED + 5 * DAY
    assigned = claim.assign(
        escalated.after, MANAGER, sent_as("assign_claim", requests.AssignRequest).assignee, now
    )
    due = sent_as("set_evidence_window", requests.EvidenceWindowRequest).due_at
    windowed = claim.set_evidence_window(assigned, MANAGER, due, now)
    review = _given(windows.close_window(windowed.after, due))
    decided = _decision(review.after, due + DAY)
    changes = [opened, offered, submitted, added, escalated, windowed, review, decided]
    dossier = Dossier(
        case=assigned,
        offers=[_given(opened.new_offer), _given(offered.new_offer)],
        evidence=[item],
        timeline=[change.entry for change in changes[:5]],
        messages=[],
        brief=None,
    )
    return {
        "add_evidence": _uploading(_given(submitted.new_evidence), submitted.entry.at),
        "get_evidence": _downloading(item, OPENED + 3 * DAY),
        "list_evidence": {"items": [evidence_document(DISPUTE_ID, item)]},
        "withdraw_evidence": _after(evidence.withdraw_evidence(added.after, BUYER, item, OPENED + 3 * DAY)),
        "escalate_dispute": _after(escalated),
        "complete_evidence": _after(evidence.complete_evidence(escalated.after, BUYER, now)),
        "get_mediation_queue": example_lists.disputes(assigned, Role.CASE_MANAGER, now),
        "get_person_history": example_lists.earlier(decided.after, due + DAY),
        **example_lists.of_the_team(assigned, escalated.after, now),
        "get_claim_brief": claim_brief(dossier, LoadedOrder(ORDER, LEDGER), At(now)),
        "assign_claim": _seen(assigned, Role.CASE_MANAGER, now),
        "set_evidence_window": _after(windowed),
        "request_evidence": _after(_question(review.after, due + DAY)),
        "decide_claim": _after(decided),
        **desk_answers(review.after, _ruling(), due + DAY),
        **operated_answers(review.after, due + DAY),
        **export_answers(changes, item),
    }


def _evidence(case: Dispute, now: datetime) -> Change:
    sent = sent_as("add_evidence", requests.EvidenceRequest)
    files = [
        EvidenceFile(f"f-{number}", file.name, file.media_type, file.size, file.sha256)
        for number, file in enumerate(sent.files, start=1)
    ]
    made = evidence.add_evidence(case, BUYER, sent.type, sent.text or "", sent.item_id, now, files)
    return sealed(made, salt)


def _verified(submitted: Change) -> Change:
    """A minute later the upload was found to be what was said, and copies were made of it."""
    item = _given(submitted.new_evidence)
    now, (file,) = submitted.entry.at + timedelta(minutes=1), item.files
    made = (FileCopy(file.name, MediaType.JPEG, 91_022, _COPY_SHA256, "7GcH1pVwq3Tz"), 8_211)
    copies = Copies(made[0], replace(made[0], size=made[1]))
    change = evidence.verify(submitted.after, item, file.file_id, "3HL4kqtJlcpXroDTDm", None, now, copies)
    return sealed(_given(change), salt)


def _uploading(item: Evidence, now: datetime) -> Any:
    (file,) = item.files
    fields = {
        "key": FilePlace(DISPUTE_ID, item.evidence_id, file.file_id).key,
        "Content-Type": file.media_type.value,
        "policy": "eyJleHBpcmF0aW9uIjoi...",
        "x-amz-signature": "5f1c...",
    }
    upload = UploadDocument(f"https://{BUCKET}", fields, instant(now + evidence.LINK_LIFE))
    return evidence_document(DISPUTE_ID, item, uploads={file.file_id: upload})


def _downloading(item: Evidence, now: datetime) -> Any:
    (file,) = item.files
    place, until = FilePlace(DISPUTE_ID, item.evidence_id, file.file_id), instant(now + evidence.LINK_LIFE)
    links = [
        DownloadDocument(f"https://{BUCKET}/{key}?X-Amz-Signature=...", until)
        for key in (place.key, place.copy_key, place.thumbnail_key)
    ]
    return evidence_document(DISPUTE_ID, item, downloads={file.file_id: FileLinks(*links)})


def _question(case: Dispute, now: datetime) -> Change:
    sent = sent_as("request_evidence", requests.EvidenceQuestionRequest)
    asked = claim.EvidenceQuestion(Role(sent.party), sent.types, sent.due_at, sent.question)
    return claim.request_evidence(case, MANAGER, asked, now)


def _decision(case: Dispute, now: datetime) -> Change:
    ruling = _ruling()
    return sealed(claim.decide(case, MANAGER, ruling, frozenset(ruling.evidence_ids), now), salt)


def _ruling() -> rulings.Ruling:
    sent = sent_as("decide_claim", requests.DecisionRequest)
    return rulings.Ruling(
        sent.outcome,
        money_of(cast(requests.MoneyModel, sent.refund)),
        sent.return_required,
        sent.reasons,
        sent.rationale,
        sent.evidence_ids,
    )


def _return() -> dict[str, Any]:
    changed = sent_as("change_reason", requests.ChangeReasonRequest)
    arrived = parcels.change_reason(
        _open().after, BUYER, changed.reason, changed.sub_reason, changed.description, OPENED + 3 * DAY
    )
    offered = _offer(arrived.after, OfferType.REFUND_WITH_RETURN, OPENED + 4 * DAY)
    accepted = negotiation.accept_offer(offered.after, BUYER, "of-2", OPENED + 5 * DAY)
    place = sent_as("confirm_return_address", requests.ReturnAddressRequest).address
    lines = [*place.lines, f"{place.postal_code} {place.country}"]
    addressed = returns.confirm_address(accepted.after, SELLER, lines, accepted.entry.at + DAY / 2)
    sent = sent_as("register_return_shipment", requests.ReturnShipmentRequest)
    shipped = returns.register_shipment(
        addressed.after,
        BUYER,
        ReturnParcel(sent.carrier, sent.tracking_number, _given(sent.shipped_at)),
        OPENED + 6 * DAY,
    )
    said = sent_as("acknowledge_return", requests.AcknowledgeReturnRequest)
    received = returns.acknowledge(
        shipped.after,
        SELLER,
        returns.Acknowledgement(said.condition, said.note, said.evidence_ids),
        frozenset(),
        OPENED + 12 * DAY,
    )
    return {
        "confirm_return_address": _after(addressed),
        "register_return_shipment": _after(shipped),
        "acknowledge_return": _after(received),
    }
