"""What a round of the sweeper works with (`workers/sweep.py`)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import chain
from threading import Lock
from typing import TypeAlias, cast

from msgspec import structs

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import UNREADABLE, UnreadableRowError
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.mails import (
    NotificationQueue,
    person_of_subject,
    webhook_of_subject,
)
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refund_switch import RELEASED, RefundSwitch
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import (
    WHOLE,
    DueKind,
    DueRow,
    Executions,
    Share,
    TimerStore,
)
from buyer_protection.application.ports.webhooks import WebhookQueue
from buyer_protection.application.workers.breaker import Breaker, NotAskedError, Service
from buyer_protection.application.workers.clock import CaseMissingError, close_window
from buyer_protection.application.workers.erasure import Erased, Eraser, erase_person
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.application.workers.refunds import Published, give_refund_up, publish_refund
from buyer_protection.application.workers.watch import (
    FIRST_LOOK,
    KeptDue,
    Unwatched,
    UnwatchedError,
    restart_if_dead,
)
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refunds import HELD_CHECK_AFTER, is_unanswered, needs_operator
from buyer_protection.domain.windows import CLAIM_OPENED, CONTRACT, Alarm

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
    switch: RefundSwitch = RELEASED
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


