"""PUT /v1/mediation/templates/{template_id}: the team keeps a text for rationales."""

from buyer_protection.application.actions import templates
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import TemplateRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("put_template")
def handler(request: edge.Request, template_id: str) -> Answer:
    """201 the first time, 200 afterwards."""
    body = request.body(TemplateRequest)
    built = container.get()
    return templates.put_template(built.templates, built.context.clock, request.command, template_id, body)
