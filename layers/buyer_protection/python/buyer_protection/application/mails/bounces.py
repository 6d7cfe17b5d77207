"""What became of mails after they were sent, or could not be: the address is marked, its owner sees it on the case.

Events come twice and in any order; the gravest about an address stays.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.mail_transport import AddressBook, AddressMark, address_id
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.mail_alert import STOPS, MailNotice, MailTrouble, noticed
from buyer_protection.domain.order import Contact, Order


class MailEventKind(StrEnum):
    """What SES tells of a mail."""

    HARD_BOUNCE = "HARD_BOUNCE"
    SOFT_BOUNCE = "SOFT_BOUNCE"
    COMPLAINT = "COMPLAINT"
    # A reader took a complaint back; SES passes it on as a complaint of this type.
    NOT_SPAM = "NOT_SPAM"
    REJECT = "REJECT"
    RENDERING_FAILURE = "RENDERING_FAILURE"
    DELIVERY_DELAY = "DELIVERY_DELAY"


_TROUBLES = {
    MailEventKind.HARD_BOUNCE: MailTrouble.UNDELIVERABLE,
    MailEventKind.SOFT_BOUNCE: MailTrouble.NOT_DELIVERED,
    MailEventKind.COMPLAINT: MailTrouble.STOPPED,
    MailEventKind.REJECT: MailTrouble.NOT_DELIVERED,
    MailEventKind.RENDERING_FAILURE: MailTrouble.NOT_DELIVERED,
    MailEventKind.DELIVERY_DELAY: MailTrouble.DELAYED,
}


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One thing that SES told about one mail; `address` is what the mail was sent to."""

    kind: MailEventKind
    dispute_id: str
    recipient: Role
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BounceHandler:
    """What taking such an event needs."""

    cases: CaseStore
    orders: OrderStore
    addresses: AddressBook


class Taken(StrEnum):
    """What became of an event."""

    RECORDED = "RECORDED"
    # Told before, less grave than what is known, about an address that the party no longer has, or no trouble at all.
    KNOWN = "KNOWN"
    ADDRESS_CHANGED = "ADDRESS_CHANGED"
    NO_SUCH_CASE = "NO_SUCH_CASE"


def contact_of(order: Order, role: Role) -> Contact:
    """How this party is written to: nobody but the order's two parties ever gets a mail."""
    if role not in PARTIES:
        raise AssertionError(f"no mails go to {role}")
    return order.buyer if role is Role.BUYER else order.seller


def take_mail_event(room: BounceHandler, event: MailEvent) -> Taken:
    """Mark the address where nothing more should go there, and show it to its owner on the case."""
    trouble = _TROUBLES.get(event.kind)
    if trouble is None:
        return Taken.KNOWN
    address = address_id(event.address)
    is_news = trouble in STOPS and room.addresses.mark(
        address, AddressMark(trouble, event.at, event.dispute_id)
    )
    loaded = room.cases.load(event.dispute_id)
    found = room.orders.load(loaded.case.order_id) if loaded else None
    if found is None:
        return Taken.NO_SUCH_CASE
    if address_id(contact_of(found.order, event.recipient).email) != address:
        return Taken.ADDRESS_CHANGED
    is_shown = show(room.cases, event.dispute_id, event.recipient, MailNotice(trouble, event.at, address))
    return Taken.RECORDED if is_news or is_shown else Taken.KNOWN


def show(cases: CaseStore, dispute_id: str, role: Role, told: MailNotice) -> bool:
    """Show the notice to this party; False where it changes nothing."""

    def attempt() -> bool:
        loaded = cases.load(dispute_id)
        if loaded is None:
            return False
        kept = loaded.case.notice_of(role)
        after = noticed(kept, told)
        if after == kept:
            return False
        _replace(cases, dispute_id, role, kept, after)
        return True

    return retry_on_conflict(attempt)


def take_down_old(cases: CaseStore, dispute_id: str, order: Order) -> None:
    """Take down notices about addresses that the order no longer has: the shop told another one."""

    def attempt() -> None:
        loaded = cases.load(dispute_id)
        if loaded is None:
            return
        for role in PARTIES:
            kept = loaded.case.notice_of(role)
            if kept is not None and kept.address_id != address_id(contact_of(order, role).email):
                _replace(cases, dispute_id, role, kept, None)

    retry_on_conflict(attempt)


def _replace(
    cases: CaseStore, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
) -> None:
    if not cases.replace_notice(dispute_id, role, kept, after):
        raise ConflictingWriteError
