"""What a stage is sized for, as data: a part of `infra.stages`. `docs/scale.md` says what moves what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

# A rule of EventBridge has five targets.
SWEEPERS_A_RULE = 5
# Over so many shards the first version wrote what is due.
_FIRST_SHARDS = 8
# What Lambda allows for a table's stream and for a queue.
_MOST: dict[str, int] = {
    "due_shards": 256,
    "due_shards_read": 256,
    "sweepers": 20,
    "sweep_concurrency": 64,
    "sweep_page": 1_000,
    "stream_batch": 1_000,
    "stream_lanes": 10,
    "queue_batch": 10,
    "queue_concurrency": 1_000,
}


@dataclass(frozen=True, slots=True)
class Load:
    """Whole numbers, each a key of the CDK's context.

    What becomes due is written over `due_shards` shards of the index of each kind; the sweeper looks in
    `due_shards_read`. To raise: first the latter, deploy, then the former. The former may be lowered at any time, the
    latter never: rows lie where they were written.
    `sweepers` rounds run beside each other each minute, each over a share of the shards, `sweep_concurrency` rows at
    once out of pages of `sweep_page`.
    The stream's reader takes `stream_batch` records at once, from each of the table's shards in `stream_lanes` lanes;
    a queue's reader takes `queue_batch` messages, and at most `queue_concurrency` run at once.
    """

    due_shards: int = _FIRST_SHARDS
    due_shards_read: int = _FIRST_SHARDS
    sweepers: int = 1
    # Most of a row's time is waiting for answers.
    sweep_concurrency: int = 8
    sweep_page: int = 200
    stream_batch: int = 100
    stream_lanes: int = 10
    queue_batch: int = 10
    queue_concurrency: int = 10

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be from 1 to {most}, not {getattr(self, name)}")
        if self.queue_concurrency < 2:
            raise ValueError("queue_concurrency must be at least 2, which Lambda asks for")
        if self.due_shards_read < max(_FIRST_SHARDS, self.due_shards):
            raise ValueError(
                f"due_shards_read must be at least due_shards and {_FIRST_SHARDS}: rows lie where they were written"
            )
        if self.sweepers > self.due_shards:
            raise ValueError("sweepers must be at most due_shards: the others would find nothing")

    @property
    def rules(self) -> int:
        """How many rules call the sweepers."""
        return -(-self.sweepers // SWEEPERS_A_RULE)


def from_context(read: Callable[[str], object], like: Load) -> Load:
    """What the CDK's context says, otherwise as in `like`. Raises ValueError for what cannot work."""
    given = {field.name: read(field.name) for field in fields(Load)}
    return Load(
        **{name: getattr(like, name) if value is None else int(str(value)) for name, value in given.items()}
    )
