"""Callers, calls and whole lives through the use cases, over the in-memory world."""

import json
from datetime import datetime
from typing import Any

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import claim, negotiation, order_upserts, orders, parcels, returns
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.actions.reads import get_dispute
from buyer_protection.application.mails.delivery import MailDelivery
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    AddressModel,
    AssignRequest,
    CancelRequest,
    ContactModel,
    DecisionRequest,
    EscalateRequest,
    EvidenceRequest,
    MoneyModel,
    OfferRequest,
    OpenDisputeRequest,
    OrderItemModel,
    OrderRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
    ShipmentModel,
    TrackingRequest,
)
from buyer_protection.application.workers.clock import close_window, next_alarm
from buyer_protection.application.workers.given_time import Gift, Run, give_time_back
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    ReturnCondition,
    Role,
    Status,
    TrackingStatus,
)
from buyer_protection.domain.given_time import LATER
from buyer_protection.domain.order import Order
from buyer_protection.domain.windows import Alarm
from tests.support.builders import DAY, OPENED, PAID, order
from tests.support.fakes import FixedClock, World

BUYER = Caller("buyer-1")
SELLER = Caller("seller-1")
STAFF = Caller("staff-1", frozenset({"seller:seller-1"}))
MANAGER = Caller("manager-1", frozenset({"case_manager"}))
OTHER_BUYER = Caller("buyer-2")
OTHER_SELLER = Caller("seller-2", frozenset({"seller:seller-2"}))
SHOP = Caller("shop", is_system=True)
CASE = "dp-1"


def world(of: Order | None = None, at: datetime = OPENED) -> World:
    """A world with one order, at the instant where it can first be disputed."""
    made = World(FixedClock(at))
    kept = of or order()
    made.orders_kept[kept.order_id] = kept
    return made


def call(
    caller: Caller, key: str | None = None, *, body: str = "body", if_match: int | None = None
) -> Command:
    """A call; with a key, its receipt is bound to the caller as the edge binds it."""
    idempotency_id = None if key is None else f"{caller.caller_id}/{key}"
    return Command(caller, idempotency_id, body, if_match)


def doc(answer: Answer) -> dict[str, Any]:
    """The JSON of an answer."""
    found = json.loads(answer.body)
    assert isinstance(found, dict)
    return found


def wish(refund: int = PAID, reason: Reason = Reason.NOT_RECEIVED, **changes: Any) -> OpenDisputeRequest:
    """A request to open a dispute about order-1."""
    asked = OpenDisputeRequest("order-1", reason, "It never came.", MoneyModel(refund, "USD"))
    return OpenDisputeRequest(
        **{name: changes.get(name, getattr(asked, name)) for name in asked.__struct_fields__}
    )


def opened(of: World, reason: Reason = Reason.NOT_RECEIVED, refund: int = PAID) -> str:
    """The id of a dispute opened now."""
    return str(doc(open_dispute(of.context, call(BUYER), wish(refund, reason)))["dispute_id"])


def offer(
    of: World, caller: Caller, refund: int | None = 1000, kind: OfferType = OfferType.REFUND, case: str = CASE
) -> Answer:
    """A proposal."""
    amount = None if refund is None else MoneyModel(refund, "USD")
    return negotiation.make_offer(of.context, call(caller), case, OfferRequest(kind, amount, "a note"))


def escalate(of: World, case: str = CASE) -> Answer:
    """The buyer escalates."""
    asked = EscalateRequest(ClaimReason.OTHER, True, "No answer.")
    return claim.escalate_dispute(of.context, call(BUYER), case, asked)


def evidence(of: World, caller: Caller, case: str = CASE) -> Answer:
    """A statement of that party."""
    asked = EvidenceRequest(EvidenceType.STATEMENT, "So it was.")
    return giving.add_evidence(of.context, of.files, call(caller), case, asked)


def decide(
    of: World,
    outcome: DecisionOutcome = DecisionOutcome.BUYER_FAVOUR,
    refund: int | None = None,
    *,
    with_return: bool = False,
    cites: tuple[str, ...] = (),
    case: str = CASE,
) -> Answer:
    """The team decides: whoever does has the claim (R47)."""
    take_claim(of, case)
    amount = None if refund is None else MoneyModel(refund, "USD")
    reasons = [DecisionReason.NOT_DELIVERED]
    asked = DecisionRequest(outcome, reasons, "No proof.", amount, with_return, list(cites))
    return claim.decide_claim(of.context, call(MANAGER), case, asked)


def take_claim(of: World, case: str = CASE) -> None:
    """MANAGER has the claim from here on, if it is one."""
    kept = of.cases_kept[case]
    if kept.status in (Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW) and kept.assigned_to is None:
        claim.assign_claim(of.context, call(MANAGER), case, AssignRequest(MANAGER.caller_id))


def cancel(of: World, case: str = CASE) -> Answer:
    """The buyer cancels."""
    return parcels.cancel_dispute(of.context, call(BUYER), case, CancelRequest(True))


def case_of(of: World, case: str = CASE) -> Dispute:
    """The case as it is kept."""
    return of.cases_kept[case]


def tick(of: World, case: str = CASE, generation: int = 1) -> Alarm:
    """The execution's CloseWindow step, now."""
    return close_window(of.cases, of.clock, next_alarm(case_of(of, case), generation, of.clock.now()))


def wait_until_due(of: World, case: str = CASE) -> Alarm:
    """The present moves to the case's deadline, and the clock acts."""
    deadline = case_of(of, case).deadline
    assert deadline is not None
    of.clock.at = deadline
    return tick(of, case)


def world_in(status: Status, reason: Reason = Reason.NOT_RECEIVED) -> World:
    """A world whose case dp-1 was brought to that status by the use cases; a claim is MANAGER's (R47)."""
    of = world()
    returns = status in {Status.AWAITING_RETURN, Status.RETURN_SHIPPED}
    opened(of, Reason.NOT_AS_DESCRIBED if returns else reason)
    of.clock.at += 4 * DAY
    if status is Status.CANCELLED:
        cancel(of)
    elif status is Status.RESOLVED:
        negotiation.accept_request(of.context, call(SELLER), CASE)
    elif returns:
        offer(of, SELLER, 1000, OfferType.REFUND_WITH_RETURN)
        negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    elif status is not Status.NEGOTIATION:
        escalate(of)
        if status is not Status.CLAIM_EVIDENCE:
            evidence(of, SELLER)
            wait_until_due(of)
        take_claim(of)
        if status is Status.DECIDED:
            decide(of)
    if status is Status.RETURN_SHIPPED:
        return_shipped(of)
    of.clock.at += DAY / 24
    assert case_of(of).status is status
    return of


def give_time(of: World, case: str = CASE) -> None:
    """Operators move the case's date by a day, in a run of its own."""
    run = Run(f"outage-{case_of(of, case).timeline_seq}", 24, LATER)
    assert give_time_back(of.cases, of.clock, case, run, is_trial=False).gift is Gift.MOVED


def address_confirmed(of: World, case: str = CASE) -> Answer:
    """The seller says where the goods go back to (R36)."""
    asked = ReturnAddressRequest(AddressModel(["9 Quay"], "2000", "CN"))
    return returns.confirm_return_address(of.context, call(SELLER), case, asked)


def shipped_back(of: World, case: str = CASE) -> Answer:
    """The buyer registers the parcel in which the goods go back (R36)."""
    asked = ReturnShipmentRequest("Post", "RT-1")
    return returns.register_return_shipment(of.context, call(BUYER), case, asked)


def return_delivered(of: World, event_id: str = "r-1", case: str = CASE) -> Answer:
    """The carrier says that the goods are back (R36)."""
    asked = TrackingRequest(event_id, f"return-{case}", TrackingStatus.DELIVERED, of.clock.at)
    return orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)


def acknowledged(
    of: World,
    condition: ReturnCondition = ReturnCondition.ITEM_RECEIVED,
    cites: tuple[str, ...] = (),
    key: str | None = None,
    case: str = CASE,
) -> Answer:
    """The seller says what became of the return (R36)."""
    asked = AcknowledgeReturnRequest(condition, "Look.", list(cites))
    return returns.acknowledge_return(of.context, call(SELLER, key), case, asked)


def return_shipped(of: World, *, delivered: bool = False) -> None:
    """Address, shipment and, if so, the carrier's word (R36)."""
    address_confirmed(of)
    shipped_back(of)
    if delivered:
        return_delivered(of)


def roles_of(of: World, case: str = CASE) -> list[tuple[Role, str]]:
    """Who is written to about what, so far."""
    return [
        (row.mail.recipient, row.mail.kind.value) for row in of.mails.values() if row.mail.dispute_id == case
    ]


def mail_delivery(of: World, outcomes: list[tuple[str, str]] | None = None) -> MailDelivery:
    """What the notification function works with; `outcomes` receives the outcome of each mail and its code."""
    noted = outcomes if outcomes is not None else []
    return MailDelivery(
        of.cases,
        of.orders,
        of.outbox,
        of.transport,
        render,
        of.clock,
        "https://shop.example.com/",
        of.addresses,
        of.queue,
        lambda _mail, outcome, code: noted.append((outcome, code)),
    )


def seen(of: World, caller: Caller) -> dict[str, Any]:
    """The dispute as this caller sees it."""
    return doc(get_dispute(of.context, call(caller), CASE))


def follow_without_queue(of: World) -> None:
    """What follows from the stream while the mails' queue takes nothing, and is back afterwards."""
    of.queue.is_away = True
    of.deliver_stream()
    of.queue.is_away = False


def put_order_again(of: World, order: Order) -> None:
    """The shop puts an order again: what its PUT does after reading the request."""
    request = OrderRequest(
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        buyer=ContactModel(name=order.buyer.name, email=order.buyer.email or None),
        seller=ContactModel(name=order.seller.name, email=order.seller.email or None),
        currency=order.currency,
        items=[OrderItemModel(i.item_id, i.title, i.quantity, i.amount_minor) for i in order.items],
        placed_at=order.placed_at,
        guaranteed_delivery_days=order.guaranteed_delivery_days,
        shipments=[
            ShipmentModel(
                s.shipment_id,
                s.carrier,
                s.tracking_number,
                s.shipped_at,
                s.delivery_method,
                list(s.item_ids),
            )
            for s in order.shipments
        ],
    )
    order_upserts.put_order(of.context, call(SHOP), order.order_id, request)
