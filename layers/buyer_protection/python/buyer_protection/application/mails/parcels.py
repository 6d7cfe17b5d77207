"""What mails say of parcels, and of an order that nobody collected (R30, R31, R41, R44)."""

from collections.abc import Mapping

from buyer_protection.application.ports.mail_view import DetailValue, MailKind, MailView
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Reason
from buyer_protection.domain.order import Order
from buyer_protection.domain.timeline import TimelineEntry, instant, parse_instant
from buyer_protection.domain.tracking import COLLECTION_EXPIRED

# Mails about a delivery; and how many parcels one of them names at most.
OF_PARCELS = frozenset({MailKind.DELIVERED, MailKind.PARCEL_DELIVERED})
_NAMED_PARCELS = 20


def is_still_delivered(entry: TimelineEntry, case: Dispute) -> bool:
    """Whether the parcel is delivered as the entry says (R41); all of them, in entries of before they named one."""
    named = entry.data.get("shipment_id")
    if named is None:
        return not case.parcels or case.delivered_at is not None
    known = case.parcels.get(named)
    at = known.delivered_at if known is not None else None
    return at is not None and instant(at) == entry.data["delivered_at"]


def why_untrue(mail: OutboxMail, entry: TimelineEntry, case: Dispute) -> str | None:
    """Why a mail about a delivery says what is not so any more; None where it is so."""
    if mail.kind is MailKind.RETURN_DELIVERED and case.return_delivered_at is None:
        return "DELIVERY_CORRECTED"
    if mail.kind not in OF_PARCELS:
        return None
    if case.reason is not Reason.NOT_RECEIVED:
        return "REASON_CHANGED"
    return None if is_still_delivered(entry, case) else "DELIVERY_CORRECTED"


def kind_now(mail: OutboxMail, case: Dispute) -> MailKind:
    """Only what is the last delivery still when the mail leaves speaks of cancelling (R30)."""
    is_partial = mail.kind is MailKind.DELIVERED and bool(case.parcels) and case.delivered_at is None
    return MailKind.PARCEL_DELIVERED if is_partial else mail.kind


def parcel_facts(case: Dispute, entry: TimelineEntry, order: Order) -> dict[str, DetailValue]:
    """R30: which parcel it was, and which are still on their way when the mail leaves."""
    data = entry.data
    titles = {item.item_id: item.title for item in case.items}
    waiting = [name for name, parcel in case.parcels.items() if parcel.delivered_at is None]
    named = data.get("shipment_id")
    return {
        "delivered_at": parse_instant(data["delivered_at"]),
        "parcel": _parcel(order, named, titles) if named else None,
        "on_their_way": tuple(_parcel(order, name, titles) for name in waiting[:_NAMED_PARCELS]),
    }


def _parcel(order: Order, shipment_id: str, titles: Mapping[str, str]) -> str:
    """How a person knows a parcel: by its carrier and number, and by what is in it."""
    shipment = order.shipment(shipment_id)
    if shipment is None:
        return shipment_id
    carried = [title for item_id, title in titles.items() if title and shipment.carries(item_id)]
    inside = f": {', '.join(carried)}" if carried else ""
    return f"{shipment_id} ({shipment.carrier} {shipment.tracking_number}){inside}"


def view_of_order(mail: OutboxMail, loaded: LoadedOrder, site_url: str) -> MailView:
    """The facts of a mail about an order that nobody collected (R31, R44)."""
    order, ledger = loaded.order, loaded.ledger
    titles = {item.item_id: item.title for item in order.items}
    seen = [(it.shipment_id, ledger.seen(it)) for it in order.shipments]
    missing = [name for name, it in seen if it is not None and it.delivered_at is None]
    return MailView(
        kind=mail.kind,
        recipient=mail.recipient,
        recipient_name=order.buyer.name,
        locale=order.buyer.locale,
        time_zone=order.buyer.time_zone,
        dispute_id="",
        order_id=order.order_id,
        dispute_url=f"{site_url.rstrip('/')}/orders/{order.order_id}",
        item_titles=tuple(titles.values()),
        reason="",
        requested_refund_minor=0,
        currency=order.currency,
        happened_at=ledger.finished_at or order.placed_at,
        steps=frozenset(),
        details={"parcels": tuple(_parcel(order, name, titles) for name in missing[:_NAMED_PARCELS])},
    )


def reason_to_drop_of_order(loaded: LoadedOrder) -> str | None:
    """Why the mail about an order that has ended is no longer worth sending: it is open again (R41)."""
    return None if loaded.ledger.finished_by == COLLECTION_EXPIRED else "ORDER_OPEN_AGAIN"
