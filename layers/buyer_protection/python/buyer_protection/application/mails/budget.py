"""How many mails a day one may cause to another, and when the digest leaves that the others are in (R46).

Derived from the timeline alone: however often a mail is looked at, it is within the budget or not, and in one digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.timeline import TimelineEntry

# Mails of one case, caused by one (a party, or the team) to one party, within any 24 hours.
MAILS_A_DAY = 10
# Of an hour: how long the first event of a digest waits. The sweeper comes within minutes of it, which leaves room.
HELD_FOR = 0.75

# What people can repeat. The case's own steps never count and never wait.
REPEATABLE = frozenset(
    {
        MailKind.OFFER_MADE,
        MailKind.OFFER_DECLINED,
        MailKind.OFFER_WITHDRAWN,
        MailKind.MESSAGE_WAITING,
        MailKind.EVIDENCE_ADDED,
        MailKind.RETURN_ADDRESS_CONFIRMED,
    }
)


def digests(case: Dispute, timeline: Iterable[TimelineEntry], recipient: Role) -> Mapping[int, datetime]:
    """When the digest began that each mail above the budget is in, by the number of its entry."""
    day, hold = case.policy.days(1), _hour(case) * HELD_FOR
    single: dict[Role, list[datetime]] = defaultdict(list)
    began: datetime | None = None
    found: dict[int, datetime] = {}
    for entry in _repeated(timeline, recipient):
        by = _causer(entry)
        single[by] = [at for at in single[by] if at > entry.at - day]
        if len(single[by]) < MAILS_A_DAY:
            single[by].append(entry.at)
            continue
        if began is None or entry.at >= began + hold:
            began = entry.at
        found[entry.seq] = began
    return found


def leaves_at(case: Dispute, began: datetime) -> datetime:
    """When a digest leaves: within an hour, and an hour before the date that it names."""
    hour = _hour(case)
    until = began + hour * HELD_FOR
    before = until if case.deadline is None else case.deadline - hour
    # In the last hour there is no hour before: the digest waits all the same, and names no date that has passed.
    return until if before <= began else min(until, before)


def _repeated(timeline: Iterable[TimelineEntry], recipient: Role) -> Iterator[TimelineEntry]:
    """The entries that bring this person a mail that counts. The first return address is a step of the case."""
    has_address = False
    for entry in timeline:
        is_first = entry.type is EventType.RETURN_ADDRESS_CONFIRMED and not has_address
        has_address |= is_first
        kinds = [mail.kind for mail in mails_for(entry) if mail.recipient is recipient]
        if not is_first and not REPEATABLE.isdisjoint(kinds):
            yield entry


def _causer(entry: TimelineEntry) -> Role:
    """Whose doing it was: files are checked by the system, on behalf of their owner."""
    return Role(entry.data.get("party", entry.actor.role))


def _hour(case: Dispute) -> timedelta:
    return case.policy.days(1) / 24
