"""How a seller fares in disputes: counters and rates, for the seller and the team."""

from msgspec import Struct

from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.sellers import SellerCounter, SellerMetrics
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.outbound_events import ends_case
from buyer_protection.domain.enums import EventType, OutcomeCode
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.timeline import TimelineEntry

_DECIDED_FOR_BUYER = (OutcomeCode.DECIDED_BUYER_FAVOUR, OutcomeCode.DECIDED_PARTIAL)
_COUNTED = {
    EventType.DISPUTE_OPENED: SellerCounter.DISPUTES,
    EventType.ESCALATED: SellerCounter.ESCALATED,
    EventType.DECIDED: SellerCounter.DECIDED,
}


class SellerMetricsDocument(Struct, frozen=True):
    """Counts of orders and cases since the seller's first one; rates have four decimals, null without a base.

    `dispute_rate` is disputes per order, `escalation_rate` escalated per dispute, `lost_rate` lost per decided: lost is
    what the team decided (wholly or partly) for the buyer, and for which money was refunded in the end.
    """

    seller_id: str
    orders: int
    disputes: int
    escalated: int
    decided: int
    lost: int
    dispute_rate: float | None
    escalation_rate: float | None
    lost_rate: float | None


def get_seller_metrics(metrics: SellerMetrics, command: Command, seller_id: str) -> Answer:
    """200 for that seller, their staff and the team; 404 for everybody else (R1)."""
    caller = command.caller
    if not (caller.acts_for_seller(seller_id) or caller.is_case_manager):
        raise NotFoundError(rule="R1")
    totals = metrics.totals(seller_id)
    document = SellerMetricsDocument(
        seller_id=seller_id,
        orders=totals.orders,
        disputes=totals.disputes,
        escalated=totals.escalated,
        decided=totals.decided,
        lost=totals.lost,
        dispute_rate=_rate(totals.disputes, totals.orders),
        escalation_rate=_rate(totals.escalated, totals.disputes),
        lost_rate=_rate(totals.lost, totals.decided),
    )
    return answer(200, document)


def counters_of(entry: TimelineEntry) -> list[SellerCounter]:
    """What an entry counts as, from the entry alone; a case counts once under each name."""
    counters = [_COUNTED[entry.type]] if entry.type in _COUNTED else []
    lost = entry.data.get("outcome") in _DECIDED_FOR_BUYER and entry.data.get("refund_minor", 0) > 0
    return [*counters, SellerCounter.LOST] if lost and ends_case(entry) else counters


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
