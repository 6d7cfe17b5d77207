"""What a case keeps of each of its two parties, and what they say to each other."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.enums import OfferType, Role
from buyer_protection.domain.mail_alert import MailNotice
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A side's standing proposal, as far as accepting it needs."""

    offer_id: str
    type: OfferType
    refund: Money
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """The team's standing proposal. `taken_by` has said yes to it, which the other side is not shown (R45)."""

    offer: OpenOffer
    taken_by: Role | None = None


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """R5, R6: what the buyer declares about having contacted the seller first."""

    contacted: bool
    how: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """R5: one message; `message_id` counts per case. `salt`: see `domain.proof`."""

    message_id: str
    sender: Role
    sender_id: str
    text: str
    sent_at: datetime
    salt: str = ""


@dataclass(frozen=True, slots=True)
class PartyNames:
    """What the parties are called, as the order said when the case was opened; empty where nothing could be shown."""

    buyer: str = ""
    seller: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """R5: when the last message was sent, and how many of the others' each party has not read."""

    last_at: datetime | None = None
    buyer_unread: int = 0
    seller_unread: int = 0

    def unread(self, role: Role) -> int:
        """How many messages this party has not read; 0 for who is none."""
        return {Role.BUYER: self.buyer_unread, Role.SELLER: self.seller_unread}.get(role, 0)

    def written(self, sender: Role, now: datetime) -> "Thread":
        """With one more message: who writes has read what was there."""
        buyer = 0 if sender is Role.BUYER else self.buyer_unread + 1
        return Thread(now, buyer, 0 if sender is Role.SELLER else self.seller_unread + 1)

    def read(self, reader: Role) -> "Thread":
        """Once this party has read all of it."""
        return replace(self, buyer_unread=0) if reader is Role.BUYER else replace(self, seller_unread=0)


@dataclass(frozen=True, slots=True)
class GivenTime:
    """Time that operators gave back after an outage: in which run, to which window (its name), how much."""

    run: str
    window: str
    ms: int


class Side(NamedTuple):
    """What a case keeps of one party: its standing proposal, its counts, what it has said and what it is shown.

    `reply_until`: how long an item that came after "nothing more to add" can be answered (R43).
    `evidence` counts the items that count now, `evidence_made` all that were ever made (rows of before this was kept
    have less there). `complete`: nothing more to add (R22). `has_unread`: informed of a message, not read yet (R5).
    `notice`: what this party is shown of mails that did not arrive: no change of the case, no part of its version.
    """

    offer: OpenOffer | None = None
    offers_made: int = 0
    evidence: int = 0
    evidence_made: int = 0
    complete: bool = False
    has_unread: bool = False
    notice: MailNotice | None = None
    reply_until: datetime | None = None
