"""What is doubtful or impossible about an order as the shop says it is (R34, A13 of the findings)."""

import re
from collections.abc import Iterator

from buyer_protection.domain.currencies import CURRENCIES
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.errors import FieldError, ImpossibleError
from buyer_protection.domain.order import Contact, Order
from buyer_protection.domain.texts import says_something

# Whoever sends more than this wrong has one mistake a hundred times.
_MOST = 100
# In the languages of the mails, and by the names of the carriers' own boxes.
_PO_BOX = (
    r"\b(p\W{0,2}o\W{0,2}box|g\W{0,2}p\W{0,2}o\W{0,2}box|post\s*office\s*box|postbox|postfach|packstation"
    r"|apartado|caixa\s+postal|bo[iî]te\s+postale|b\W{0,2}p\W{0,2}(?=\d))(?![a-z])"
    r"|(?<!\w)а\s*/\s*я(?!\w)|абонентск\w+\s+ящик|صندوق\s+(?:ال)?بريد|(?<!\w)ص\s*\.?\s*ب\s*\.?(?=\s*\d)"
)


def check_possible(order: Order, *, must_be_legible: bool = True) -> None:
    """422 `IMPOSSIBLE_ORDER` that names every member that cannot be.

    Without `must_be_legible` its texts may say nothing: what comes by the bus is then taken with a warning, as its
    tracking must not be lost for a title (R22, R38).
    """
    wrong = []
    if order.buyer_id == order.seller_id:
        wrong.append(FieldError("/seller_id", "SAME_PERSON"))
    if order.currency not in CURRENCIES:
        wrong.append(FieldError("/currency", "NOT_A_CURRENCY"))
    if must_be_legible:
        wrong += [FieldError(pointer, "NOTHING_VISIBLE") for pointer in _illegible(order)]
    if wrong:
        raise ImpossibleError("There can be no such order.", code="IMPOSSIBLE_ORDER", fields=wrong[:_MOST])


def _illegible(order: Order) -> Iterator[str]:
    """The texts of which nobody can see a character (R22), by pointer; an address as a whole, and an empty one is
    none."""
    for role in PARTIES:
        if not says_something(contact_of(order, role).name):
            yield f"/{role.lower()}/name"
    for number, item in enumerate(order.items):
        if not says_something(item.title):
            yield f"/items/{number}/title"
    for number, parcel in enumerate(order.shipments):
        for name, text in (("carrier", parcel.carrier), ("tracking_number", parcel.tracking_number)):
            if not says_something(text):
                yield f"/shipments/{number}/{name}"
    if any(order.address_lines) and not any(map(says_something, order.address_lines)):
        yield "/delivery_address/lines"
    if order.postal_code and not says_something(order.postal_code):
        yield "/delivery_address/postal_code"


def contact_of(order: Order, role: Role) -> Contact:
    """How that party is written to."""
    return order.buyer if role is Role.BUYER else order.seller


def warnings(order: Order, reader: Role) -> tuple[str, ...]:
    """What should be pointed out to this reader, without blocking anything: a party hears of its own contact only."""
    address = " ".join(order.address_lines)
    found = ["PO_BOX_ADDRESS"] if re.search(_PO_BOX, address, re.IGNORECASE) else []
    for role in PARTIES:
        if reader in PARTIES and reader is not role:
            continue
        contact = contact_of(order, role)
        if not contact.email:
            found.append(f"{role}_EMAIL_MISSING")
        if not _is_zone(contact.time_zone):
            found.append(f"{role}_TIME_ZONE_UNKNOWN")
    others = {f"/{role.lower()}/name" for role in PARTIES if reader in PARTIES and reader is not role}
    if any(pointer not in others for pointer in _illegible(order)):
        found.append("TEXT_NOT_VISIBLE")
    return tuple(found)


def _is_zone(name: str) -> bool:
    # Read where an order is shown, not at every start.
    from zoneinfo import ZoneInfo

    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
