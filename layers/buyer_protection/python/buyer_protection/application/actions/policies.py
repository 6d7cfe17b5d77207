"""The policy's calls: its numbers, and the calendar they give an order."""

from msgspec import Struct

from buyer_protection.application.actions.context import Context
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.guide_documents import guide_before
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.queries import GuideQuery
from buyer_protection.application.schemas.requests import PreviewRequest
from buyer_protection.domain.calendar import calendar
from buyer_protection.domain.errors import NotFoundError, Place
from buyer_protection.domain.opening import check_sub_reason
from buyer_protection.domain.policy import Policy, policy_for_stage
from buyer_protection.domain.timeline import instant, whole_ms


class CalendarDocument(Struct, frozen=True):
    """Every instant that follows from an order's dates."""

    profile: str
    version: int
    dispute_opens_at: At
    completion_at: At
    opens_before_completion: bool
    escalation_available_at: At | None
    negotiation_due_at: At | None
    evidence_due_at_latest: At | None
    decision_due_at_latest: At | None
    reason_change_due_at: At | None


def get_policy(context: Context, profile: str) -> Answer:
    """200 with every window (in days) and flag; 404 where there is no such profile."""
    return answer(200, _profile(context, profile).to_snapshot())


def get_guide_before(context: Context, profile: str, query: GuideQuery) -> Answer:
    """200 with what helps each side as evidence in a dispute for this reason, before one is opened (R10, R26)."""
    _profile(context, profile)
    check_sub_reason(query.reason, query.sub_reason, fields_in=Place.QUERY)
    return answer(200, {"items": guide_before(query.reason, query.sub_reason)})


def preview_policy(context: Context, profile: str, request: PreviewRequest) -> Answer:
    """200 with the whole calendar; changes nothing."""
    policy = _profile(context, profile)
    plan = calendar(
        policy,
        whole_ms(request.shipped_at),
        request.guaranteed_delivery_days,
        whole_ms(request.opened_at) if request.opened_at else None,
        whole_ms(request.delivered_at) if request.delivered_at else None,
    )
    document = CalendarDocument(
        profile=policy.profile,
        version=policy.version,
        dispute_opens_at=instant(plan.dispute_opens_at),
        completion_at=instant(plan.completion_at),
        opens_before_completion=plan.opens_before_completion,
        escalation_available_at=at(plan.escalation_available_at),
        negotiation_due_at=at(plan.negotiation_due_at),
        evidence_due_at_latest=at(plan.evidence_due_at_latest),
        decision_due_at_latest=at(plan.decision_due_at_latest),
        reason_change_due_at=at(plan.reason_change_due_at),
    )
    return answer(200, document)


def _profile(context: Context, profile: str) -> Policy:
    found = policy_for_stage(profile, context.policy.day_seconds)
    if found is None:
        raise NotFoundError
    return found
