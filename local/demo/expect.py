"""What must be true at the end of a case: expectations as data, and the findings where it is not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local.demo.history import Deadline, broken_at, deadlines, too_late_by_people
from local.demo.observe import MailRow, Post, Run, SentMail

BUYER, SELLER = "BUYER", "SELLER"
ADDRESSES: Final = {BUYER: "buyer@example.com", SELLER: "seller@example.com"}
# What each side reads: two languages, so that both are seen.
LANGUAGES: Final = {BUYER: "pt-BR", SELLER: "en"}
# Mails that are sent only while the window is open: where the case has moved on first, dropping them is correct.
FLEETING = frozenset(
    {"MAY_ESCALATE", "REMINDER_NEGOTIATION", "REMINDER_EVIDENCE", "EVIDENCE_WINDOW_SET"}
    | {"REMINDER_RETURN_SHIPMENT", "REMINDER_RETURN_RECEIPT", "RETURN_DELIVERED"}
)


@dataclass(frozen=True)
class Facts:
    """A finished case as it was found: from the API the dispute, its timeline and order; from the operator's side its
    executions, its mails, and the refunds that the bus asked for."""

    document: Mapping[str, Any]
    timeline: Sequence[Mapping[str, Any]]
    order: Mapping[str, Any]
    runs: Sequence[Run]
    mails: Sequence[SentMail]
    dropped: Sequence[MailRow]
    refunds: Sequence[Mapping[str, Any]]
    day_seconds: float

    @property
    def dispute_id(self) -> str:
        return str(self.document["dispute_id"])

    @property
    def outcome(self) -> str:
        return str((self.document.get("outcome") or {}).get("code", "-"))

    @property
    def refund_minor(self) -> int:
        return int((self.document.get("outcome") or {}).get("refund", {}).get("amount_minor", 0))

    @property
    def deadlines(self) -> list[Deadline]:
        """What the clock did, beside when it was due."""
        return deadlines(self.document, self.timeline, self.day_seconds)

    @property
    def states(self) -> int:
        """States entered in all generations: what Step Functions bills as transitions."""
        return sum(len(run.states) for run in self.runs)


@dataclass(frozen=True)
class Expected:
    """How one story must have ended. `mails` counts what each side got of each kind; `maybe` may come besides."""

    status: str
    outcome: str
    refund_minor: int
    mails: Mapping[tuple[str, str], int]
    clock: frozenset[str]
    states: frozenset[str]
    maybe: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def general_findings(facts: Facts, at_most_late: float) -> list[str]:
    """What must hold for every case, whatever its story."""
    found = []
    broken = broken_at(facts.dispute_id, facts.timeline)
    if broken is not None:
        found.append(f"the timeline's hash chain breaks at entry {broken}")
    if facts.document["stage"] != "CLOSED":
        found.append(f"it is not closed but {facts.document['status']}")
    found += too_late_by_people(facts.document, facts.timeline)
    for deadline in facts.deadlines:
        if not 0 <= deadline.late <= at_most_late:
            found.append(f"{deadline.type} came {deadline.late:+.3f} s after it was due")
    return found + _execution_findings(facts.runs) + _refund_findings(facts) + _mail_findings(facts.mails)


def _execution_findings(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return ["no execution was ever started for it"]
    found = [f"execution g{run.generation} still runs" for run in runs if run.status == "RUNNING"]
    last = runs[-1]
    if not found and (last.status != "SUCCEEDED" or last.states[-1:] != ("Closed",)):
        found.append(f"execution g{last.generation} ended as {last.status} in {last.states[-1:]}")
    return found


def _refund_findings(facts: Facts) -> list[str]:
    """Asked for exactly what the outcome says; the event may be repeated, the refund's id may not change."""
    asked = {(refund["refund_id"], refund["amount_minor"]) for refund in facts.refunds}
    expected = facts.refund_minor
    found = []
    if sorted(amount for _, amount in asked) != ([expected] if expected else []):
        found.append(f"the outcome refunds {expected}, but RefundRequested said {sorted(asked)}")
    booked = facts.order.get("refunded", {}).get("amount_minor")
    if booked != expected:
        found.append(f"the outcome refunds {expected}, but the order's ledger says {booked}")
    return found


def _mail_findings(mails: Sequence[SentMail]) -> list[str]:
    keys = Counter((sent.row.seq, sent.row.recipient, sent.row.kind) for sent in mails)
    found = [
        f"{kind} of entry {seq} went to the {who} {n} times" for (seq, who, kind), n in keys.items() if n > 1
    ]
    wrong = [sent for sent in mails if sent.mail.to != (ADDRESSES[sent.row.recipient],)]
    found += [f"{one.row.kind} for the {one.row.recipient} went to {', '.join(one.mail.to)}" for one in wrong]
    return found + [
        f"{sent.row.kind} to the {sent.row.recipient} is not in {LANGUAGES[sent.row.recipient]}"
        for sent in mails
        if f'<html lang="{LANGUAGES[sent.row.recipient]}"' not in (sent.mail.html or "")
    ]


def story_findings(expected: Expected, facts: Facts) -> list[str]:
    """What must hold for this story."""
    found = []
    for name, is_, must in (
        ("status", facts.document["status"], expected.status),
        ("outcome", facts.outcome, expected.outcome),
        ("refund", facts.refund_minor, expected.refund_minor),
    ):
        if is_ != must:
            found.append(f"its {name} is {is_}, not {must}")
    entered = {state for run in facts.runs for state in run.states}
    if missing := expected.states - entered:
        found.append(f"its execution never entered {', '.join(sorted(missing))}")
    if missing := expected.clock - {deadline.type for deadline in facts.deadlines}:
        found.append(f"the clock never did {', '.join(sorted(missing))}")
    return found + matrix_findings(expected, facts)


def matrix_findings(expected: Expected, facts: Facts) -> list[str]:
    """Who got which mail how often, against the expected matrix."""
    got = Counter((sent.row.recipient, sent.row.kind) for sent in facts.mails)
    reason_to_drop = Counter((row.recipient, row.kind) for row in facts.dropped if row.kind in FLEETING)
    found = []
    for key in sorted(set(expected.mails) | set(got)):
        must, is_ = expected.mails.get(key, 0), got[key]
        if key in expected.maybe and is_ <= 1:
            continue
        if is_ != must and is_ + reason_to_drop[key] != must:
            found.append(f"the {key[0]} got {is_} mails {key[1]}, not {must}")
    return found


def post_findings(post: Post) -> list[str]:
    """What must hold for all mails together."""
    found = [f'sent twice, or by nobody: "{mail.subject}" to {", ".join(mail.to)}' for mail in post.strays]
    found += [
        f"{row.dispute_id}: {row.kind} to the {row.recipient} says sent, but never was" for row in post.lost
    ]
    found += [f"{row.dispute_id}: {row.kind} to the {row.recipient} never left" for row in post.waiting]
    return found
