"""GET /v1/me: who the caller is, as the token says."""

from buyer_protection.application.actions import me
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.runtime import edge


@edge.action("get_me")
def handler(request: edge.Request) -> Answer:
    """200 for anybody who is signed in."""
    return me.get_me(request.command.caller)
