"""The formats of the table's keys: one place for every prefix and every shard."""

from datetime import date
from zlib import crc32

from buyer_protection.application.ports.mails import order_of_subject, subject_of_order

DUE_SHARDS = 8
QUEUE_SHARDS = 4
METRICS_SHARDS = 8

FACTS = "FACTS"
STATE = "STATE"
TIMER = "TIMER"
REFUND = "REFUND"
BRIEF = "BRIEF"
ORDER = "ORDER"
LEDGER = "LEDGER"
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
ELSEWHERE_PREFIX = "ELSEWHERE#"

Key = tuple[str, str]

# Rows of operators: what they have switched, and how far the nightly audit has come.
REFUNDS_HELD: Key = ("CONTROL#refunds", "HELD")
AUDIT: Key = ("CONTROL#audit", "PASS")
LAST_AUDIT: Key = ("CONTROL#audit", "WHOLE")
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


def timeline(dispute_id: str, seq: int) -> Key:
    return case_pk(dispute_id), f"{TIMELINE_PREFIX}{seq:08d}"


def offer(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{OFFER_PREFIX}{number:04d}"


def evidence(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{EVIDENCE_PREFIX}{number:04d}"


def message(dispute_id: str, number: int) -> Key:
    return case_pk(dispute_id), f"{MESSAGE_PREFIX}{number:04d}"


def subject_pk(subject: str) -> str:
    """Where the mails lie that are about a case, or about an order that no case is about."""
    order_id = order_of_subject(subject)
    return case_pk(subject) if order_id is None else order_pk(order_id)


def subject_of(pk: str) -> str:
    """The reverse: the case that a row belongs to, or its order as a mail's subject."""
    return subject_of_order(id_of(pk)) if pk.startswith("ORDER#") else id_of(pk)


def mail(subject: str, seq: int, recipient: str) -> Key:
    return subject_pk(subject), f"{MAIL_PREFIX}{seq:08d}#{recipient}"


def order(order_id: str) -> Key:
    return order_pk(order_id), ORDER


def ledger(order_id: str) -> Key:
    return order_pk(order_id), LEDGER


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


def due_keys() -> tuple[str, ...]:
    """Every shard of what is due."""
    return tuple(f"DUE#{shard}" for shard in range(DUE_SHARDS))


def due_key(dispute_id: str) -> str:
    """The shard that a case's due rows are in."""
    return f"DUE#{crc32(dispute_id.encode()) % DUE_SHARDS}"


def queue_keys() -> tuple[str, ...]:
    """Every shard of the claims' queue."""
    return tuple(f"QUEUE#{shard}" for shard in range(QUEUE_SHARDS))


def queue_key(dispute_id: str) -> str:
    """The shard that a claim is in."""
    return f"QUEUE#{crc32(dispute_id.encode()) % QUEUE_SHARDS}"
