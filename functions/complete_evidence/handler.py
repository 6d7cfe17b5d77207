"""POST /v1/disputes/{dispute_id}/evidence-complete: a party has nothing more to add (R22)."""

from buyer_protection.application.actions import evidence
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/evidence-complete")
def complete_evidence(dispute_id: str) -> edge.Reply:
    """200 with the dispute; the review starts once both said so."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(
        evidence.complete_evidence(container.get().context, command, edge.identifier(dispute_id))
    )


handler = edge.entry(app, complete_evidence)
