"""The table of operations: a row for every API function, in the order of a dispute's life."""

from __future__ import annotations

from typing import Any

from buyer_protection.application.actions.case_file import ExportDocument
from buyer_protection.application.actions.messages import MessageDocument
from buyer_protection.application.schemas import queries, requests
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument
from buyer_protection.application.schemas.order_documents import (
    EligibilityDocument,
    OrderDocument,
    TrackingDocument,
)
from buyer_protection.domain.enums import Action
from tools.contract import models
from tools.contract.model import Operation, on_case
from tools.contract.model import Refusal as No
from tools.contract.operations_desk import CLAIM, POLICIES, RETURN

TAGS = {
    "Orders": "What the shop tells of its orders, and what their parties may know.",
    "Disputes": "Opening, reading and ending a dispute.",
    "Negotiation": "Proposals of both sides, until one is accepted.",
    "Messages": "The thread between buyer, seller and team.",
    "Evidence": "What the parties give to prove their words.",
    "Claim": "What the Case Management Team does.",
    "Return": "Sending the goods back.",
    "Sellers": "How sellers fare in disputes.",
    "Policies": "The windows, before anything has happened.",
}
_PARTIES = "buyer, seller"
_READERS = "buyer, seller, case manager"
_AMOUNT = (No("AMOUNT_OUT_OF_RANGE", "R11"), No("CURRENCY_MISMATCH", "R11"))


def _order(id: str, summary: str, who: str, rules: str, response: Any, **more: Any) -> Operation:
    return Operation(id, "Orders", summary, who, tuple(rules.split()), response, **more)


_ORDERS = (
    _order(
        "put_order",
        "Store the shop's projection of an order",
        "system",
        "R1 R2 R3 R34",
        OrderDocument,
        request=requests.OrderRequest,
        statuses=(200, 201),
        notes="Replaces the whole projection; what disputes and tracking made of the order stays as it is. "
        "201 the first time, 200 afterwards.",
    ),
    _order(
        "record_tracking_event",
        "Report what a carrier said of a parcel",
        "system",
        "R29 R30 R31 R36",
        TrackingDocument,
        request=requests.TrackingRequest,
        statuses=(200, 201),
        problems=(No("VALIDATION_FAILED", "R29"),),
        notes="Safe to repeat and to send out of order: an event that is known already answers 200 with "
        "`duplicate: true` and changes nothing.",
    ),
    _order("get_order", "Read an order", _READERS, "R1 R3 R4 R34", OrderDocument),
    _order(
        "get_dispute_eligibility",
        "May a dispute be opened now?",
        "buyer",
        "R1 R2 R7 R8 R9 R12",
        EligibilityDocument,
        notes="«Not yet» is an answer here, not an error: `code` and `rule` say why not, `opens_at` from when.",
    ),
    _order(
        "confirm_receipt",
        "Confirm the receipt, which completes the order",
        "buyer",
        "R3 R13",
        OrderDocument,
        problems=(No("FORBIDDEN", "R3"), No("DISPUTE_OPEN", "R13"), No("ORDER_COMPLETED", "R2")),
    ),
)

_DISPUTES = (
    Operation(
        "open_dispute",
        "Disputes",
        "Open a dispute: ask for a refund",
        "buyer",
        ("R1", "R2", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12"),
        DisputeDocument,
        statuses=(201,),
        request=requests.OpenDisputeRequest,
        has_etag=True,
        problems=(
            No("NOT_FOUND", "R1"),
            No("VALIDATION_FAILED", "R1"),
            No("VALIDATION_FAILED", "R10"),
            No("ORDER_COMPLETED", "R2"),
            No("DISPUTE_EXISTS", "R12"),
            No("NOT_SHIPPED", "R9"),
            No("TOO_EARLY", "R7"),
            No("NOTHING_TO_REFUND", "R11"),
            No("ITEM_SETTLED", "R25"),
            *_AMOUNT,
            No("LIMIT_REACHED", "R28"),
        ),
        notes="Without `items` it is about the whole order. The opening request is proposal number one, `of-1`.",
    ),
    Operation(
        "list_disputes",
        "Disputes",
        "List the caller's disputes",
        "everyone",
        ("R1",),
        models.DisputeList,
        query=queries.ListQuery,
        problems=(No("FORBIDDEN", "R24"),),
        notes="Newest first. Without `role` it lists a buyer's own disputes, and the claims for the team.",
    ),
    on_case("get_dispute", "Disputes", "Read a dispute", _READERS, "R1", Action.READ),
    on_case(
        "get_timeline",
        "Disputes",
        "Read what happened, oldest first",
        _READERS,
        "R1",
        Action.READ,
        response=models.TimelineList,
        query=queries.PageQuery,
        has_etag=False,
        notes="Append-only: each entry carries the hash of the one before.",
    ),
    on_case(
        "change_reason",
        "Disputes",
        "Change the reason: it came, and is not as described",
        "buyer",
        "R10 R17 R27",
        Action.CHANGE_REASON,
        request=requests.ChangeReasonRequest,
        problems=(No("VALIDATION_FAILED", "R10"), No("REASON_CHANGE_CLOSED", "R27")),
    ),
    on_case(
        "cancel_dispute",
        "Disputes",
        "Cancel the dispute",
        "buyer",
        "R13 R28",
        Action.CANCEL,
        request=requests.CancelRequest,
        problems=(No("VALIDATION_FAILED", "R28"),),
        notes="The order has its clock back; `can_reopen_until` says until when a new dispute is possible.",
    ),
    on_case(
        "export_case",
        "Disputes",
        "Export the case file",
        _READERS,
        "R21 R25",
        Action.READ,
        response=ExportDocument,
        notes="The hash chain can be checked offline with `docs/verify_export.py`.",
    ),
)

_NEGOTIATION = (
    on_case(
        "list_offers",
        "Negotiation",
        "List all offers of both sides",
        _READERS,
        "R14",
        Action.READ,
        response=models.OfferList,
        has_etag=False,
    ),
    on_case(
        "make_offer",
        "Negotiation",
        "Make an offer, which replaces one's standing one",
        _PARTIES,
        "R11 R14 R36",
        Action.MAKE_OFFER,
        response=OfferDocument,
        statuses=(201,),
        request=requests.OfferRequest,
        problems=(
            *_AMOUNT,
            No("AMOUNT_OUT_OF_RANGE", "R14"),
            No("CURRENCY_MISMATCH", "R14"),
            No("RETURN_NOT_APPLICABLE", "R36"),
            No("WRONG_STATUS", "R36"),
            No("LIMIT_REACHED", "R14"),
        ),
    ),
    *(
        on_case(
            f"{verb}_offer",
            "Negotiation",
            summary,
            who,
            "R14 R36" if verb == "accept" else "R14",
            action,
            problems=(No("FORBIDDEN", "R14"), No("NOT_FOUND", "R14"), No("OFFER_NOT_CURRENT", "R14")),
        )
        for verb, summary, who, action in (
            ("accept", "Accept the other side's standing offer", "the other party", Action.ACCEPT_OFFER),
            ("decline", "Decline the other side's standing offer", "the other party", Action.DECLINE_OFFER),
            ("withdraw", "Take one's own standing offer back", "its maker", Action.WITHDRAW_OFFER),
        )
    ),
    on_case(
        "accept_request",
        "Negotiation",
        "Grant the buyer's whole request",
        "seller",
        "R14",
        Action.ACCEPT_REQUEST,
        problems=(No("OFFER_NOT_CURRENT", "R14"),),
    ),
    on_case(
        "escalate_dispute",
        "Negotiation",
        "Escalate: ask the team to decide",
        "buyer",
        "R16 R17 R18 R19 R20 R22 R23",
        Action.ESCALATE,
        request=requests.EscalateRequest,
        problems=(No("VALIDATION_FAILED", "R19"), No("VALIDATION_FAILED", "R20"), No("TOO_EARLY", "R16")),
        notes="From three days after the opening up to fifteen; then the clock escalates (R15).",
    ),
)

_EVIDENCE = (
    on_case(
        "send_message",
        "Messages",
        "Write to the other side and the team",
        _READERS,
        "R5",
        Action.SEND_MESSAGE,
        response=MessageDocument,
        statuses=(201,),
        request=requests.MessageRequest,
        problems=(No("LIMIT_REACHED", "R5"),),
    ),
    on_case(
        "list_messages",
        "Messages",
        "Read the thread, oldest first",
        _READERS,
        "R5",
        Action.READ,
        response=models.MessageList,
        query=queries.PageQuery,
        has_etag=False,
        notes="Reading it to its end is noted, so that the next message is mailed again.",
    ),
    on_case(
        "add_evidence",
        "Evidence",
        "Add an item of evidence",
        _PARTIES,
        "R21 R22 R26 R33 R35",
        Action.ADD_EVIDENCE,
        response=EvidenceDocument,
        statuses=(201,),
        request=requests.EvidenceRequest,
        problems=(
            No("VALIDATION_FAILED", "R1"),
            No("VALIDATION_FAILED", "R22"),
            No("LIMIT_REACHED", "R26"),
        ),
        notes="A text counts at once. Each file is uploaded with the S3 POST that the answer gives for it, within "
        "five minutes, and counts once its size, type and checksum are verified.",
    ),
    on_case(
        "get_evidence",
        "Evidence",
        "Read an item, with links to download its files",
        _READERS,
        "R26",
        Action.READ,
        response=EvidenceDocument,
        problems=(No("NOT_FOUND", "R26"),),
        notes="An item that does not count yet is its owner's alone.",
    ),
    on_case(
        "list_evidence",
        "Evidence",
        "List the evidence of both sides",
        _READERS,
        "R21 R26",
        Action.READ,
        response=models.EvidenceList,
        has_etag=False,
    ),
    on_case(
        "withdraw_evidence",
        "Evidence",
        "Take one's own item back, while negotiating",
        "its owner",
        "R26",
        Action.WITHDRAW_EVIDENCE,
        problems=(No("NOT_FOUND", "R26"), No("FORBIDDEN", "R26")),
        notes="The timeline keeps that the item was there.",
    ),
    on_case(
        "complete_evidence",
        "Evidence",
        "Say that there is nothing more to add",
        _PARTIES,
        "R22",
        Action.EVIDENCE_COMPLETE,
        problems=(No("UPLOAD_PENDING", "R22"),),
        notes="The review starts at once when both have said so and there is any evidence.",
    ),
    on_case(
        "get_evidence_guide",
        "Evidence",
        "Read which evidence helps",
        _PARTIES,
        "R10 R22 R26 R32 R33 R35",
        Action.READ_GUIDE,
        response=models.GuideList,
        has_etag=False,
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    *_ORDERS,
    *_DISPUTES,
    *_NEGOTIATION,
    *_EVIDENCE,
    *CLAIM,
    *RETURN,
    *POLICIES,
)
