"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import TrackingStatus
from buyer_protection.domain.order import Order, OrderLedger, ParcelTracking

if TYPE_CHECKING:
    pass
from buyer_protection.application.ports.idempotency import IdempotencyRecord


class LoadedOrder(Struct, frozen=True):
    """One consistent read of an order: the shop's projection, the ledger, the receipt of this very command."""

    order: Order
    ledger: OrderLedger
    idempotency: IdempotencyRecord | None = None


class TrackingReport(Struct, frozen=True):
    """R29: one event of a carrier."""

    event_id: str
    shipment_id: str
    status: TrackingStatus
    occurred_at: datetime
    received_at: datetime


class OrderStore(Protocol):
    """The orders and their ledgers."""

    def load(self, order_id: str, *, idempotency_id: str | None = None) -> LoadedOrder | None:
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
        """Replace the projection with the order as the shop reported it at `as_of`; the ledger stays unchanged.

        `is_first`: nothing is stored for the order yet; its first row counts for the seller, in the same transaction.
        `only_newer`: a newer stored order stays unchanged, and the answer is False.
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
        idempotency: IdempotencyRecord | None = None,
    ) -> bool:
        """One transaction: TRACK row (`attribute_not_exists`), the ledger's tracking of that parcel (condition: as
        loaded, with the same active dispute), `finished_at` where `finished_by` is given (R31), and the case's change
        (R30). False where the event was known already. Raises ConflictingWriteError, ReceiptExistsError."""
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
