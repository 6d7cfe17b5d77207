"""GET /v1/disputes/{dispute_id}/export: the whole case file, with the chain to check (R21, R25)."""

from buyer_protection.application.actions import case_file
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/export")
def export_case(dispute_id: str) -> edge.Reply:
    """200 with everything its reader may have."""
    command = edge.command(app)
    return edge.respond(case_file.export_case(container.get().context, command, edge.identifier(dispute_id)))


handler = edge.entry(app, export_case)
