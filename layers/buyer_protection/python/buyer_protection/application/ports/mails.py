"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from buyer_protection.domain.enums import Role

if TYPE_CHECKING:
    from buyer_protection.application.ports.mail_view import MailKind


_ORDER = "order/"
_WEBHOOK = "webhook/"
_PERSON = "person/"


def subject_of_order(order_id: str) -> str:
    """What a mail is about that no case is about: it stands where a case's id does, and is none."""
    return f"{_ORDER}{order_id}"


def order_of_subject(subject: str) -> str | None:
    """The order of such a mail; None where it is about a case."""
    return subject.removeprefix(_ORDER) if subject.startswith(_ORDER) else None


def subject_of_webhook(webhook_id: str) -> str:
    """What a due row is about that is a delivery's: it stands where a case's id does, and is none."""
    return f"{_WEBHOOK}{webhook_id}"


def webhook_of_subject(subject: str) -> str | None:
    """The webhook of such a row; None where it is about a case or an order."""
    return subject.removeprefix(_WEBHOOK) if subject.startswith(_WEBHOOK) else None


def subject_of_person(person_id: str) -> str:
    """What a due row is about that is an erasure's: it stands where a case's id does, and is none."""
    return f"{_PERSON}{person_id}"


def person_of_subject(subject: str) -> str | None:
    """The person of such a row; None where it is about anything else."""
    return subject.removeprefix(_PERSON) if subject.startswith(_PERSON) else None


class OutboxMail(Struct, frozen=True):
    """One mail to one party about one timeline entry. `mail_id` is `{seq:08d}#{role}`.

    Where it is about an order (`subject_of_order` instead of a case's id), `seq` is that of its end
    (`OrderEnded.number`). `correlation_id` names the call that it follows from, where it does. `is_watched`: when it
    was read, the sweeper was to find it.
    """

    dispute_id: str
    seq: int
    recipient: Role
    kind: "MailKind"
    attempts: int = 0
    correlation_id: str | None = None
    is_watched: bool = False


class Outbox(Protocol):
    """MAIL rows: written once per event and person, leased, sent, marked. Sent rows stay as the record."""

    def add(self, mails: Sequence[OutboxMail]) -> None:
        """Write each row that is not there yet. Whoever adds it sees that the queue asks for it, or leaves it to the
        sweeper: until then nothing else knows of it."""
        ...

    def leave_to_sweeper(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        """Let those be due a little later that are neither sent nor dropped, and that the sweeper does not find yet."""
        ...

    def unsent(self, dispute_id: str) -> Sequence[OutboxMail]:
        """The case's mails that are neither sent nor dropped, oldest first; consistent."""
        ...

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        """Take the mail for so long; False where somebody holds it, or it is sent or dropped.

        A mail that was tried before is due for the sweeper when the lease ends; so is one that somebody else holds, in
        case that they die with it: this message of the queue is then gone.
        """
        ...

    def postpone(self, mail: OutboxMail, until: datetime) -> None:
        """Nobody takes the mail before then; due for the sweeper a good while later."""
        ...

    def hold(self, mail: OutboxMail, until: datetime) -> None:
        """Nobody takes the mail before then, when it is due for the sweeper."""
        ...

    def settle(
        self, mail: OutboxMail, now: datetime, *, message_id: str | None, dropped: str | None = None
    ) -> None:
        """Mark as sent (`message_id`) or dropped (why): no longer due."""
        ...


class NotificationQueue(Protocol):
    """The queue in front of the notification function."""

    def enqueue(self, dispute_id: str, *, delay_seconds: int = 0, correlation_id: str | None = None) -> None:
        """Ask for the case's unsent mails to be delivered, after so long (900 at most).

        `correlation_id` is only for the log of the one who delivers.
        """
        ...
