"""POST /v1/disputes/{dispute_id}/claim/decision: the team decides, and that is final (R24, R25)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import DecisionQuery
from buyer_protection.application.schemas.requests import DecisionRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("decide_claim")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute: decided, or waiting for the return; 202 with a ruling that waits for its confirmation.

    With `dry_run`, 200 with what both would read.
    """
    body = request.body(DecisionRequest)
    built = container.get()
    if request.query(DecisionQuery).dry_run:
        # Only here are mails written by a function of the API: no other start pays for it.
        from buyer_protection.application.actions.decision_preview import preview_decision

        return preview_decision(
            built.context,
            built.team,
            built.render_mail,
            built.site_url,
            request.command,
            dispute_id,
            body,
            built.confirm_above,
        )
    return claim.decide_claim(
        built.context, built.team, request.command, dispute_id, body, built.confirm_above
    )
