"""The one way in which a refund leaves: held once more against its case and its order's ledger (R39).

The stream's reader and the sweeper both come here. A row that no case stands behind is never paid; what no longer fits
into what the order has left is held, and looked at again whenever it is due.
"""

from dataclasses import replace
from enum import StrEnum

from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.schemas.outbound_events import refund_event
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refund_room import fits
from buyer_protection.domain.refunds import NOT_ASKED, ask_again, give_up, hold, is_of, release


class Published(StrEnum):
    """What became of a refund that was to leave. The names of the last two are metrics' outcomes."""

    SENT = "SENT"
    HELD_OVER_LEDGER = "HELD_OVER_LEDGER"
    NOT_OF_CASE = "NOT_OF_CASE"


def publish_refund(
    cases: CaseStore, orders: OrderStore, bus: EventBus, clock: Clock, refund: Refund
) -> Published:
    """Ask the payment system for it, unless a consistent read of case and ledger forbids that."""

    def attempt() -> Published:
        loaded = cases.load(refund.dispute_id)
        order = orders.load(refund.order_id)
        if loaded is None or order is None or not is_of(loaded.case, refund):
            return Published.NOT_OF_CASE
        case, now = loaded.case, clock.now()
        if case.refund_status in NOT_ASKED:
            # Paid, given up or sent back meanwhile: there is nothing to ask for.
            return Published.SENT
        if not fits(case, refund, order.order, order.ledger):
            if case.refund_status is not RefundStatus.HELD:
                cases.commit(replace(hold(case, now), ledger_read=order.ledger), now=now)
            return Published.HELD_OVER_LEDGER
        if case.refund_status is RefundStatus.HELD:
            # Its room is taken on condition that the ledger still says so: of two at once, one reads again.
            cases.commit(replace(release(case, now), ledger_read=order.ledger), now=now)
        bus.publish([refund_event(refund)])
        return Published.SENT

    return retry_on_conflict(attempt)


def give_refund_up(cases: CaseStore, clock: Clock, refund: Refund) -> bool:
    """Note on the case that it does not come by itself any more; False where something else became of it meanwhile."""

    def attempt() -> bool:
        loaded = cases.load(refund.dispute_id)
        if loaded is None or loaded.case.refund_status is not RefundStatus.FAILED:
            return False
        now = clock.now()
        cases.commit(give_up(loaded.case, now), now=now)
        return True

    return retry_on_conflict(attempt)


def ask_for_again(cases: CaseStore, refunds: RefundStore, clock: Clock, dispute_id: str) -> bool:
    """Get a refund going again that was given up or came back; the sweeper sends it. False where it is neither."""

    def attempt() -> bool:
        loaded, now = cases.load(dispute_id), clock.now()
        change = ask_again(loaded.case, refunds.attempts(dispute_id), now) if loaded is not None else None
        if change is None:
            return False
        cases.commit(change, now=now)
        return True

    return retry_on_conflict(attempt)
