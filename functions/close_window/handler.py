"""Task of the state machine: the clock's own transition, if one is due (R15, R22, R24, R36).

Takes the alarm, returns the alarm: where the case's execution waits next, and for how long.
"""

from typing import Any

from buyer_protection.application.workers.clock import close_window
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.observability import worker


@worker("close_window")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Close what is due."""
    context = container.get().context
    return close_window(context.cases, context.clock, Alarm.from_event(event)).to_event()
