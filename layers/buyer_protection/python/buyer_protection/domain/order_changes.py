"""What the shop says anew of an order, held against what disputes have made of it (R38 to R40, R51).

An upsert, a refund elsewhere and its reversal are one change of the order, its ledger and the case that is open.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.eligibility import RECEIPT_CONFIRMED
from buyer_protection.domain.enums import (
    PARTIES,
    EventType,
    OfferStatus,
    OrderCause,
    OutcomeCode,
    Role,
    Status,
)
from buyer_protection.domain.errors import ConflictError, FieldError
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.ledger import (
    RefundElsewhere,
    added,
    disputable_items,
    given_back_before,
    left_by_line,
    left_of,
    order_left,
    undisputed_items,
)
from buyer_protection.domain.money import Money, zero
from buyer_protection.domain.opening import OPENING_OFFER_ID, reopen_until
from buyer_protection.domain.order import CaseItem, Order, OrderLedger, ParcelTracking
from buyer_protection.domain.settlement import close, grants_request
from buyer_protection.domain.timeline import SHOP, instant
from buyer_protection.domain.tracking import (
    COLLECTION_EXPIRED,
    Followed,
    Known,
    follow_order,
    in_one,
    is_reopened_by_carriers,
)

# So many lines that have left an order are kept, the newest: more than an order has at once.
FORMER_ITEMS = 500
# How an order ends that no dispute has finished; whatever else finished one is a dispute's id.
NOT_BY_DISPUTE = frozenset({RECEIPT_CONFIRMED, COLLECTION_EXPIRED})


def fixed_members(kept: Order, ledger: OrderLedger, new: Order) -> tuple[str, ...]:
    """R38: the members that differ and may not: the parties once there was a dispute, the currency also once money was
    given back."""
    fixed = ["buyer_id", "seller_id"] if ledger.disputes_opened else []
    if ledger.disputes_opened or ledger.currency is not None:
        fixed.append("currency")
    return tuple(name for name in fixed if getattr(kept, name) != getattr(new, name))


def check_fixed(kept: Order, ledger: OrderLedger, new: Order) -> None:
    """409 `ORDER_FIXED` that names the members (R38)."""
    differing = fixed_members(kept, ledger, new)
    if differing:
        raise ConflictError(
            "The order has had a dispute or a refund: its parties and its currency cannot change any more.",
            code="ORDER_FIXED",
            rule="R38",
            fields=[FieldError(f"/{name}", "FIXED") for name in differing],
        )


def without_fixed(kept: Order, ledger: OrderLedger, new: Order) -> Order:
    """R38: the order as the shop says it is now, but for what is fixed, and for what belongs to that: the contact of
    another party, amounts in another currency."""
    for name in fixed_members(kept, ledger, new):
        match name:
            case "buyer_id":
                new = replace(new, buyer_id=kept.buyer_id, buyer=kept.buyer)
            case "seller_id":
                new = replace(new, seller_id=kept.seller_id, seller=kept.seller)
            case _:
                shipping = kept.shipping_amount_minor
                new = replace(new, currency=kept.currency, items=kept.items, shipping_amount_minor=shipping)
    return new


def ledger_after(kept: Order, ledger: OrderLedger, new: Order) -> OrderLedger:
    """The ledger once the order is this: a version on where that bears on money, on what can be disputed, or on which
    parcels carry it.

    Units that no settlement was about reopen an order that only a dispute had finished (R40), and another journey one
    that had ended uncollected (R41).
    """
    if _bearing(kept) == _bearing(new):
        return ledger
    after = replace(
        ledger,
        version=ledger.version + 1,
        tracking=_with_numbers(kept, ledger, new),
        former_items=_former_items(kept, ledger, new),
    )
    if is_reopened_by_carriers(new, after):
        after = replace(after, finished_at=None, finished_by=None)
    by_dispute = ledger.finished_by is not None and ledger.finished_by not in NOT_BY_DISPUTE
    # Ledgers of before settlements were kept do not say what the dispute was about.
    if by_dispute and any(one.items for one in ledger.settlements) and disputable_items(new, ledger):
        after = replace(after, finished_at=None, finished_by=None)
    return after


def _former_items(kept: Order, ledger: OrderLedger, new: Order) -> tuple[str, ...]:
    """The lines that the order had once: money given back for these is no mistake (R39)."""
    now = {line.item_id for line in new.items}
    left = [
        it.item_id for it in kept.items if it.item_id not in now and it.item_id not in ledger.former_items
    ]
    return (*ledger.former_items, *left)[-FORMER_ITEMS:]


def _with_numbers(kept: Order, ledger: OrderLedger, new: Order) -> Mapping[str, ParcelTracking]:
    """What is known of the parcels, with the number of its journey where the order no longer says it.

    Ledgers of before that was kept have none.
    """
    numbers = {shipment.shipment_id: shipment.tracking_number for shipment in new.shipments}
    return {
        **ledger.tracking,
        **{
            shipment.shipment_id: replace(seen, tracking_number=shipment.tracking_number)
            for shipment in kept.shipments
            if (seen := ledger.tracking.get(shipment.shipment_id)) is not None
            and not seen.tracking_number
            and numbers.get(shipment.shipment_id) != shipment.tracking_number
        },
    }


def _bearing(order: Order) -> tuple[object, ...]:
    items = tuple((item.item_id, item.quantity, item.amount_minor) for item in order.items)
    registered = [shipment.registered_at for shipment in order.shipments]
    completion = order.explicit_completion_at, order.guaranteed_delivery_days, order.shipped_at(), registered
    whose = order.buyer_id, order.seller_id, order.currency
    parcels = [(it.shipment_id, it.carrier, it.tracking_number, it.item_ids) for it in order.shipments]
    return whose, items, order.shipping_amount_minor, completion, parcels


class Cause(NamedTuple):
    """What changed the order: the shop's upsert, or a refund elsewhere."""

    of: OrderCause
    refund: RefundElsewhere | None = None

    @property
    def data(self) -> dict[str, str]:
        """As the timeline says it."""
        named = {} if self.refund is None else {"refund_id": self.refund.refund_id}
        return {"cause": self.of, **named}


def cause_of(refund: RefundElsewhere) -> Cause:
    """Given back, or taken back."""
    of = OrderCause.REFUND_REVERSED if refund.reverses else OrderCause.REFUND_ELSEWHERE
    return Cause(of, refund)


def follow(
    case: Dispute,
    order: Order,
    ledger: OrderLedger,
    cause: Cause,
    now: datetime,
    before: Known | None = None,
) -> Followed:
    """The open case once its order and ledger are these (R39): what is left, until when it could be opened again, what
    is known of its parcels (R41). `before` is what was known until now.

    Offers above what is left lapse; the opening request stays, where what is left of it can be granted. Where nothing
    is left because of what was given back elsewhere, the case ends (R51).
    """
    known_now = Known(order, ledger)
    followed = follow_order(case, before or known_now, known_now, now)
    case = followed.after
    known = _with_refund(case, cause.refund, order, ledger)
    if before is not None and cause.refund is None:
        known = _with_lines_again(known, before.order, order, ledger)
    left = left_of(known, order, ledger)
    # Where nothing is left there is nothing to open another dispute about.
    until = None if left.is_zero() else reopen_until(order, ledger.disputes_opened, case.policy)
    ends = (
        left.is_zero() and cause.of is OrderCause.REFUND_ELSEWHERE and _bears_on(case, cause, order, ledger)
    )
    after = replace(
        known,
        left=None if left == case.max_refundable else left,
        left_by_line=left_by_line(known, order, ledger),
        ledger_version=ledger.version,
        reopen_until=until,
        undisputed=undisputed_items(order, ledger, case.items),
    )
    if (left, until) == (case.grantable, case.reopen_until) and not ends:
        change = followed.change and replace(followed.change, after=after)
        return Followed(followed.before, after, change)
    data = {
        **cause.data,
        "max_refundable_minor": left.amount_minor,
        "previous_minor": case.grantable.amount_minor,
        "currency": left.currency,
    }
    if ends:
        change = _end(case, after, data, now)
    else:
        said = {**data, "reopen_until": instant(until) if until else None}
        change = _changed(case, after, left, said, now)
    whole = [it for it in (followed.change, change) if it is not None]
    return Followed(followed.before, change.after, replace(in_one(whole), before=followed.before))


def _bears_on(case: Dispute, cause: Cause, order: Order, ledger: OrderLedger) -> bool:
    """R51: whether the refund is about the case: it names one of its lines, or it is the order's and leaves nothing."""
    refund = cause.refund
    if refund is None:
        return False
    if any(item.item_id in refund.items for item in case.items):
        return True
    names_all = sum(refund.items.values()) == refund.amount.amount_minor
    return not names_all and order_left(order, ledger) == 0


def _with_lines_again(case: Dispute, before: Order, order: Order, ledger: OrderLedger) -> Dispute:
    """R39: while a line was out of the order, nothing said which of its units a refund taken back was for."""
    had = {line.item_id for line in before.items}
    items = tuple(it if it.item_id in had else _as_taken_back(case, it, order, ledger) for it in case.items)
    return replace(case, items=items) if items != case.items else case


def _with_refund(case: Dispute, refund: RefundElsewhere | None, order: Order, ledger: OrderLedger) -> Dispute:
    """R39: what is given back while a case is open is about its units first."""
    if refund is None:
        return case
    sign = -1 if refund.reverses else 1
    if refund.reverses and refund.open_dispute not in (case.dispute_id, None):
        # It was counted before the case was opened.
        return replace(case, items=tuple(_as_taken_back(case, item, order, ledger) for item in case.items))
    disputed = {item.item_id for item in case.items}
    named = {item_id: minor for item_id, minor in refund.items.items() if item_id in disputed}
    unnamed = refund.amount.amount_minor - sum(refund.items.values())
    return replace(case, given_back=added(case.given_back, {**named, "": unnamed}, sign))


def _as_taken_back(case: Dispute, item: CaseItem, order: Order, ledger: OrderLedger) -> CaseItem:
    line = next((it for it in order.items if it.item_id == item.item_id), None)
    if line is None:
        return item
    since = case.given_back.get(item.item_id, 0)
    left = given_back_before(line, ledger, item.quantity, since)
    return replace(item, given_back_minor=min(item.given_back_minor, left))


def _changed(case: Dispute, after: Dispute, left: Money, data: dict[str, object], now: datetime) -> Change:
    lapsed = {}
    for role in PARTIES:
        offer = after.side(role).offer
        stays = offer is not None and offer.offer_id == OPENING_OFFER_ID and grants_request(after)
        if offer is not None and not stays and offer.refund.amount_minor > left.amount_minor:
            lapsed[offer.offer_id] = OfferStatus.LAPSED
            after = after.with_side(role, after.side(role)._replace(offer=None))
    if after.proposal is not None and after.proposal.offer.refund.amount_minor > left.amount_minor:
        lapsed[after.proposal.offer.offer_id] = OfferStatus.LAPSED
        after = replace(after, proposal=None)
    data = {**data, "lapsed_offers": sorted(lapsed)}
    change = case.record(now, SHOP, EventType.ORDER_CHANGED, data, after, Guard.NONE)
    return replace(change, closed_offers=lapsed, lapses_singly=True)


def _end(case: Dispute, after: Dispute, data: dict[str, object], now: datetime) -> Change:
    nothing = zero(case.max_refundable.currency)
    outcome = Outcome(OutcomeCode.REFUNDED_ELSEWHERE, nothing, False, Role.SYSTEM)
    # Recorded as a change of the case as it was; what it knows of the order comes with it.
    ended = close(after, now, SHOP, EventType.CANCELLED, Status.CANCELLED, outcome, data, guard=Guard.NONE)
    return replace(ended, before=case)
