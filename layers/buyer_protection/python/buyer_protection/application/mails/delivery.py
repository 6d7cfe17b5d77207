"""The notification function: delivers a case's unsent mails, each once (R23)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from buyer_protection.application.mails.bounces import contact_of, is_party, show_notice
from buyer_protection.application.mails.budget import digests, leaves_at
from buyer_protection.application.mails.content import digest_of, reason_to_drop, view_of
from buyer_protection.application.mails.parcels import reason_to_drop_of_order, view_of_order
from buyer_protection.application.ports.cases import CaseStore, Dossier
from buyer_protection.application.ports.mail_transport import (
    AddressBook,
    MailDeferredError,
    MailRefusedError,
    MailTransport,
    Refusal,
    address_id,
)
from buyer_protection.application.ports.mail_view import MailView
from buyer_protection.application.ports.mails import NotificationQueue, Outbox, OutboxMail, order_of_subject
from buyer_protection.application.ports.orders import LoadedOrder, OrderStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.domain.mail_alert import MailNotice, MailProblem

# Longer than a send can take, shorter than the sweeper waits.
LEASE_SECONDS = 60
# How long a mail that was not taken waits, doubled each time up to what the queue can hold back; and how often it is
# tried, which is for three days.
BACK_OFF_SECONDS = 15
LONGEST_WAIT_SECONDS = 900
ATTEMPTS = 294

# What became of a mail that was sent, or waits; one that was dropped says why in a word of its own.
SENT = "SENT"
DEFERRED = "DEFERRED"
FAILED = "FAILED"
GIVEN_UP = "GIVEN_UP"
# Above the budget: it waits for the digest, and is one of several that the digest is about (R46).
WAITS_FOR_DIGEST = "WAITS_FOR_DIGEST"
IN_DIGEST = "IN_DIGEST"
# Why one was dropped: the order names another person now (R38), or the shop knows no address of this one.
PARTY_CHANGED = "PARTY_CHANGED"
NO_ADDRESS = "NO_ADDRESS"


class Content(Protocol):
    """A rendered mail."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MailDelivery:
    """What delivering needs."""

    cases: CaseStore
    orders: OrderStore
    outbox: Outbox
    transport: MailTransport
    render: Callable[[MailView], Content]
    clock: Clock
    site_url: str
    addresses: AddressBook
    queue: NotificationQueue
    # Called for each mail with what became of it (SENT, DEFERRED, FAILED or why it was dropped), and a code if any.
    report: Callable[[OutboxMail, str, str], None]
    # Called for each mail that left by itself, with the time since what it is about: a digest waits on purpose (R46).
    on_sent: Callable[[OutboxMail, timedelta], None] = lambda _mail, _after: None


class MailDeliveryError(RuntimeError):
    """Some mails could not be sent; their rows are kept, and they are tried again."""


def deliver_mails(delivery: MailDelivery, dispute_id: str) -> int:
    """Send what is unsent and worth sending; the number sent. One failure keeps no other mail back."""
    sent, failures = 0, []
    waiting = delivery.outbox.unsent(dispute_id)
    for mail in waiting:
        try:
            sent += _deliver(delivery, mail)
        except Exception as failure:  # noqa: BLE001 - kept and raised below, after the other mails were tried
            failures.append((mail, failure))
    if failures:
        mail, first = failures[0]
        raise MailDeliveryError(
            f"{len(failures)} of {len(waiting)} mails, first {mail.seq}#{mail.recipient}"
        ) from first
    return sent


def waiting_time(attempts: int) -> timedelta:
    """How long a mail waits that has been tried so often in vain."""
    return timedelta(seconds=min(LONGEST_WAIT_SECONDS, BACK_OFF_SECONDS * 2 ** min(attempts - 1, 10)))


def _deliver(delivery: MailDelivery, mail: OutboxMail) -> bool:
    now = delivery.clock.now()
    if not delivery.outbox.lease(mail, now, LEASE_SECONDS):
        return False
    tried = structs.replace(mail, attempts=mail.attempts + 1)
    wait = waiting_time(tried.attempts)
    try:
        return _try(delivery, tried, now)
    except MailDeferredError as deferred:
        # Back into the queue by a message of its own: one that fails too often would leave the queue for good.
        delivery.outbox.postpone(tried, now + wait)
        delivery.queue.enqueue(
            tried.dispute_id, delay_seconds=int(wait.total_seconds()), correlation_id=tried.correlation_id
        )
        delivery.report(tried, DEFERRED, deferred.code)
        return False
    except Exception as fault:
        # A fault of ours: the queue tries again, and then the sweeper, ever more seldom.
        delivery.outbox.postpone(tried, now + wait)
        delivery.report(tried, FAILED, type(fault).__name__)
        raise


def _try(delivery: MailDelivery, mail: OutboxMail, now: datetime) -> bool:
    # Each mail is judged by what holds now: the mails before it may have taken their time.
    dossier, loaded = _read(delivery, mail.dispute_id)
    outdated = reason_to_drop(mail, dossier, now) if dossier else reason_to_drop_of_order(loaded)
    if outdated is not None:
        return _drop(delivery, mail, outdated)
    if dossier is not None and not is_party(loaded.order, dossier.case, mail.recipient):
        return _drop(delivery, mail, PARTY_CHANGED)
    to = contact_of(loaded.order, mail.recipient).email
    address = address_id(to)
    if not to:
        return _drop(delivery, mail, NO_ADDRESS, MailNotice(MailProblem.UNDELIVERABLE, now, address))
    mark = delivery.addresses.mark_of(address)
    if mark is not None:
        return _drop(delivery, mail, mark.trouble, MailNotice(mark.trouble, mark.at, address))
    if mail.attempts > ATTEMPTS:
        return _drop(delivery, mail, GIVEN_UP, MailNotice(MailProblem.NOT_DELIVERED, now, address))
    if dossier is None:
        return _settle(delivery, [mail], None, loaded, now)
    return _within_budget(delivery, mail, dossier, loaded, now)


def _within_budget(
    delivery: MailDelivery, mail: OutboxMail, dossier: Dossier, loaded: LoadedOrder, now: datetime
) -> bool:
    """Send it, or let it wait for the digest that it is part of (R46)."""
    began = digests(dossier.case, dossier.timeline, mail.recipient).get(mail.seq)
    if began is None:
        is_sent = _settle(delivery, [mail], dossier, loaded, now)
        about = next((entry for entry in dossier.timeline if entry.seq == mail.seq), None)
        if is_sent and about is not None:
            delivery.on_sent(mail, delivery.clock.now() - about.at)
        return is_sent
    until = leaves_at(dossier.case, began)
    if now < until:
        delivery.outbox.hold(mail, until)
        delivery.report(mail, WAITS_FOR_DIGEST, "")
        return False
    return _settle(delivery, [mail, *_others(delivery, mail, dossier, now)], dossier, loaded, now)


def _settle(
    delivery: MailDelivery,
    mails: Sequence[OutboxMail],
    dossier: Dossier | None,
    loaded: LoadedOrder,
    now: datetime,
) -> bool:
    """Send one mail, or the digest of several, and note what became of each."""
    mail = mails[0]
    try:
        message_id = _send(delivery, mails, dossier, loaded, now)
    except MailRefusedError as refused:
        address = address_id(contact_of(loaded.order, mail.recipient).email)
        notice = MailNotice(_problem_of(refused.refusal), now, address)
        for one in mails:
            _drop(delivery, one, refused.refusal, notice)
        return False
    for one in mails:
        delivery.outbox.settle(one, delivery.clock.now(), message_id=message_id)
        delivery.report(one, SENT if one is mail else IN_DIGEST, "")
    return True


def _others(
    delivery: MailDelivery, mail: OutboxMail, dossier: Dossier, now: datetime
) -> Iterator[OutboxMail]:
    """What waits for the same digest, taken out of anybody else's reach; what is outdated is dropped (R46)."""
    waiting = digests(dossier.case, dossier.timeline, mail.recipient)
    for other in delivery.outbox.unsent(mail.dispute_id):
        if other.recipient is not mail.recipient or other.seq not in waiting or other.seq == mail.seq:
            continue
        if not delivery.outbox.lease(other, now, LEASE_SECONDS):
            continue
        outdated = reason_to_drop(other, dossier, now)
        if outdated is None:
            yield structs.replace(other, attempts=other.attempts + 1)
        else:
            _drop(delivery, other, outdated)


def _read(delivery: MailDelivery, subject: str) -> tuple[Dossier | None, LoadedOrder]:
    """The case with its order; the order alone, where the mail is about no case."""
    order_id = order_of_subject(subject)
    dossier = delivery.cases.dossier(subject) if order_id is None else None
    loaded = delivery.orders.load(dossier.case.order_id if dossier else order_id or "")
    if loaded is None or (dossier is None and order_id is None):
        raise LookupError(f"{subject} has mails but no order")
    return dossier, loaded


def _send(
    delivery: MailDelivery,
    mails: Sequence[OutboxMail],
    dossier: Dossier | None,
    loaded: LoadedOrder,
    now: datetime,
) -> str:
    """One mail, about one entry, about all of a digest, or about an order."""
    mail = mails[0]
    if dossier is None:
        view = view_of_order(mail, loaded, delivery.site_url)
        about = {"order_id": loaded.order.order_id}
    else:
        views = [view_of(one, dossier, loaded, delivery.site_url, now) for one in mails]
        view = views[0] if len(views) == 1 else digest_of(views)
        about = {"dispute_id": mail.dispute_id}
    content = delivery.render(view)
    return delivery.transport.send(
        to=contact_of(loaded.order, mail.recipient).email,
        subject=content.subject,
        html=content.html,
        text=content.text,
        thread=f"{next(iter(about.values()))}.{mail.recipient.lower()}",
        tags={
            **about,
            "kind": view.kind,
            "recipient": mail.recipient,
            "seq": str(mail.seq),
        },
    )


def _drop(delivery: MailDelivery, mail: OutboxMail, why: str, notice: MailNotice | None = None) -> bool:
    if notice is not None and order_of_subject(mail.dispute_id) is None:
        show_notice(delivery.cases, mail.dispute_id, mail.recipient, notice)
    delivery.outbox.settle(mail, delivery.clock.now(), message_id=None, dropped=why)
    delivery.report(mail, why, "")
    return False


def _problem_of(refusal: Refusal) -> MailProblem:
    invalid = refusal is Refusal.ADDRESS_INVALID
    return MailProblem.UNDELIVERABLE if invalid else MailProblem.NOT_DELIVERED
