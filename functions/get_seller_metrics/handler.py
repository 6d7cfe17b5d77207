"""GET /v1/sellers/{seller_id}/dispute-metrics: how a seller fares in disputes, for the seller and the team."""

from buyer_protection.application.actions import sellers
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_seller_metrics")
def handler(request: edge.Request, seller_id: str) -> Answer:
    """200 with counts and rates; 404 for everybody else."""
    root = container.get()
    return sellers.get_seller_metrics(root.seller_metrics, root.context.clock, request.command, seller_id)
