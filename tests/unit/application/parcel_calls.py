"""What carriers and the shop say of parcels in the in-memory world, and what its case and its mails then say."""

from datetime import datetime
from typing import Any

from buyer_protection.application.actions import orders, parcels
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    ChangeReasonRequest,
    ShipmentModel,
    TrackingRequest,
)
from buyer_protection.domain.enums import DeliveryMethod, EventType, Reason, TrackingStatus
from tests.support.builders import OPENED, SHIPPED, order, shipment
from tests.support.fakes import World
from tests.unit.application.delivering import deliver as send_mails
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SHOP,
    call,
    world,
)

MUG, SPOON = ("mug",), ("spoon",)
TWO = (shipment(item_ids=MUG), shipment(shipment_id="sh-2", item_ids=SPOON, tracking_number="TN-2"))
THREE = (*TWO, shipment(shipment_id="sh-3", tracking_number="TN-3"))
ids = iter(range(10_000))


def two_parcels(at: datetime = OPENED) -> World:
    return world(order(shipments=TWO), at)


def report(
    of: World,
    shipment_id: str,
    at: datetime | None = None,
    status: TrackingStatus = TrackingStatus.DELIVERED,
    event_id: str | None = None,
) -> Answer:
    asked = TrackingRequest(event_id or f"e-{next(ids)}", shipment_id, status, at or of.clock.at)
    return orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)


def corrected(of: World, shipment_id: str, at: datetime | None = None) -> Answer:
    return report(of, shipment_id, at, TrackingStatus.DELIVERY_CORRECTED)


def change_reason(of: World) -> None:
    parcels.change_reason(of.context, call(BUYER), CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED))


def sent_as(*parcels_: tuple[str, str, tuple[str, ...]]) -> list[ShipmentModel]:
    return [
        ShipmentModel(name, "Post", number, SHIPPED, DeliveryMethod.DRIVER_RELEASE, list(item_ids))
        for name, number, item_ids in parcels_
    ]


def entries(of: World, *kinds: EventType) -> list[dict[str, Any]]:
    return [
        {"type": entry.type, **entry.data} for entry in of.timeline[CASE] if not kinds or entry.type in kinds
    ]


def deliveries(of: World) -> list[tuple[str, str, list[str]]]:
    """What the timeline says of parcels: the entry, the parcel and which are still on their way."""
    about = entries(of, EventType.DELIVERED, EventType.DELIVERY_CORRECTED)
    return [(one["type"], one["shipment_id"], one["pending"]) for one in about]


def mails(of: World) -> list[str]:
    of.deliver_stream()
    send_mails(of)
    return [mail["text"] for mail in of.transport.sent if "DELIVERED" in mail["kind"]]
