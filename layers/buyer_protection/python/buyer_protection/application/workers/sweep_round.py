"""What a round of the sweeper works with (`workers/sweep.py`)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.mails import (
    NotificationQueue,
)
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.switches import RELEASED, Switch
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import (
    WHOLE,
    DueRow,
    Executions,
    Share,
    TimerStore,
)
from buyer_protection.application.ports.webhooks import WebhookQueue
from buyer_protection.application.workers.breaker import Breaker
from buyer_protection.application.workers.erasure import Eraser
from buyer_protection.application.workers.watch import (
    Unwatched,
)

# Rows of a page of the index, unless the stage says otherwise.
PAGE = 200
# When a row that failed, or a mail that was asked for again, is due again: with the minute until the next round, no
# effect waits longer than five after whatever kept it back is over (Q31).
RETRY_DELAY = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What sweeping needs; `concurrency` is the number of rows at once, `page` that of rows read at once."""

    cases: CaseStore
    timers: TimerStore
    refunds: RefundStore
    executions: Executions
    queue: NotificationQueue
    bus: EventBus
    clock: Clock
    orders: OrderStore
    webhooks: WebhookQueue
    switch: Switch = RELEASED
    clock_switch: Switch = RELEASED
    concurrency: int = 1
    page: int = field(default_factory=lambda: PAGE)
    breaker: Breaker | None = None
    eraser: Eraser | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, or could not be done, about one row that was due: its kind, and the case."""

    kind: str
    dispute_id: str


OnRepair: TypeAlias = Callable[[Repair], None]
Process: TypeAlias = "Callable[[Round, DueRow, Counter[str]], None]"


@dataclass(slots=True)
class Round:
    """One look at everything that is due: what it works with, and what it has still to come to.

    `asked` are the cases whose mails were asked for: one message brings all of them.
    """

    sweeper: Sweeper
    has_time: Callable[[], bool]
    report: OnRepair
    held: bool
    share: Share = WHOLE
    asked: set[str] = field(default_factory=set)
    unwatched: list[Unwatched] = field(default_factory=list)
