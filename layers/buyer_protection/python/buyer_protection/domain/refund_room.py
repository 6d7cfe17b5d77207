"""R39: whether a refund that was agreed or decided still fits beside everything else that is given back of its order.

A correct grant stays correct whatever the shop makes of the order afterwards: each sum is compared with what was paid
as the order is now, or as it was when a dispute about it was opened. Only money given back besides can take the room.
"""

from collections.abc import Sequence

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.ledger import added
from buyer_protection.domain.order import Order, OrderLedger, Settlement
from buyer_protection.domain.refund_request import Refund


def fits(case: Dispute, refund: Refund, order: Order, ledger: OrderLedger) -> bool:
    """Whether the refund that the case ended with may leave, by what the order's ledger says was given back since.

    Whatever is not held may have left, and comes first. Of those that are held, the oldest that fits comes next.
    """
    if case.ledger_version is None:
        # Opened before units were counted.
        return ledger.refunded_minor + ledger.elsewhere_minor <= case.order_paid.amount_minor
    own = next((it for it in ledger.settlements if it.dispute_id == case.dispute_id), None)
    if own is None or sum(own.refund.values()) != refund.amount.amount_minor:
        return False
    first = [it for it in ledger.settlements if it.dispute_id not in ledger.held and it is not own]
    waiting = [it for it in ledger.settlements if it.dispute_id in ledger.held]
    for one in waiting if own in waiting else [own]:
        has_room = _has_room(one, first, order, ledger)
        if one is own:
            return has_room
        if has_room:
            first.append(one)
    return False


def _has_room(one: Settlement, others: Sequence[Settlement], order: Order, ledger: OrderLedger) -> bool:
    """Whether this refund, those others and what was given back elsewhere are within what was paid."""
    given_back = dict(ledger.elsewhere)
    for refunded in (one, *others):
        given_back = added(given_back, refunded.refund)
    unnamed = given_back.pop("", 0) + ledger.elsewhere_minor - sum(ledger.elsewhere.values())
    # What disputes of before settlements were kept gave back, is in the sum alone.
    unnamed += ledger.refunded_minor - sum(sum(it.refund.values()) for it in ledger.settlements)
    now = {line.item_id: line.amount_minor for line in order.items}
    if any(given_back.get(item_id, 0) > _worth(item_id, now, ledger) for item_id in one.refund if item_id):
        return False
    left = sum(max(0, minor - given_back.get(item_id, 0)) for item_id, minor in now.items())
    if unnamed <= left + order.shipping_amount_minor:
        return True
    paid = max(it.paid.get("", 0) for it in ledger.settlements)
    return sum(given_back.values()) + unnamed <= paid


def _worth(item_id: str, now: dict[str, int], ledger: OrderLedger) -> int:
    """What was paid for the line, as it is now or was when a dispute about it was opened."""
    about = [it for it in ledger.settlements if item_id in it.items]
    # At least what each was settled for.
    then = (it.paid.get(item_id, it.refund.get(item_id, 0) + it.elsewhere.get(item_id, 0)) for it in about)
    return max(now.get(item_id, 0), *then)
