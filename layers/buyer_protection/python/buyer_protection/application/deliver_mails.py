"""The notification function: delivers a case's unsent mails, each once (R23)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from buyer_protection.application.mail_view import MailView
from buyer_protection.application.mail_views import outlived, view_of
from buyer_protection.application.ports import (
    CaseStore,
    Clock,
    Dossier,
    LoadedOrder,
    MailTransport,
    OrderStore,
    Outbox,
    OutboxMail,
)
from buyer_protection.domain.vocabulary import Role

# Longer than a send can take, shorter than the sweeper's patience.
LEASE_SECONDS = 60


class Content(Protocol):
    """A rendered mail."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What delivering needs."""

    cases: CaseStore
    orders: OrderStore
    outbox: Outbox
    transport: MailTransport
    render: Callable[[MailView], Content]
    clock: Clock
    site_url: str


class MailDeliveryError(RuntimeError):
    """Some mails could not be sent; their rows are kept, and they are tried again."""


def deliver_mails(post: PostOffice, case_id: str) -> int:
    """Send what is unsent and worth sending; the number sent. One failure keeps no other mail back."""
    waiting = post.outbox.unsent(case_id)
    if not waiting:
        return 0
    dossier = post.cases.dossier(case_id)
    loaded = post.orders.load(dossier.case.order_id) if dossier else None
    if dossier is None or loaded is None:
        raise LookupError(f"case {case_id} has mails but no order")
    sent, failures = 0, []
    for mail in waiting:
        try:
            sent += _deliver(post, mail, dossier, loaded)
        except Exception as failure:  # noqa: BLE001 - kept and raised below, after the other mails had their turn
            failures.append((mail, failure))
    if failures:
        mail, first = failures[0]
        raise MailDeliveryError(
            f"{len(failures)} of {len(waiting)} mails, first {mail.seq}#{mail.recipient}"
        ) from first
    return sent


def _deliver(post: PostOffice, mail: OutboxMail, dossier: Dossier, loaded: LoadedOrder) -> bool:
    if not post.outbox.lease(mail, post.clock.now(), LEASE_SECONDS):
        return False
    outdated = outlived(mail, dossier, post.clock.now())
    if outdated is not None:
        post.outbox.settle(mail, post.clock.now(), message_id=None, dropped=outdated)
        return False
    content = post.render(view_of(mail, dossier, loaded, post.site_url))
    contact = loaded.order.buyer if mail.recipient is Role.BUYER else loaded.order.seller
    tags = {"dispute_id": mail.case_id, "kind": mail.kind, "recipient": mail.recipient, "seq": str(mail.seq)}
    message_id = post.transport.send(
        to=contact.email, subject=content.subject, html=content.html, text=content.text, tags=tags
    )
    post.outbox.settle(mail, post.clock.now(), message_id=message_id)
    return True
