"""The orders and their ledgers in DynamoDB (port `OrderStore`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.commit import add_change, took_effect
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.seller_metrics import add_to_metrics
from buyer_protection.adapters.dynamodb.tables import IdempotencyRow, LedgerRow, OrderRow, TrackRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.orders import LoadedOrder, TrackingReport
from buyer_protection.application.ports.sellers import SellerCounter
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.order import Order, OrderLedger, ParcelTracking


class PynamoOrderStore:
    """The projection is the shop's and is replaced whole; the ledger is ours and changes under conditions only."""

    def load(self, order_id: str, *, idempotency_id: str | None = None) -> LoadedOrder | None:
        """See `OrderStore.load`."""
        order_key, ledger_key = keys.order(order_id), keys.ledger(order_id)
        receipt_keys = [keys.idempotency(idempotency_id)] if idempotency_id is not None else []
        rows = Row.fetch([order_key, ledger_key, *receipt_keys])
        order, ledger = rows.get(order_key), rows.get(ledger_key)
        if not isinstance(order, OrderRow):
            return None
        idempotency = next(
            (mapping.idempotency_record_of(row) for row in rows.values() if isinstance(row, IdempotencyRow)),
            None,
        )
        found = ledger if isinstance(ledger, LedgerRow) else None
        return LoadedOrder(order.order, mapping.ledger_of(order_id, found), idempotency)

    def put(
        self,
        order: Order,
        *,
        is_first: bool = False,
        as_of: datetime | None = None,
        only_newer: bool = False,
    ) -> bool:
        """See `OrderStore.put`."""
        row = OrderRow(*keys.order(order.order_id), order=order, as_of=as_of)
        if is_first and _put_first(row, order):
            return True
        if not only_newer or as_of is None:
            row.save()
            return True
        older = OrderRow.as_of.does_not_exist() | (OrderRow.as_of <= as_of)
        return row.put_if(older)

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
        """See `OrderStore.record_tracking`."""
        transaction = Transaction()
        track = mapping.track_row(ledger.order_id, report, transaction.command_id)
        track_key = (track.pk, track.sk)
        transaction.put_new(track)
        values: dict[str, Any] = {"tracking": {**ledger.tracking, report.shipment_id: tracking}}
        if finished_by is not None:
            values |= {"finished_at": report.received_at, "finished_by": finished_by}
        transaction.update(
            LedgerRow, keys.ledger(ledger.order_id), values, _as_loaded(ledger), may_make_it=True
        )
        if case_change is not None:
            _check_leaves_order_alone(case_change)
            add_change(transaction, case_change, report.received_at)
        if idempotency is not None:
            transaction.put_new(mapping.idempotency_row(idempotency, report.received_at))
        try:
            transaction.commit()
        except RefusedError as refusal:
            if took_effect(track_key, transaction):
                return True
            if idempotency is not None and keys.idempotency(idempotency.idempotency_id) in refusal.rows:
                raise IdempotencyRecordExistsError from refusal
            if track_key in refusal.rows:
                return False
            raise ConflictingWriteError from refusal
        return True

    def finish(
        self, before: OrderLedger, after: OrderLedger, *, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """See `OrderStore.finish`."""
        if after.finished_at is None:
            raise AssertionError("an order is finished at an instant")
        transaction = Transaction()
        free = LedgerRow.active_dispute_id.does_not_exist() & LedgerRow.finished_at.does_not_exist()
        values = {"finished_at": after.finished_at, "finished_by": after.finished_by}
        transaction.update(LedgerRow, keys.ledger(before.order_id), values, free, may_make_it=True)
        if idempotency is not None:
            transaction.put_new(mapping.idempotency_row(idempotency, after.finished_at))
        try:
            transaction.commit()
        except RefusedError as refusal:
            if idempotency is not None and keys.idempotency(idempotency.idempotency_id) in refusal.rows:
                raise IdempotencyRecordExistsError from refusal
            raise ConflictingWriteError from refusal

    def tracking_reports(self, order_id: str) -> Sequence[TrackingReport]:
        """See `OrderStore.tracking_reports`."""
        within = TrackRow.sk.startswith(keys.TRACK_PREFIX)
        reports = [mapping.report_of(row) for row in TrackRow.collection(keys.order_pk(order_id), within)]
        return sorted(reports, key=lambda report: (report.occurred_at, report.event_id))


def _put_first(row: OrderRow, order: Order) -> bool:
    """The order's first row, and its seller's count of orders; False where somebody else was first."""
    transaction = Transaction()
    transaction.put_new(row)
    add_to_metrics(transaction, order.seller_id, order.order_id, SellerCounter.ORDERS)
    try:
        transaction.commit()
    except RefusedError:
        return False
    return True


def _as_loaded(ledger: OrderLedger) -> Condition:
    """Nobody opened, closed or finished in between, and no parcel was reported on."""
    condition = (
        LedgerRow.tracking == dict(ledger.tracking)
        if ledger.tracking
        else LedgerRow.tracking.does_not_exist()
    )
    for attribute, value in (
        (LedgerRow.active_dispute_id, ledger.active_dispute_id),
        (LedgerRow.finished_at, ledger.finished_at),
    ):
        condition &= attribute.does_not_exist() if value is None else attribute == value
    return condition


def _check_leaves_order_alone(change: Change) -> None:
    if change.is_opening or change.finishes_order or change.releases_order or change.refund is not None:
        raise AssertionError("a carrier's report neither opens nor closes a dispute")
