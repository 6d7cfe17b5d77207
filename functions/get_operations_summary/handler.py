"""GET /v1/operations/summary: how the system fares, for operators."""

from buyer_protection.application.actions import operations
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_operations_summary")
def handler(request: edge.Request) -> Answer:
    """200 with counts, the last sweep, the last audit and the depths of the queues."""
    built = container.get()
    return operations.get_operations_summary(
        built.operations, built.queues, built.context.clock, request.command
    )
