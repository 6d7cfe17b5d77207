"""The table of operations: a row for every API function, in the order of a dispute's life."""

from __future__ import annotations

from typing import Any

from buyer_protection.application.actions.case_file import ExportDocument
from buyer_protection.application.actions.case_page import CasePageDocument
from buyer_protection.application.actions.messages import MessageDocument
from buyer_protection.application.actions.metadata import MetadataDocument
from buyer_protection.application.actions.refunds_elsewhere import RefundElsewhereDocument
from buyer_protection.application.schemas import queries, requests
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument
from buyer_protection.application.schemas.order_documents import (
    EligibilityDocument,
    OrderDocument,
    TrackingDocument,
)
from tools.contract import models
from tools.contract.model import Operation, on_case
from tools.contract.model import Refusal as No
from tools.contract.operations_desk import CLAIM, OPERATING, POLICIES, RETURN
from tools.contract.operations_events import WEBHOOKS
from tools.contract.operations_people import PEOPLE

TAGS = {
    "Orders": "The orders that the shop reports, as their parties may see them.",
    "Disputes": "Opening, reading and ending a dispute.",
    "Negotiation": "Offers of both sides, until one is accepted.",
    "Messages": "The thread between buyer, seller and team.",
    "Evidence": "What the parties submit to prove their statements.",
    "Claim": "What the Case Management Team does.",
    "Operations": "What operators see: counts, and rows without texts.",
    "Return": "Sending the goods back.",
    "Sellers": "Dispute statistics of sellers.",
    "Events": "What happened, for the shop's own systems: a feed to read, and webhooks.",
    "People": "What is kept of a person: exported, and erased.",
    "Policies": "The windows of a policy, before a dispute exists.",
    "Account": "Who the caller is.",
}
_READERS = "buyer, seller, case manager"
_AMOUNT = (No("AMOUNT_OUT_OF_RANGE", "R11"), No("CURRENCY_MISMATCH", "R11"))


def _order(id: str, who: str, rules: str, response: Any, **more: Any) -> Operation:
    return Operation(id, who, tuple(rules.split()), response, **more)


_ORDERS = (
    _order(
        "put_order",
        "system",
        "R1 R2 R3 R34",
        OrderDocument,
        request=requests.OrderRequest,
        statuses=(200, 201),
        has_etag=True,
        problems=(
            No("ORDER_FIXED", "R38"),
            No("ORDER_IS_NEWER"),
            No("STALE_VERSION"),
            No("IMPOSSIBLE_ORDER"),
        ),
        notes="Replaces the whole order; what disputes and tracking have recorded about it does not change. "
        "201 the first time, 200 afterwards. Amounts are gross: what was paid, whatever was given back since; what was "
        "given back is a call of its own. Shipping is no line but `shipping_amount_minor`, refundable with the whole "
        "order only. `ETag` is the order's revision, for `If-Match`; an older `as_of` than what is kept is refused. An "
        "order with a doubt is taken, with codes in `warnings`.",
    ),
    _order(
        "record_tracking_event",
        "system",
        "R29 R30 R31 R36 R41",
        TrackingDocument,
        request=requests.TrackingRequest,
        statuses=(200, 201),
        problems=(No("VALIDATION_FAILED", "R29"), No("EVENT_ID_REUSED", "R41")),
        notes="Safe to repeat and to send out of order: a known event answers 200 with "
        "`duplicate: true` and changes nothing. `DELIVERY_CORRECTED` takes back what was said to be delivered up to "
        "its `occurred_at`; another `tracking_number` of the shipment is another journey, which begins with nothing. A "
        "delivery that is said to be earlier than the shipment is taken as of the shipment, with a code in `warnings`.",
    ),
    _order(
        "record_refund",
        "system",
        "R38 R39 R41 R51",
        RefundElsewhereDocument,
        request=requests.RefundElsewhereRequest,
        statuses=(200, 201),
        problems=(
            No("VALIDATION_FAILED", "R1"),
            No("VALIDATION_FAILED", "R41"),
            No("AMOUNT_OUT_OF_RANGE", "R39"),
            No("CURRENCY_MISMATCH", "R39"),
            No("EVENT_ID_REUSED", "R41"),
            No("NOTHING_TO_REVERSE", "R39"),
        ),
        notes="Money that the shop gave back outside of a dispute enters the order's ledger once; an open dispute can "
        "grant no more than is left from that instant on, and ends where nothing is. 201 the first time, 200 for a "
        "repetition. What is more than the order or a line has left is taken all the same. What names a refund of a "
        "dispute (`rf-...`, or `dispute_id`) is counted already (`is_ours`).",
    ),
    _order("get_order", f"{_READERS}, system", "R1 R3 R4 R34", OrderDocument, has_etag=True),
    Operation(
        "list_orders",
        "buyer, seller, system",
        ("R1",),
        models.OrderList,
        query=queries.OrdersQuery,
        notes="The last placed first. The shop's backend names a `buyer_id` or a `seller_id`, and no `role`. At most "
        "200 orders are looked at for a call: a part may be short, or empty, and "
        "go on. Orders that the shop has not reported since lists were kept are missing.",
    ),
    _order(
        "get_dispute_eligibility",
        "buyer, system",
        "R1 R2 R7 R8 R9 R12",
        EligibilityDocument,
        query=queries.EligibilityQuery,
        problems=(No("VALIDATION_FAILED", "R1"),),
        notes='"Not yet" is an answer here, not an error: `code` and `rule` say why not, `opens_at` from when. `items` '
        "says it of each line by itself. With `item_id` (repeated for several) the answer is about these items "
        "together; without, about all that can be disputed, or about those lines that can be now.",
    ),
    _order(
        "confirm_receipt",
        "buyer",
        "R3 R13",
        OrderDocument,
        request=requests.ConfirmReceiptRequest,
        problems=(
            No("VALIDATION_FAILED", "R3"),
            No("NOT_SHIPPED", "R9"),
            No("FORBIDDEN", "R3"),
            No("DISPUTE_OPEN", "R13"),
            No("ORDER_COMPLETED", "R2"),
        ),
    ),
)

_DISPUTES = (
    Operation(
        "open_dispute",
        "buyer",
        ("R1", "R2", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12"),
        DisputeDocument,
        statuses=(201,),
        request=requests.OpenDisputeRequest,
        has_etag=True,
        problems=(
            No("NOT_FOUND", "R1"),
            No("VALIDATION_FAILED", "R1"),
            No("VALIDATION_FAILED", "R6"),
            No("VALIDATION_FAILED", "R10"),
            No("ORDER_COMPLETED", "R2"),
            No("DISPUTE_EXISTS", "R12"),
            No("NOT_SHIPPED", "R9"),
            No("TOO_EARLY", "R6"),
            No("TOO_EARLY", "R7"),
            No("NOTHING_TO_REFUND", "R11"),
            No("ITEM_SETTLED", "R25"),
            *_AMOUNT,
            No("LIMIT_REACHED", "R28", (409,)),
        ),
        notes="Without `items` it is about the whole order. The opening request is offer number one, `of-1`.",
    ),
    Operation(
        "list_disputes",
        "everyone",
        ("R1",),
        models.DisputeList,
        query=queries.ListQuery,
        problems=(No("FORBIDDEN", "R24"),),
        notes="Newest first. Without `role` it lists a buyer's own disputes, and every dispute for the team and for "
        "the shop's backend, which names no role. What is in a claim's statuses only, or of an assignee, comes most "
        "urgent first. Summaries; whole documents with `view=full`. At most 200 disputes are looked at for a call: a "
        "part may be short, or empty, and go on.",
    ),
    on_case("get_dispute", "R1"),
    on_case(
        "get_dispute_page",
        "R1 R14 R26",
        response=CasePageDocument,
        notes="One answer for a page: the dispute, all offers, the evidence, the last 50 messages and entries of the "
        "timeline, what helps as evidence. Verified files of the newest twenty items come with a link, which lives for "
        "five minutes; the links of any other are read with the item. `earlier_page_token` goes back from there.",
    ),
    Operation(
        "put_metadata",
        "system",
        (),
        MetadataDocument,
        request=requests.MetadataRequest,
        problems=(No("STALE_VERSION"),),
        notes="Replaces all of the shop's own keys of a dispute. No rule looks at them, they move no version, and the "
        "parties never see them; the team does.",
    ),
    on_case(
        "get_timeline",
        "R1",
        response=models.TimelineList,
        query=queries.PageQuery,
        has_etag=False,
        notes="Append-only: each entry carries the hash of the one before.",
    ),
    on_case(
        "change_reason",
        "R10 R17 R27",
        request=requests.ChangeReasonRequest,
        problems=(
            No("VALIDATION_FAILED", "R10"),
            No("VALIDATION_FAILED", "R27"),
            No("REASON_CHANGE_CLOSED", "R27"),
            No("LIMIT_REACHED", "R27", (409,)),
        ),
    ),
    on_case(
        "cancel_dispute",
        "R13 R28",
        request=requests.CancelRequest,
        problems=(No("VALIDATION_FAILED", "R28"),),
        notes="The order continues; `can_reopen_until` says until when a new dispute is possible.",
    ),
    on_case(
        "export_case",
        "R21 R25",
        response=ExportDocument,
        notes="Chain, texts and signature can be checked offline with `docs/verify_export.py` and `GET /v1/keys`.",
    ),
)

_NEGOTIATION = (
    on_case(
        "list_offers",
        "R14",
        response=models.OfferList,
        has_etag=False,
    ),
    on_case(
        "make_offer",
        "R11 R14 R36",
        response=OfferDocument,
        statuses=(201,),
        request=requests.OfferRequest,
        problems=(
            *_AMOUNT,
            No("AMOUNT_OUT_OF_RANGE", "R14"),
            No("CURRENCY_MISMATCH", "R14"),
            No("RETURN_NOT_APPLICABLE", "R36"),
            No("WRONG_STATUS", "R36"),
            No("MORE_THAN_IS_LEFT", "R39"),
            No("LIMIT_REACHED", "R14", (409,)),
        ),
    ),
    *(
        on_case(
            f"{verb}_offer",
            "R14 R36" if verb == "accept" else "R14",
            who=who,
            problems=(
                No("FORBIDDEN", "R14"),
                No("NOT_FOUND", "R14"),
                No("OFFER_NOT_CURRENT", "R14"),
                *((No("MORE_THAN_IS_LEFT", "R39"),) if verb == "accept" else ()),
            ),
        )
        for verb, who in (
            ("accept", "the other party"),
            ("decline", "the other party"),
            ("withdraw", "its maker"),
        )
    ),
    on_case(
        "accept_request",
        "R14",
        problems=(No("OFFER_NOT_CURRENT", "R14"), No("MORE_THAN_IS_LEFT", "R39")),
        notes="Where money was given back elsewhere, it grants what is left of the request (R51).",
    ),
    on_case(
        "escalate_dispute",
        "R16 R17 R18 R19 R20 R22 R23",
        request=requests.EscalateRequest,
        problems=(No("VALIDATION_FAILED", "R19"), No("VALIDATION_FAILED", "R20"), No("TOO_EARLY", "R16")),
        notes="From three days after the opening up to fifteen; then the clock escalates (R15).",
    ),
)

_EVIDENCE = (
    on_case(
        "send_message",
        "R5 R47",
        response=MessageDocument,
        statuses=(201,),
        request=requests.MessageRequest,
        problems=(No("FORBIDDEN", "R47"), No("LIMIT_REACHED", "R5", (409,))),
    ),
    on_case(
        "list_messages",
        "R5",
        response=models.MessageList,
        query=queries.PageQuery,
        has_etag=False,
        notes="Reading notes nothing by itself: say with `messages/read` what was read.",
    ),
    on_case(
        "mark_messages_read",
        "R5",
        request=requests.ReadRequest,
        problems=(No("VALIDATION_FAILED", "R5"),),
        notes="Once the whole thread is read, the next message causes a mail again; while `up_to` is not its last "
        "message, nothing is noted. The case's version stays as it is. Writing in the thread counts as reading it.",
    ),
    on_case(
        "add_evidence",
        "R21 R22 R26 R33 R35",
        response=EvidenceDocument,
        statuses=(201,),
        request=requests.EvidenceRequest,
        problems=(
            No("VALIDATION_FAILED", "R1"),
            No("VALIDATION_FAILED", "R22"),
            No("LIMIT_REACHED", "R26"),
            No("LIMIT_REACHED", "R46", (409,)),
        ),
        notes="A text counts at once. Each file is uploaded with the S3 POST that the answer gives for it, within "
        "five minutes or half a policy day, whichever is shorter, and counts once its size, type and checksum are "
        "verified. "
        "What was announced before the window's end counts if it arrives while its form is valid.",
    ),
    on_case(
        "get_evidence",
        "R26",
        response=EvidenceDocument,
        problems=(No("NOT_FOUND", "R26"),),
        notes="An item that does not count yet is visible to its owner only.",
    ),
    on_case(
        "list_evidence",
        "R21 R26",
        response=models.EvidenceList,
        has_etag=False,
    ),
    on_case(
        "withdraw_evidence",
        "R26",
        who="its owner",
        problems=(No("NOT_FOUND", "R26"), No("FORBIDDEN", "R26")),
        notes="The timeline still shows that the item existed.",
    ),
    on_case(
        "complete_evidence",
        "R22",
        problems=(No("UPLOAD_PENDING", "R22"),),
        notes="The review starts at once when both parties have said so and there is any evidence.",
    ),
    on_case(
        "get_evidence_guide",
        "R10 R22 R26 R32 R33 R35",
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
    *WEBHOOKS,
    *PEOPLE,
    *OPERATING,
    *POLICIES,
)
