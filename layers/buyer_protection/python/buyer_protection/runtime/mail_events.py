"""Reads SES's events about a mail from EventBridge's default bus, as the queue delivers them.

SES adds members without notice, so that only the needed ones are read. A tag is a list of one text.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from buyer_protection.application.mails.bounces import MailEvent, MailEventKind
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.timeline import whole_ms
from buyer_protection.runtime import incoming

SOURCE = "aws.ses"
_NOT_SPAM = "not-spam"
# Permanent is hard; Transient and Undetermined say nothing about the address.
_PERMANENT = "Permanent"


_At = Annotated[datetime, Meta(tz=True)]


class _Mail(Struct, frozen=True):
    timestamp: _At
    destination: Annotated[list[str], Meta(min_length=1, max_length=1)]
    tags: dict[str, list[str]]


class _Bounce(Struct, frozen=True, rename="camel"):
    bounce_type: str
    timestamp: _At


class _Complaint(Struct, frozen=True, rename="camel"):
    timestamp: _At
    complaint_feedback_type: str | None = None


class _Delay(Struct, frozen=True):
    timestamp: _At


class _Bounced(Struct, frozen=True):
    mail: _Mail
    bounce: _Bounce

    def kind_and_time(self) -> tuple[MailEventKind, datetime]:
        hard = self.bounce.bounce_type == _PERMANENT
        return MailEventKind.HARD_BOUNCE if hard else MailEventKind.SOFT_BOUNCE, self.bounce.timestamp


class _Complained(Struct, frozen=True):
    mail: _Mail
    complaint: _Complaint

    def kind_and_time(self) -> tuple[MailEventKind, datetime]:
        withdrawn = self.complaint.complaint_feedback_type == _NOT_SPAM
        return MailEventKind.NOT_SPAM if withdrawn else MailEventKind.COMPLAINT, self.complaint.timestamp


class _Rejected(Struct, frozen=True):
    mail: _Mail

    def kind_and_time(self) -> tuple[MailEventKind, datetime]:
        return MailEventKind.REJECT, self.mail.timestamp


class _NotRendered(Struct, frozen=True):
    mail: _Mail

    def kind_and_time(self) -> tuple[MailEventKind, datetime]:
        return MailEventKind.RENDERING_FAILURE, self.mail.timestamp


class _Delayed(Struct, frozen=True, rename="camel"):
    mail: _Mail
    delivery_delay: _Delay

    def kind_and_time(self) -> tuple[MailEventKind, datetime]:
        return MailEventKind.DELIVERY_DELAY, self.delivery_delay.timestamp


_Detail = _Bounced | _Complained | _Rejected | _NotRendered | _Delayed
# EventBridge's `detail-type`, which is what the rule of the stack lets through.
MODELS: dict[str, type[_Detail]] = {
    "Email Bounced": _Bounced,
    "Email Complaint Received": _Complained,
    "Email Rejected": _Rejected,
    "Email Rendering Failed": _NotRendered,
    "Email Delivery Delayed": _Delayed,
}


def read(envelope: dict[str, Any]) -> MailEvent:
    """The event in EventBridge's envelope; InvalidRequestError with field and code where it is not as documented."""
    model = MODELS.get(str(envelope.get("detail-type")))
    if envelope.get("source") != SOURCE or model is None:
        incoming.refuse("/detail-type", "NOT_ALLOWED", "There is no such event of a mail.")
    detail: _Detail = incoming.decoded(envelope.get("detail") or {}, model)
    kind, at = detail.kind_and_time()
    return MailEvent(
        kind=kind,
        dispute_id="" if "order_id" in detail.mail.tags else _tag(detail.mail, "dispute_id"),
        recipient=_recipient(detail.mail),
        address=detail.mail.destination[0],
        at=whole_ms(at),
    )


def ids_of(envelope: dict[str, Any]) -> dict[str, object]:
    """What may be logged of an event: its ids, where they have the form of ids. Never an address."""
    mail = _object(_object(envelope, "detail"), "mail")
    tags = _object(mail, "tags")
    ids = {name: _first(tags.get(name)) for name in ("dispute_id", "order_id", "seq", "kind", "recipient")}
    ids |= {"message_id": mail.get("messageId"), "bus_event_id": envelope.get("id")}
    return {name: value for name, value in ids.items() if incoming.is_id(value)}


def _recipient(mail: _Mail) -> Role:
    name = _tag(mail, "recipient")
    if name not in PARTIES:
        incoming.refuse("/mail/tags/recipient", "NOT_ALLOWED", "No mails go to anybody but the parties.")
    return Role(name)


def _tag(mail: _Mail, name: str) -> str:
    value = _first(mail.tags.get(name))
    if not incoming.is_id(value):
        incoming.refuse(f"/mail/tags/{name}", "REQUIRED", "The mail does not say which case it is about.")
    return str(value)


def _object(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _first(values: object) -> object:
    return values[0] if isinstance(values, list) and len(values) == 1 else None
