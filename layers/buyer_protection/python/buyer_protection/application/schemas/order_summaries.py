"""What a list says of each order: enough for a row of a page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.summaries import titles_of
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.timeline import instant


class OrderSummary(Struct, frozen=True, omit_defaults=True):
    """An order as a party's list shows it; `GET /orders/{order_id}` says the rest.

    titles: of the first three lines, each cut after 40 characters. items: how many lines there are.
    paid: what was paid for all of it. refunded: what was given back, by disputes and elsewhere.
    placed_at: when it was placed. updated_at: when something of it was last reported.
    dispute_opens_at, completion_at: absent before it was shipped. completed: whether it is at an end now.
    active_dispute_id: the dispute that holds it; absent where none does. disputes_opened: how many there have been.
    """

    order_id: str
    buyer_id: str
    seller_id: str
    titles: Sequence[str]
    items: int
    paid: MoneyDocument
    refunded: MoneyDocument
    placed_at: At
    updated_at: At
    completed: bool
    disputes_opened: int
    dispute_opens_at: At | UnsetType = UNSET
    completion_at: At | UnsetType = UNSET
    active_dispute_id: str | UnsetType = UNSET


class UnreadableOrderDocument(Struct, frozen=True):
    """In place of an order that this version of the service cannot read; the rest of the list is whole.

    order_id: which one. unreadable: always true.
    """

    order_id: str
    unreadable: Literal[True] = True


def order_summary(
    order: Order, ledger: OrderLedger, policy: Policy, completed: bool, updated_at: datetime
) -> OrderSummary:
    """The order in short; `completed` is the judgement of the present instant (R2, R13)."""
    return OrderSummary(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        titles=titles_of(order.items),
        items=len(order.items),
        paid=money(order.paid()),
        refunded=money(Money(ledger.refunded_minor + ledger.elsewhere_minor, order.currency)),
        placed_at=instant(order.placed_at),
        updated_at=instant(updated_at),
        completed=completed,
        disputes_opened=ledger.disputes_opened,
        dispute_opens_at=at(order.dispute_opens_at(policy)) or UNSET,
        completion_at=at(order.completion_at(policy)) or UNSET,
        active_dispute_id=ledger.active_dispute_id or UNSET,
    )
