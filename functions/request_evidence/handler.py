"""POST /v1/disputes/{dispute_id}/claim/request-evidence: the team asks for evidence, twice at most (R22 to R24)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.schemas.requests import EvidenceQuestionRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/request-evidence")
def request_evidence(dispute_id: str) -> edge.Reply:
    """200 with the dispute, whose evidence window is open again."""
    command = edge.command(app)
    request = edge.body(app, EvidenceQuestionRequest)
    return edge.respond(
        claim.request_evidence(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, request_evidence)
