"""Every minute: whatever is overdue is done, whoever should have done it (R15, R22, R24, R36).

Returns how much of what was done; nothing overdue writes nothing.
"""

from typing import Any

from buyer_protection.application.sweep import sweep
from buyer_protection.runtime import bootstrap
from buyer_protection.runtime.observability import count, request_id_of, worker


@worker("sweep_deadlines")
def handler(_event: dict[str, Any], context: object) -> dict[str, int]:
    """One round. A refund that failed for the last time is counted alone: a person must look at it."""
    done = sweep(bootstrap.sweeper())
    for _ in range(done["refunds_given_up"]):
        count("refund", "NEEDS_OPERATOR", {"request_id": request_id_of(context)})
    return dict(done)
