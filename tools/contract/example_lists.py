"""Examples of the lists' answers, of the same case and order as all others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.application.schemas.desk_documents import (
    ColleagueDocument,
    MediationSummary,
    MemberDocument,
    TeamDocument,
)
from buyer_protection.application.schemas.documents import dispute_document
from buyer_protection.application.schemas.order_summaries import order_summary
from buyer_protection.application.schemas.summaries import dispute_summary
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.timeline import instant
from tools.contract.example_order import LEDGER, ORDER
from tools.contract.example_requests import MANAGER_ID

NAME = "Ana Ruiz"
COLLEAGUES = [ColleagueDocument(MANAGER_ID, NAME)]


def disputes(case: Dispute, reader: Role, now: datetime, token: str | None = None) -> Any:
    """A list of one dispute."""
    return {"items": [dispute_summary(case, reader, now)], **({"next_page_token": token} if token else {})}


def earlier(decided: Dispute, now: datetime) -> Any:
    """A list of what the buyer's dispute before this one came to: as this one, a season earlier."""
    season = timedelta(days=90)
    before = replace(
        decided,
        dispute_id="dp-01jgb8w1x30000000000000001",
        order_id="8174659302071123",
        opened_at=decided.opened_at - season,
        updated_at=decided.updated_at - season if decided.updated_at else None,
        closed_at=decided.closed_at - season if decided.closed_at else None,
    )
    return disputes(before, Role.CASE_MANAGER, now)


def orders() -> Any:
    """A list of one order."""
    return {"items": [order_summary(ORDER, LEDGER, ALIEXPRESS_CLASSIC, False, ORDER.placed_at)]}


def of_the_team(assigned: Dispute, unassigned: Dispute, now: datetime) -> dict[str, Any]:
    """The team's counts and members, and a claim that is taken and given back."""
    by_status = {Status.CLAIM_EVIDENCE: 31, Status.UNDER_REVIEW: 12}
    return {
        "get_mediation_summary": MediationSummary(instant(now), 43, 2, 5, 4, 9, by_status, COLLEAGUES),
        "take_next_claim": dispute_document(assigned, Role.CASE_MANAGER, now),
        "unassign_claim": dispute_document(unassigned, Role.CASE_MANAGER, now),
        "get_mediation_team": TeamDocument(instant(now), [MemberDocument(MANAGER_ID, 4, NAME)]),
    }
