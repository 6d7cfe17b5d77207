"""DELETE /v1/disputes/{dispute_id}/evidence/{evidence_id}: its owner takes an item back, while negotiating (R26)."""

from buyer_protection.application.actions import evidence
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.delete("/v1/disputes/<dispute_id>/evidence/<evidence_id>")
def withdraw_evidence(dispute_id: str, evidence_id: str) -> edge.Reply:
    """200 with the dispute; the timeline keeps that the item was there."""
    command = edge.command(app)
    return edge.respond(
        evidence.withdraw_evidence(
            container.get().context, command, edge.identifier(dispute_id), edge.identifier(evidence_id)
        )
    )


handler = edge.entry(app, withdraw_evidence)
