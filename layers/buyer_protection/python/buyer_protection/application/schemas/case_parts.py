"""Parts of a dispute that depend on who reads it: names, notices, limits, the shop's own keys."""

from msgspec import Struct

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.display_names import display_name
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.evidence import MAX_FILE_BYTES, MAX_FILES, bytes_left, items_at_most, made
from buyer_protection.domain.mail_alert import NoticeCode
from buyer_protection.domain.refunds import notice_of
from buyer_protection.domain.timeline import instant

# Who is shown what the shop keeps with a case: itself and the team, never the parties.
_SEES_METADATA = frozenset({Role.CASE_MANAGER, Role.SYSTEM})


class PersonDocument(Struct, frozen=True):
    """A party as this reader may know it: never how to reach it.

    id: the marketplace's id of the person or shop.
    display_name: the name as it was when the case was opened; for sellers, the buyer's is shortened ("Maria S.") where
    the policy says so. The id, where no name is kept.
    """

    id: str
    display_name: str


class NoticeDocument(Struct, frozen=True):
    """Something that this reader should know, and since when: that mails to it do not arrive, which nobody else is
    shown; that the refund does not come as it should (R44)."""

    code: NoticeCode
    at: At


class LimitsDocument(Struct, frozen=True):
    """How much this party can still do.

    offers_left: offers that it can still make, in the whole case (R14).
    evidence_left: items of evidence that it can still add (R26, R46).
    files: how many files an item can have.
    bytes: how large a file can be.
    evidence_bytes_left: how large all files that it still adds can be together (R46).
    """

    offers_left: int
    evidence_left: int
    files: int
    bytes: int
    evidence_bytes_left: int


def person(case: Dispute, party: Role, reader: Role) -> PersonDocument:
    """That party of the case."""
    party_id = case.buyer_id if party is Role.BUYER else case.seller_id
    return PersonDocument(party_id, display_name(case, party, reader))


def limits(case: Dispute, reader: Role) -> LimitsDocument | None:
    """What the policy leaves this party; None for who is none."""
    if reader not in PARTIES:
        return None
    offers = case.policy.max_offers_per_party - case.side(reader).offers_made
    evidence = items_at_most(case) - made(case, reader)
    return LimitsDocument(
        max(0, offers), max(0, evidence), MAX_FILES, MAX_FILE_BYTES, bytes_left(case, reader)
    )


def notices(case: Dispute, reader: Role) -> list[NoticeDocument]:
    """What this reader should know besides."""
    mails, refund = case.side(reader).notice, notice_of(case)
    shown = [] if mails is None else [NoticeDocument(NoticeCode(mails.trouble), instant(mails.at))]
    if refund is not None and reader in PARTIES:
        shown.append(NoticeDocument(refund, instant(case.updated_at or case.opened_at)))
    return shown


def sees_metadata(reader: Role) -> bool:
    """Whether this reader is shown the shop's own keys."""
    return reader in _SEES_METADATA
