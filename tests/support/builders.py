"""Orders and cases for tests: each `case_…` walks the domain's own functions, so that no impossible case is built."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.domain import claim, evidence, negotiation, opening, parcels, returns, windows
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.money import Money
from buyer_protection.domain.opening import OpeningRequest
from buyer_protection.domain.order import (
    Contact,
    DisputedItem,
    Order,
    OrderItem,
    OrderLedger,
    ParcelTracking,
    Shipment,
)
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.rulings import Ruling
from buyer_protection.domain.sides import ContactRecord
from buyer_protection.domain.timeline import CLOCK, Actor
from buyer_protection.domain.tracking import Known, follow_report, with_report

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SHIPPED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OPENED = SHIPPED + 5 * DAY
PLACED = SHIPPED - 2 * DAY

BUYER = Actor(Role.BUYER, "buyer-1")
SELLER = Actor(Role.SELLER, "seller-1")
MANAGER = Actor(Role.CASE_MANAGER, "manager-1")
POLICY = ALIEXPRESS_CLASSIC

# 20.00 for two mugs and 5.00 for three spoons.
ITEMS = (OrderItem("mug", "Blue mug", 2, 2000), OrderItem("spoon", "Tea spoon", 3, 500))
PAID = 2500


def usd(minor: int) -> Money:
    """So many cents."""
    return Money(minor, "USD")


def shipment(shipped_at: datetime = SHIPPED, shipment_id: str = "sh-1", **changes: Any) -> Shipment:
    """A parcel that carries the whole order."""
    return replace(Shipment(shipment_id, "Post", "TN-1", shipped_at), **changes)


def order(promise: int = 40, **changes: Any) -> Order:
    """An order of two lines, shipped at SHIPPED, with `promise` days of guaranteed delivery."""
    plain = Order(
        order_id="order-1",
        buyer_id=BUYER.actor_id,
        seller_id=SELLER.actor_id,
        buyer=Contact("buyer@example.com", "Ana", "en", "America/Sao_Paulo"),
        seller=Contact("seller@example.com", "Bo", "en", "Asia/Shanghai"),
        currency="USD",
        items=ITEMS,
        placed_at=PLACED,
        shipments=(shipment(),),
        guaranteed_delivery_days=promise,
        address_lines=("1 Dock Road",),
        postal_code="10000",
        country="BR",
    )
    return replace(plain, **changes)


def ledger(**changes: Any) -> OrderLedger:
    """An untouched ledger."""
    return replace(OrderLedger("order-1"), **changes)


def request(
    refund: int = PAID,
    reason: Reason = Reason.NOT_RECEIVED,
    sub_reason: SubReason | None = None,
    items: Sequence[DisputedItem] = (),
    currency: str = "USD",
) -> OpeningRequest:
    """The buyer's request."""
    contacted = ContactRecord(True, "by message")
    return OpeningRequest(reason, sub_reason, "It never came.", Money(refund, currency), items, contacted)


def opening_change(
    asked: OpeningRequest | None = None,
    *,
    of: Order | None = None,
    books: OrderLedger | None = None,
    policy: Policy = POLICY,
    now: datetime = OPENED,
) -> Change:
    """What opening does."""
    return opening.open_dispute("dp-1", of or order(), books or ledger(), asked or request(), policy, now)


def case_negotiating(
    reason: Reason = Reason.NOT_RECEIVED, refund: int = PAID, policy: Policy = POLICY
) -> Dispute:
    """A case opened at OPENED."""
    return opening_change(request(refund, reason), policy=policy).after


def escalated(case: Dispute, now: datetime = OPENED + 4 * DAY) -> Dispute:
    """The buyer escalated it, and MANAGER has taken the claim."""
    reason = ClaimReason.SELLER_NOT_RESPONDING
    change = claim.escalate(case, BUYER, confirm_no_agreement=True, claim_reason=reason, text="", now=now)
    return assigned(change.after, now=now)


def assigned(case: Dispute, manager: Actor = MANAGER, now: datetime = OPENED + 4 * DAY) -> Dispute:
    """The claim is that manager's own (R47)."""
    return claim.assign(case, manager, manager.actor_id, now)


def with_evidence(case: Dispute, actor: Actor, now: datetime) -> Dispute:
    """That side gave a statement."""
    return evidence.add_evidence(case, actor, EvidenceType.STATEMENT, "So it was.", None, now).after


def delivery(case: Dispute, at: datetime, now: datetime | None = None) -> Change | None:
    """What it makes of the case that the carrier says of its one parcel that it was delivered at `at`."""
    arrived = {name: it for name, it in case.parcels.items() if it.delivered_at is not None}
    books = ledger(
        tracking={
            name: ParcelTracking(
                TrackingStatus.DELIVERED, it.delivered_at or at, it.delivered_at, it.registered_at
            )
            for name, it in arrived.items()
        }
    )
    known = with_report(books, shipment(), TrackingStatus.DELIVERED, at, now or at)
    followed = follow_report(case, Known(order(), books), Known(order(), known), now or at)
    return followed.change if followed else None


def case_in_claim(reason: Reason = Reason.NOT_RECEIVED, evidence_by: Actor | None = None) -> Dispute:
    """A case escalated four days after its opening."""
    case = escalated(case_negotiating(reason))
    return with_evidence(case, evidence_by, OPENED + 5 * DAY) if evidence_by else case


def case_under_review(reason: Reason = Reason.NOT_RECEIVED) -> Dispute:
    """A claim whose evidence window ended with one item of the seller."""
    case = case_in_claim(reason, SELLER)
    change = windows.close_window(case, _due(case))
    assert change is not None
    return change.after


def case_awaiting_return(*, decided: bool = False) -> Dispute:
    """A refund against a return, agreed on or decided."""
    if decided:
        return claim.decide(
            case_under_review(Reason.NOT_AS_DESCRIBED),
            MANAGER,
            ruling(with_return=True),
            frozenset(),
            OPENED + 12 * DAY,
        ).after
    case = case_negotiating(Reason.NOT_AS_DESCRIBED)
    offered = negotiation.make_offer(case, SELLER, OfferType.REFUND_WITH_RETURN, usd(2000), "", OPENED + DAY)
    return negotiation.accept_offer(offered.after, BUYER, "of-2", OPENED + 2 * DAY).after


def address_confirmed(case: Dispute) -> Dispute:
    """The seller named a return address as soon as there was a return (R36)."""
    return returns.confirm_address(case, SELLER, ("9 Quay",), case.updated_at or OPENED).after


def case_return_shipped(*, decided: bool = False, delivered: bool = False) -> Dispute:
    """The buyer sent the goods back a day later; the carrier, where it says so, delivered them after five (R36)."""
    case = address_confirmed(case_awaiting_return(decided=decided))
    sent = (case.updated_at or OPENED) + DAY
    shipped = returns.register_shipment(case, BUYER, ReturnParcel("Post", "RT-1", sent), sent).after
    if not delivered:
        return shipped
    change = returns.register_return_delivery(shipped, sent + 5 * DAY, sent + 5 * DAY)
    assert change is not None
    return change.after


def case_return_evidence(*, decided: bool = False) -> Dispute:
    """A return that nobody has seen arrive: both sides may give evidence about it (R42)."""
    case = case_return_shipped(decided=decided)
    change = windows.close_window(case, _due(case))
    assert change is not None
    return change.after if decided else assigned(change.after, now=_due(case))


def case_return_reviewed(*, decided: bool = False) -> Dispute:
    """The team looks at a return that nobody has seen arrive (R36)."""
    case = case_return_evidence(decided=decided)
    change = windows.close_window(case, _due(case))
    assert change is not None
    return change.after


def case_resolved() -> Dispute:
    """The seller granted the request."""
    return negotiation.accept_request(case_negotiating(), SELLER, OPENED + DAY).after


def ruling(
    outcome: DecisionOutcome = DecisionOutcome.BUYER_FAVOUR,
    refund: int | None = None,
    *,
    with_return: bool = False,
    cites: Sequence[str] = (),
) -> Ruling:
    """A decision of the team."""
    amount = None if refund is None else usd(refund)
    return Ruling(
        outcome, amount, with_return, (DecisionReason.NOT_DELIVERED,), "No proof of delivery.", tuple(cites)
    )


def case_decided() -> Dispute:
    """The team ruled for the buyer."""
    case = case_under_review()
    return claim.decide(case, MANAGER, ruling(), frozenset(), OPENED + 12 * DAY).after


def case_cancelled() -> Dispute:
    """The buyer cancelled while negotiating."""
    return parcels.cancel(case_negotiating(), BUYER, acknowledge_consequences=True, now=OPENED + DAY).after


CASES: dict[Status, Callable[[], Dispute]] = {
    Status.NEGOTIATION: case_negotiating,
    Status.CLAIM_EVIDENCE: case_in_claim,
    Status.UNDER_REVIEW: case_under_review,
    Status.AWAITING_RETURN: case_awaiting_return,
    Status.RETURN_SHIPPED: case_return_shipped,
    Status.RESOLVED: case_resolved,
    Status.DECIDED: case_decided,
    Status.CANCELLED: case_cancelled,
}


def case_in(status: Status) -> Dispute:
    """A case in that status."""
    return CASES[status]()


def actor_of(role: Role) -> Actor:
    """Somebody of that role."""
    return {Role.BUYER: BUYER, Role.SELLER: SELLER, Role.CASE_MANAGER: MANAGER}.get(role, CLOCK)


def _due(case: Dispute) -> datetime:
    assert case.deadline is not None
    return case.deadline
