"""What the nightly audit reads and remembers: all rows of a case as they are kept, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from buyer_protection.application.ports.archive import ArchiveMark
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.timers import TimerState
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A MAIL row; `is_due` while it is neither sent nor dropped."""

    seq: int
    recipient: Role
    is_due: bool


@dataclass(frozen=True, slots=True)
class CaseRecords:
    """All that is kept of one case beside what people wrote; None for a row that is not there.

    `timer_due_at` and `refund_due_at` are the rows' places in the index of what is due; None where they have none.
    `archived` says that the case is in the archive, and the version of it there; `loose` that the table has rows of it
    all the same, which leave by their time or were written since.
    """

    dispute_id: str
    case: Dispute | None
    timer: TimerState | None
    timer_due_at: datetime | None
    refund: Refund | None
    refund_due_at: datetime | None
    ledger: OrderLedger | None
    timeline: Sequence[TimelineEntry]
    mails: Sequence[KeptMail]
    rulings: Sequence[KeptRuling] = ()
    archived: ArchiveMark | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class AuditPass:
    """One look at every case: `next_key` is where it goes on (the store's own), `ended_at` when it was through."""

    began_at: datetime
    ended_at: datetime | None = None
    next_key: Mapping[str, Any] | None = None
    cases: int = 0
    disagreements: int = 0
    # What it has counted of the cases that it has seen, by name (`workers.census`).
    counts: Mapping[str, int] = field(default_factory=dict)


class AuditStore(Protocol):
    """Every case there is, row by row, and the memory of the audit itself."""

    def page_of_cases(self, *, limit: int, start: Mapping[str, Any] | None) -> Page[str]:
        """Ids of cases, in the store's own order; a case opened meanwhile may or may not be among them."""
        ...

    def records(self, dispute_id: str) -> CaseRecords:
        """The whole item collection of the case by one consistent query, and the order's ledger by one read."""
        ...

    def last_pass(self) -> AuditPass | None:
        """The pass that is under way, or the last one."""
        ...

    def keep_pass(self, now_at: AuditPass, before: AuditPass | None) -> bool:
        """Remember how far it has come (condition: as it was before), and a whole pass until the next one is whole.

        False where another audit is at work.
        """
        ...
