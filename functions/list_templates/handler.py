"""GET /v1/mediation/templates: the team's texts for rationales."""

from buyer_protection.application.actions import templates
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_templates")
def handler(request: edge.Request) -> Answer:
    """200 with all of them."""
    built = container.get()
    return templates.list_templates(built.templates, built.context.clock, request.command)
