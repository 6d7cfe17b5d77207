"""POST /v1/orders/{order_id}/refunds: the shop gave money back outside of disputes (R39)."""

from buyer_protection.application.actions import refunds_elsewhere
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import RefundElsewhereRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge
from buyer_protection.runtime.observability import count


@edge.action("record_refund", max_body_bytes=edge.ORDER_BYTES)
def handler(request: edge.Request, order_id: str) -> Answer:
    """201 with the refund, 200 where it was known. More than the order had left is an operator's, too."""
    body = request.body(RefundElsewhereRequest)
    noted = refunds_elsewhere.record_refund(container.get().context, request.command, order_id, body)
    if noted.is_above_left:
        count("refund", "ABOVE_WHAT_IS_LEFT", {"order_id": order_id, "refund_id": body.refund_id})
    return noted.answer
