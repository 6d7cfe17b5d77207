"""The formats of the table's keys: one place for every prefix and every shard."""

from collections.abc import Collection, Iterable
from datetime import date
from zlib import crc32

from buyer_protection.application.ports.mails import (
    order_of_subject,
    person_of_subject,
    subject_of_order,
    subject_of_person,
    subject_of_webhook,
    webhook_of_subject,
)
from buyer_protection.application.ports.timers import WHOLE, DueKind, Share

QUEUE_SHARDS = 4
METRICS_SHARDS = 8
_SHARDS = range(QUEUE_SHARDS)
# Where what is due lies, by kind. Versions of before put everything where deadlines are.
_DUE = {DueKind.DEADLINE: "DUE", DueKind.EFFECT: "DUE-EFFECT", DueKind.REFUND: "DUE-REFUND"}
# The shards of open claims, by status.
CLAIMS = {"CLAIM_EVIDENCE": "QUEUE", "UNDER_REVIEW": "REVIEW"}

FACTS = "FACTS"
STATE = "STATE"
TIMER = "TIMER"
REFUND = "REFUND"
BRIEF = "BRIEF"
ORDER = "ORDER"
LEDGER = "LEDGER"
LISTED = "LISTED"
IDEM = "IDEM"
MARK = "MARK"
METRICS_PREFIX = "METRICS#"
DAILY_PREFIX = "DAILY#"

TIMELINE_PREFIX = "TL#"
OFFER_PREFIX = "OFFER#"
EVIDENCE_PREFIX = "EVID#"
MESSAGE_PREFIX = "MSG#"
MAIL_PREFIX = "MAIL#"
TRACK_PREFIX = "TRACK#"
ASSIGNMENT_PREFIX = "TEAM#ASSIGNMENT#"
NOTE_PREFIX = "TEAM#NOTE#"
RULING_PREFIX = "TEAM#RULING#"
LOOK_PREFIX = "TEAM#LOOK#"
ELSEWHERE_PREFIX = "ELSEWHERE#"
_WEBHOOK_PREFIX = "WEBHOOK#"
_PERSON_PREFIX = "PERSON#"
ERASURE = "ERASURE"
LEGAL_HOLD = "LEGAL-HOLD"
ARCHIVED = "ARCHIVED"
ASSIGNEE_PREFIX = "TEAM#"

Key = tuple[str, str]

# Rows of operators: what they have switched, and how far the nightly audit has come.
REFUNDS_HELD: Key = ("CONTROL#refunds", "HELD")
CLOCK_HELD: Key = ("CONTROL#clock", "HELD")
OPENINGS_HELD: Key = ("CONTROL#openings", "HELD")
AUDIT: Key = ("CONTROL#audit", "PASS")
LAST_AUDIT: Key = ("CONTROL#audit", "WHOLE")
# What operators did by command, each under its instant.
COMMANDS = "CONTROL#commands"
# The team's templates, each under its id.
TEMPLATES = "TEAM#TEMPLATES"
SWEEP: Key = ("CONTROL#sweep", "LAST")


def case_pk(dispute_id: str) -> str:
    return f"CASE#{dispute_id}"


def order_pk(order_id: str) -> str:
    return f"ORDER#{order_id}"


def id_of(pk: str) -> str:
    """The dispute's or order's id inside a partition key."""
    return pk.split("#", 1)[1]


def facts(dispute_id: str) -> Key:
    return case_pk(dispute_id), FACTS


def state(dispute_id: str) -> Key:
    return case_pk(dispute_id), STATE


def timer(dispute_id: str) -> Key:
    return case_pk(dispute_id), TIMER


def refund(dispute_id: str) -> Key:
    return case_pk(dispute_id), REFUND


def brief(dispute_id: str) -> Key:
    return case_pk(dispute_id), BRIEF


def assignment(dispute_id: str, at: str, step_id: str) -> Key:
    """One step of who has the claim, by its instant and the command that it came from."""
    return case_pk(dispute_id), f"{ASSIGNMENT_PREFIX}{at}#{step_id}"


def note(dispute_id: str, note_id: str) -> Key:
    """A note of the team, by its id, which sorts by time."""
    return case_pk(dispute_id), f"{NOTE_PREFIX}{note_id}"


def ruling(dispute_id: str, decision_id: str) -> Key:
    """A ruling that needs a confirmation."""
    return case_pk(dispute_id), f"{RULING_PREFIX}{decision_id}"


def look(dispute_id: str, look_id: str) -> Key:
    """A look at the earlier disputes of a party, by its id, which sorts by time."""
    return case_pk(dispute_id), f"{LOOK_PREFIX}{look_id}"


def timeline(dispute_id: str, seq: int) -> Key:
    return case_pk(dispute_id), f"{TIMELINE_PREFIX}{seq:08d}"


def offer(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{OFFER_PREFIX}{number:04d}"


def evidence(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{EVIDENCE_PREFIX}{number:04d}"


def message(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{MESSAGE_PREFIX}{number:04d}"


def subject_pk(subject: str) -> str:
    """Where the rows lie that are about a case, about an order that no case is about, a person, or a webhook."""
    order_id = order_of_subject(subject)
    if order_id is not None:
        return order_pk(order_id)
    person_id = person_of_subject(subject)
    if person_id is not None:
        return person_pk(person_id)
    webhook_id = webhook_of_subject(subject)
    return case_pk(subject) if webhook_id is None else f"{_WEBHOOK_PREFIX}{webhook_id}"


def subject_of(pk: str) -> str:
    """The reverse: the case that a row belongs to, its order as a mail's subject, its person, or its webhook."""
    if pk.startswith(_PERSON_PREFIX):
        return subject_of_person(id_of(pk))
    if pk.startswith(_WEBHOOK_PREFIX):
        return subject_of_webhook(id_of(pk))
    return subject_of_order(id_of(pk)) if pk.startswith("ORDER#") else id_of(pk)


def person_pk(person_id: str) -> str:
    return f"{_PERSON_PREFIX}{person_id}"


def erasure(person_id: str) -> Key:
    """The last request to erase a person's data."""
    return person_pk(person_id), ERASURE


def legal_hold(pk: str) -> Key:
    """The hold on the person or the case of that partition: nothing of it is erased."""
    return pk, LEGAL_HOLD


def archived(dispute_id: str) -> Key:
    """That a closed case is in the archive."""
    return case_pk(dispute_id), ARCHIVED


def mail(subject: str, seq: int, recipient: str) -> Key:
    return subject_pk(subject), f"{MAIL_PREFIX}{seq:08d}#{recipient}"


def order(order_id: str) -> Key:
    return order_pk(order_id), ORDER


def ledger(order_id: str) -> Key:
    return order_pk(order_id), LEDGER


def listed_order(order_id: str) -> Key:
    return order_pk(order_id), LISTED


def track(order_id: str, event_id: str) -> Key:
    return order_pk(order_id), f"{TRACK_PREFIX}{event_id}"


def elsewhere(order_id: str, refund_id: str) -> Key:
    """Money that was given back outside of disputes."""
    return order_pk(order_id), f"{ELSEWHERE_PREFIX}{refund_id}"


def idempotency(idempotency_id: str) -> Key:
    return f"{IDEM}#{idempotency_id}", IDEM


def buyer_key(buyer_id: str) -> str:
    return f"BUYER#{buyer_id}"


def seller_key(seller_id: str) -> str:
    return f"SELLER#{seller_id}"


def metrics(seller_id: str, counted_id: str) -> Key:
    """The shard of a seller's counters that an order or a case is counted in: no one row takes all the writes."""
    return seller_key(seller_id), f"{METRICS_PREFIX}{crc32(counted_id.encode()) % METRICS_SHARDS}"


def daily(seller_id: str, counted_id: str, day: date) -> Key:
    """The same for one day."""
    shard = crc32(counted_id.encode()) % METRICS_SHARDS
    return seller_key(seller_id), f"{DAILY_PREFIX}{day.isoformat()}#{shard}"


def day_of(sk: str) -> date:
    """The day of a row of `daily`."""
    return date.fromisoformat(sk.split("#")[1])


def counted(dispute_id: str, name: str) -> Key:
    """The mark that a case has been counted; no row of the case, so that no reader of cases meets it."""
    return f"COUNTED#{dispute_id}", name


def address(address_id: str) -> Key:
    """The mark on an address that takes no mails."""
    return f"ADDRESS#{address_id}", MARK


class DueShards:
    """Over how many shards of a kind due rows are written, and in how many the sweeper looks for them: in all that were
    ever written to, so that the first number can be raised and lowered while rows lie where it put them (0005)."""

    written = 8
    read = 8


def due_keys(kinds: Collection[DueKind] = tuple(DueKind), share: Share = WHOLE) -> tuple[str, ...]:
    """Every shard of a share of what is due."""
    shards = range(share.number, DueShards.read, share.of)
    return tuple(f"{_DUE[kind]}#{shard}" for kind in kinds for shard in shards)


def due_key(dispute_id: str, kind: DueKind = DueKind.DEADLINE) -> str:
    """The shard that a case's due rows of a kind are in."""
    return f"{_DUE[kind]}#{crc32(dispute_id.encode()) % DueShards.written}"


def queue_keys(statuses: Iterable[str] = CLAIMS) -> tuple[str, ...]:
    """Every shard of the open claims in these statuses."""
    return tuple(
        f"{CLAIMS[status]}#{shard}" for status in CLAIMS if status in {*statuses} for shard in _SHARDS
    )


def queue_key(dispute_id: str, status: str) -> str:
    """The shard that an open claim is in. Claims of before reviews had shards of their own are all in QUEUE."""
    return f"{CLAIMS[status]}#{_shard(dispute_id)}"


def opened_keys() -> tuple[str, ...]:
    """Every shard of all cases."""
    return tuple(f"OPENED#{shard}" for shard in _SHARDS)


def opened_list_key(dispute_id: str) -> str:
    """The shard of all cases that a case is in for ever."""
    return f"OPENED#{_shard(dispute_id)}"


def assignee_keys(assignee: str | None) -> tuple[str, ...]:
    """Where a member's open claims are; every shard of nobody's."""
    return (
        tuple(f"NOBODY#{shard}" for shard in _SHARDS) if assignee is None else (ASSIGNEE_PREFIX + assignee,)
    )


def assignee_key(dispute_id: str, assignee: str | None) -> str:
    """Where an open claim is among those of its assignee, or of nobody."""
    return f"NOBODY#{_shard(dispute_id)}" if assignee is None else ASSIGNEE_PREFIX + assignee


def buyer_orders_key(buyer_id: str) -> str:
    return f"BUYER-ORDERS#{buyer_id}"


def seller_orders_key(seller_id: str) -> str:
    return f"SELLER-ORDERS#{seller_id}"


def _shard(dispute_id: str) -> int:
    return crc32(dispute_id.encode()) % QUEUE_SHARDS
