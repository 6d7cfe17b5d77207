"""DELETE /v1/disputes/{dispute_id}/evidence/{evidence_id}: its owner takes an item back, while negotiating (R26)."""

from buyer_protection.application import claims
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.delete("/v1/disputes/<dispute_id>/evidence/<evidence_id>")
def withdraw_evidence(dispute_id: str, evidence_id: str) -> edge.Reply:
    """200 with the dispute; the timeline keeps that the item was there."""
    call = edge.call(app)
    return edge.respond(
        claims.withdraw_evidence(
            bootstrap.desk(), call, edge.identifier(dispute_id), edge.identifier(evidence_id)
        )
    )


handler = edge.entry(app, withdraw_evidence)
