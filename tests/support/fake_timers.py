"""The TIMER rows and the index of what is due, as the sweeper finds them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import structs

from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.mails import subject_of_webhook, webhook_of_subject
from buyer_protection.application.ports.timers import WHOLE, DueKind, DueRow, Share, TimerMove, TimerState
from buyer_protection.domain.enums import Role
from buyer_protection.domain.windows import due_at

if TYPE_CHECKING:
    from tests.support.fakes import World


@dataclass
class MemoryTimers:
    """Port `TimerStore`."""

    world: "World"
    # A TIMER row's place in the index where it was moved: the instant that it was moved from, and where to.
    moved: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    # Since when, and until when, a row has been put aside; and those that no version can read.
    aside: dict[tuple[str, str], tuple[datetime, datetime | None]] = field(default_factory=dict)
    unreadable: set[tuple[str, str]] = field(default_factory=set)
    # How many entries of the index were read.
    entries_read: int = 0

    def timer(self, dispute_id: str) -> TimerState | None:
        return self.world.timers_kept.get(dispute_id)

    def due(
        self, now: datetime, *, limit: int, kinds: Collection[DueKind] = tuple(DueKind), share: Share = WHOLE
    ) -> Sequence[DueRow]:
        found = self._due(now, limit, kinds, share)
        self.entries_read += len(found)
        return found

    def _due(self, now: datetime, limit: int, kinds: Collection[DueKind], share: Share) -> Sequence[DueRow]:
        cases = {dispute_id: due_at(case) for dispute_id, case in self.world.cases_kept.items()}
        timers = [
            DueRow(dispute_id, "TIMER", self._placed(dispute_id, due))
            for dispute_id, due in cases.items()
            if due is not None
        ]
        refunds = [
            DueRow(dispute_id, "REFUND", due)
            for dispute_id, (_, due) in self.world.refunds_kept.items()
            if due
        ]
        mails = [
            DueRow(dispute_id, f"MAIL#{seq:08d}#{role}", row.due_at)
            for (dispute_id, seq, role), row in self.world.mails.items()
            if row.due_at is not None
        ]
        deliveries = [
            DueRow(subject_of_webhook(webhook_id), f"DELIVERY#{delivery_id}", due)
            for (webhook_id, delivery_id), due in self.world.webhooks.due.items()
        ]
        by_kind = {
            DueKind.DEADLINE: timers,
            DueKind.EFFECT: mails + deliveries,
            DueKind.REFUND: refunds,
        }
        wanted = (row for kind in kinds for row in by_kind[kind])
        due = [row for row in wanted if row.due_at <= now and _is_in(share, row)]
        return sorted(due, key=lambda row: (row.due_at, row.dispute_id, row.sort_key))[:limit]

    def places(self) -> list[datetime]:
        """Where the TIMER rows lie in the index of what is due."""
        dues = ((one, due_at(case)) for one, case in self.world.cases_kept.items())
        return [self._placed(dispute_id, due) for dispute_id, due in dues if due is not None]

    def _placed(self, dispute_id: str, due: datetime) -> datetime:
        moved_from, moved_to = self.moved.get(dispute_id, (None, due))
        return moved_to if moved_from == due else due

    def postpone(self, row: DueRow, until: datetime) -> bool:
        everything = (len(self.world.cases_kept) + 1) * 1000
        if row not in self._due(row.due_at, everything, tuple(DueKind), WHOLE):
            return False
        self.world.writes += 1
        if row.sort_key == "TIMER":
            due = due_at(self.world.cases_kept[row.dispute_id])
            assert due is not None
            self.moved[row.dispute_id] = (due, until)
        elif row.sort_key == "REFUND":
            self.world.refunds_kept[row.dispute_id] = (self.world.refunds_kept[row.dispute_id][0], until)
        elif (webhook_id := webhook_of_subject(row.dispute_id)) is not None:
            self.world.webhooks.due[webhook_id, row.sort_key.removeprefix("DELIVERY#")] = until
        else:
            _, seq, role = row.sort_key.split("#")
            self.world.mails[row.dispute_id, int(seq), Role(role)].due_at = until
        return True

    def check(self, row: DueRow) -> None:
        if (row.dispute_id, row.sort_key) in self.unreadable:
            raise UnreadableRowError(f"{row.dispute_id} {row.sort_key}")

    def put_aside(self, row: DueRow, now: datetime, at_least: timedelta, at_most: timedelta) -> bool:
        key = row.dispute_id, row.sort_key
        since, until = self.aside.get(key, (now, None))
        since = since if until == row.due_at else now
        until = now + min(max(at_least, now - since), at_most)
        if not self.postpone(row, until):
            return False
        self.aside[key] = since, until
        return True

    def next_generation(self, timer: TimerState) -> TimerState | None:
        kept = self.world.timers_kept.get(timer.dispute_id)
        if kept is None or (kept.generation, kept.epoch) != (timer.generation, timer.epoch):
            return None
        self.world.writes += 1
        raised = structs.replace(kept, generation=kept.generation + 1, task_token=None)
        self.world.timers_kept[timer.dispute_id] = raised
        self.world.stream.append(TimerMove(kept, raised))
        return raised


def _is_in(share: Share, row: DueRow) -> bool:
    return crc32(row.dispute_id.encode()) % share.of == share.number
