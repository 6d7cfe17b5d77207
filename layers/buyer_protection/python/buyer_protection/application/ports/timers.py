"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from buyer_protection.domain.windows import Alarm


class TimerState(Struct, frozen=True):
    """The TIMER row as far as waking and restarting need it. `correlation_id` names the call by which the epoch was
    raised, where it was one."""

    dispute_id: str
    generation: int
    status: str
    epoch: int
    wake_at: datetime | None
    task_token: str | None = None
    correlation_id: str | None = None


class TimerMove(Struct, frozen=True):
    """A case's alarm was set or moved. `old` is None for a new case; it carries the token of whoever waits."""

    old: TimerState | None
    new: TimerState


class DueRow(Struct, frozen=True):
    """A row that the sweeper must process: its sort key says whether it is a TIMER, MAIL, REFUND, DELIVERY
    or ERASURE."""

    dispute_id: str
    sort_key: str
    due_at: datetime


class DueKind(StrEnum):
    """What is due lies apart by kind, so that nothing is read in vain on the way to a deadline."""

    DEADLINE = "DEADLINE"
    # Mails and deliveries that must be asked for.
    EFFECT = "EFFECT"
    REFUND = "REFUND"


class Share(NamedTuple):
    """Which part of everything that is due a round looks at: the `number`th, from 0, of so many."""

    number: int
    of: int


WHOLE: Final = Share(0, 1)


class TimerStore(Protocol):
    """TIMER rows and the index of what is due."""

    def timer(self, dispute_id: str) -> TimerState | None:
        """The row, consistent."""
        ...

    def due(
        self, now: datetime, *, limit: int, kinds: Collection[DueKind] = tuple(DueKind), share: Share = WHOLE
    ) -> Sequence[DueRow]:
        """Rows of the by_due index with `due_at <= now`, over all shards of a share, oldest first.

        Rows that an older version put there may lie among deadlines, whatever they are.
        """
        ...

    def postpone(self, row: DueRow, until: datetime) -> bool:
        """Let the row be due at `until` (condition: due as read). False where somebody has seen to it meanwhile."""
        ...

    def check(self, row: DueRow) -> None:
        """Raise UnreadableRowError where the row cannot be read; consistent. One that is gone is no such row."""
        ...

    def put_aside(self, row: DueRow, now: datetime, at_least: timedelta, at_most: timedelta) -> bool:
        """Let a row that no retry mends be due again after as long as it has been put aside in a row: at least and at
        most so long (condition: due as read). False where somebody has seen to it meanwhile."""
        ...

    def next_generation(self, timer: TimerState) -> TimerState | None:
        """Raise the generation (condition: as read). None where somebody else did."""
        ...


class Executions(Protocol):
    """The state machine."""

    def start(self, alarm: "Alarm") -> bool:
        """Start `case-{case_id}-g{generation}`; False where there is one already, running or ended: a success too."""
        ...

    def wake(self, task_token: str, alarm: "Alarm") -> None:
        """SendTaskSuccess with the alarm; a token that is gone is success."""
        ...

    def is_running(self, dispute_id: str, generation: int) -> bool:
        """Whether that generation's execution is RUNNING."""
        ...
