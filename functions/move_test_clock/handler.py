"""POST /v1/disputes/{dispute_id}/test-clock, on stages with `emulated` alone: time passes for one case."""

from buyer_protection.application.actions import moved_clock
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("move_test_clock")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    body = request.body(moved_clock.MoveClockRequest)
    return moved_clock.move_test_clock(container.get().context, request.command, dispute_id, body)
