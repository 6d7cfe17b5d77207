"""GET /v1/orders/{order_id}/dispute-eligibility: may the buyer open a dispute, and when (R1, R2, R7 to R9)?"""

from buyer_protection.application.actions import orders
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import EligibilityQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_dispute_eligibility")
def handler(request: edge.Request, order_id: str) -> Answer:
    """200: "not yet" is an answer here, not an error."""
    query = request.query(EligibilityQuery)
    return orders.get_dispute_eligibility(container.get().context, request.command, order_id, query)
