"""What an operator reads: ids, statuses, instants, amounts and counts, never texts or files."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from buyer_protection.application.schemas.amounts import MoneyDocument
from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import RefundStatus, Role, Status


class AgeDocument(Struct, frozen=True):
    """Disputes of one status and age.

    under_days: opened less than so many days ago, and not counted under fewer; null for all that are older.
    count: how many.
    """

    under_days: int | None
    count: int


class OpenDocument(Struct, frozen=True):
    """Open disputes of one status.

    count: how many in all.
    by_age: how many by how long ago they were opened, in days of their policy.
    """

    status: Status
    count: int
    by_age: Sequence[AgeDocument]


class RefundCountsDocument(Struct, frozen=True):
    """Refunds that are not paid.

    asked: the payment system was asked, and may still answer in time.
    held: not sent out, because they no longer fit into what the order has left.
    unanswered: the payment system has not answered for days.
    given_up: they failed for days, and nobody asks any more.
    """

    asked: int
    held: int
    unanswered: int
    given_up: int


class SweepDocument(Struct, frozen=True):
    """The sweeper's last round.

    ended_at: when it ended; it runs every minute.
    done: how much of what it did, by name.
    unfinished: whether time was over before it had seen all that was due.
    """

    ended_at: At
    done: Mapping[str, int]
    unfinished: bool


class AuditDocument(Struct, frozen=True):
    """A pass of the nightly audit over all disputes.

    began_at: when it began.
    ended_at: when it was through; null while it is under way.
    cases: how many it has seen.
    disagreements: how much of what it saw did not agree.
    """

    began_at: At
    ended_at: At | None
    cases: int
    disagreements: int


class QueueDocument(Struct, frozen=True):
    """A queue of the stage, as full as it is now.

    name: the queue's name without the stage's prefix.
    holds_dead_letters: whether what lies in it failed for good, and waits for a person.
    waiting: about how many messages lie in it, those that are being worked on, or wait to be tried again, among them;
        null where SQS did not answer.
    """

    name: str
    holds_dead_letters: bool
    waiting: int | None


class OperationsSummaryDocument(Struct, frozen=True):
    """How the system fares. The counts are those of the last whole audit, but for the queues.

    as_of: now.
    counted_at: when the audit that the counts come from was through; null before the first.
    open: open disputes by status and age.
    overdue_decisions: reviews whose promised date has passed.
    mails_waiting: mails that were neither sent nor dropped.
    executions_missing: open disputes that no execution waited for.
    refunds_held_since: since when an operator holds all refunds back; null while nobody does.
    audit_under_way: the pass that has not ended; null where there is none.
    queues: all queues of the stage, asked for this answer.
    """

    as_of: At
    counted_at: At | None
    open: Sequence[OpenDocument]
    overdue_decisions: int
    refunds: RefundCountsDocument
    mails_waiting: int
    executions_missing: int
    refunds_held_since: At | None
    last_sweep: SweepDocument | None
    last_audit: AuditDocument | None
    audit_under_way: AuditDocument | None
    queues: Sequence[QueueDocument]


class RowDocument(Struct, frozen=True):
    """One row of a dispute.

    key: its sort key in the table.
    kind: what it is.
    instants: its instants by name.
    """

    key: str
    kind: str
    instants: Mapping[str, At]


class TimerDocument(Struct, frozen=True):
    """When the clock looks at the dispute.

    status: what the execution branches on.
    epoch: raised by every change of status or date.
    wake_at: when the clock acts next; null once it never has to.
    due_at: when the sweeper looks, if nobody has acted; null where nothing is due.
    is_parked: whether an execution waits on it.
    """

    status: str
    epoch: int
    wake_at: At | None
    due_at: At | None
    is_parked: bool


class ExecutionDocument(Struct, frozen=True):
    """The dispute's execution.

    generation: counted up whenever a dead one was replaced.
    is_running: null where Step Functions did not answer.
    """

    generation: int
    is_running: bool | None


class OutboxMailDocument(Struct, frozen=True):
    """A mail about an entry of the timeline, without its address.

    seq: the entry's number.
    mail: which mail it is.
    status: PENDING, SENT or DROPPED.
    due_at: when the sweeper sees to it; null once it is settled.
    dropped: why it was not sent.
    """

    seq: int
    recipient: Role
    mail: str
    status: str
    attempts: int
    due_at: At | None
    settled_at: At | None
    dropped: str | None


class OperatedRefundDocument(Struct, frozen=True):
    """The dispute's refund, as the payment system is asked for it.

    attempt: how often it was asked for, counted from 1.
    due_at: when it is asked for again; null where it is not.
    """

    refund_id: str
    status: RefundStatus
    amount: MoneyDocument
    attempt: int
    requested_at: At
    due_at: At | None


class LookDocument(Struct, frozen=True):
    """A look of the team at the earlier disputes of a party (R47), by ids.

    reader_id: the member of the team who looked.
    person_id: the buyer or the seller whose disputes these were.
    seen_at: when that was.
    """

    reader_id: str
    person_id: str
    seen_at: At


class OperatedCaseDocument(Struct, frozen=True):
    """One dispute as an operator sees it.

    as_of: now.
    version: null where the dispute's own rows are incomplete, as the status and the order are.
    rows: all rows that are kept of it.
    looks: who of the team has read its parties' earlier disputes, oldest first.
    """

    as_of: At
    dispute_id: str
    order_id: str | None
    status: Status | None
    version: int | None
    timer: TimerDocument | None
    execution: ExecutionDocument | None
    outbox: Sequence[OutboxMailDocument]
    refund: OperatedRefundDocument | None
    rows: Sequence[RowDocument]
    looks: Sequence[LookDocument]
