"""POST /v1/disputes/{dispute_id}/return/acknowledge: the seller says what became of the return (R36)."""

from buyer_protection.application import returns
from buyer_protection.application.requests import AcknowledgeReturnRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/return/acknowledge")
def acknowledge_return(dispute_id: str) -> edge.Reply:
    """200 with the dispute, closed as settled or under review."""
    call = edge.call(app)
    request = edge.body(app, AcknowledgeReturnRequest)
    return edge.respond(
        returns.acknowledge_return(bootstrap.desk(), call, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, acknowledge_return)
