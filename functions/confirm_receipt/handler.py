"""POST /v1/orders/{order_id}/confirm-receipt: the buyer has the goods, and the order completes (R3, R13)."""

from buyer_protection.application.actions import orders
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("confirm_receipt")
def handler(request: edge.Request, order_id: str) -> Answer:
    """200 with the order, completed."""
    body = request.body(ConfirmReceiptRequest)
    return orders.confirm_receipt(container.get().context, request.command, order_id, body)
