"""GET /v1/sellers/{seller_id}/dispute-metrics: how a seller fares in disputes, for the seller and the team."""

from buyer_protection.application.actions import sellers
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/sellers/<seller_id>/dispute-metrics")
def get_seller_metrics(seller_id: str) -> edge.Reply:
    """200 with counts and rates; 404 for everybody else."""
    command = edge.command(app)
    metrics = container.get().seller_metrics
    return edge.respond(sellers.get_seller_metrics(metrics, command, edge.identifier(seller_id)))


handler = edge.entry(app, get_seller_metrics)
