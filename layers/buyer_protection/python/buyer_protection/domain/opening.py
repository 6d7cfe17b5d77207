"""Opening a dispute (R1 to R12)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.display_names import names_of
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.eligibility import check_may_open
from buyer_protection.domain.enums import SUB_REASONS, EventType, OfferType, Reason, Role, SubReason
from buyer_protection.domain.errors import FieldError, InvalidRequestError, Place, check_all
from buyer_protection.domain.ledger import disputed_items, opened_for, undisputed_items
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order, OrderLedger
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.sides import ContactRecord, OpenOffer, Side
from buyer_protection.domain.texts import check_says_something
from buyer_protection.domain.timeline import Actor
from buyer_protection.domain.tracking import delivered_as_a_whole, parcels_of

OPENING_OFFER_ID = "of-1"


class OpeningRequest(NamedTuple):
    """What the buyer asks for. No `items` means all of the order that can still be disputed (R1)."""

    reason: Reason
    sub_reason: SubReason | None
    description: str
    requested_refund: Money
    items: Sequence[DisputedItem] = ()
    seller_contacted: ContactRecord | None = None


def check_sub_reason(reason: Reason, sub_reason: SubReason | None, *, fields_in: Place = Place.BODY) -> None:
    """R10: a sub-reason belongs to its reason."""
    if sub_reason is not None and sub_reason not in SUB_REASONS[reason]:
        raise InvalidRequestError(
            f"{sub_reason} is not a sub-reason of {reason}.",
            rule="R10",
            fields=[FieldError("/sub_reason", "NOT_OF_THIS_REASON")],
            fields_in=fields_in,
        )


def check_contact(policy: Policy, declared: ContactRecord | None) -> None:
    """R6: where the policy wants the seller contacted first, the buyer must declare it; it is not proved.

    As when it was is not known, the hours that the policy names run from the shipment (`Order.dispute_opens_at`).
    """
    if policy.contact_seller_first_hours and not (declared and declared.contacted):
        raise InvalidRequestError(
            "Contact the seller first, and say that you did.",
            rule="R6",
            fields=[FieldError("/seller_contacted", "MUST_BE_TRUE")],
        )


def open_dispute(
    dispute_id: str, order: Order, ledger: OrderLedger, request: OpeningRequest, policy: Policy, now: datetime
) -> Change:
    """The case with its opening request as proposal number one (R14).

    Refuses with every wrong field by R10, R22, R6 and R1; then with the first rule broken of `check_may_open`, then
    R11.
    """
    check_all(
        lambda: check_sub_reason(request.reason, request.sub_reason),
        lambda: check_says_something("/description", request.description),
        lambda: check_contact(policy, request.seller_contacted),
        lambda: order.named_items(request.items),
    )
    disputed = disputed_items(order, ledger, request.items)
    check_may_open(order, ledger, disputed, policy, now)
    case = _new_case(dispute_id, order, ledger, request, policy, now, disputed)
    asked = case.requested_refund
    data = {
        "order_id": order.order_id,
        "reason": request.reason,
        "sub_reason": request.sub_reason,
        "requested_refund_minor": asked.amount_minor,
        "currency": asked.currency,
        "seller_contacted": request.seller_contacted.contacted if request.seller_contacted else None,
        "policy": f"{policy.profile}/{policy.version}",
    }
    buyer = Side(OpenOffer(OPENING_OFFER_ID, OfferType.REFUND, asked, now), offers_made=1)
    actor, after = Actor(Role.BUYER, order.buyer_id), case.with_side(Role.BUYER, buyer)
    change = case.record(now, actor, EventType.DISPUTE_OPENED, data, after)
    return replace(change, new_offer=opening_offer(after), ledger_read=ledger, order_revision=order.revision)


def _new_case(
    dispute_id: str,
    order: Order,
    ledger: OrderLedger,
    request: OpeningRequest,
    policy: Policy,
    now: datetime,
    disputed: tuple[DisputedItem, ...],
) -> Dispute:
    opened, parcels = opened_for(order, ledger, disputed), parcels_of(order, ledger, disputed)
    return Dispute(
        dispute_id=dispute_id,
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        items=opened.items,
        reason=request.reason,
        sub_reason=request.sub_reason,
        description=request.description,
        seller_contacted=request.seller_contacted,
        requested_refund=request.requested_refund.within(1, opened.max_refundable, rule="R11"),
        max_refundable=opened.max_refundable,
        order_paid=order.paid(),
        policy=policy,
        undisputed=undisputed_items(order, ledger, disputed),
        shipping_minor=opened.shipping_minor,
        left_by_line=opened.left_by_line,
        # The opening itself raises it.
        ledger_version=ledger.version + 1,
        opened_at=now,
        names=names_of(order),
        reopen_until=reopen_until(order, ledger.disputes_opened + 1, policy),
        parcels=parcels,
        delivered_at=delivered_as_a_whole(parcels),
    )


def reopen_until(order: Order, disputes_opened: int, policy: Policy) -> datetime | None:
    """R28: how long another dispute about the order could follow; None where it has had as many as it may have."""
    return None if disputes_opened >= policy.max_disputes_per_order else order.completion_at(policy)


def opening_offer(case: Dispute) -> Offer:
    """The opening request as proposal number one (R14), as it was made."""
    return Offer(OPENING_OFFER_ID, Role.BUYER, OfferType.REFUND, case.requested_refund, "", case.opened_at)
