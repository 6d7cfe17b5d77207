"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct, field

from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.pages import Page
from buyer_protection.domain.enums import Role, TrackingStatus
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.ledger import RefundElsewhere
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.refunds import dispute_id_of
from buyer_protection.domain.tracking import Followed


class LoadedOrder(Struct, frozen=True):
    """One consistent read of an order: the shop's projection, the ledger, the receipt of this very command."""

    order: Order
    ledger: OrderLedger
    idempotency: IdempotencyRecord | None = None
    refunds: Mapping[str, RefundElsewhere] = field(default_factory=dict)
    report: "TrackingReport | None" = None
    # Whether operators let nobody open a dispute, as of the same read; False where it was not asked for.
    is_opening_held: bool = False
    # When the order leaves the table; None where it has no end.
    leaves_at: datetime | None = None


class KnownOrder(Struct, frozen=True):
    """One consistent read before the shop's order is kept: what is kept of it, None where nothing is; and of people for
    whom that was asked, by id, whether a legal hold stands on them (R48)."""

    loaded: LoadedOrder | None
    holds: Mapping[str, bool] = field(default_factory=dict)


class OrderChange(Struct, frozen=True):
    """What the shop says anew: the order and its ledger as they were read and as they become, and what of the open case
    follows (R38 to R40). `refund`: money given back elsewhere, kept under its id; `holds`: as in KnownOrder."""

    before: LoadedOrder
    order: Order
    ledger: OrderLedger
    now: datetime
    followed: Followed | None = None
    refund: RefundElsewhere | None = None
    idempotency: IdempotencyRecord | None = None
    holds: Mapping[str, bool] = field(default_factory=dict)

    @property
    def refund_ids(self) -> tuple[str, ...]:
        """Under what `refund` is kept: its own id, that of what it takes back, and of the dispute that it pays."""
        if self.refund is None:
            return ()
        taken_back, pays = self.refund.reverses, named_dispute(self.refund.refund_id, self.refund.dispute_id)
        others = [reversal_of(taken_back)] if taken_back else []
        if self.refund.is_ours and pays is not None:
            others.append(payment_of(pays, self.refund.payment))
        return (self.refund.refund_id, *others)


def reversal_of(refund_id: str) -> str:
    """Under what is kept that this refund was taken back: no refund's own id."""
    return f"{refund_id}#reversed"


def payment_of(dispute_id: str, number: int) -> str:
    """Under what is kept that the shop has made this payment of the dispute's refund itself: no refund's own id.

    `number` counts from 1: after a payment that came back there is another (`payment_number`).
    """
    return f"{dispute_id}#payment" if number == 1 else f"{dispute_id}#payment-{number}"


def named_dispute(refund_id: str, dispute_id: str | None) -> str | None:
    """The dispute whose refund is named, by itself or by `rf-…`; None where neither is."""
    try:
        return dispute_id or dispute_id_of(refund_id)
    except NotFoundError:
        return None


class ListedOrder(Struct, frozen=True):
    """An order in a list; `updated_at` is when something of it was last reported, since that is kept."""

    order: Order
    ledger: OrderLedger
    updated_at: datetime | None = None


class UnreadableOrder(Struct, frozen=True):
    """An order of which this version cannot read a row."""

    order_id: str


class TrackingReport(Struct, frozen=True):
    """R29: one event of a carrier, as it was said; `tracking_number` is that of the journey which it was taken for."""

    event_id: str
    shipment_id: str
    status: TrackingStatus
    occurred_at: datetime
    received_at: datetime
    tracking_number: str | None = None

    def says_the_same_as(self, other: "TrackingReport") -> bool:
        """Whether both report the same fact, whenever they came (R41)."""
        facts = self.shipment_id, self.status, self.occurred_at
        return facts == (other.shipment_id, other.status, other.occurred_at)


class TrackingChange(Struct, frozen=True):
    """A carrier's event with what it makes of the ledger, as that was read, and of the open case (R29 to R31)."""

    report: TrackingReport
    before: OrderLedger
    after: OrderLedger
    followed: Followed | None = None
    idempotency: IdempotencyRecord | None = None


class OrderStore(Protocol):
    """The orders and their ledgers."""

    def load(
        self,
        order_id: str,
        *,
        idempotency_id: str | None = None,
        refund_ids: Sequence[str] = (),
        event_id: str | None = None,
        for_opening: bool = False,
    ) -> LoadedOrder | None:
        """One BatchGetItem, consistent: ORDER, LEDGER, and where asked for the IDEM row, refunds elsewhere by id, the
        carrier's event of that id, and `for_opening` the operators' switch."""
        ...

    def load_for_upsert(self, order: Order) -> KnownOrder:
        """One BatchGetItem, consistent: ORDER, LEDGER, and the holds on both parties where the order has an end."""
        ...

    def page_of_party(
        self, role: Role, party_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[ListedOrder | UnreadableOrder]:
        """A party's orders, the last placed first: one index query for the ids, one consistent batch for the orders."""
        ...

    def put(
        self, order: Order, now: datetime | None = None, *, holds: Mapping[str, bool] | None = None
    ) -> bool:
        """An order of which nothing is kept yet, said at `now`; it counts for its seller in the same transaction. False
        where somebody else was first, and nothing was written. Holds that `holds` lacks are read."""
        ...

    def change(self, change: OrderChange) -> None:
        """One transaction: the order over the one that was read (condition: its revision), the ledger (condition: its
        version and active dispute; its tracking, where a case follows or it is written), the open case's change or
        quiet notes (condition: its version), the refund elsewhere and the receipt (`attribute_not_exists`).

        Raises ConflictingWriteError, IdempotencyRecordExistsError."""
        ...

    def record_tracking(self, change: TrackingChange) -> bool:
        """One transaction: TRACK row (`attribute_not_exists`), the ledger (condition: version, tracking, active dispute
        and end as they were read), the open case's change or quiet notes (R30; condition: its version) and the receipt.

        False where the event was known already. Raises ConflictingWriteError, IdempotencyRecordExistsError."""
        ...

    def finish(
        self, before: OrderLedger, after: OrderLedger, *, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """One transaction: the ledger's `finished_at` and `finished_by` (condition: not finished, no active dispute)
        and the receipt. Raises ConflictingWriteError, ReceiptExistsError."""
        ...

    def tracking_reports(self, order_id: str) -> Sequence[TrackingReport]:
        """All reports about an order, by `occurred_at`; consistent."""
        ...
