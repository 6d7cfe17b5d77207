"""The orders of the in-memory world, with the conditions that the port states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.orders import (
    KnownOrder,
    ListedOrder,
    LoadedOrder,
    OrderChange,
    TrackingChange,
    TrackingReport,
    UnreadableOrder,
)
from buyer_protection.application.ports.pages import Page
from buyer_protection.application.ports.sellers import Counted, SellerCounter
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.tracking import Followed
from tests.support.fake_workers import with_notices_of

if TYPE_CHECKING:
    from tests.support.fakes import World


@dataclass
class MemoryOrderStore:
    """Port `OrderStore`."""

    world: "World"

    def load(
        self,
        order_id: str,
        *,
        idempotency_id: str | None = None,
        refund_ids: Sequence[str] = (),
        event_id: str | None = None,
        for_opening: bool = False,
    ) -> LoadedOrder | None:
        kept = self.world.orders_kept.get(order_id)
        if kept is None:
            return None
        known = self.world.refunds_elsewhere
        refunds = {one: known[order_id, one] for one in refund_ids if (order_id, one) in known}
        receipt = self.world.idempotency_records.get(idempotency_id or "")
        report = self.world.tracks.get((order_id, event_id or ""))
        is_held = for_opening and self.world.openings_held
        return LoadedOrder(kept, self.world.ledger(order_id), receipt, refunds, report, is_held)

    def load_for_upsert(self, order: Order) -> KnownOrder:
        return KnownOrder(self.load(order.order_id))

    def put(
        self, order: Order, now: datetime | None = None, *, holds: Mapping[str, bool] | None = None
    ) -> bool:
        if order.order_id in self.world.orders_kept:
            return False
        orders, placed = SellerCounter.ORDERS, order.placed_at.astimezone(UTC).date()
        counted = Counted(orders, {orders: 1}, placed)
        self.world.sellers.counted[order.order_id, orders] = order.seller_id, counted
        self.world.orders_kept[order.order_id] = order
        self.world.orders_updated[order.order_id] = now
        return True

    def page_of_party(
        self, role: Role, party_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[ListedOrder | UnreadableOrder]:
        def key(order: Order) -> tuple[str, str]:
            return instant(order.placed_at), order.order_id

        behind = (start["placed_at"], start["order_id"]) if start else None
        theirs = [
            order
            for order in self.world.orders_kept.values()
            if party_id == (order.buyer_id if role is Role.BUYER else order.seller_id)
            and (behind is None or key(order) < behind)
        ]
        theirs.sort(key=key, reverse=True)
        places = [dict(zip(("placed_at", "order_id"), key(order), strict=True)) for order in theirs[:limit]]
        items = [self._in_list(order) for order in theirs[:limit]]
        return Page(items, places[-1] if len(theirs) > limit else None, places)

    def _in_list(self, order: Order) -> ListedOrder | UnreadableOrder:
        if order.order_id in self.world.unreadable:
            return UnreadableOrder(order.order_id)
        updated = self.world.orders_updated.get(order.order_id)
        return ListedOrder(order, self.world.ledger(order.order_id), updated)

    def change(self, change: OrderChange) -> None:
        self.world.others_turn()
        before, idempotency = change.before, change.idempotency
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError
        order_id = before.order.order_id
        if change.order != before.order and self._revision(order_id) != before.order.revision:
            raise ConflictingWriteError
        ended = change.followed.change if change.followed is not None else None
        touches = change.ledger != before.ledger or (ended is not None and ended.releases_order)
        books = self.world.ledger(order_id)
        as_read = (books.version, books.active_dispute_id) == (
            before.ledger.version,
            before.ledger.active_dispute_id,
        )
        if touches and not as_read:
            raise ConflictingWriteError
        follows = change.followed is not None or change.ledger.tracking != before.ledger.tracking
        if touches and follows and books.tracking != before.ledger.tracking:
            raise ConflictingWriteError
        if any((order_id, one) in self.world.refunds_elsewhere for one in change.refund_ids):
            raise ConflictingWriteError
        if change.followed is not None:
            self._keep_case(change.followed, change.now)
        if touches:
            after = change.ledger if follows else replace(change.ledger, tracking=books.tracking)
            if ended is not None and ended.releases_order:
                settled = (*after.settlements, *((ended.settles,) if ended.settles else ()))
                after = replace(after, active_dispute_id=None, settlements=settled)
            self.world.keep_ledger(after)
        self.world.writes += 1
        self.world.orders_kept[order_id] = change.order
        for one in change.refund_ids:
            assert change.refund is not None
            self.world.refunds_elsewhere[order_id, one] = change.refund
        self.world.keep_idempotency_record(idempotency)

    def _revision(self, order_id: str) -> int:
        return self.world.orders_kept[order_id].revision

    def _keep_case(self, followed: Followed, now: datetime) -> None:
        kept = self.world.cases_kept.get(followed.before.dispute_id)
        at = followed.before.version, followed.before.timeline_seq
        if kept is None or (kept.version, kept.timeline_seq) != at:
            raise ConflictingWriteError
        if followed.change is not None:
            self.world.cases._check_version(followed.change)
            self.world.cases._check_guard(followed.change, now)
            self.world.keep_change(followed.change)
            return
        case = with_notices_of(kept, followed.after)
        self.world.cases_kept[case.dispute_id] = case

    def record_tracking(self, change: TrackingChange) -> bool:
        self.world.others_turn()
        report, read, followed = change.report, change.before, change.followed
        idempotency = change.idempotency
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError
        if (read.order_id, report.event_id) in self.world.tracks:
            return False
        kept = self.world.ledger(read.order_id)
        looked_at = (kept.version, kept.tracking, kept.active_dispute_id, kept.finished_at)
        if looked_at != (read.version, read.tracking, read.active_dispute_id, read.finished_at):
            raise ConflictingWriteError
        if followed is not None:
            ends = followed.change
            assert ends is None or not (ends.is_opening or ends.finishes_order or ends.releases_order), (
                "a carrier's report neither opens nor closes a dispute"
            )
            self._keep_case(followed, report.received_at)
        self.world.tracks[read.order_id, report.event_id] = report
        self.world.keep_ledger(
            replace(
                kept,
                tracking=change.after.tracking,
                version=change.after.version,
                finished_at=change.after.finished_at,
                finished_by=change.after.finished_by,
            )
        )
        self.world.keep_idempotency_record(idempotency)
        return True

    def finish(
        self, before: OrderLedger, after: OrderLedger, *, idempotency: IdempotencyRecord | None = None
    ) -> None:
        self.world.others_turn()
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError
        kept = self.world.ledger(before.order_id)
        if kept.active_dispute_id is not None or kept.finished_at is not None:
            raise ConflictingWriteError
        done = replace(
            kept,
            version=kept.version + 1,
            finished_at=after.finished_at,
            finished_by=after.finished_by,
        )
        self.world.keep_ledger(done)
        self.world.writes += 1
        self.world.keep_idempotency_record(idempotency)

    def tracking_reports(self, order_id: str) -> Sequence[TrackingReport]:
        found = [report for (of, _), report in self.world.tracks.items() if of == order_id]
        return sorted(found, key=lambda report: (report.occurred_at, report.event_id))
