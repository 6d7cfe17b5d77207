"""What operators look at: what the workers last counted and did, and the rows of one case without their texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from buyer_protection.application.ports.audit import AuditPass, CaseRecords
from buyer_protection.application.ports.beside import Look

# How long ago a case was opened, in days of its policy, as it is counted: under the first that fits, or OLDER.
AGES = (1, 7, 30, 90)
OLDER = "older"
UNREADABLE_ROW = "Unreadable"


class SweepReport(Struct, frozen=True):
    """The sweeper's last round: when it ended, how much of what it did, and whether time was over first."""

    ended_at: datetime
    done: Mapping[str, int]
    unfinished: bool


class Overview(Struct, frozen=True):
    """The last round of the sweeper, the audit's pass that is under way or the last one, and the last whole one.

    `refunds_held_since`: while an operator holds all refunds back.
    """

    sweep: SweepReport | None
    under_way: AuditPass | None
    last_audit: AuditPass | None
    refunds_held_since: datetime | None


class QueueDepth(Struct, frozen=True):
    """A queue of the stage, and how many messages lie in it; None where SQS did not say.

    `holds_dead_letters`: what lies in it failed for good, and waits for a person.
    """

    name: str
    holds_dead_letters: bool
    waiting: int | None


class RowFact(Struct, frozen=True):
    """One row of a case: its sort key, its kind, and its instants by name. Nothing that anybody wrote.

    One that this version cannot read is of the kind UNREADABLE_ROW; `why` names the attributes at fault.
    """

    key: str
    kind: str
    instants: Mapping[str, datetime]
    why: str = ""


class MailFact(Struct, frozen=True):
    """A MAIL row without an address: which entry it is about, to which side, which mail, and what became of it."""

    seq: int
    recipient: str
    mail: str
    status: str
    attempts: int
    due_at: datetime | None
    settled_at: datetime | None
    dropped: str | None


class CaseRows(Struct, frozen=True):
    """A case as an operator sees it: all its rows, those of them that wait for somebody, and who of the team has read
    its parties' earlier disputes. What this version cannot read is named in `rows` and in none of the others."""

    records: CaseRecords
    rows: Sequence[RowFact]
    mails: Sequence[MailFact]
    looks: Sequence[Look] = ()


class Queues(Protocol):
    """The queues of the stage, those for what failed for good among them."""

    def depths(self) -> Sequence[QueueDepth]:
        """Each of them, always in the same order; never raises because SQS does not answer."""
        ...


class OperationsStore(Protocol):
    """What the workers leave for operators to read; nothing is scanned by a call."""

    def overview(self) -> Overview:
        """By one read."""
        ...

    def keep_sweep(self, report: SweepReport) -> None:
        """Remember the last round of the sweeper."""
        ...

    def case_rows(self, dispute_id: str) -> CaseRows | None:
        """By one consistent query, and a read of the order's ledger; None where there is no such case."""
        ...
