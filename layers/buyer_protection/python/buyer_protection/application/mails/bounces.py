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
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.mail_alert import STOPS, MailNotice, MailProblem, noticed
from buyer_protection.domain.order import Contact, Order


class MailEventKind(StrEnum):
    """What SES reports about a mail."""

    HARD_BOUNCE = "HARD_BOUNCE"
    SOFT_BOUNCE = "SOFT_BOUNCE"
    COMPLAINT = "COMPLAINT"
    # A reader took a complaint back; SES passes it on as a complaint of this type.
    NOT_SPAM = "NOT_SPAM"
    REJECT = "REJECT"
    RENDERING_FAILURE = "RENDERING_FAILURE"
    DELIVERY_DELAY = "DELIVERY_DELAY"


_PROBLEMS = {
    MailEventKind.HARD_BOUNCE: MailProblem.UNDELIVERABLE,
    MailEventKind.SOFT_BOUNCE: MailProblem.NOT_DELIVERED,
    MailEventKind.COMPLAINT: MailProblem.STOPPED,
    MailEventKind.REJECT: MailProblem.NOT_DELIVERED,
    MailEventKind.RENDERING_FAILURE: MailProblem.NOT_DELIVERED,
    MailEventKind.DELIVERY_DELAY: MailProblem.DELAYED,
}


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One thing that SES reported about one mail; `address` is what the mail was sent to.

    `dispute_id` is empty where the mail was about an order alone.
    """

    kind: MailEventKind
    dispute_id: str
    recipient: Role
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BounceHandler:
    """What processing such an event needs."""

    cases: CaseStore
    orders: OrderStore
    addresses: AddressBook


class Outcome(StrEnum):
    """What became of an event."""

    RECORDED = "RECORDED"
    # Reported before, less grave than what is known, or no problem at all.
    KNOWN = "KNOWN"
    ADDRESS_CHANGED = "ADDRESS_CHANGED"
    NO_SUCH_CASE = "NO_SUCH_CASE"


def contact_of(order: Order, role: Role) -> Contact:
    """How this party is written to: nobody but the order's two parties ever gets a mail."""
    if role not in PARTIES:
        raise AssertionError(f"no mails go to {role}")
    return order.buyer if role is Role.BUYER else order.seller


def is_party(order: Order, case: Dispute, role: Role) -> bool:
    """Whether the order's contact is still that of the case's own party: nobody else hears of the case (R38)."""
    now, then = (order.buyer_id, case.buyer_id) if role is Role.BUYER else (order.seller_id, case.seller_id)
    return now == then


def process_mail_event(handler: BounceHandler, event: MailEvent) -> Outcome:
    """Mark the address where nothing more should go there, and show it to its owner on the case."""
    problem = _PROBLEMS.get(event.kind)
    if problem is None:
        return Outcome.KNOWN
    address = address_id(event.address)
    is_news = problem in STOPS and handler.addresses.mark(
        address, AddressMark(problem, event.at, event.dispute_id)
    )
    if not event.dispute_id:
        # About an order that no case is about: there is no page to show it on.
        return Outcome.RECORDED if is_news else Outcome.KNOWN
    loaded = handler.cases.load(event.dispute_id)
    found = handler.orders.load(loaded.case.order_id) if loaded else None
    if found is None:
        return Outcome.NO_SUCH_CASE
    if address_id(contact_of(found.order, event.recipient).email) != address:
        return Outcome.ADDRESS_CHANGED
    notice = MailNotice(problem, event.at, address)
    is_shown = show_notice(handler.cases, event.dispute_id, event.recipient, notice)
    return Outcome.RECORDED if is_news or is_shown else Outcome.KNOWN


def show_notice(cases: CaseStore, dispute_id: str, role: Role, notice: MailNotice) -> bool:
    """Show the notice to this party; False where it changes nothing."""

    def attempt() -> bool:
        loaded = cases.load(dispute_id)
        if loaded is None:
            return False
        kept = loaded.case.side(role).notice
        after = noticed(kept, notice)
        if after == kept:
            return False
        _replace(cases, dispute_id, role, kept, after)
        return True

    return retry_on_conflict(attempt)


def remove_outdated_notices(cases: CaseStore, dispute_id: str, order: Order) -> None:
    """Remove notices about addresses that the order no longer has: the shop has sent another one."""

    def attempt() -> None:
        loaded = cases.load(dispute_id)
        if loaded is None:
            return
        for role in PARTIES:
            kept = loaded.case.side(role).notice
            if kept is not None and kept.address_id != address_id(contact_of(order, role).email):
                _replace(cases, dispute_id, role, kept, None)

    retry_on_conflict(attempt)


def _replace(
    cases: CaseStore, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
) -> None:
    if not cases.replace_notice(dispute_id, role, kept, after):
        raise ConflictingWriteError
