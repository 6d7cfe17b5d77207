"""What the shop says of the order of the in-memory world: its PUT, and money that it gave back."""

from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import order_upserts, refunds_elsewhere
from buyer_protection.application.schemas.requests import (
    ContactModel,
    MoneyModel,
    OrderItemModel,
    OrderRequest,
    RefundElsewhereRequest,
    ShipmentModel,
)
from buyer_protection.domain.enums import RefundKind
from buyer_protection.domain.errors import (
    DisputeError,
)
from tests.support.builders import OPENED, PLACED, SHIPPED
from tests.support.fakes import World
from tests.unit.application.helpers import (
    SHOP,
    call,
    doc,
)

LINES = [OrderItemModel("mug", "Blue mug", 2, 2000), OrderItemModel("spoon", "Tea spoon", 3, 500)]
MINUTE = timedelta(minutes=1)


def projection(**changes: Any) -> OrderRequest:
    """The order of the world as the shop's PUT says it."""
    plain: dict[str, Any] = {
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "buyer": ContactModel(name="Ana", email="buyer@example.com"),
        "seller": ContactModel(name="Bo", email="seller@example.com"),
        "currency": "USD",
        "items": LINES,
        "placed_at": PLACED,
        "guaranteed_delivery_days": 40,
        "shipments": [ShipmentModel("sh-1", "Post", "TN-1", SHIPPED)],
    }
    return OrderRequest(**{**plain, **changes})


def put(of: World, if_match: int | None = None, **changes: Any) -> dict[str, Any]:
    return doc(
        order_upserts.put_order(of.context, call(SHOP, if_match=if_match), "order-1", projection(**changes))
    )


def worth(mugs: int, spoons: int = 500) -> list[OrderItemModel]:
    return [OrderItemModel("mug", "Blue mug", 2, mugs), OrderItemModel("spoon", "Tea spoon", 3, spoons)]


def refund(minor: int, refund_id: str = "g-1", **changes: Any) -> RefundElsewhereRequest:
    plain = {"kind": RefundKind.GOODWILL, "occurred_at": OPENED, **changes}
    return RefundElsewhereRequest(refund_id=refund_id, amount=MoneyModel(minor, "USD"), **plain)


def given_back(of: World, minor: int, refund_id: str = "g-1", key: str | None = None, **changes: Any) -> Any:
    command = call(SHOP, key)
    return refunds_elsewhere.record_refund(
        of.context, command, "order-1", refund(minor, refund_id, **changes)
    )


def code_of(raised: pytest.ExceptionInfo[DisputeError]) -> str:
    return raised.value.code
