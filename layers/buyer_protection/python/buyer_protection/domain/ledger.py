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
    """What a dispute is opened for: its units with what was paid for them, their shipping, the most it can grant.

    `left_by_line`: of which lines less is left than was paid for these units and not given back for them.
    """

    items: tuple[CaseItem, ...]
    shipping_minor: int
    max_refundable: Money
    left_by_line: dict[str, int]


def opened_for(order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]) -> Opened:
    """R11, R39: what was paid for these units and not given back, never more than their line or the order has left.

    Shipping counts only for every unit of an order of which nothing was settled before.
    """
    lines = {line.item_id: line for line in order.items}
    items = tuple(_opened_item(lines[item.item_id], ledger, item) for item in disputed)
    is_whole = not was_settled(ledger) and {*disputed} == {*order.all_items()}
    shipping = order.shipping_amount_minor if is_whole else 0
    paid = {item.item_id: (item.amount_minor or 0) - item.given_back_minor for item in items}
    left = {item_id: min(minor, line_left(lines[item_id], ledger)) for item_id, minor in paid.items()}
    most = min(sum(left.values()) + shipping, order_left(order, ledger))
    less = {item_id: minor for item_id, minor in left.items() if minor != paid[item_id]}
    return Opened(items, shipping, Money(max(0, most), order.currency), less)


def was_settled(ledger: OrderLedger) -> bool:
    """Whether an agreement or a decision was about anything of the order."""
    return bool(ledger.undisputed) or any(one.items for one in ledger.settlements)


def refundable(order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]) -> Money:
    """R11: the most that a dispute about these units could grant."""
    return opened_for(order, ledger, disputed).max_refundable


def _opened_item(line: OrderItem, ledger: OrderLedger, chosen: DisputedItem) -> CaseItem:
    mine = share(line.amount_minor, line.quantity, settled_units(line, ledger), chosen.quantity)
    given_back = given_back_before(line, ledger, chosen.quantity)
    return CaseItem(line.item_id, chosen.quantity, line.title, mine, given_back, line.amount_minor)


def given_back_before(line: OrderItem, ledger: OrderLedger, quantity: int, since: int = 0) -> int:
    """What was given back elsewhere, before a dispute about so many of the line's open units, for these (R39).

    What came while units of the line were disputed is about those, also where that dispute ended without settling
    them: the next one is about the same. The rest is about the line's other open units, as far as it can be.
    `since` is what was given back for the line since the dispute was opened.
    """
    settled = settled_units(line, ledger)
    mine = share(line.amount_minor, line.quantity, settled, quantity)
    others = share(line.amount_minor, line.quantity, settled + quantity, line.quantity)
    about_settled = sum(it.elsewhere.get(line.item_id, 0) for it in ledger.settlements if it.items)
    given_back = max(0, ledger.elsewhere.get(line.item_id, 0) - about_settled - since)
    disputed = min(given_back, _about_disputed(line.item_id, ledger))
    return min(mine, disputed + max(0, given_back - disputed - others))


def _about_disputed(item_id: str, ledger: OrderLedger) -> int:
    """What was given back elsewhere for units of this line while they were disputed, and that nothing has settled."""
    known = 0
    for ended in ledger.settlements:
        given_back = ended.elsewhere.get(item_id, 0)
        if ended.items:
            known = max(0, known - given_back)
        else:
            # Never above what its units were worth.
            known = max(known, min(given_back, known + ended.counted.get(item_id, given_back)))
    return known


def line_left(line: OrderItem, ledger: OrderLedger) -> int:
    """What is left of the line, in minor units: what was paid for it less what was given back by whomever (R39)."""
    return max(0, line.amount_minor - ledger.given_back.get(line.item_id, 0))


def order_left(order: Order, ledger: OrderLedger) -> int:
    """R39: what is left of the whole order, in minor units: of each line, and less what was given back unnamed."""
    lines = sum(line_left(line, ledger) for line in order.items)
    return max(0, lines + order.shipping_amount_minor - ledger.given_back_unnamed)


def left_of(case: Dispute, order: Order, ledger: OrderLedger) -> Money:
    """R39: the most that an open case can grant now: of each unit its amount now or as it was at the opening,
    whichever is less, less what was given back for it; never more than its line or the order has left."""
    asked = sum(_lefts(case, order, ledger).values())
    most = min(asked, order_left(order, ledger), case.max_refundable.amount_minor)
    return Money(max(0, most), case.max_refundable.currency)


def left_by_line(case: Dispute, order: Order, ledger: OrderLedger) -> dict[str, int]:
    """What each disputed line has left now ("": the shipping), where that is not what the case itself says of it."""
    usual = _rooms(replace(case, left_by_line={}))
    return {item_id: left for item_id, left in _lefts(case, order, ledger).items() if left != usual[item_id]}


def _lefts(case: Dispute, order: Order, ledger: OrderLedger) -> dict[str, int]:
    lines = {line.item_id: line for line in order.items}
    left = {item.item_id: _left_of_item(case, item, lines.get(item.item_id), ledger) for item in case.items}
    return {**left, "": min(case.shipping_minor, order.shipping_amount_minor)}


def _rooms(case: Dispute) -> dict[str, int]:
    """What each disputed line has left by what the case keeps, and its shipping."""
    paid = {item.item_id: max(0, (item.amount_minor or 0) - _given_back(case, item)) for item in case.items}
    return {**paid, "": case.shipping_minor, **case.left_by_line}


def _left_of_item(case: Dispute, item: CaseItem, line: OrderItem | None, ledger: OrderLedger) -> int:
    if line is None:
        return 0
    now = share(line.amount_minor, line.quantity, settled_units(line, ledger), item.quantity)
    then = now if item.amount_minor is None else item.amount_minor
    return max(0, min(min(now, then) - _given_back(case, item), line_left(line, ledger)))


def _given_back(case: Dispute, item: CaseItem) -> int:
    """What was given back for these units outside of disputes, and perhaps more."""
    return max(0, item.given_back_minor + case.given_back.get(item.item_id, 0))


def settlement_by(case: Dispute, refund: Money) -> Settlement:
    """What an agreement or a decision about the case adds to the order's ledger: the refund, spread over what its lines
    have left, so that no line gets more than it has."""
    back = {item.item_id: min(item.amount_minor or 0, _given_back(case, item)) for item in case.items}
    rooms = _rooms(case)
    by_line = dict(zip(rooms, _spread(refund.amount_minor, [*rooms.values()]), strict=True))
    by_line[""] += refund.amount_minor - sum(by_line.values())
    return Settlement(
        case.dispute_id,
        {item.item_id: item.quantity for item in case.items},
        {item_id: part for item_id, part in by_line.items() if part},
        {item_id: minor for item_id, minor in back.items() if minor},
        {item.item_id: item.line_minor for item in case.items if item.line_minor is not None}
        | {"": case.order_paid.amount_minor},
    )


def unsettled_by(case: Dispute) -> Settlement | None:
    """What a dispute that settled nothing leaves in the ledger: that its units were given back for elsewhere (R39)."""
    counted = {it.item_id: minor for it in case.items if (minor := case.given_back.get(it.item_id, 0)) > 0}
    back = {
        item.item_id: min(item.amount_minor or 0, _given_back(case, item))
        for item in case.items
        if item.item_id in counted
    }
    return Settlement(case.dispute_id, {}, elsewhere=back, counted=counted) if any(back.values()) else None


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
    the ledger counts already. `open_dispute` is the one that was open when it was reported ("": none, None: not known),
    of a reversal when what it takes back was: what is given back is about that dispute's units first. `payment`: which
    payment of that dispute's refund it is, where it is ours: the first, or one after a payment that came back.
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
    open_dispute: str | None = None
    payment: int = 1

    def same_facts_as(self, other: "RefundElsewhere") -> bool:
        """Whether both say the same, whatever we make of it (R41)."""
        return self == replace(
            other, is_ours=self.is_ours, open_dispute=self.open_dispute, payment=self.payment
        )


def with_given_back(ledger: OrderLedger, given: RefundElsewhere) -> OrderLedger:
    """The ledger once this was given back elsewhere, or taken back."""
    sign = -1 if given.reverses else 1
    elsewhere = added(ledger.elsewhere, given.items, sign)
    settlements = ledger.settlements
    if given.reverses:
        for item_id, minor in given.items.items():
            without = _taken_back(settlements, item_id, minor, given.open_dispute)
            settlements = _within(without, item_id, elsewhere.get(item_id, 0))
    return replace(
        ledger,
        settlements=settlements,
        version=ledger.version + 1,
        currency=ledger.currency or given.amount.currency,
        elsewhere=elsewhere,
        elsewhere_minor=ledger.elsewhere_minor + sign * given.amount.amount_minor,
    )


def _taken_back(
    settlements: Sequence[Settlement], item_id: str, minor: int, open_dispute: str | None
) -> list[Settlement]:
    """R39: what came for a line while that dispute was open is taken back from where it was counted: from that dispute,
    and where that one settled nothing, from the next one that settled the same units."""
    after: list[Settlement] = []
    of_next = 0
    for ended in settlements:
        mark, is_its_own = ended.elsewhere.get(item_id, 0), ended.dispute_id == open_dispute
        kept = ended
        if item_id in ended.items:
            lower = min(mark, minor if is_its_own else of_next)
            kept, of_next = replace(ended, elsewhere=added(ended.elsewhere, {item_id: -lower})), 0
        elif mark and is_its_own:
            counted = ended.counted.get(item_id, mark)
            left = max(0, counted - minor)
            of_next = min(mark, counted) - min(mark, left)
            kept = replace(ended, counted={**ended.counted, item_id: left})
        after.append(kept)
    return after


def _within(settlements: Sequence[Settlement], item_id: str, elsewhere: int) -> tuple[Settlement, ...]:
    """The settled units of a line were given back for no more than is given back for it at all."""
    after: list[Settlement] = []
    for ended in settlements:
        mark = ended.elsewhere.get(item_id, 0) if ended.items else 0
        above = max(0, mark - elsewhere)
        elsewhere -= mark - above
        lowered = added(ended.elsewhere, {item_id: -above})
        after.append(replace(ended, elsewhere=lowered) if above else ended)
    return tuple(after)


def is_above_left(order: Order, ledger: OrderLedger, given: RefundElsewhere) -> bool:
    """Whether more is given back than the order has left, or than one of its lines has (R39).

    A line that has left the order is no measure: it may have been cancelled. One that it never had has nothing left.
    """
    left = {line.item_id: line_left(line, ledger) for line in order.items}
    known = set(ledger.former_items) - set(left)
    lines = (minor > left.get(item_id, 0) for item_id, minor in given.items.items() if item_id not in known)
    return given.amount.amount_minor > order_left(order, ledger) or any(lines)


def added(amounts: Mapping[str, int], more: Mapping[str, int], sign: int = 1) -> dict[str, int]:
    """Both by line; a line of nothing is left out."""
    total = dict(amounts)
    for item_id, minor in more.items():
        total[item_id] = total.get(item_id, 0) + sign * minor
    return {item_id: minor for item_id, minor in total.items() if minor}
