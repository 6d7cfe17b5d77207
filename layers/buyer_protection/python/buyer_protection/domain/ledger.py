"""What is left of an order: which units can still be disputed, and what can still be given back for them (R39, R40).

Parts of a line always add up to the line: units are counted in a row, those that a settlement was about first, and the
share of some is the difference of two rounded-down sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundKind
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import CaseItem, DisputedItem, Order, OrderItem, OrderLedger, Settlement


def share(amount_minor: int, quantity: int, before: int, count: int) -> int:
    """What of a line's amount is due to `count` of its units, after the first `before`; none beyond its last unit."""
    first, last = min(before, quantity), min(before + count, quantity)
    return amount_minor * last // quantity - amount_minor * first // quantity


def settled_units(line: OrderItem, ledger: OrderLedger) -> int:
    """The units of this line that an agreement or a decision was about, never more than there are."""
    settled = ledger.settled.get(line.item_id, 0)
    if ledger.undisputed:
        open_then = {item.item_id: item.quantity for item in ledger.undisputed}
        settled += max(0, line.quantity - open_then.get(line.item_id, 0))
    return min(settled, line.quantity)


def disputable_items(order: Order, ledger: OrderLedger) -> tuple[DisputedItem, ...]:
    """What a dispute can still be about: every unit that no agreement or decision was about (R25, R40)."""
    counted = ((line.item_id, line.quantity - settled_units(line, ledger)) for line in order.items)
    return tuple(DisputedItem(item_id, left) for item_id, left in counted if left > 0)


def disputed_items(
    order: Order, ledger: OrderLedger, chosen: Sequence[DisputedItem]
) -> tuple[DisputedItem, ...]:
    """R1: all that can be disputed where nothing is named; else the named items.

    400 for what is not on the order, 409 `ITEM_SETTLED` for units that an earlier dispute was about (R25). Where the
    order is finished, that is the reason to name (R2), and `check_may_open` names it.
    """
    left = disputable_items(order, ledger)
    if not chosen:
        return left
    named = order.named_items(chosen)
    if ledger.finished_at is None and any(item.quantity < 0 for item in _without(left, named)):
        raise settled_before()
    return named


def settled_before() -> ConflictError:
    """R25: there is nothing left to dispute of what is named."""
    return ConflictError(
        "An earlier dispute has ended with an agreement or a decision about these items.",
        code="ITEM_SETTLED",
        rule="R25",
    )


def undisputed_items(
    order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem | CaseItem]
) -> tuple[DisputedItem, ...]:
    """What stays disputable once a dispute about `disputed` has ended with an agreement or a decision."""
    return tuple(item for item in _without(disputable_items(order, ledger), disputed) if item.quantity > 0)


def _without(items: Sequence[DisputedItem], taken: Sequence[DisputedItem | CaseItem]) -> list[DisputedItem]:
    """Each line less the units taken of it; below zero where more are taken than there are."""
    left = {item.item_id: item.quantity for item in items}
    for item in taken:
        left[item.item_id] = left.get(item.item_id, 0) - item.quantity
    return [DisputedItem(item_id, quantity) for item_id, quantity in left.items()]


class Opened(NamedTuple):
    """What a dispute is opened for: its units with what was paid for them, their shipping, the most it can grant."""

    items: tuple[CaseItem, ...]
    shipping_minor: int
    max_refundable: Money


def opened_for(order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]) -> Opened:
    """R11, R39: what was paid for these units and not given back, never more than the order has left.

    Shipping counts only for every unit of an order of which nothing was settled before.
    """
    lines = {line.item_id: line for line in order.items}
    items = tuple(_opened_item(lines[item.item_id], ledger, item) for item in disputed)
    untouched = not ledger.settlements and not ledger.undisputed
    is_whole = untouched and {*disputed} == {*order.all_items()}
    shipping = order.shipping_amount_minor if is_whole else 0
    asked = sum(_as_opened(item) for item in items) + shipping
    return Opened(items, shipping, Money(max(0, min(asked, order_left(order, ledger))), order.currency))


def refundable(order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]) -> Money:
    """R11: the most that a dispute about these units could grant."""
    return opened_for(order, ledger, disputed).max_refundable


def _opened_item(line: OrderItem, ledger: OrderLedger, chosen: DisputedItem) -> CaseItem:
    """What was given back elsewhere is about these units as far as it cannot be about the line's other open ones."""
    settled = settled_units(line, ledger)
    mine = share(line.amount_minor, line.quantity, settled, chosen.quantity)
    others = share(line.amount_minor, line.quantity, settled + chosen.quantity, line.quantity)
    about_settled = sum(one.elsewhere.get(line.item_id, 0) for one in ledger.settlements)
    given_back = ledger.elsewhere.get(line.item_id, 0) - about_settled - others
    return CaseItem(line.item_id, chosen.quantity, line.title, mine, min(mine, max(0, given_back)))


def _as_opened(item: CaseItem) -> int:
    return (item.amount_minor or 0) - item.given_back_minor


def order_left(order: Order, ledger: OrderLedger) -> int:
    """R39: what is left of the whole order, in minor units: of each line, and less what was given back unnamed."""
    given_back = ledger.given_back
    lines = sum(max(0, line.amount_minor - given_back.get(line.item_id, 0)) for line in order.items)
    return max(0, lines + order.shipping_amount_minor - ledger.given_back_unnamed)


def left_of(case: Dispute, order: Order, ledger: OrderLedger) -> Money:
    """R39: the most that an open case can grant now: of each unit its amount now or as it was at the opening,
    whichever is less, less what was given back for it; never more than the order has left."""
    lines = {line.item_id: line for line in order.items}
    asked = sum(_left_of_item(case, item, lines.get(item.item_id), ledger) for item in case.items)
    asked += min(case.shipping_minor, order.shipping_amount_minor)
    most = min(asked, order_left(order, ledger), case.max_refundable.amount_minor)
    return Money(max(0, most), case.max_refundable.currency)


def _left_of_item(case: Dispute, item: CaseItem, line: OrderItem | None, ledger: OrderLedger) -> int:
    if line is None:
        return 0
    now = share(line.amount_minor, line.quantity, settled_units(line, ledger), item.quantity)
    then = now if item.amount_minor is None else item.amount_minor
    given_back = max(0, item.given_back_minor + case.given_back.get(item.item_id, 0))
    return max(0, min(now, then) - given_back)


def settlement_by(case: Dispute, refund: Money) -> Settlement:
    """What an agreement or a decision about the case adds to the order's ledger: the refund, spread over its units."""
    back = {item.item_id: _elsewhere(case, item) for item in case.items}
    rooms = [(item.amount_minor or 0) - back[item.item_id] for item in case.items]
    parts = _spread(refund.amount_minor, [*rooms, case.shipping_minor])
    by_line = {item.item_id: part for item, part in zip(case.items, parts, strict=False)}
    by_line[""] = refund.amount_minor - sum(by_line.values())
    return Settlement(
        case.dispute_id,
        {item.item_id: item.quantity for item in case.items},
        {item_id: part for item_id, part in by_line.items() if part},
        {item_id: minor for item_id, minor in back.items() if minor},
    )


def _elsewhere(case: Dispute, item: CaseItem) -> int:
    """What was given back for these units outside of disputes: at most what was paid for them."""
    given_back = item.given_back_minor + case.given_back.get(item.item_id, 0)
    return min(item.amount_minor or 0, max(0, given_back))


def _spread(amount: int, rooms: Sequence[int]) -> list[int]:
    """The amount in parts that are proportional to the rooms and add up to it (to the rooms, where it is more)."""
    total, filled, parts = sum(rooms), 0, []
    for room in rooms:
        after = filled + room
        parts.append(share(min(amount, total), total, filled, room) if total else 0)
        filled = after
    return parts


@dataclass(frozen=True, slots=True)
class RefundElsewhere:
    """R39: money that the shop gave back outside of disputes, once per `refund_id`.

    `items` is minor units by line, `units` how many of each they were for; without them it is the order's as a whole.
    `reverses` names the refund that this one takes back. `is_ours`: it is the payment of a dispute's own refund, which
    the ledger counts already.
    """

    refund_id: str
    kind: RefundKind
    amount: Money
    occurred_at: datetime
    items: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    reverses: str | None = None
    dispute_id: str | None = None
    is_ours: bool = False

    def same_facts_as(self, other: "RefundElsewhere") -> bool:
        """Whether both say the same, whatever we make of it (R41)."""
        return replace(self, is_ours=False) == replace(other, is_ours=False)


def with_given_back(ledger: OrderLedger, given: RefundElsewhere) -> OrderLedger:
    """The ledger once this was given back elsewhere, or taken back."""
    sign = -1 if given.reverses else 1
    elsewhere = added(ledger.elsewhere, given.items, sign)
    return replace(
        ledger,
        version=ledger.version + 1,
        currency=ledger.currency or given.amount.currency,
        elsewhere=elsewhere,
        elsewhere_minor=ledger.elsewhere_minor + sign * given.amount.amount_minor,
    )


def added(amounts: Mapping[str, int], more: Mapping[str, int], sign: int = 1) -> dict[str, int]:
    """Both by line; a line of nothing is left out."""
    total = dict(amounts)
    for item_id, minor in more.items():
        total[item_id] = total.get(item_id, 0) + sign * minor
    return {item_id: minor for item_id, minor in total.items() if minor}
