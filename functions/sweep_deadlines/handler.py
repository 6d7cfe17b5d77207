"""Every minute: whatever is overdue is done, whoever should have done it (R15, R22, R24, R36).

Returns how much of what was done; nothing overdue writes nothing.
"""

from typing import Any

from buyer_protection.application.sweep import sweep
from buyer_protection.runtime import bootstrap
from buyer_protection.runtime.observability import worker


@worker("sweep_deadlines")
def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """One round."""
    return dict(sweep(bootstrap.sweeper()))
