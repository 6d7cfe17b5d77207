"""Whether an execution waits for a case: looked after by the sweeper, behind everything that is due.

A case is met at its dates whether anybody watches or not, so this is never urgent. Where it could not be put right, the
case is looked at again after growing intervals: within the minute at first, then each time after as long again as
nothing has happened to it, at most an hour, and at its next date in any case. A case without an execution costs eight
looks in the first two hours, and 24 a day from then on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import DueRow, Executions, TimerStore
from buyer_protection.application.workers.breaker import NotAskedError
from buyer_protection.application.workers.dispatch import alarm_of
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import TERMINAL

# An alarm that failed, or a case that was just changed, is looked at again by the next minute: deadlines are promised
# within two (Q1).
FIRST_LOOK = timedelta(seconds=45)
LONGEST_LOOK = timedelta(hours=1)


class Watching(Protocol):
    """What looking after an execution needs; the sweeper has it."""

    @property
    def timers(self) -> TimerStore: ...
    @property
    def executions(self) -> Executions: ...
    @property
    def clock(self) -> Clock: ...


class UnwatchedError(Exception):
    """Step Functions did not answer, so that nobody may be waiting for the case. `failure` is what went wrong."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(type(failure).__name__)
        self.failure = failure

    @property
    def was_not_asked(self) -> bool:
        """Whether it had not answered before in this round, and was left alone."""
        return isinstance(self.failure, NotAskedError)


@dataclass(frozen=True, slots=True)
class Unwatched:
    """An open case that somebody must look after: its row where it is due now, its next date, and since when nothing
    has happened to it."""

    row: DueRow
    due: datetime
    since: datetime

    def look_again_at(self, now: datetime) -> datetime:
        """When, if its execution could not be seen to now."""
        pause = min(max(now - self.since, FIRST_LOOK), LONGEST_LOOK)
        return min(now + pause, self.due)


class KeptDue:
    """Port `CaseStore`, as the sweeper changes cases: each change leaves the TIMER row due within the minute.

    It does so in the change's own transaction. `until` is when, after the last change; None where there was none.
    """

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases
        self.until: datetime | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cases, name)

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
        brief: Mapping[str, Any] | None = None,
    ) -> None:
        """See `CaseStore.commit`."""
        until = now + FIRST_LOOK
        self._cases.commit(
            replace(change, look_again_at=until), now=now, idempotency=idempotency, brief=brief
        )
        self.until = until


def restart_if_dead(watching: Watching, dispute_id: str) -> Counter[str]:
    """See that an execution runs for an open case: the one whose start was lost, or the dead one's next generation.

    A generation is raised only over one that has been: however often starting fails, one number is used up. Raises
    UnwatchedError where Step Functions is away.
    """
    timer = watching.timers.timer(dispute_id)
    if timer is None or timer.status in TERMINAL:
        return Counter()
    with _step_functions():
        if watching.executions.is_running(dispute_id, timer.generation):
            return Counter()
        if watching.executions.start(alarm_of(watching.clock, timer)):
            return Counter(started=1)
    # Whoever raised the generation, it is started here too: it may be our own success whose answer was lost.
    raised = watching.timers.next_generation(timer) or watching.timers.timer(dispute_id)
    if raised is None or raised.generation == timer.generation:
        return Counter()
    with _step_functions():
        watching.executions.start(alarm_of(watching.clock, raised))
    return Counter(restarted=1)


@contextmanager
def _step_functions() -> Iterator[None]:
    try:
        yield
    except Exception as failure:
        raise UnwatchedError(failure) from failure
