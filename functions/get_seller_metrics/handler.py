"""GET /v1/sellers/{seller_id}/dispute-metrics: how a seller fares in disputes, for the seller and the team."""

from buyer_protection.application.actions import sellers
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_seller_metrics")
def handler(request: edge.Request, seller_id: str) -> Answer:
    """200 with counts and rates; 404 for everybody else."""
    metrics = container.get().seller_metrics
    return sellers.get_seller_metrics(metrics, request.command, seller_id)
