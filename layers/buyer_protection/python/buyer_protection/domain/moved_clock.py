"""Time passes for one case: what a test does on a stage with `emulated`, instead of waiting.

The clock of the world stays as it is. Every instant that the case keeps moves back by the time that is to pass, so that
the case is as old as if it had passed; the next look at it finds what is due. The timeline's entries stay as they were
made, and one more says how far the case was moved: its chain holds. What the order keeps does not move.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.timeline import Actor

TEST_CLOCK = Actor(Role.SYSTEM, "test-clock")


def move_clock(case: Dispute, span: timedelta, now: datetime) -> Change:
    """The case, older by `span`. 409 `DISPUTE_CLOSED` where nothing is due any more."""
    if case.is_closed:
        raise ConflictError(
            "This dispute is closed: its clock has stopped.", code="DISPUTE_CLOSED", rule="R25"
        )
    data = {"advanced_ms": span // timedelta(milliseconds=1)}
    return case.record(now, TEST_CLOCK, EventType.CLOCK_MOVED, data, _earlier(case, span), Guard.NONE)


def _earlier(value: Any, span: timedelta) -> Any:
    """The same with every instant in it earlier."""
    if isinstance(value, datetime):
        return value - span
    if is_dataclass(value) and not isinstance(value, type):
        moved = {it.name: _earlier(getattr(value, it.name), span) for it in fields(value)}
        return replace(value, **moved)
    if isinstance(value, tuple):
        items = [_earlier(item, span) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Mapping):
        return {name: _earlier(item, span) for name, item in value.items()}
    return value
