"""How a seller fares in disputes: counters and rates, for the seller and the team."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from functools import reduce
from itertools import takewhile

from msgspec import Struct

from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.sellers import Counted, SellerCounter, SellerMetrics, SellerTotals
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.outbound_events import ends_case
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, OutcomeCode, Role
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.timeline import TimelineEntry

_DECIDED_FOR_BUYER = (OutcomeCode.DECIDED_BUYER_FAVOUR, OutcomeCode.DECIDED_PARTIAL)
_WHOLE = 10_000
PERIODS = (30, 90, 365)


class SellerPeriodDocument(Struct, frozen=True):
    """The same for orders that were placed, and disputes that were opened, in the last so many days, today included."""

    days: int
    orders: int
    disputes: int
    disputed_orders: int
    cancelled: int
    escalated: int
    decided: int
    lost: int
    dispute_rate: float | None
    escalation_rate: float | None
    lost_rate: float | None


class SellerMetricsDocument(Struct, frozen=True):
    """Counts of orders and cases since the seller's first one; rates have four decimals, null without a base.

    `disputed_orders` has each order once that had a dispute; not those of which every dispute was cancelled
    (`cancelled` counts these disputes) or ended as REFUNDED_ELSEWHERE, which is outside of all rates. `dispute_rate` is
    disputed orders per order, `escalation_rate` escalated per dispute, `lost_rate` lost per decided: lost is what the
    team decided (wholly or partly) for the buyer, and for which money was refunded in the end; a partial refund counts
    by the share that was paid. `periods` has the same for the last 30, 90 and 365 days.
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
    disputed_orders: int
    cancelled: int
    periods: Sequence[SellerPeriodDocument]


def get_seller_metrics(metrics: SellerMetrics, clock: Clock, command: Command, seller_id: str) -> Answer:
    """200 for that seller, their staff, the team and the shop's backend; 404 for everybody else (R1)."""
    caller = command.caller
    if not (caller.acts_for_seller(seller_id) or caller.is_case_manager or caller.is_system):
        raise NotFoundError(rule="R1")
    totals, today = metrics.totals(seller_id), clock.now().astimezone(UTC).date()
    daily = metrics.daily(seller_id, _first_day(today, max(PERIODS)))
    disputes, escalations, losses = _rates(totals)
    document = SellerMetricsDocument(
        seller_id=seller_id,
        orders=totals.orders,
        disputes=totals.disputes,
        escalated=totals.escalated,
        decided=totals.decided,
        lost=totals.lost,
        dispute_rate=disputes,
        escalation_rate=escalations,
        lost_rate=losses,
        disputed_orders=max(0, totals.disputed_orders),
        cancelled=totals.cancelled,
        periods=[_period(daily, days, today) for days in PERIODS],
    )
    return answer(200, document)


def _first_day(today: date, days: int) -> date:
    return today - timedelta(days=days - 1)


def _period(daily: Mapping[date, SellerTotals], days: int, today: date) -> SellerPeriodDocument:
    within = [of_day for day, of_day in daily.items() if _first_day(today, days) <= day <= today]
    totals = reduce(SellerTotals.plus, within, SellerTotals())
    return SellerPeriodDocument(
        days,
        totals.orders,
        totals.disputes,
        max(0, totals.disputed_orders),
        totals.cancelled,
        totals.escalated,
        totals.decided,
        totals.lost,
        *_rates(totals),
    )


def _rates(totals: SellerTotals) -> tuple[float | None, float | None, float | None]:
    """Of disputed orders, of escalations and of losses; what was given back elsewhere is outside of all three."""
    escalated, disputes = totals.escalated - totals.elsewhere_escalated, totals.disputes - totals.elsewhere
    return (
        _rate(max(0, totals.disputed_orders), totals.orders),
        _rate(escalated, disputes),
        _rate(totals.lost_share / _WHOLE, totals.decided - totals.elsewhere_decided),
    )


def _rate(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole > 0 else None


def is_counted(entry: TimelineEntry) -> bool:
    """Whether anything is counted because of the entry."""
    return entry.type in {EventType.DISPUTE_OPENED, EventType.ESCALATED, EventType.DECIDED} or ends_case(
        entry
    )


def facts_of(entry: TimelineEntry, case: Dispute, ledger: OrderLedger) -> list[Counted]:
    """What an entry counts as; a case counts once under each name, for the day on which it was opened."""
    day = case.opened_at.astimezone(UTC).date()
    return [Counted(name, adds, day) for name, adds in _adds(entry, case, ledger)]


def _adds(
    entry: TimelineEntry, case: Dispute, ledger: OrderLedger
) -> Iterator[tuple[SellerCounter, dict[SellerCounter, int]]]:
    name = SellerCounter
    match entry.type:
        case EventType.DISPUTE_OPENED:
            yield name.DISPUTES, {name.DISPUTES: 1, name.DISPUTED_ORDERS: _of_order(case, ledger)}
        case EventType.ESCALATED:
            yield name.ESCALATED, {name.ESCALATED: 1}
        case EventType.DECIDED:
            yield name.DECIDED, {name.DECIDED: 1}
        case EventType.CANCELLED if entry.data.get("outcome") == OutcomeCode.REFUNDED_ELSEWHERE:
            ruled = case.settlement is not None and case.settlement.decided_by is Role.CASE_MANAGER
            yield (
                name.ELSEWHERE,
                {
                    name.ELSEWHERE: 1,
                    name.ELSEWHERE_ESCALATED: int(case.escalated_at is not None),
                    name.ELSEWHERE_DECIDED: int(ruled),
                    name.DISPUTED_ORDERS: -_of_order(case, ledger),
                },
            )
        case EventType.CANCELLED:
            yield name.CANCELLED, {name.CANCELLED: 1, name.DISPUTED_ORDERS: -_of_order(case, ledger)}
    refund = entry.data.get("refund_minor", 0)
    if ends_case(entry) and entry.data.get("outcome") in _DECIDED_FOR_BUYER and refund > 0:
        yield name.LOST, {name.LOST: 1, name.LOST_SHARE: _share(entry, case, refund)}


def _of_order(case: Dispute, ledger: OrderLedger) -> int:
    """1 where this dispute makes the order a disputed one: no settlement of another dispute did so before."""
    before = takewhile(lambda settlement: settlement.dispute_id != case.dispute_id, ledger.settlements)
    return int(not any(settlement.items for settlement in before))


def _share(entry: TimelineEntry, case: Dispute, refund_minor: int) -> int:
    if entry.data.get("outcome") == OutcomeCode.DECIDED_BUYER_FAVOUR:
        return _WHOLE
    return min(_WHOLE, _WHOLE * refund_minor // max(1, case.max_refundable.amount_minor))
