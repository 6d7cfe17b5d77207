"""The order as the shop says it is, and its ledger: what disputes, refunds and carriers made of it (R1 to R4, R39)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from buyer_protection.domain.enums import DeliveryMethod, TrackingStatus
from buyer_protection.domain.errors import FieldError, InvalidRequestError
from buyer_protection.domain.money import Money
from buyer_protection.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Contact:
    """How a party is written to, by no mail where there is no address. Never part of an answer to the other side."""

    email: str
    name: str
    locale: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order; `amount_minor` is what was paid for all its units together."""

    item_id: str
    title: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel. No `item_ids` means that it carries the whole order.

    `registered_at` is when its shipment was reported to us, where that was late (R41; None: in time).
    """

    shipment_id: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    delivery_method: DeliveryMethod = DeliveryMethod.DRIVER_RELEASE
    item_ids: tuple[str, ...] = ()
    registered_at: datetime | None = None

    def carries(self, item_id: str) -> bool:
        """Whether the item travels in this parcel."""
        return not self.item_ids or item_id in self.item_ids


@dataclass(frozen=True, slots=True)
class DisputedItem:
    """What a dispute is about: so many units of one line."""

    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CaseItem:
    """What a case keeps of one line, as it was when the case was opened (R40).

    `amount_minor` is what was paid for these units, `line_minor` for their whole line (None in cases of before these
    were kept), `given_back_minor` what of it had been given back elsewhere by then, and was not taken back since.
    """

    item_id: str
    quantity: int
    title: str = ""
    amount_minor: int | None = None
    given_back_minor: int = 0
    line_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The shop's projection of an order. Replaced whole by each upsert.

    Amounts are gross: what was paid, whatever was given back since (R39). `revision` counts the upserts taken;
    `as_of` is the instant of which the shop says that it was so.
    """

    order_id: str
    buyer_id: str
    seller_id: str
    buyer: Contact
    seller: Contact
    currency: str
    items: tuple[OrderItem, ...]
    placed_at: datetime
    shipments: tuple[Shipment, ...]
    guaranteed_delivery_days: int
    explicit_completion_at: datetime | None = None
    address_lines: tuple[str, ...] = ()
    postal_code: str = ""
    country: str = ""
    shipping_amount_minor: int = 0
    revision: int = 0
    as_of: datetime | None = None

    def shipment(self, shipment_id: str) -> Shipment | None:
        """The parcel of that id."""
        return next((it for it in self.shipments if it.shipment_id == shipment_id), None)

    def shipments_of(self, item_ids: Sequence[str]) -> tuple[Shipment, ...]:
        """The parcels that carry any of these items."""
        return tuple(s for s in self.shipments if any(s.carries(item_id) for item_id in item_ids))

    def shipped_at(self, item_ids: Sequence[str] = ()) -> datetime | None:
        """When the last parcel of these items (of all, by default) left; None while one has not (R7, R9)."""
        wanted = set(item_ids) or {item.item_id for item in self.items}
        carried: set[str] = set()
        last: datetime | None = None
        for shipment in self.shipments:
            carries = wanted.intersection(shipment.item_ids) if shipment.item_ids else wanted
            if carries:
                carried |= carries
                last = shipment.shipped_at if last is None else max(last, shipment.shipped_at)
        return last if carried == wanted else None

    def completion_at(self, policy: Policy) -> datetime | None:
        """R3: the feed's own instant wins; otherwise the guaranteed delivery time after the last shipment.

        R41: what was reported late leaves as much time for a dispute as what is reported in time.
        """
        if self.explicit_completion_at is not None:
            return self.explicit_completion_at
        shipped = self.shipped_at()
        if shipped is None:
            return None
        opens_after = policy.opens_after(self.guaranteed_delivery_days)
        late = [it.registered_at - opens_after for it in self.shipments if it.registered_at is not None]
        return max([shipped, *late]) + policy.days(self.guaranteed_delivery_days)

    def parcel_before(self, shipment: Shipment, kept: "Order | None") -> Shipment | None:
        """What was kept of that shipment of this order: by its id, or renamed, by its carrier's tracking number."""
        if kept is None:
            return None
        number, names = (
            (shipment.carrier, shipment.tracking_number),
            {it.shipment_id for it in self.shipments},
        )
        gone = (it for it in kept.shipments if it.shipment_id not in names)
        renamed = (it for it in gone if (it.carrier, it.tracking_number) == number)
        return kept.shipment(shipment.shipment_id) or next(renamed, None)

    def as_registered(self, kept: "Order | None", policy: Policy, now: datetime) -> "Order":
        """With when each shipment was reported that is reported late: after it could be disputed, and after a day or
        half of the promise, whichever is less.

        One that was known before, by its id or its tracking number, was reported when it was: an instant that is said
        to be earlier now takes no time away, and gives none. An order that was complete stays so.
        """
        opens_after = policy.opens_after(self.guaranteed_delivery_days)
        in_time = max(opens_after, min(policy.days(1), policy.days(self.guaranteed_delivery_days) / 2))
        ended = kept.completion_at(policy) if kept is not None else None

        def registered_at(shipment: Shipment) -> datetime | None:
            before = self.parcel_before(shipment, kept)
            if before is not None:
                earliest = (
                    before.shipped_at + opens_after if shipment.shipped_at < before.shipped_at else None
                )
                return before.registered_at or earliest
            if ended is not None and now >= ended:
                return None
            return now if now > shipment.shipped_at + in_time else None

        return replace(
            self, shipments=tuple(replace(it, registered_at=registered_at(it)) for it in self.shipments)
        )

    def dispute_opens_at(self, policy: Policy, item_ids: Sequence[str] = ()) -> datetime | None:
        """R6 to R8: five days after the shipment, or at once where the promise is five days or less.

        Later where the policy wants the seller contacted for longer before.
        """
        shipped = self.shipped_at(item_ids)
        return None if shipped is None else shipped + policy.opens_after(self.guaranteed_delivery_days)

    def paid(self) -> Money:
        """What was paid for the whole order, its shipping included."""
        return Money(
            sum(item.amount_minor for item in self.items) + self.shipping_amount_minor, self.currency
        )

    def all_items(self) -> tuple[DisputedItem, ...]:
        """Every unit of every line."""
        return tuple(DisputedItem(item.item_id, item.quantity) for item in self.items)

    def named_items(self, chosen: Sequence[DisputedItem]) -> tuple[DisputedItem, ...]:
        """R1: what is named must be on the order, each line once, with no more units than were ordered."""
        lines = {item.item_id: item for item in self.items}
        wrong: list[FieldError] = []
        seen: set[str] = set()
        for index, item in enumerate(chosen):
            line = lines.get(item.item_id)
            if line is None:
                wrong.append(FieldError(f"/items/{index}/item_id", "NOT_ON_ORDER"))
            elif item.item_id in seen:
                wrong.append(FieldError(f"/items/{index}/item_id", "DUPLICATE"))
            elif not 1 <= item.quantity <= line.quantity:
                wrong.append(FieldError(f"/items/{index}/quantity", "OUT_OF_RANGE"))
            seen.add(item.item_id)
        if wrong:
            raise InvalidRequestError(
                "Each disputed item must be on the order, once, with a quantity of 1 up to the ordered one.",
                rule="R1",
                fields=wrong,
            )
        return tuple(chosen)


@dataclass(frozen=True, slots=True)
class ParcelTracking:
    """What the carrier last said of one parcel, and its first delivery that nothing has taken back (R29, R41).

    `registered_at` is when that delivery was first reported to us (None in ledgers of before it was kept), `further`
    are later deliveries, should the first be taken back; `corrected_at` is the newest correction, before which nothing
    was delivered. Another tracking number is another journey ("": of before it was kept).
    """

    status: TrackingStatus
    occurred_at: datetime
    delivered_at: datetime | None = None
    registered_at: datetime | None = None
    tracking_number: str = ""
    corrected_at: datetime | None = None
    further: tuple[datetime, ...] = ()

    def is_of(self, shipment: Shipment) -> bool:
        """Whether this is the journey that the shop names now."""
        return self.tracking_number in ("", shipment.tracking_number)


@dataclass(frozen=True, slots=True)
class ParcelState:
    """What a case knows of one parcel with disputed items; the last two of its delivery, once it was registered."""

    carrier: str
    item_ids: tuple[str, ...]
    status: TrackingStatus | None = None
    delivered_at: datetime | None = None
    registered_at: datetime | None = None


def last_registered(parcels: Mapping[str, ParcelState]) -> datetime | None:
    """When the last of these parcels was registered as delivered; None where none was."""
    registered = [it.registered_at for it in parcels.values() if it.registered_at is not None]
    return max(registered, default=None)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a dispute that has ended makes of its order, by line (R25, R39, R40).

    `items` are the units that an agreement or a decision was about (none where it ended without one); `refund` is what
    the outcome gave back, in minor units ("": for shipping, or for no line that is known), `elsewhere` what had been
    given back for the disputed units outside of disputes. `paid` is what was paid for each whole line when it was
    opened ("": for the whole order). `counted` is what of `elsewhere` came while it was open and was not taken back, of
    one that ended without settling its units; it may be more than those units were worth.
    """

    dispute_id: str
    items: Mapping[str, int]
    refund: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    paid: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderLedger:
    """What disputes, refunds, tracking and receipts have made of an order. Survives every upsert of the projection.

    `version` goes up by one with every write that bears on money or on what can be disputed. `refunded_minor` is what
    disputes gave back, `elsewhere_minor` what was given back outside of them, `elsewhere` the part of that which named
    items. `undisputed`: the units that no agreement or decision was about, in ledgers of before settlements were kept.
    `held`: the disputes whose refunds are held because they no longer fit. `former_items`: the lines that have left the
    order, since that is kept.
    """

    order_id: str
    active_dispute_id: str | None = None
    disputes_opened: int = 0
    refunded_minor: int = 0
    finished_at: datetime | None = None
    finished_by: str | None = None
    undisputed: tuple[DisputedItem, ...] = ()
    tracking: Mapping[str, ParcelTracking] = field(default_factory=dict)
    version: int = 0
    currency: str | None = None
    settlements: tuple[Settlement, ...] = ()
    elsewhere_minor: int = 0
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    paid_minor: int = 0
    held: tuple[str, ...] = ()
    former_items: tuple[str, ...] = ()

    @property
    def settled(self) -> dict[str, int]:
        """Units by line that an agreement or a decision was about."""
        return _sums(settlement.items for settlement in self.settlements)

    @property
    def given_back(self) -> dict[str, int]:
        """Minor units by line, by whomever."""
        total = _sums([self.elsewhere, *(settlement.refund for settlement in self.settlements)])
        return {item_id: minor for item_id, minor in total.items() if item_id}

    @property
    def given_back_unnamed(self) -> int:
        """What was given back for no line in particular: the rest of what was given back in all."""
        return self.refunded_minor + self.elsewhere_minor - sum(self.given_back.values())

    def seen(self, shipment: Shipment) -> ParcelTracking | None:
        """What is known of this parcel's present journey, delivered no earlier than it was shipped (R41)."""
        known = self.tracking.get(shipment.shipment_id)
        if known is None or not known.is_of(shipment):
            return None
        if known.delivered_at is None or known.delivered_at >= shipment.shipped_at:
            return known
        return replace(known, delivered_at=shipment.shipped_at)

    def is_delivered_too_early(self, shipment: Shipment) -> bool:
        """Whether the carrier says that it arrived before it was shipped (R41)."""
        seen, known = self.seen(shipment), self.tracking.get(shipment.shipment_id)
        return seen is not None and seen is not known


def _sums(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, number in part.items():
            total[name] = total.get(name, 0) + number
    return total
