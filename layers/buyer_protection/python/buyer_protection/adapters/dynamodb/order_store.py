"""The orders and their ledgers in DynamoDB (port `OrderStore`)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb import keys, ledger_counts, mapping
from buyer_protection.adapters.dynamodb.answered import commit_answered
from buyer_protection.adapters.dynamodb.commit import (
    add_change,
    revision_is,
    took_effect,
    tracking_is,
    version_is,
)
from buyer_protection.adapters.dynamodb.control_rows import HoldRow
from buyer_protection.adapters.dynamodb.legal_holds import is_any_held, stands
from buyer_protection.adapters.dynamodb.order_lists import PynamoOrderLists, is_listed_alike, listed_row
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.seller_metrics import add_to_metrics
from buyer_protection.adapters.dynamodb.tables import (
    ElsewhereRow,
    FactsRow,
    IdempotencyRow,
    LedgerRow,
    ListedOrderRow,
    OrderRow,
    StateRow,
    TrackRow,
)
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.orders import (
    KnownOrder,
    LoadedOrder,
    OrderChange,
    TrackingChange,
    TrackingReport,
)
from buyer_protection.application.ports.sellers import SellerCounter
from buyer_protection.domain.archive import OrderRetention
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.tracking import Followed


class PynamoOrderStore(PynamoOrderLists):
    """The projection is the shop's and is replaced whole; the ledger is ours and changes under conditions only.

    `retention` says when an order that was never disputed leaves; without it none does, and none of a person on whom
    there is a legal hold (R48). One that was disputed leaves with its cases (`PynamoArchiveRows.let_order_go`). What
    lists and ledgers hold of it, ids and amounts, stays."""

    def __init__(self, retention: OrderRetention | None = None) -> None:
        self._retention = retention

    def load(
        self,
        order_id: str,
        *,
        idempotency_id: str | None = None,
        refund_ids: Sequence[str] = (),
        event_id: str | None = None,
        for_opening: bool = False,
    ) -> LoadedOrder | None:
        """See `OrderStore.load`."""
        order_key, ledger_key = keys.order(order_id), keys.ledger(order_id)
        receipt_keys = [keys.idempotency(idempotency_id)] if idempotency_id is not None else []
        refund_keys = {keys.elsewhere(order_id, refund_id): refund_id for refund_id in refund_ids}
        track_keys = [keys.track(order_id, event_id)] if event_id is not None else []
        switch_keys = [keys.OPENINGS_HELD] if for_opening else []
        rows = Row.fetch([order_key, ledger_key, *receipt_keys, *refund_keys, *track_keys, *switch_keys])
        order, ledger = rows.get(order_key), rows.get(ledger_key)
        if not isinstance(order, OrderRow):
            return None
        idempotency = next(
            (mapping.idempotency_record_of(row) for row in rows.values() if isinstance(row, IdempotencyRow)),
            None,
        )
        found = ledger if isinstance(ledger, LedgerRow) else None
        refunds = {
            refund_id: row.refund
            for key, refund_id in refund_keys.items()
            if isinstance(row := rows.get(key), ElsewhereRow)
        }
        reports = (mapping.report_of(row) for row in rows.values() if isinstance(row, TrackRow))
        ledger_now = mapping.ledger_of(order_id, found)
        return LoadedOrder(
            mapping.order_of(order),
            ledger_now,
            idempotency,
            refunds,
            next(reports, None),
            is_opening_held=isinstance(rows.get(keys.OPENINGS_HELD), HoldRow),
            leaves_at=leaves_at_of(order),
        )

    def load_for_upsert(self, order: Order) -> KnownOrder:
        """See `OrderStore.load_for_upsert`."""
        parties = _parties(order) if self._retention and self._retention.leaves_at(order) else set()
        order_key, ledger_key = keys.order(order.order_id), keys.ledger(order.order_id)
        hold_keys = {party: keys.legal_hold(keys.person_pk(party)) for party in parties}
        items = Row.fetch_items([order_key, ledger_key, *hold_keys.values()])
        # A hold that cannot be read is one that stands; it does not keep the shop's order out.
        holds = {party: key in items and stands(items.pop(key)) for party, key in hold_keys.items()}
        rows = {key: Row.from_raw_data(item) for key, item in items.items()}
        kept, ledger = rows.get(order_key), rows.get(ledger_key)
        if not isinstance(kept, OrderRow):
            return KnownOrder(None, holds)
        ledger_now = mapping.ledger_of(order.order_id, ledger if isinstance(ledger, LedgerRow) else None)
        return KnownOrder(
            LoadedOrder(mapping.order_of(kept), ledger_now, leaves_at=leaves_at_of(kept)), holds
        )

    def put(
        self, order: Order, now: datetime | None = None, *, holds: Mapping[str, bool] | None = None
    ) -> bool:
        """See `OrderStore.put`."""
        row = mapping.order_row(order, now)
        row.expires_at = self._end_of(order, _parties(order), holds or {})
        transaction, listed = Transaction(), listed_row(order)
        transaction.put_new(row)
        transaction.put_new(listed)
        placed = order.placed_at.astimezone(UTC).date()
        add_to_metrics(transaction, order.seller_id, order.order_id, {SellerCounter.ORDERS: 1}, placed)
        try:
            transaction.commit()
        except RefusedError as refusal:
            return refusal.rows == {(listed.pk, listed.sk)} and _put_again(row, listed)
        return True

    def change(self, change: OrderChange) -> None:
        """See `OrderStore.change`."""
        transaction, row_ends = Transaction(), False
        before, idempotency = change.before, change.idempotency
        if change.order != before.order:
            row = mapping.order_row(change.order, change.now)
            # Opening a dispute and a legal hold take the end away, archiving the last case gives it another (R48).
            as_read = revision_is(before.order.revision) & keep_end(row, before)
            if not change.ledger.disputes_opened:
                parties = _parties(change.order) | _parties(before.order)
                row.expires_at = self._end_of(change.order, parties, change.holds)
                row_ends = row.expires_at is not None
            transaction.put_over(row, as_read)
            if not is_listed_alike(before.order, change.order):
                transaction.put(listed_row(change.order))
        is_written = _add_ledger(transaction, change)
        if row_ends and not is_written:
            # Nobody has opened a dispute since, which would keep the order.
            key = keys.ledger(before.order.order_id)
            transaction.check(LedgerRow, key, LedgerRow.disputes_opened.does_not_exist())
        if change.followed is not None:
            _add_case(transaction, change.followed, change.now)
        if change.refund is not None:
            for refund_id in change.refund_ids:
                key = keys.elsewhere(before.order.order_id, refund_id)
                transaction.put_new(ElsewhereRow(*key, refund=change.refund))
        commit_answered(transaction, change.now, idempotency)

    def record_tracking(self, change: TrackingChange) -> bool:
        """See `OrderStore.record_tracking`."""
        transaction = Transaction()
        report, read, idempotency = change.report, change.before, change.idempotency
        track = mapping.track_row(read.order_id, report, transaction.command_id)
        track_key = (track.pk, track.sk)
        transaction.put_new(track)
        values = {**mapping.ledger_changes(read, change.after), "updated_at": report.received_at}
        key = keys.ledger(read.order_id)
        transaction.update(LedgerRow, key, values, _as_read(read), may_make_it=True)
        if change.followed is not None:
            _check_leaves_order_alone(change.followed)
            _add_case(transaction, change.followed, report.received_at)
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
        at = after.finished_at
        answered = None if idempotency is None else idempotency.idempotency_id
        values = {"finished_at": at, "finished_by": after.finished_by, "updated_at": at}
        values["idempotency_id"] = answered
        key = keys.ledger(before.order_id)
        transaction.update(LedgerRow, key, values, free, add={"version": 1}, may_make_it=True)
        commit_answered(transaction, after.finished_at, idempotency)

    def _end_of(self, order: Order, parties: set[str], holds: Mapping[str, bool]) -> int | None:
        """When the order leaves, in Unix seconds; None where it does not, as for a hold on one of the parties. Of whom
        `holds` does not say it, it is read."""
        at = self._retention and self._retention.leaves_at(order)
        if at is None or any(holds.get(party) for party in parties):
            return None
        unknown = parties - holds.keys()
        if unknown and is_any_held(map(keys.person_pk, unknown)):
            return None
        return int(at.timestamp())

    def tracking_reports(self, order_id: str) -> Sequence[TrackingReport]:
        """See `OrderStore.tracking_reports`."""
        within = TrackRow.sk.startswith(keys.TRACK_PREFIX)
        reports = [mapping.report_of(row) for row in TrackRow.collection(keys.order_pk(order_id), within)]
        return sorted(reports, key=lambda report: (report.occurred_at, report.event_id))


def _parties(order: Order) -> set[str]:
    return {order.buyer_id, order.seller_id}


def leaves_at_of(row: OrderRow) -> datetime | None:
    """When the order leaves the table; None where it has no end."""
    return _instant_of(row.expires_at)


def _instant_of(end: float | None) -> datetime | None:
    return None if end is None else datetime.fromtimestamp(end, UTC)


def let_undisputed_go(order: Order, at: datetime) -> bool:
    """Have an order that was never disputed leave at that instant (R48); whether it is still as it was read."""
    return _end_undisputed(order.order_id, at, revision_is(order.revision) & _ends_at(None))


def keep_undisputed(order_id: str) -> bool:
    """Take its end from an order that was never disputed, for a legal hold (R48); whether it had one."""
    return _end_undisputed(order_id, None, OrderRow.expires_at.exists())


def _end_undisputed(order_id: str, at: datetime | None, found: Condition) -> bool:
    """Give the order this end, or none, where it is found so and nobody has opened a dispute; whether it was done."""
    transaction = Transaction()
    end = None if at is None else int(at.timestamp())
    transaction.update(OrderRow, keys.order(order_id), {"expires_at": end}, found)
    never_opened = LedgerRow.disputes_opened.does_not_exist()
    transaction.check(LedgerRow, keys.ledger(order_id), never_opened)
    try:
        transaction.commit()
    except RefusedError:
        return False
    return True


def keep_end(row: OrderRow, read: LoadedOrder) -> Condition:
    """Have the row keep the end that the order was read with, on condition that it still has it."""
    row.expires_at = None if read.leaves_at is None else int(read.leaves_at.timestamp())
    return _ends_at(row.expires_at)


def _ends_at(at: int | None) -> Condition:
    found: Condition = OrderRow.expires_at.does_not_exist() if at is None else OrderRow.expires_at == at
    return found


def _put_again(row: OrderRow, listed: ListedOrderRow) -> bool:
    """An order that has left and is sent once more: it was counted for its seller when it was new."""
    transaction = Transaction()
    transaction.put_new(row)
    transaction.put(listed)
    try:
        transaction.commit()
    except RefusedError:
        return False
    return True


def _add_ledger(transaction: Transaction, change: OrderChange) -> bool:
    """Whether there was something to write."""
    read = change.before.ledger
    values, add = mapping.ledger_changes(read, change.ledger), {}
    ended = change.followed.change if change.followed is not None else None
    if ended is not None and ended.releases_order:
        ending = ledger_counts.ending_of(ended)
        # One write is one version, whatever else it does.
        values, add = {**values, **ending.values}, {n: by for n, by in ending.add.items() if n not in values}
    if not values and not add:
        return False
    values["updated_at"] = change.now
    held = LedgerRow.active_dispute_id
    condition = version_is(read.version) & (
        held.does_not_exist() if read.active_dispute_id is None else held == read.active_dispute_id
    )
    if change.followed is not None or "tracking" in values:
        # What the case is to know of its parcels was made of these reports.
        condition &= tracking_is(read)
    transaction.update(LedgerRow, keys.ledger(read.order_id), values, condition, add=add, may_make_it=True)
    return True


def _add_case(transaction: Transaction, followed: Followed, now: datetime) -> None:
    if followed.change is not None:
        add_change(transaction, followed.change, now)
        return
    before, after = followed.before, followed.after
    noted = mapping.state_changes(before, after)
    if noted:
        # What moves no version may be what this was made of: the parcels.
        at = (StateRow.version == before.version) & (StateRow.timeline_seq == before.timeline_seq)
        transaction.update(StateRow, keys.state(after.dispute_id), noted, at)
    facts = mapping.facts_changes(before, after)
    if facts:
        transaction.update(FactsRow, keys.facts(after.dispute_id), facts, FactsRow.pk.exists())


def _as_read(ledger: OrderLedger) -> Condition:
    """Nobody opened, closed or finished in between, and no parcel was reported on or sent anew."""
    condition: Condition = version_is(ledger.version) & tracking_is(ledger)
    for attribute, value in (
        (LedgerRow.active_dispute_id, ledger.active_dispute_id),
        (LedgerRow.finished_at, ledger.finished_at),
    ):
        condition &= attribute.does_not_exist() if value is None else attribute == value
    return condition


def _check_leaves_order_alone(followed: Followed) -> None:
    change = followed.change
    if change is not None and (change.is_opening or change.finishes_order or change.releases_order):
        raise AssertionError("a carrier's report neither opens nor closes a dispute")
