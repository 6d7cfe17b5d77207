"""PUT /v1/disputes/{dispute_id}/metadata: the shop's backend keeps its own keys with a dispute."""

from buyer_protection.application.actions import metadata
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import MetadataRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("put_metadata")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """Idempotent by its nature: no key is asked for."""
    body = request.body(MetadataRequest)
    return metadata.put_metadata(container.get().context, request.command, dispute_id, body)
