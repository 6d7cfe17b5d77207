"""POST /v1/disputes/{dispute_id}/return/acknowledge: the seller says what became of the return (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.schemas.requests import AcknowledgeReturnRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/return/acknowledge")
def acknowledge_return(dispute_id: str) -> edge.Reply:
    """200 with the dispute, closed as settled or under review."""
    command = edge.command(app)
    request = edge.body(app, AcknowledgeReturnRequest)
    return edge.respond(
        returns.acknowledge_return(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, acknowledge_return)
