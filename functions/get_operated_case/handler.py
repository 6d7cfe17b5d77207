"""GET /v1/operations/cases/{dispute_id}: the rows of a dispute without texts, for operators."""

from buyer_protection.application.actions import operations
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_operated_case")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with rows, timer, execution, outbox and refund."""
    built = container.get()
    return operations.get_operated_case(
        built.operations, built.executions, built.context.clock, request.command, dispute_id
    )
