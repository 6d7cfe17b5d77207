"""The timeline: append-only, each row chained to the one before by its hash.

Anyone who holds a case file can check it offline: `hash` is the SHA-256, in hex, of the canonical JSON of the row
without it, and `prev_hash` is the hash of the row before (64 zeros before the first).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.refund_request import ABOUT_REFUND

GENESIS = "0" * 64
# R41: so far ahead of ours may the clock be by which something is reported. What it says to come is taken as of now.
CLOCK_SKEW = timedelta(minutes=5)
# The actor of every entry that a member of the team causes (R45).
TEAM_ID = "team"
# What entries of before held of what the team says to itself: nobody else reads these members of their data (R45).
TEAM_ONLY: Mapping[EventType, frozenset[str]] = {
    EventType.MEDIATION_OPENED: frozenset({"suggestion", "grounds"}),
    EventType.ASSIGNED: frozenset({"assignee", "previous"}),
}
# Entries that leave the case's version as it is, so that they make nobody's `If-Match` stale: messages and who has read
# them (R5), carriers' news (R29, R30), reminders, what becomes of the refund (R44). Before, they moved it.
UNVERSIONED = ABOUT_REFUND | {
    EventType.MESSAGE_SENT,
    EventType.MESSAGES_READ,
    EventType.DELIVERED,
    EventType.DELIVERY_CORRECTED,
    EventType.RETURN_DELIVERED,
    EventType.ESCALATION_AVAILABLE,
    EventType.REMINDED,
}
# The data key of a MESSAGE_SENT entry that lists who gets a mail about the message. Stored: never rename the value.
MESSAGE_RECIPIENTS = "told"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a role and, for a person, the id their token carries."""

    role: Role
    actor_id: str

    @property
    def as_entered(self) -> "Actor":
        """As entries name it: the team is one, and who of it acted lies beside the entry (R45)."""
        return Actor(self.role, TEAM_ID) if self.role is Role.CASE_MANAGER else self


CLOCK = Actor(Role.SYSTEM, "clock")
CARRIER = Actor(Role.SYSTEM, "carrier")
MEDIATION = Actor(Role.SYSTEM, "mediation")
UPLOADS = Actor(Role.SYSTEM, "uploads")
PAYMENT = Actor(Role.SYSTEM, "payment")
SHOP = Actor(Role.SYSTEM, "shop")
OPERATOR = Actor(Role.SYSTEM, "operator")


@dataclass(frozen=True, slots=True)
class SaltedText:
    """A text that no row but the entry's holds, and the salt of its digest (`domain.proof`)."""

    text: str
    salt: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a case. `data` is JSON: ids, codes, amounts, instants; never contact data.

    `data["digests"]` has a digest, by name, of each text and file that the entry is about (`domain.proof`). Where
    `data` has that name too, it has "" there: the text is in `texts`. Entries of before hold theirs themselves.

    `correlation_id` names the call that it came from, `person_id` the member of the team who acted (R45). With `texts`,
    they are stored beside the entry and are no part of it: neither hashed, nor compared. `erased`: a text that
    `data` of before held itself was erased (R48), so that nobody can compute `hash` from it any more.
    """

    dispute_id: str
    seq: int
    at: datetime
    actor: Actor
    type: EventType
    data: Mapping[str, Any]
    prev_hash: str
    hash: str
    correlation_id: str | None = field(default=None, compare=False)
    person_id: str | None = field(default=None, compare=False)
    texts: Mapping[str, SaltedText] = field(default_factory=dict, compare=False)
    erased: bool = field(default=False, compare=False)

    @property
    def said(self) -> Mapping[str, Any]:
        """`data` with the texts in their places, as people read it; an erased one stays empty."""
        return (
            {**self.data, **{name: one.text for name, one in self.texts.items()}} if self.texts else self.data
        )


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds: the one way an instant is written, in rows and answers alike."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """The instant that `instant` wrote."""
    return datetime.fromisoformat(text)


def whole_ms(moment: datetime) -> datetime:
    """The instant as it is stored: whole milliseconds, cut off, never rounded up."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def next_entry(
    dispute_id: str,
    seq: int,
    prev_hash: str,
    at: datetime,
    actor: Actor,
    kind: EventType,
    data: Mapping[str, Any],
) -> TimelineEntry:
    """The entry that follows `prev_hash`, with its own hash."""
    digest = _digest(dispute_id, seq, at, actor, kind, data, prev_hash)
    return TimelineEntry(dispute_id, seq, at, actor, kind, data, prev_hash, digest)


def without_teams_words(entry: TimelineEntry) -> TimelineEntry:
    """The entry as a party may read it (R45): itself, or, of entries of before, without what was the team's own.

    The hash stays that of the whole entry, which only who has all of it can compute.
    """
    hidden = TEAM_ONLY.get(entry.type, frozenset())
    shown = {name: value for name, value in entry.data.items() if name not in hidden}
    if shown == entry.data and entry.actor == entry.actor.as_entered:
        return entry
    return replace(entry, actor=entry.actor.as_entered, data=shown)


def first_break(entries: Iterable[TimelineEntry]) -> int | None:
    """The `seq` of the first entry that does not follow from the one before; None where the chain holds."""
    prev = GENESIS
    for seq, entry in enumerate(entries, start=1):
        own = _digest(
            entry.dispute_id, entry.seq, entry.at, entry.actor, entry.type, entry.data, entry.prev_hash
        )
        if entry.seq != seq or entry.prev_hash != prev or (entry.hash != own and not entry.erased):
            return entry.seq
        prev = entry.hash
    return None


def _digest(
    dispute_id: str,
    seq: int,
    at: datetime,
    actor: Actor,
    kind: EventType,
    data: Mapping[str, Any],
    prev_hash: str,
) -> str:
    row = {
        "dispute_id": dispute_id,
        "seq": seq,
        "at": instant(at),
        "actor": {"role": actor.role, "id": actor.actor_id},
        "type": kind,
        "data": data,
        "prev_hash": prev_hash,
    }
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
