"""What carriers report of parcels, and what an order and its open case make of it (R27, R29 to R31, R41)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, TrackingStatus
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.order import (
    CaseItem,
    DisputedItem,
    Order,
    OrderLedger,
    ParcelState,
    ParcelTracking,
    Shipment,
    last_registered,
)
from buyer_protection.domain.returns import register_return_delivery, return_shipment_id
from buyer_protection.domain.timeline import CARRIER, SHOP, Actor, instant

COLLECTION_EXPIRED = "COLLECTION_EXPIRED"
# Deliveries that are remembered in case earlier ones are taken back.
_MOST_DELIVERIES = 8
# The shortest time between two instants, as they are kept.
_MOMENT = timedelta(milliseconds=1)


class Followed(NamedTuple):
    """What becomes of the open case: `change` where it shows, only `after` where nothing of it does."""

    before: Dispute
    after: Dispute
    change: Change | None

    def from_call(self, correlation_id: str | None) -> "Followed":
        """The same, whose entry names the call that it came from."""
        return self if self.change is None else self._replace(change=self.change.from_call(correlation_id))


@dataclass(frozen=True, slots=True)
class Known:
    """An order with its ledger, as they were read or as they become."""

    order: Order
    ledger: OrderLedger


def taken_as_of(occurred_at: datetime, known: ParcelTracking | None, now: datetime) -> datetime:
    """R41: what is said to lie ahead is of now, so that the next report can correct it; where that would be within a
    correction that came before, it is of right after it."""
    corrected_at = None if known is None else known.corrected_at
    if corrected_at is None or occurred_at <= corrected_at:
        return min(occurred_at, now)
    return min(occurred_at, max(now, corrected_at + _MOMENT))


def merged(
    known: ParcelTracking | None,
    status: TrackingStatus,
    occurred_at: datetime,
    shipment: Shipment,
    now: datetime,
) -> ParcelTracking:
    """The newest status by `occurred_at`, and the first delivery that stands; whatever order events arrive in (R29).

    A correction takes back what was delivered up to its own instant. Another tracking number begins anew (R41).
    """
    if known is None or not known.is_of(shipment):
        known = ParcelTracking(status, occurred_at)
    delivered = {at for at in (known.delivered_at, *known.further) if at is not None}
    corrected_at = known.corrected_at
    if is_delivery(status):
        delivered.add(occurred_at)
    if status is TrackingStatus.DELIVERY_CORRECTED:
        corrected_at = max(corrected_at or occurred_at, occurred_at)
    standing = sorted(at for at in delivered if corrected_at is None or at > corrected_at)
    standing = standing[:_MOST_DELIVERIES]
    is_newer = occurred_at > known.occurred_at
    if status is TrackingStatus.DELIVERY_CORRECTED:
        is_newer = occurred_at >= known.occurred_at
    return ParcelTracking(
        status if is_newer else known.status,
        max(occurred_at, known.occurred_at),
        standing[0] if standing else None,
        _registered_at(known, standing, now),
        shipment.tracking_number,
        corrected_at,
        tuple(standing[1:]),
    )


def _registered_at(known: ParcelTracking, standing: Sequence[datetime], now: datetime) -> datetime | None:
    """A delivery that is said to be earlier than the one that is known was registered with that one."""
    if not standing:
        return None
    if known.delivered_at in standing:
        return known.registered_at or known.delivered_at
    return now


def is_delivery(status: TrackingStatus) -> bool:
    """Whether the carrier says that the parcel has arrived."""
    return status is TrackingStatus.DELIVERED


def with_report(
    ledger: OrderLedger, shipment: Shipment, status: TrackingStatus, occurred_at: datetime, now: datetime
) -> OrderLedger:
    """The ledger once its carrier has reported this of the parcel."""
    known = ledger.tracking.get(shipment.shipment_id)
    after = merged(known, status, occurred_at, shipment, now)
    return replace(ledger, tracking={**ledger.tracking, shipment.shipment_id: after})


def finished_by_carriers(order: Order, ledger: OrderLedger, now: datetime) -> OrderLedger:
    """R31: an order whose parcels have all ended, one uncollected, is finished, unless a dispute is open.

    A parcel that was delivered after all, or another one that is still on its way, finishes nothing (R29); an order
    that was finished so is open again where its parcel turns out not to have ended uncollected (R41).
    """
    if is_reopened_by_carriers(order, ledger):
        return replace(ledger, version=ledger.version + 1, finished_at=None, finished_by=None)
    is_free = ledger.active_dispute_id is None and ledger.finished_at is None
    if is_free and _ended_uncollected(order, ledger):
        return replace(ledger, version=ledger.version + 1, finished_at=now, finished_by=COLLECTION_EXPIRED)
    return ledger


def is_reopened_by_carriers(order: Order, ledger: OrderLedger) -> bool:
    """Whether the order was finished for a parcel that turns out not to have ended uncollected (R41)."""
    return ledger.finished_by == COLLECTION_EXPIRED and not _ended_uncollected(order, ledger)


def _ended_uncollected(order: Order, ledger: OrderLedger) -> bool:
    parcels = [ledger.seen(shipment) for shipment in order.shipments]
    ended = all(parcel is not None and (_uncollected(parcel) or parcel.delivered_at) for parcel in parcels)
    return ended and any(parcel is not None and _uncollected(parcel) for parcel in parcels)


def _uncollected(parcel: ParcelTracking) -> bool:
    return parcel.status is TrackingStatus.COLLECTION_EXPIRED and parcel.delivered_at is None


# --- the open case --------------------------------------------------------------------------------------------


def parcels_of(
    order: Order, ledger: OrderLedger, items: Sequence[DisputedItem | CaseItem]
) -> dict[str, ParcelState]:
    """The parcels that carry any of these items, as their carriers say."""
    item_ids = [item.item_id for item in items]
    return {s.shipment_id: _state(s, item_ids, ledger) for s in order.shipments_of(item_ids)}


def _state(shipment: Shipment, item_ids: Sequence[str], ledger: OrderLedger) -> ParcelState:
    carried = tuple(item_id for item_id in item_ids if shipment.carries(item_id))
    seen = ledger.seen(shipment)
    if seen is None:
        return ParcelState(shipment.carrier, carried)
    registered = seen.registered_at or seen.delivered_at
    return ParcelState(shipment.carrier, carried, seen.status, seen.delivered_at, registered)


def delivered_as_a_whole(parcels: Mapping[str, ParcelState]) -> datetime | None:
    """When the last of the parcels was delivered; None while one is on its way (R27)."""
    known = [parcel.delivered_at for parcel in parcels.values() if parcel.delivered_at is not None]
    return max(known) if known and len(known) == len(parcels) else None


def follow_parcels(case: Dispute, before: Known, after: Known, actor: Actor, now: datetime) -> Followed:
    """The open case once this is known of its parcels: an entry for each delivery that is taken back or new (R30, R41).

    Each delivery counts as registered now. Where the parcels that are left have all been delivered before, the last of
    them speaks for all; and nothing ends the time to change the reason earlier than it was promised (R27).
    """
    kept = case.parcels or parcels_of(before.order, before.ledger, case.items)
    reported = parcels_of(after.order, after.ledger, case.items)
    gone = [
        name
        for name, parcel in kept.items()
        if parcel.delivered_at and not _stands(parcel, reported.get(name))
    ]
    new = [
        name
        for name, it in reported.items()
        if it.delivered_at and (name in gone or not _arrived(kept, name))
    ]
    story = _Story(case, kept, actor, now)
    for name in gone:
        story.take_back(name, is_carried=name in reported)
    story.parcels = {
        name: _undelivered(parcel) if name in new else _as_registered(parcel, story.parcels.get(name))
        for name, parcel in reported.items()
    }
    for name in sorted(new, key=lambda name: (reported[name].delivered_at, name)):
        story.deliver(name, reported[name])
    if delivered_as_a_whole(story.parcels) and not new:
        last = max(story.parcels, key=lambda name: (story.parcels[name].delivered_at, name))
        if delivered_as_a_whole(kept) is None:
            story.deliver(last, story.parcels[last])
        else:
            story.keep_promise(last, last_registered(kept))
    return story.followed(case)


def _arrived(kept: Mapping[str, ParcelState], name: str) -> bool:
    return name in kept and kept[name].delivered_at is not None


def _stands(kept: ParcelState, reported: ParcelState | None) -> bool:
    """Whether what the case knows as delivered still is, by the same delivery."""
    if reported is None or reported.delivered_at is None or reported.registered_at is None:
        return False
    return kept.registered_at is None or reported.registered_at <= kept.registered_at


def _undelivered(parcel: ParcelState) -> ParcelState:
    return replace(parcel, delivered_at=None, registered_at=None)


def _as_registered(reported: ParcelState, kept: ParcelState | None) -> ParcelState:
    """What the case has registered stays as it was registered."""
    if kept is None or kept.delivered_at is None:
        return reported
    return replace(reported, delivered_at=kept.delivered_at, registered_at=kept.registered_at)


class _Story:
    """The case on its way through what is new of its parcels, one entry after the other."""

    def __init__(
        self, case: Dispute, parcels: Mapping[str, ParcelState], actor: Actor, now: datetime
    ) -> None:
        self.parcels = dict(parcels)
        self._actor, self._now = actor, now
        self._case = case
        self._changes: list[Change] = []

    def take_back(self, name: str, *, is_carried: bool) -> None:
        known = self.parcels.pop(name)
        if is_carried:
            self.parcels[name] = _undelivered(known)
        self._note(EventType.DELIVERY_CORRECTED, name, known.delivered_at, {})

    def deliver(self, name: str, reported: ParcelState) -> None:
        self.parcels[name] = replace(reported, registered_at=self._now)
        is_last = delivered_as_a_whole(self.parcels) is not None
        self._note(EventType.DELIVERED, name, reported.delivered_at, {"is_last": is_last})

    def keep_promise(self, name: str, registered_at: datetime | None) -> None:
        if registered_at is not None and registered_at > (last_registered(self.parcels) or registered_at):
            self.parcels[name] = replace(self.parcels[name], registered_at=registered_at)

    def followed(self, before: Dispute) -> Followed:
        after = self._as_of_now()
        if not self._changes:
            return Followed(before, after, None)
        last = replace(self._changes[-1], after=after)
        return Followed(before, after, in_one([*self._changes[:-1], last]))

    def _note(self, kind: EventType, name: str, at: datetime | None, more: Mapping[str, object]) -> None:
        data = {
            "order_id": self._case.order_id,
            "shipment_id": name,
            "delivered_at": instant(at) if at else None,
            "reason": self._case.reason,
            "pending": [other for other, it in self.parcels.items() if it.delivered_at is None],
            **more,
        }
        change = self._case.record(self._now, self._actor, kind, data, self._as_of_now(), Guard.NONE)
        self._changes.append(change)
        self._case = change.after

    def _as_of_now(self) -> Dispute:
        delivered_at = delivered_as_a_whole(self.parcels)
        return replace(self._case, parcels=dict(self.parcels), delivered_at=delivered_at)


def in_one(changes: Sequence[Change]) -> Change:
    """Changes of a case, each made on top of the one before, as one that is committed whole.

    None but the last does more than add its entry.
    """
    earlier = tuple(entry for change in changes[:-1] for entry in change.entries)
    last = changes[-1]
    return replace(last, before=changes[0].before, earlier=earlier + last.earlier)


def follow_report(case: Dispute, before: Known, after: Known, now: datetime) -> Followed | None:
    """The open case once a carrier has reported on one of the order's parcels; None where it learns nothing."""
    if case.is_closed:
        return None
    followed = follow_parcels(case, before, after, CARRIER, now)
    return None if followed.after == case else followed


def follow_order(case: Dispute, before: Known, after: Known, now: datetime) -> Followed:
    """The open case once the shop says anew what is in which parcel, and under which number it travels."""
    return follow_parcels(case, before, after, SHOP, now)


def return_shipment(case: Dispute) -> Shipment | None:
    """The parcel in which the goods go back, as its carrier's events are taken (R36)."""
    parcel = case.return_parcel
    if parcel is None:
        return None
    return Shipment(return_shipment_id(case), parcel.carrier, parcel.tracking_number, parcel.shipped_at)


def follow_return(case: Dispute, tracking: ParcelTracking, now: datetime) -> Change | None:
    """The case once its return is delivered, or was not after all (R36, R41); None where that is known already."""
    if case.is_closed or case.return_parcel is None:
        return None
    if tracking.delivered_at is not None:
        delivered_at = max(tracking.delivered_at, case.return_parcel.shipped_at)
        return register_return_delivery(case, delivered_at, now)
    if case.return_delivered_at is None:
        return None
    data = {
        "order_id": case.order_id,
        "shipment_id": return_shipment_id(case),
        "delivered_at": instant(case.return_delivered_at),
        "of": "RETURN",
    }
    after = replace(case, return_delivered_at=None)
    return case.record(now, CARRIER, EventType.DELIVERY_CORRECTED, data, after)
