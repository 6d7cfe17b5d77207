"""A case's timeline, judged from outside: the hash chain, and how late the clock was. Pure.

Written against the contract, not with the domain's own code, so that it proves what a shop could prove.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

GENESIS: Final = "0" * 64
CLOCK: Final = {"role": "SYSTEM", "id": "clock"}
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Deadline:
    """One instant at which the clock had to act, and when it did."""

    type: str
    due: datetime
    at: datetime

    @property
    def late(self) -> float:
        """Seconds after the due instant; negative would be too early."""
        return (self.at - self.due).total_seconds()


def moment(text: str) -> datetime:
    """The instant that the contract writes as RFC 3339."""
    return datetime.fromisoformat(text)


def broken_at(dispute_id: str, entries: Sequence[Entry]) -> int | None:
    """The `seq` at which the chain breaks; None where every entry follows from the one before."""
    previous = GENESIS
    for seq, entry in enumerate(entries, start=1):
        if entry["seq"] != seq or entry["prev_hash"] != previous or entry["hash"] != _hash(dispute_id, entry):
            return seq
        previous = entry["hash"]
    return None


def _hash(dispute_id: str, entry: Entry) -> str:
    row = {name: entry[name] for name in ("seq", "at", "actor", "type", "data", "prev_hash")}
    # A text beside the entry is shown in its place; the entry has its digest alone.
    row["data"] = {**row["data"], **dict.fromkeys(row["data"].keys() & row["data"].get("digests", {}), "")}
    text = json.dumps(
        {"dispute_id": dispute_id, **row}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def deadlines(document: Entry, entries: Sequence[Entry], day_seconds: float) -> list[Deadline]:
    """Everything that the clock did in this case, beside the instant at which it was due."""
    evidence_due: str | None = None
    found = []
    for entry in entries:
        kind, data = entry["type"], entry["data"]
        if entry["actor"] == CLOCK:
            due = _due(kind, document, data, evidence_due, day_seconds)
            if due is not None:
                found.append(Deadline(kind, due, moment(entry["at"])))
        evidence_due = data.get("evidence_due_at") or evidence_due
    return found


def _due(
    kind: str, document: Entry, data: Entry, evidence_due: str | None, day_seconds: float
) -> datetime | None:
    match kind:
        case "ESCALATION_AVAILABLE":
            return moment(document["escalation_available_at"])
        case "ESCALATED":
            return moment(document["negotiation_due_at"])
        case "REMINDED":
            return moment(data["due_at"]) - timedelta(seconds=day_seconds)
        case "REVIEW_STARTED" | "CANCELLED" | "UPLOADS_AWAITED":
            return moment(evidence_due) if evidence_due else None
        case "DEADLINE_MISSED":
            return moment(data["due_at"])
        case _:
            return None


def too_late_by_people(document: Entry, entries: Sequence[Entry]) -> Iterator[str]:
    """What people did in a window that had ended already; the rules allow none of it."""
    due: str | None = document["negotiation_due_at"]
    for entry in entries:
        kind, data = entry["type"], entry["data"]
        if due and entry["actor"]["role"] != "SYSTEM" and moment(entry["at"]) >= moment(due):
            yield f"{kind} at {entry['at']} although the window ended at {due}"
        if data.get("evidence_due_at"):
            due = data["evidence_due_at"]
        elif kind in {"OFFER_ACCEPTED", "REVIEW_STARTED"} or data.get("review_started"):
            # A return that was agreed has windows of its own.
            due = None
