"""An example of every answer that is about no case: a seller's figures, and the windows of a policy."""

from __future__ import annotations

from typing import Any

from buyer_protection.application.actions import policies
from buyer_protection.application.actions.sellers import SellerMetricsDocument, SellerPeriodDocument
from buyer_protection.application.schemas import requests
from buyer_protection.application.schemas.instants import at
from buyer_protection.domain import calendar
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.timeline import instant
from tools.contract.example_order import sent_as
from tools.contract.example_requests import SELLER_ID

POLICY = ALIEXPRESS_CLASSIC


def policy_answers() -> dict[str, Any]:
    """What the calls about sellers and policies answer."""
    sent = sent_as("preview_policy", requests.PreviewRequest)
    plan = calendar.calendar(
        POLICY, sent.shipped_at, sent.guaranteed_delivery_days, sent.opened_at, sent.delivered_at
    )
    return {
        "get_seller_metrics": SellerMetricsDocument(
            SELLER_ID,
            412,
            9,
            3,
            2,
            1,
            0.017,
            0.3333,
            0.3,
            7,
            2,
            [
                SellerPeriodDocument(30, 61, 1, 1, 0, 0, 0, 0, 0.0164, 0.0, None),
                SellerPeriodDocument(90, 170, 4, 3, 1, 1, 1, 0, 0.0176, 0.25, 0.0),
                SellerPeriodDocument(365, 412, 9, 7, 2, 3, 2, 1, 0.017, 0.3333, 0.3),
            ],
        ),
        "get_policy": POLICY.to_snapshot(),
        "preview_policy": policies.CalendarDocument(
            profile=POLICY.profile,
            version=POLICY.version,
            dispute_opens_at=instant(plan.dispute_opens_at),
            completion_at=instant(plan.completion_at),
            opens_before_completion=plan.opens_before_completion,
            escalation_available_at=at(plan.escalation_available_at),
            negotiation_due_at=at(plan.negotiation_due_at),
            evidence_due_at_latest=at(plan.evidence_due_at_latest),
            decision_due_at_latest=at(plan.decision_due_at_latest),
            reason_change_due_at=at(plan.reason_change_due_at),
        ),
    }
