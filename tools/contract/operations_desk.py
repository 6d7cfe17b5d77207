"""The rest of the table of operations: the team's calls, the return's, sellers' figures and policies."""

from __future__ import annotations

from buyer_protection.application.actions.decision_preview import DecisionPreviewDocument
from buyer_protection.application.actions.keys import KeysDocument
from buyer_protection.application.actions.me import MeDocument
from buyer_protection.application.actions.policies import CalendarDocument
from buyer_protection.application.actions.sellers import SellerMetricsDocument
from buyer_protection.application.actions.templates import TemplateDocument
from buyer_protection.application.schemas import queries, requests
from buyer_protection.application.schemas.brief import BriefDocument
from buyer_protection.application.schemas.desk_documents import MediationSummary, TeamDocument
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument
from buyer_protection.application.schemas.operations_documents import (
    OperatedCaseDocument,
    OperationsSummaryDocument,
)
from buyer_protection.application.schemas.team_documents import NoteDocument, PendingDecisionDocument
from tools.contract import models
from tools.contract.model import Operation, on_case
from tools.contract.model import Refusal as No

CLAIM = (
    Operation(
        "get_mediation_queue",
        "case manager",
        ("R24",),
        models.DisputeList,
        query=queries.QueueQuery,
        problems=(No("FORBIDDEN", "R24"),),
        notes="Summaries; whole documents with `view=full`.",
    ),
    Operation(
        "get_mediation_summary",
        "case manager",
        ("R24", "R47"),
        MediationSummary,
        problems=(No("FORBIDDEN", "R24"),),
        notes="Counts may be a minute old.",
    ),
    Operation(
        "get_mediation_team",
        "case manager",
        ("R24", "R47"),
        TeamDocument,
        problems=(No("FORBIDDEN", "R24"),),
        notes="Claims of somebody who has left the team are nobody's within a few minutes.",
    ),
    Operation(
        "take_next_claim",
        "case manager",
        ("R24", "R47"),
        DisputeDocument,
        has_etag=True,
        problems=(
            No("FORBIDDEN", "R24"),
            No("FORBIDDEN", "R47"),
            No("NO_CLAIM_WAITING", "R47"),
        ),
        notes="Two callers at once never get the same. A claim in which the caller has a part is passed over.",
    ),
    Operation(
        "list_templates",
        "case manager",
        ("R24",),
        models.TemplateList,
        problems=(No("FORBIDDEN", "R24"),),
    ),
    Operation(
        "put_template",
        "case manager",
        ("R24",),
        TemplateDocument,
        statuses=(200, 201),
        request=requests.TemplateRequest,
        problems=(No("FORBIDDEN", "R24"), No("STALE_VERSION")),
        has_etag=True,
        notes="Replaces the whole template; `ETag` is its version.",
    ),
    on_case(
        "get_claim_brief",
        "R21 R24 R31 R32",
        response=BriefDocument,
        problems=(No("WRONG_STATUS", "R24"),),
    ),
    on_case(
        "assign_claim",
        "R24 R47",
        request=requests.AssignRequest,
        problems=(
            No("FORBIDDEN", "R47"),
            No("ASSIGNEE_IS_PARTY", "R24"),
            No("ASSIGNEE_NOT_IN_TEAM", "R47"),
        ),
    ),
    on_case("unassign_claim", "R24 R47", notes="So too where nobody has it: nothing changes then."),
    on_case(
        "set_evidence_window",
        "R22 R47",
        request=requests.EvidenceWindowRequest,
        problems=(
            No("FORBIDDEN", "R47"),
            No("NOT_ASSIGNED", "R47", (409,)),
            No("DATE_OUT_OF_RANGE", "R22"),
        ),
    ),
    on_case(
        "request_evidence",
        "R22 R23 R24 R47",
        request=requests.EvidenceQuestionRequest,
        problems=(
            No("FORBIDDEN", "R47"),
            No("NOT_ASSIGNED", "R47", (409,)),
            No("DATE_OUT_OF_RANGE", "R22"),
            No("LIMIT_REACHED", "R24", (409,)),
        ),
    ),
    on_case(
        "decide_claim",
        "R23 R24 R25 R31 R35 R36 R47",
        request=requests.DecisionRequest,
        problems=(
            No("FORBIDDEN", "R47"),
            No("NOT_ASSIGNED", "R47", (409,)),
            No("CONFIRMATION_NEEDED", "R47"),
            No("AMOUNT_OUT_OF_RANGE", "R24"),
            No("CURRENCY_MISMATCH", "R24"),
            No("MORE_THAN_IS_LEFT", "R39"),
            No("OUTCOME_MISMATCH", "R24"),
            No("EVIDENCE_NOT_SHARED", "R24"),
            No("RETURN_NOT_APPLICABLE", "R36"),
        ),
        query=queries.DecisionQuery,
        response={200: (DisputeDocument, DecisionPreviewDocument), 202: PendingDecisionDocument},
        statuses=(200, 202),
        notes="BUYER_FAVOUR is the whole request, SELLER_FAVOUR nothing, PARTIAL an amount between. 202 where the "
        "stage asks for a second member's confirmation because of the amount at stake: the ruling waits, and the "
        "dispute stays as it is. With `dry_run`, 200 with a DecisionPreviewDocument: what both would read, without "
        "effect; no answer is kept under the key.",
    ),
    on_case(
        "propose_settlement",
        "R14 R36 R39 R45 R47",
        request=requests.OfferRequest,
        response=OfferDocument,
        statuses=(201,),
        problems=(
            No("FORBIDDEN", "R47"),
            No("NOT_ASSIGNED", "R47", (409,)),
            No("AMOUNT_OUT_OF_RANGE", "R11"),
            No("CURRENCY_MISMATCH", "R11"),
            No("MORE_THAN_IS_LEFT", "R39"),
            No("RETURN_NOT_APPLICABLE", "R36"),
            No("LIMIT_REACHED", "R14"),
        ),
        notes="An offer `made_by` CASE_MANAGER, which each side accepts with `/offers/{offer_id}/accept`: it is an "
        "agreement once both have. Neither is shown whether the other has. The dates of the claim stand, and the "
        "parties' own offers go on. A return may be asked for.",
    ),
    on_case(
        "confirm_decision",
        "R24 R25 R47",
        problems=(
            No("FORBIDDEN", "R47"),
            No("NOT_FOUND", "R47"),
            No("DECISION_NOT_CURRENT", "R47"),
            No("MORE_THAN_IS_LEFT", "R39"),
        ),
        notes="By another member than the one who made it; both are members at that instant.",
    ),
    on_case(
        "refuse_decision",
        "R47",
        response=PendingDecisionDocument,
        problems=(No("FORBIDDEN", "R47"), No("NOT_FOUND", "R47"), No("DECISION_NOT_CURRENT", "R47")),
        notes="By another member than the one who made it. The claim is to be decided anew.",
    ),
    on_case(
        "withdraw_decision",
        "R47",
        response=PendingDecisionDocument,
        problems=(No("FORBIDDEN", "R47"), No("NOT_FOUND", "R47"), No("DECISION_NOT_CURRENT", "R47")),
        notes="By the member who made it.",
    ),
    on_case(
        "write_note",
        "R45 R47",
        request=requests.NoteRequest,
        response=NoteDocument,
        statuses=(201,),
        problems=(No("FORBIDDEN", "R47"),),
        notes="Notes are never changed or removed, and move no version: no party is shown anything of them.",
    ),
    Operation(
        "get_person_history",
        "case manager",
        ("R1", "R45", "R47"),
        models.DisputeHistory,
        query=queries.HistoryQuery,
        problems=(No("FORBIDDEN", "R24"), No("NOT_ASSIGNED", "R47", (403,))),
        notes="For the member of the team who has the claim of `dispute_id`, about its buyer or its seller: disputes "
        "that were opened before it, of that person in the same role. Each call is noted: who has looked, at whose "
        "disputes, when and for which case.",
    ),
    on_case(
        "list_notes",
        "R45",
        response=models.NoteList,
        query=queries.PageQuery,
        has_etag=False,
    ),
)

RETURN = (
    on_case(
        "confirm_return_address",
        "R36",
        request=requests.ReturnAddressRequest,
        problems=(No("LIMIT_REACHED", "R42", (409,)),),
    ),
    on_case(
        "register_return_shipment",
        "R36",
        request=requests.ReturnShipmentRequest,
        problems=(No("VALIDATION_FAILED", "R36"), No("RETURN_ADDRESS_UNCONFIRMED", "R36")),
    ),
    on_case(
        "acknowledge_return",
        "R36",
        request=requests.AcknowledgeReturnRequest,
        problems=(No("VALIDATION_FAILED", "R36"), No("EVIDENCE_NOT_SHARED", "R36")),
        notes="ITEM_RECEIVED ends the case as settled; anything else leads to a review by the team.",
    ),
)

OPERATING = (
    Operation(
        "get_operations_summary",
        "operator",
        ("R44",),
        OperationsSummaryDocument,
        notes="Counts are those of the last whole audit (`counted_at`); the queues are asked for each answer. One that"
        " SQS says nothing of has `waiting: null`.",
    ),
    Operation("get_operated_case", "operator", ("R44",), OperatedCaseDocument, has_etag=True),
)

POLICIES = (
    Operation(
        "get_seller_metrics",
        "that seller, case manager",
        (),
        SellerMetricsDocument,
    ),
    Operation(
        "get_me",
        "anyone signed in",
        (),
        MeDocument,
        notes="As the verified token says; nothing is looked up.",
    ),
    Operation(
        "list_keys",
        "anyone signed in",
        ("R25",),
        KeysDocument,
        notes="Old keys stay, so that every export can be checked.",
    ),
    Operation(
        "get_guide_before",
        "anyone signed in",
        ("R10", "R26", "R33", "R35"),
        models.SideGuideList,
        query=queries.GuideQuery,
        problems=(No("VALIDATION_FAILED", "R10"),),
        notes="What helps each side in a dispute for this reason, before one is opened.",
    ),
    Operation(
        "get_policy",
        "anyone signed in",
        (),
        models.PolicyDocument,
    ),
    Operation(
        "preview_policy",
        "anyone signed in",
        ("R3", "R7", "R8", "R15", "R16", "R22", "R27"),
        CalendarDocument,
        request=requests.PreviewRequest,
        notes="Changes nothing.",
    ),
)
