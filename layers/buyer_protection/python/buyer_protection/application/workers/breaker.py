"""A service that does not answer costs a round a few seconds, not its whole time.

After `MOST` calls in vain that each took `SILENCE` or longer, the service is not asked again in this round, and what
needs it waits; everything else goes on. A refusal that comes at once costs no time, and counts for nothing here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from buyer_protection.application.ports.events import EventBus, OutboundEvent
from buyer_protection.application.ports.mails import NotificationQueue
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import Executions
from buyer_protection.application.ports.webhooks import WebhookQueue
from buyer_protection.domain.windows import Alarm

MOST = 3
SILENCE = timedelta(seconds=1)


class Service(StrEnum):
    """What is asked, by the port that leads to it. The names are parts of counters that operators read."""

    EXECUTIONS = "executions"
    MAIL_QUEUE = "mail_queue"
    WEBHOOK_QUEUE = "webhook_queue"
    BUS = "bus"


class NoAnswerError(Exception):
    """The service did not answer in time; what was asked of it may have happened all the same."""


class NotAskedError(NoAnswerError):
    """The service has not answered several times in this round, and was not asked."""


class Breaker:
    """Counts, for one round at a time, which services did not answer. Threads of a round share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._silences: Counter[Service] = Counter()
        self._lock = Lock()

    def begin(self) -> None:
        """A new round asks every service again."""
        with self._lock:
            self._silences.clear()

    def is_open(self, service: Service) -> bool:
        """Whether the service is not asked any more in this round."""
        return self._silences[service] >= MOST

    def _now(self) -> datetime:
        return self._clock.now()

    @contextmanager
    def asking(self, service: Service) -> Iterator[None]:
        """One call of the service. Raises NotAskedError instead of it, and NoAnswerError where it came to nothing."""
        if self.is_open(service):
            raise NotAskedError(service)
        began = self._now()
        try:
            yield
        except Exception as failure:
            if self._now() - began < SILENCE:
                raise
            with self._lock:
                self._silences[service] += 1
            raise NoAnswerError(f"{service}: {type(failure).__name__}") from failure


class GuardedExecutions:
    """Port `Executions` behind a breaker."""

    def __init__(self, executions: Executions, breaker: Breaker) -> None:
        self._executions, self._breaker = executions, breaker

    def start(self, alarm: Alarm) -> bool:
        """See `Executions.start`."""
        with self._breaker.asking(Service.EXECUTIONS):
            return self._executions.start(alarm)

    def wake(self, task_token: str, alarm: Alarm) -> None:
        """See `Executions.wake`."""
        with self._breaker.asking(Service.EXECUTIONS):
            self._executions.wake(task_token, alarm)

    def is_running(self, dispute_id: str, generation: int) -> bool:
        """See `Executions.is_running`."""
        with self._breaker.asking(Service.EXECUTIONS):
            return self._executions.is_running(dispute_id, generation)


class GuardedMailQueue:
    """Port `NotificationQueue` behind a breaker."""

    def __init__(self, queue: NotificationQueue, breaker: Breaker) -> None:
        self._queue, self._breaker = queue, breaker

    def enqueue(self, dispute_id: str, *, delay_seconds: int = 0, correlation_id: str | None = None) -> None:
        """See `NotificationQueue.enqueue`."""
        with self._breaker.asking(Service.MAIL_QUEUE):
            self._queue.enqueue(dispute_id, delay_seconds=delay_seconds, correlation_id=correlation_id)


class GuardedWebhookQueue:
    """Port `WebhookQueue` behind a breaker."""

    def __init__(self, queue: WebhookQueue, breaker: Breaker) -> None:
        self._queue, self._breaker = queue, breaker

    def enqueue(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """See `WebhookQueue.enqueue`."""
        with self._breaker.asking(Service.WEBHOOK_QUEUE):
            self._queue.enqueue(deliveries)


class GuardedBus:
    """EventBridge's port `EventBus` behind a breaker."""

    def __init__(self, bus: EventBus, breaker: Breaker) -> None:
        self._bus, self._breaker = bus, breaker

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """See `EventBus.publish`."""
        with self._breaker.asking(Service.BUS):
            self._bus.publish(events)
