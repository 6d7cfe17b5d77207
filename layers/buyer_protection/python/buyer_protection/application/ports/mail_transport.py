"""What sending mails needs of the world: a transport that says whether trying again is of use, and marked addresses."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from buyer_protection.domain.mail_alert import MailProblem


class Refusal(StrEnum):
    """Why a mail will never be taken."""

    ADDRESS_INVALID = "ADDRESS_INVALID"
    MESSAGE_REFUSED = "MESSAGE_REFUSED"


class MailRefusedError(Exception):
    """The mail will not be taken, however often it is tried."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class MailDeferredError(Exception):
    """The mail was not taken now: throttled, paused, not set up, or nobody answered. `code` says which; no texts."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailTransport(Protocol):
    """SES."""

    def send(
        self, *, to: str, subject: str, html: str, text: str, thread: str, tags: Mapping[str, str]
    ) -> str:
        """Send one mail from the configured sender; returns the message id.

        Mails of the same `thread` belong together in the reader's client. Raises MailRefusedError,
        MailDeferredError; anything else is a fault of ours.
        """
        ...


@dataclass(frozen=True, slots=True)
class AddressMark:
    """Why no mails go to an address any more, since when, and which case's mail showed it."""

    trouble: MailProblem
    at: datetime
    dispute_id: str


class AddressBook(Protocol):
    """Marked addresses, by `address_id`: the address itself is nowhere in it."""

    def mark_of(self, address_id: str) -> AddressMark | None:
        """The mark, consistent; None where mails may be sent."""
        ...

    def mark(self, address_id: str, mark: AddressMark) -> bool:
        """Mark it; False, and nothing written, where it has this mark or a graver one."""
        ...


def ascii_domain(address: str) -> str:
    """The address with its domain as mail servers know it; UnicodeError where there is none such."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.encode('idna').decode('ascii')}"


def address_id(email: str) -> str:
    """An opaque id, fit for keys and log lines; the same for every way to write the same mailbox."""
    normalized = email.strip().casefold()
    with suppress(UnicodeError):
        normalized = ascii_domain(normalized)
    return hashlib.sha256(normalized.encode("utf-8", "surrogatepass")).hexdigest()
