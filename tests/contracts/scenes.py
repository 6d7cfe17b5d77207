"""What the contract's tests begin with: an open dispute of new names, its order's books, what of it is due."""

from datetime import datetime, timedelta

from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import LoadedOrder, OrderChange
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.ledger import RefundElsewhere, with_given_back
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.order_changes import cause_of, follow
from tests.contracts.ports import Ports
from tests.integration import people
from tests.integration.people import OPENED, SELLER

MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def idempotency(ports: Ports) -> IdempotencyRecord:
    return IdempotencyRecord(
        ports.dispute_id().ljust(64, "0"), "b" * 64, Answer(201, b'{"a":1}', 1, "/v1/disputes/x")
    )


def opened(ports: Ports, order_id: str | None = None) -> Dispute:
    """A dispute that is open, about an order of its own."""
    order_id = order_id or ports.order_id()
    change = people.opening(ports.dispute_id(), ledger_of(ports, order_id), order_id=order_id)
    ports.cases.commit(change, now=OPENED)
    return change.after


def claimed(ports: Ports) -> Dispute:
    """The same, escalated by the buyer four days later."""
    change = people.escalation(opened(ports), OPENED + timedelta(days=4))
    ports.cases.commit(change, now=OPENED + timedelta(days=4))
    return change.after


def books(ports: Ports, case: Dispute) -> OrderLedger:
    """The ledger of the case's order."""
    return ledger_of(ports, case.order_id)


def ledger_of(ports: Ports, order_id: str) -> OrderLedger:
    """The order's ledger; the projection is there from now on at the latest."""
    ports.orders.put(people.order(order_id))
    loaded = ports.orders.load(order_id)
    assert loaded is not None
    return loaded.ledger


def loaded_order(ports: Ports, order_id: str, *refund_ids: str) -> LoadedOrder:
    loaded = ports.orders.load(order_id, refund_ids=refund_ids)
    assert loaded is not None
    return loaded


def refunded(read: LoadedOrder, case: Dispute, refund: RefundElsewhere) -> OrderChange:
    """The shop gave this back while the case was open."""
    ledger = with_given_back(read.ledger, refund)
    followed = follow(case, read.order, ledger, cause_of(refund), OPENED + HOUR)
    return OrderChange(read, read.order, ledger, OPENED + HOUR, followed, refund)


def stored(ports: Ports, case: Dispute) -> Dispute:
    loaded = ports.cases.load(case.dispute_id)
    assert loaded is not None
    return loaded.case


def agreed(ports: Ports, case: Dispute, at: datetime = OPENED + HOUR) -> Change:
    """The seller grants the request."""
    change = negotiation.accept_request(case, SELLER, at)
    ports.cases.commit(change, now=at)
    return change


def due_of(ports: Ports, case: Dispute, at: datetime) -> list[str]:
    """What of this case is due then."""
    return [row.sort_key for row in ports.timers.due(at, limit=500) if row.dispute_id == case.dispute_id]
