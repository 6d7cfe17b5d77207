"""What must be true of every finished case, and how a story's own expectations are compared."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from buyer_protection.domain.timeline import UNVERSIONED
from tests.e2e.case import Case, CaseFile
from tests.e2e.world import Json, Run

# Mailed only while their window is open: where the case has moved on first they are dropped, and rightly so.
FLEETING = frozenset(
    {
        "MAY_ESCALATE",
        "REMINDER_NEGOTIATION",
        "REMINDER_EVIDENCE",
        "REMINDER_RETURN_SHIPMENT",
        "REMINDER_RETURN_RECEIPT",
        "RETURN_DELIVERED",
        "EVIDENCE_WINDOW_SET",
    }
)
_PARTIES = {"B": "BUYER", "S": "SELLER"}
# States that look and decide; how often they run depends on who was first, the clock or the sweeper.
_LOOKING = frozenset({"Route", "CloseWindow"})
_REMINDERS = frozenset({"ESCALATION_AVAILABLE", "REMINDED"})


def matrix(**kinds: str) -> Counter[tuple[str, str]]:
    """Mails as `KIND="BS"`: one letter a mail, B to the buyer, S to the seller."""
    return Counter((_PARTIES[letter], kind) for kind, letters in kinds.items() for letter in letters)


def check_chain(dispute_id: str, timeline: Iterable[Json]) -> None:
    """The documented recipe, without any code of the project: each hash is over the canonical JSON of the row."""
    previous = "0" * 64
    for number, entry in enumerate(timeline, start=1):
        row = {name: entry[name] for name in ("seq", "at", "actor", "type", "data", "prev_hash")}
        # A text beside the entry is shown in its place; the entry has its digest alone.
        row["data"] = {
            **row["data"],
            **dict.fromkeys(row["data"].keys() & row["data"].get("digests", {}), ""),
        }
        canonical = json.dumps(
            {"dispute_id": dispute_id, **row}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert entry["seq"] == number, f"a gap before entry {entry['seq']}"
        assert entry["prev_hash"] == previous, f"entry {number} does not follow from the one before"
        assert entry["hash"] == hashlib.sha256(canonical.encode()).hexdigest(), f"entry {number} was altered"
        previous = entry["hash"]


def check_closed_well(
    file: CaseFile,
    *,
    status: str,
    outcome: str,
    refund: int = 0,
    by_sweeper: bool = False,
    of_before: bool = False,
) -> None:
    """Status, outcome, money, order and the chain of the timeline, for both readers.

    Where the sweeper ended a case whose execution was killed or lost, no other one had to come after it. A case that
    began `of_before`, under the first release, has entries that moved its version then and no longer do.
    """
    for document in (file.buyer, file.seller):
        assert (document["status"], document["stage"]) == (status, "CLOSED")
        assert document["outcome"]["code"] == outcome
        assert document["outcome"]["refund"] == {"amount_minor": refund, "currency": "USD"}
        assert document["party_state"] == "RESOLVED"
        assert document["available_actions"] == []
        assert document["closed_at"] is not None
    check_chain(file.dispute_id, file.timeline)
    quiet = sum(entry["type"] in UNVERSIONED for entry in file.timeline)
    moved = file.buyer["version"] + quiet - len(file.timeline)
    assert 0 <= moved <= (quiet if of_before else 0)
    check_money(file, refund)
    if not (by_sweeper and {run.status for run in file.runs} <= {"ABORTED", "FAILED"}):
        check_ended(file.runs)


def check_money(file: CaseFile, refund: int) -> None:
    """One refund row of exactly this amount, or none; the order's ledger says the same."""
    assert file.ledger.get("refunded_minor", 0) == refund
    assert file.order["refunded"]["amount_minor"] == refund
    if refund:
        assert file.refund is not None
        assert file.refund["amount"] == f"{refund} USD"
        assert file.refund["refund_id"] == f"rf-{file.dispute_id}"
    else:
        assert file.refund is None


def check_ended(runs: list[Run]) -> None:
    """The last execution came to its proper end."""
    assert (runs[-1].status, runs[-1].states[-1]) == ("SUCCEEDED", "Closed"), runs


def path(run: Run) -> list[str]:
    """The states that wait or do something, without repetition: `BackOff` among them means that something failed."""
    return [name for name, _ in groupby(state for state in run.states if state not in _LOOKING)]


def check_mails(file: CaseFile, expected: Counter[tuple[str, str]]) -> None:
    """Exactly these mails by (recipient, kind), each sent once and to the right address.

    A fleeting mail may have been dropped or never asked for; its rows follow the timeline's reminders exactly.
    """
    rows = Counter((row["recipient"], row["mail"]) for row in file.outbox)
    dropped = Counter((row["recipient"], row["mail"]) for row in file.outbox if row["status"] == "DROPPED")
    for key in expected.keys() | rows.keys():
        if key[1] in FLEETING:
            assert rows[key] <= expected[key], f"{key}: {rows[key]} mails, expected at most {expected[key]}"
        else:
            assert rows[key] == expected[key], f"{key}: {rows[key]} mails, expected {expected[key]}"
            assert not dropped[key], f"{key} was dropped"
    reminded = sum(
        1 if entry["type"] == "ESCALATION_AVAILABLE" else len(entry["data"]["parties"])
        for entry in file.timeline
        if entry["type"] in _REMINDERS
    )
    assert reminded == sum(
        n for (_, k), n in rows.items() if k == "MAY_ESCALATE" or k.startswith("REMINDER_")
    )
    check_sent_once(file)


def check_sent_once(file: CaseFile) -> None:
    """SES took exactly what the outbox says was sent: nothing twice, nothing lost, nothing to a wrong address."""
    address = {"BUYER": file.buyer_address, "SELLER": file.seller_address}
    said = {row["message_id"]: row for row in file.outbox if row["status"] == "SENT"}
    assert sorted(said) == sorted(mail.message_id for mail in file.mails)
    for mail in file.mails:
        recipient = said[mail.message_id]["recipient"]
        other = address["SELLER" if recipient == "BUYER" else "BUYER"]
        assert list(mail.to) == [address[recipient]]
        assert mail.subject
        assert mail.text
        assert mail.html
        assert other not in mail.text + mail.html, "the other side's address is nobody's business"


def check_events(case: Case, *names: str, again: bool = False) -> list[Json]:
    """Exactly these events on the bus, each once, under ids that never repeat.

    Where a call may have timed out after it was taken, the same event may come `again`, word for word under its id.
    """
    expected = Counter(names)
    heard = case.events(expected)
    if again:
        heard = [event for number, event in enumerate(heard) if event not in heard[:number]]
    assert Counter(event["type"] for event in heard) == expected
    assert len({event["id"] for event in heard}) == len(heard)
    for event in heard:
        assert event["schema_version"] == 1
        assert "@" not in json.dumps(event), "ids only, no personal data"
    return heard
