"""Task of the state machine: opens a claim on the Case Management Team's desk (R21 to R24).

Takes the alarm, returns the alarm: where the case's execution waits next, and for how long.
"""

from typing import Any

from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.observability import worker


@worker("open_mediation")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Keep the brief with the claim; twice is once."""
    context = container.get().context
    return open_mediation(context.cases, context.orders, context.clock, Alarm.from_event(event)).to_event()
