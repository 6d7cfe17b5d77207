"""GET /v1/disputes/{dispute_id}/evidence-guide: what to give, what is already there (R10, R26)."""

from buyer_protection.application.actions import case_file
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/evidence-guide")
def get_evidence_guide(dispute_id: str) -> edge.Reply:
    """200 with the list, the required types first."""
    command = edge.command(app)
    return edge.respond(
        case_file.get_evidence_guide(container.get().context, command, edge.identifier(dispute_id))
    )


handler = edge.entry(app, get_evidence_guide)
