"""What is promised of the time that something takes: the service level objectives that our own code can measure.

The numbers are of the objectives, not of a rule: `infra/alarms/` says how many of a hundred may be late.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from buyer_protection.application.ports.events import Committed
from buyer_protection.application.ports.timers import TimerMove
from buyer_protection.domain.refund_request import Refund


class Promise(StrEnum):
    """What is kept within how long; the values are names of metrics."""

    DEADLINE = "deadline_in_time"
    MAIL = "mail_in_time"
    REFUND = "refund_in_time"


WITHIN = {
    Promise.DEADLINE: timedelta(seconds=120),
    Promise.MAIL: timedelta(minutes=5),
    Promise.REFUND: timedelta(minutes=5),
}


class Kept(NamedTuple):
    """A promise, how late it was kept, and whose case it is about."""

    promise: Promise
    lateness: timedelta
    dispute_id: str


def kept_by(committed: Committed | None, written_at: datetime | None, now: datetime) -> Iterator[Kept]:
    """What a record of the stream, dealt with at `now`, shows of promises that were kept.

    A deadline is met when the clock's step is written: the alarm moves after its date has passed. Who acts before it
    moves it too, and is on time anyway. A refund is asked for when its record is dealt with.
    """
    match committed:
        case TimerMove(old, new) if old is not None and old.wake_at is not None and written_at is not None:
            # The stream knows whole seconds.
            if new.wake_at != old.wake_at and written_at + timedelta(seconds=1) > old.wake_at:
                yield Kept(Promise.DEADLINE, max(written_at - old.wake_at, timedelta()), new.dispute_id)
        case Refund():
            yield Kept(Promise.REFUND, now - committed.requested_at, committed.dispute_id)
        case _:
            return
