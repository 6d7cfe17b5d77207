"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from buyer_protection.domain.dispute import Change, Dispute, Evidence, Message, Offer, Refund
from buyer_protection.domain.mail_notice import MailNotice
from buyer_protection.domain.order import Order, OrderLedger, ParcelTracking
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.vocabulary import Role, TrackingStatus

if TYPE_CHECKING:
    from buyer_protection.application.mail_view import MailKind
    from buyer_protection.domain.clock import Alarm

T = TypeVar("T")

# --- answers that are kept: idempotency -------------------------------------------------------------------------------


class Answer(Struct, frozen=True):
    """What a caller gets: HTTP status, JSON body, the case's version (`ETag`) and, for creations, the location."""

    status: int
    body: bytes
    version: int | None = None
    location: str | None = None


class Receipt(Struct, frozen=True):
    """A POST that took effect: its id is bound to caller, route and key; the same body gets the same answer."""

    receipt_id: str
    body_hash: str
    answer: Answer


class ConflictingWriteError(Exception):
    """Somebody else's change came first; nothing was written. Load again and decide anew."""


class ReceiptExistsError(Exception):
    """The same command took effect already, perhaps in a call whose answer was lost; nothing was written now."""


class OrderHeldError(Exception):
    """Another dispute about the order came first (R12), or the order was finished or used up; nothing was written."""


class RefundExceedsPaidError(Exception):
    """The order's ledger has no room for this refund; nothing was written."""


# --- cases ------------------------------------------------------------------------------------------------------------


class LoadedCase(Struct, frozen=True):
    """One consistent read: the case, the receipt of this very command if there is one, evidence asked for by id."""

    case: Dispute
    receipt: Receipt | None = None
    evidence: Mapping[str, Evidence] | None = None


class Page(Struct, Generic[T], frozen=True):
    """A part of a list, and where it goes on (the store's own key; the edge makes it opaque)."""

    items: Sequence[T]
    next_key: Mapping[str, Any] | None = None


class Dossier(Struct, frozen=True):
    """All that is kept of one case, oldest first."""

    case: Dispute
    offers: Sequence[Offer]
    evidence: Sequence[Evidence]
    timeline: Sequence[TimelineEntry]
    messages: Sequence[Message]
    brief: Mapping[str, Any] | None


class CaseStore(Protocol):
    """The cases. Every change is one transaction (`commit`); every read that decides is consistent."""

    def load(
        self, dispute_id: str, *, receipt_id: str | None = None, evidence_ids: Sequence[str] = ()
    ) -> LoadedCase | None:
        """One BatchGetItem, consistent: FACTS, STATE, and where asked for the IDEM row and EVID rows. None: no case."""
        ...

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        receipt: Receipt | None = None,
        brief: Mapping[str, Any] | None = None,
        by_clock: bool = False,
    ) -> None:
        """One TransactWriteItems with everything the change brings.

        STATE (condition: version as loaded, and for a person `deadline > :now` where the status's window binds, for the
        clock's end of a window `deadline <= :now`), FACTS where a text or reason changed, TIMER where epoch, alarm
        status or wake instant changed (a raised epoch removes the token), the timeline row
        (`attribute_not_exists`), offer and evidence rows, the REFUND row with the order's ledger, the order's
        `active_dispute_id`, the receipt (`attribute_not_exists`), the brief.

        Raises ConflictingWriteError, ReceiptExistsError, OrderHeldError (openings), RefundExceedsPaidError.
        """
        ...

    def replace_notice(
        self, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
    ) -> bool:
        """What a party is shown of its mails, where that is still `kept`; False otherwise. No version goes up."""
        ...

    def timeline(self, dispute_id: str, *, after_seq: int = 0, limit: int = 50) -> Page[TimelineEntry]:
        """Entries after `after_seq`, oldest first; consistent. `next_key` is `{"after_seq": n}`."""
        ...

    def offers(self, dispute_id: str) -> Sequence[Offer]:
        """All proposals, oldest first; consistent, and read after STATE, which says which of them have lapsed."""
        ...

    def evidence(self, dispute_id: str) -> Sequence[Evidence]:
        """All evidence, oldest first; consistent."""
        ...

    def messages(self, dispute_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        """Messages after number `after`, oldest first; consistent. `next_key` is `{"after": n}`."""
        ...

    def dossier(self, dispute_id: str) -> Dossier | None:
        """The whole item collection of one case: FACTS and STATE first, then all by one consistent query (paged)."""
        ...

    def page_of_party(
        self, role: Role, party_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[Dispute]:
        """A party's cases, newest first: one index query for the ids, one consistent batch for the cases."""
        ...

    def page_of_queue(self, *, limit: int, start: Mapping[str, Any] | None) -> Page[Dispute]:
        """Claims by due instant, most urgent first, merged over the shards; then one consistent batch."""
        ...


# --- orders -----------------------------------------------------------------------------------------------------------


class LoadedOrder(Struct, frozen=True):
    """One consistent read of an order: the shop's projection, the ledger, the receipt of this very command."""

    order: Order
    ledger: OrderLedger
    receipt: Receipt | None = None


class TrackingReport(Struct, frozen=True):
    """R29: one event of a carrier."""

    event_id: str
    shipment_id: str
    status: TrackingStatus
    occurred_at: datetime
    received_at: datetime


class OrderStore(Protocol):
    """The orders and their ledgers."""

    def load(self, order_id: str, *, receipt_id: str | None = None) -> LoadedOrder | None:
        """One BatchGetItem, consistent: ORDER, LEDGER, and the IDEM row where asked for."""
        ...

    def put(
        self,
        order: Order,
        *,
        is_first: bool = False,
        as_of: datetime | None = None,
        only_newer: bool = False,
    ) -> bool:
        """Replace the projection, told at `as_of`; the ledger is untouched.

        `is_first`: nothing is kept of the order yet; its first row counts for the seller, in the same transaction.
        `only_newer`: an order that was told later stays as it is, and the answer is False.
        """
        ...

    def record_tracking(
        self,
        report: TrackingReport,
        ledger: OrderLedger,
        tracking: ParcelTracking,
        *,
        finished_by: str | None = None,
        case_change: Change | None = None,
        receipt: Receipt | None = None,
    ) -> bool:
        """One transaction: TRACK row (`attribute_not_exists`), the ledger's tracking of that parcel (condition: as
        loaded, with the same active dispute), `finished_at` where `finished_by` is given (R31), and the case's change
        (R30). False where the event was known already. Raises ConflictingWriteError, ReceiptExistsError."""
        ...

    def finish(self, before: OrderLedger, after: OrderLedger, *, receipt: Receipt | None = None) -> None:
        """One transaction: the ledger's `finished_at` and `finished_by` (condition: not finished, no active dispute)
        and the receipt. Raises ConflictingWriteError, ReceiptExistsError."""
        ...

    def tracking_reports(self, order_id: str) -> Sequence[TrackingReport]:
        """All reports about an order, by `occurred_at`; consistent."""
        ...


# --- the clock's helpers ----------------------------------------------------------------------------------------------


class TimerState(Struct, frozen=True):
    """The TIMER row as far as waking and restarting need it."""

    case_id: str
    generation: int
    status: str
    epoch: int
    wake_at: datetime | None
    task_token: str | None = None


class TimerMove(Struct, frozen=True):
    """A case's alarm was set or moved. `old` is None for a new case; it carries the token of whoever waits."""

    old: TimerState | None
    new: TimerState


# What the table's stream tells, row by row.
Committed: TypeAlias = TimelineEntry | TimerMove | Refund


class DueRow(Struct, frozen=True):
    """Something the sweeper must look at: the sort key tells whether TIMER, MAIL or REFUND."""

    case_id: str
    sort_key: str
    due_at: datetime


class TimerStore(Protocol):
    """TIMER rows and the index of what is due."""

    def timer(self, case_id: str) -> TimerState | None:
        """The row, consistent."""
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[DueRow]:
        """Rows of the by_due index with `due_at <= now`, over all shards, oldest first."""
        ...

    def postpone(self, row: DueRow, until: datetime) -> bool:
        """Let the row be due at `until` (condition: due as read). False where somebody has seen to it meanwhile."""
        ...

    def next_generation(self, timer: TimerState) -> TimerState | None:
        """Raise the generation (condition: as read). None where somebody else did."""
        ...


class RefundStore(Protocol):
    """REFUND rows."""

    def overdue(self, case_id: str, now: datetime) -> Refund | None:
        """The case's refund if it is due, as it is to be asked for: one that failed under its next attempt. None
        otherwise. Consistent, and nothing is written: whoever dies before asking has used nothing up."""
        ...

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        """Keep that attempt, and let it be due an hour after `now`, the instant at which `overdue` gave it; no more
        where it needs an operator (condition: still due, and no answer since). False where somebody came first."""
        ...


class Executions(Protocol):
    """The state machine."""

    def start(self, alarm: "Alarm") -> bool:
        """Start `case-{case_id}-g{generation}`; False where there is one already, running or ended: a success too."""
        ...

    def wake(self, task_token: str, alarm: "Alarm") -> None:
        """SendTaskSuccess with the alarm; a token that is gone is success."""
        ...

    def is_running(self, case_id: str, generation: int) -> bool:
        """Whether that generation's execution is RUNNING."""
        ...


# --- what goes out ----------------------------------------------------------------------------------------------------


class OutboxMail(Struct, frozen=True):
    """One mail to one party about one timeline entry. `mail_id` is `{seq:08d}#{role}`."""

    case_id: str
    seq: int
    recipient: Role
    kind: "MailKind"
    attempts: int = 0


class Outbox(Protocol):
    """MAIL rows: written once per event and person, leased, sent, marked. Sent rows stay as the record."""

    def add(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        """Write each row that is not there yet; due for the sweeper a little later."""
        ...

    def unsent(self, case_id: str) -> Sequence[OutboxMail]:
        """The case's mails that are neither sent nor dropped, oldest first; consistent."""
        ...

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        """Take the mail for so long; False where somebody holds it, or it is sent or dropped."""
        ...

    def postpone(self, mail: OutboxMail, until: datetime) -> None:
        """Nobody takes the mail before then; due for the sweeper a good while later."""
        ...

    def settle(
        self, mail: OutboxMail, now: datetime, *, message_id: str | None, dropped: str | None = None
    ) -> None:
        """Mark as sent (`message_id`) or dropped (why): no longer due."""
        ...


class OutboundEvent(Struct, frozen=True):
    """An event for the shop's systems: deterministic id, schema version 1, ids only."""

    event_id: str
    type: str
    at: datetime
    detail: Mapping[str, Any]


class EventBus(Protocol):
    """EventBridge."""

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """Put all of them; raises where any was refused."""
        ...


class NotificationQueue(Protocol):
    """The queue in front of the notification function."""

    def enqueue(self, case_id: str, *, delay_seconds: int = 0) -> None:
        """Ask for the case's unsent mails to be delivered, after so long (900 at most)."""
        ...


class LateChanges(Protocol):
    """Where a record of the stream waits that could not be dealt with, so that those behind it need not."""

    def put(self, record: Mapping[str, Any]) -> None:
        """Keep the record, as the stream told it; it is brought again every few minutes, and then kept for days."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def dispute_id(self) -> str:
        """`dp-` and 26 characters that sort by time."""
        ...


class Clock(Protocol):
    """The present."""

    def now(self) -> datetime:
        """UTC, truncated to milliseconds, as it is stored."""
        ...
