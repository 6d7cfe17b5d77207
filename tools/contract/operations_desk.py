"""The rest of the table of operations: the team's calls, the return's, sellers' figures and policies."""

from __future__ import annotations

from buyer_protection.application.actions.me import MeDocument
from buyer_protection.application.actions.policies import CalendarDocument
from buyer_protection.application.actions.sellers import SellerMetricsDocument
from buyer_protection.application.schemas import queries, requests
from buyer_protection.application.schemas.brief import BriefDocument
from buyer_protection.application.schemas.desk_documents import MediationSummary, TeamDocument
from buyer_protection.application.schemas.documents import DisputeDocument
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
        problems=(No("ASSIGNEE_IS_PARTY", "R24"), No("ASSIGNEE_NOT_IN_TEAM", "R47")),
    ),
    on_case("unassign_claim", "R24 R47", notes="So too where nobody has it: nothing changes then."),
    on_case(
        "set_evidence_window",
        "R22 R47",
        request=requests.EvidenceWindowRequest,
        problems=(No("NOT_ASSIGNED", "R47"), No("DATE_OUT_OF_RANGE", "R22")),
    ),
    on_case(
        "request_evidence",
        "R22 R23 R24 R47",
        request=requests.EvidenceQuestionRequest,
        problems=(
            No("NOT_ASSIGNED", "R47"),
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
            No("NOT_ASSIGNED", "R47"),
            No("AMOUNT_OUT_OF_RANGE", "R24"),
            No("CURRENCY_MISMATCH", "R24"),
            No("MORE_THAN_IS_LEFT", "R39"),
            No("OUTCOME_MISMATCH", "R24"),
            No("EVIDENCE_NOT_SHARED", "R24"),
            No("RETURN_NOT_APPLICABLE", "R36"),
        ),
        notes="BUYER_FAVOUR is the whole request, SELLER_FAVOUR nothing, PARTIAL an amount between.",
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
