"""Play whole disputes as clients would, knowing only the contract: play.py .local/stack.json docs/openapi.json

Says line by line what happens; exits 1 at the first thing that is not as the contract says. Every POST is a double
click, every answer is held against the document, every window is read from the documents.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clients import PNG, SYSTEM, Bus, Contract, DifferenceError, Json, Shop, read_as_a_page, send

PATIENCE_SECONDS = 60.0
PAID = 4_990
PDF = b"%PDF-1.7\n" + b"the carrier's receipt\n" * 40
MOST_BYTES = 50 * 1024 * 1024
BY_ITSELF = {"clock", "mediation"}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def must(holds: bool, what: str) -> None:
    """Raises DifferenceError unless it holds."""
    if not holds:
        raise DifferenceError(what)


def until(what: str, look: Callable[[], Any]) -> Any:
    """The first truthy value seen; DifferenceError where none comes."""
    latest = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        must(time.monotonic() < latest, f"never happened: {what}")
        time.sleep(0.3)
    return seen


def until_instant(text: str) -> None:
    """Wait for an instant that a document names."""
    left = datetime.fromisoformat(text) - datetime.now(UTC)
    time.sleep(max(0.0, left.total_seconds() + 0.05))


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "USD"}


@dataclass
class Dispute:
    """One order and its dispute."""

    shop: Shop
    order_id: str = field(default_factory=lambda: f"order-{secrets.token_hex(6)}")
    id: str = ""

    @property
    def path(self) -> str:
        return f"/v1/disputes/{self.id}"

    def address(self, who: str) -> str:
        return f"{who}.{self.order_id}@example.com"

    def order(self, **changes: Any) -> Json:
        """What the shop says of the order: just shipped, but for these members."""
        now = written(datetime.now(UTC))
        parcel = {"shipment_id": "parcel-1", "carrier": "Post", "tracking_number": "RX1", "shipped_at": now}
        plain = {
            "buyer_id": self.shop.sub("buyer"),
            "seller_id": self.shop.sub("seller"),
            "buyer": {"email": self.address("buyer"), "name": "Ana"},
            "seller": {"email": self.address("seller"), "name": "Lamp Shop"},
            "currency": "USD",
            "items": [{"item_id": "lamp", "title": "Desk lamp", "quantity": 1, "amount_minor": PAID}],
            "placed_at": now,
            "guaranteed_delivery_days": 5,
            "completion_at": "2099-01-01T00:00:00.000Z",
            "shipments": [parcel],
        }
        return {**plain, **changes}

    def open(self, reason: str, **changes: Any) -> None:
        """The shop sends an order that has just been shipped; its buyer opens as soon as it is allowed."""
        path = f"/v1/orders/{self.order_id}"
        self.shop.put(SYSTEM, path, self.order(**changes), 201)
        eligible = self.shop.get("buyer", f"{path}/dispute-eligibility")
        until_instant(eligible["opens_at"])
        body = {
            "order_id": self.order_id,
            "reason": reason,
            "description": "It is not as it should be.",
            "requested_refund": eligible["max_refundable"],
        }
        self.id = self.shop.post("buyer", "/v1/disputes", body, 201)["dispute_id"]
        say(f"the shop ships {self.order_id}; the buyer opens {self.id}: {reason}")

    def do(
        self, who: str, call: str, body: Json | None = None, status: int = 200, code: str | None = None
    ) -> Json:
        """A POST below the dispute, twice at once."""
        made = self.shop.post(who, f"{self.path}/{call}", body, status, code)
        say(f"  {who}: {call}: {status} {made.get('code') or made.get('status') or ''}".rstrip())
        return made

    def look(self, who: str = "buyer", below: str = "", status: int = 200) -> Json:
        return self.shop.get(who, self.path + below, status)

    def mail(self, who: str, words: str) -> Json:
        """The mail to this side that says these words; there must be no second one."""

        def look() -> list[Json]:
            sent = self.shop.mails(self.address(who))
            return [mail for mail in sent if words in mail["Subject"] + mail["BodyText"]]

        found = until(f"a mail to the {who} with {words!r}", look)
        must(len(found) == 1, f"{len(found)} mails to the {who} with {words!r}")
        say(f'  mail to the {who}: "{found[0]["Subject"]}"')
        return dict(found[0])

    def happened(self) -> list[str]:
        """What people and carriers did, oldest first, as the buyer reads it."""
        items = self.look("buyer", "/timeline?page_size=50")["items"]
        return [entry["type"] for entry in items if entry["actor"]["id"] not in BY_ITSELF]

    def must_have_happened(self, *wanted: str) -> None:
        """R5: one entry for each double click, and nothing else."""
        must(self.happened() == list(wanted), f"the timeline says {self.happened()}, not {list(wanted)}")
        say(f"  {len(wanted)} things happened, each once")

    def give(self, who: str, content: bytes, name: str, media_type: str) -> tuple[str, Json]:
        """State a file as evidence; the item's id, and the form to upload it with."""
        stated = {
            "name": name,
            "media_type": media_type,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = self.do(who, "evidence", {"type": "PHOTO", "text": name, "files": [stated]}, 201)
        return made["evidence_id"], made["files"][0]["upload"]

    def checked(self, who: str, evidence_id: str) -> Json:
        """The item once its file was looked at."""

        def look() -> Json | None:
            item = self.look(who, f"/evidence/{evidence_id}")
            return item if item["status"] != "PENDING" else None

        item: Json = until(f"{evidence_id} is checked", look)
        say(f"  {evidence_id} is {item['status']} {item['files'][0]['refusal'] or ''}".rstrip())
        return item

    def give_file(self, who: str, content: bytes, name: str, media_type: str) -> str:
        """Evidence with a file that is as it was stated: it counts."""
        evidence_id, form = self.give(who, content, name, media_type)
        must(self.shop.upload(form, content) == 204, "the upload is taken")
        must(self.checked(who, evidence_id)["counts"] is True, f"{evidence_id} counts")
        other = "seller" if who == "buyer" else "buyer"
        file = self.look(other, f"/evidence/{evidence_id}")["files"][0]
        had = send("GET", file["download"]["url"])
        as_shown = hashlib.sha256(had.body).hexdigest() == file.get("copy", file)["sha256"]
        must(as_shown, "the other side downloads what the item names: of a picture its copy")
        must(had.headers["content-disposition"].startswith("attachment"), "a download is an attachment")
        return evidence_id

    def paid(self, bus: Bus, amount: int) -> None:
        """RefundRequested came: one refund of this amount."""
        heard = until(f"RefundRequested of {self.id}", lambda: bus.refunds_of(self.id))
        asked = {(event["refund_id"], event["amount_minor"]) for event in heard}
        must([a for _, a in asked] == [amount], f"RefundRequested says {asked}, not {amount}")
        say(f"  the bus: RefundRequested, {amount} minor units, refund {heard[0]['refund_id']}")


def arrives_after_all(shop: Shop, bus: Bus) -> None:
    """Not received; the parcel comes; not as described; sent back; refunded."""
    case = Dispute(shop)
    case.open("NOT_RECEIVED")
    case.mail("buyer", "Your dispute is open")
    case.mail("seller", "Answer a refund request")
    # Before the delivery, from which on the buyer has five days.
    read_as_a_page(shop, case.path)
    event = {"event_id": "scan-1", "shipment_id": "parcel-1", "status": "DELIVERED"}
    event["occurred_at"] = written(datetime.now(UTC))
    shop.post(SYSTEM, f"/v1/orders/{case.order_id}/tracking-events", event, 201)
    known = case.look()
    must(known["delivered_at"] == event["occurred_at"], "the parcel counts as delivered")
    say(f"the carrier delivers; the reason may be changed until {known['reason_change_due_at']}")
    case.mail("buyer", "delivered")
    case.do("buyer", "change-reason", {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"})
    case.do("buyer", "change-reason", {"reason": "NOT_RECEIVED"}, 409, "REASON_CHANGE_CLOSED")
    offer = {"type": "REFUND_WITH_RETURN", "refund": usd(PAID), "note": "Send it back, please."}
    offer_id = case.do("seller", "offers", offer, 201)["offer_id"]
    case.do("seller", f"offers/{offer_id}/accept", status=403)
    agreed = case.do("buyer", f"offers/{offer_id}/accept")
    must(agreed["status"] == "AWAITING_RETURN", "a return is awaited")
    parcel = {"carrier": "Post", "tracking_number": "BACK-1"}
    case.do("buyer", "return/shipment", parcel, 409, "RETURN_ADDRESS_UNCONFIRMED")
    address = {"lines": ["9 Quay"], "postal_code": "10000", "country": "PT"}
    case.do("seller", "return/address", {"address": address})
    must(case.look()["return_address"] is not None, "the buyer reads the address")
    sent = case.do("buyer", "return/shipment", parcel)
    must(sent["status"] == "RETURN_SHIPPED", "the return is on its way")
    case.do("seller", "return/acknowledge", {"condition": "ITEM_RECEIVED"})
    ended = case.look()
    must((ended["status"], ended["stage"]) == ("RESOLVED", "CLOSED"), "the parties agreed")
    must(ended["outcome"]["code"] == "AGREED_REFUND_WITH_RETURN", "the agreed outcome")
    must(ended["outcome"]["refund"] == usd(PAID), "the agreed amount")
    case.paid(bus, PAID)
    case.do("buyer", "messages", {"text": "Thank you."}, 409, "DISPUTE_CLOSED")
    case.must_have_happened(
        "DISPUTE_OPENED", "DELIVERED", "REASON_CHANGED", "OFFER_MADE", "OFFER_ACCEPTED",
        "RETURN_ADDRESS_CONFIRMED", "RETURN_SHIPPED", "RETURN_CLOSED",
    )  # fmt: skip


def decided_in_part(shop: Shop, bus: Bus) -> None:
    """A claim with files of both sides, asked about twice, decided in part; then nothing can be written."""
    case = Dispute(shop)
    case.open("NOT_AS_DESCRIBED")
    claim = {"confirm_no_agreement": True, "claim_reason": "SELLER_REFUSED_REFUND"}
    early = case.do("buyer", "escalate", claim, 409, "TOO_EARLY")
    photo = case.give_file("buyer", PNG, "the scratch.png", "image/png")
    offer_id = case.do("seller", "offers", {"type": "REFUND", "refund": usd(500)}, 201)["offer_id"]
    case.do("buyer", f"offers/{offer_id}/decline")
    must(early["available_at"] == case.look()["escalation_available_at"], "TOO_EARLY says until when")
    until_instant(early["available_at"])
    case.do("buyer", "escalate", claim)
    receipt = case.give_file("seller", PDF, "the receipt.pdf", "application/pdf")
    for who in ("buyer", "seller", "case_manager"):
        case.do(who, "messages", {"text": f"A word of the {who}."}, 201)
    thread = case.look("seller", "/messages")["items"]
    must(len(thread) == 3, "three messages, each once")
    case.do("seller", "messages/read", {"up_to": thread[-1]["message_id"]})
    for who in ("buyer", "seller"):
        case.do(who, "evidence-complete")
    must(case.look()["status"] == "UNDER_REVIEW", "the review has begun")
    case.do("case_manager", "claim/assign", {"assignee": shop.sub("case_manager")})
    statement = _asked_twice(shop, case)
    brief = case.look("case_manager", "/claim/brief")
    given = [item["evidence_id"] for side in ("buyer", "seller") for item in brief["evidence"][side]]
    must({photo, receipt, statement} <= set(given), f"the brief names all evidence, not {given}")
    ruling = {
        "outcome": "PARTIAL",
        "refund": usd(2_000),
        "reasons": ["ITEM_DAMAGED"],
        "rationale": "The photo shows the scratch, the receipt that it was packed.",
        "evidence_ids": [photo, receipt],
    }
    all_of_it = {**ruling, "refund": usd(PAID)}
    case.do("case_manager", "claim/decision", all_of_it, 422, "OUTCOME_MISMATCH")
    case.do("case_manager", "claim/decision", ruling)
    ended = case.look("seller")
    must((ended["status"], ended["outcome"]["code"]) == ("DECIDED", "DECIDED_PARTIAL"), "decided in part")
    must(ended["outcome"]["evidence_ids"] == [photo, receipt], "the decision cites both files")
    case.paid(bus, 2_000)
    _nothing_more(case, ruling)
    case.must_have_happened(
        "DISPUTE_OPENED", "EVIDENCE_SUBMITTED", "EVIDENCE_ADDED", "OFFER_MADE",
        "OFFER_DECLINED", "ESCALATED", "EVIDENCE_SUBMITTED", "EVIDENCE_ADDED",
        "MESSAGE_SENT", "MESSAGE_SENT", "MESSAGE_SENT", "MESSAGES_READ", "EVIDENCE_COMPLETED",
        "EVIDENCE_COMPLETED", "EVIDENCE_REQUESTED", "EVIDENCE_ADDED", "EVIDENCE_COMPLETED",
        "EVIDENCE_COMPLETED", "EVIDENCE_REQUESTED", "EVIDENCE_COMPLETED", "DECIDED",
    )  # fmt: skip


def _nothing_more(case: Dispute, ruling: Json) -> None:
    """R25: a decision is final. Everybody has the case file, and can check it."""
    for who, call, body in (
        ("buyer", "evidence", {"type": "STATEMENT", "text": "And another thing."}),
        ("seller", "messages", {"text": "But."}),
        ("case_manager", "claim/decision", ruling),
    ):
        case.do(who, call, body, 409, "DISPUTE_CLOSED")
    for who in ("buyer", "seller", "case_manager"):
        check_export(case.look(who, "/export"))


def _asked_twice(shop: Shop, case: Dispute) -> str:
    """The team asks the buyer, then the seller, and may not ask a third time; the id of what the buyer gave."""
    policy = shop.get("case_manager", f"/v1/policies/{case.look()['policy']['profile']}")
    window = timedelta(seconds=policy["evidence_days"] * policy["day_seconds"])
    given = ""

    def question(who: str) -> Json:
        due = written(datetime.now(UTC) + window)
        words = f"What does the {who} say?"
        return {"party": who.upper(), "types": ["STATEMENT"], "due_at": due, "question": words}

    for who in ("buyer", "seller"):
        asked = question(who)
        made = case.do("case_manager", "claim/request-evidence", asked)
        must(made["status"] == "CLAIM_EVIDENCE", "a new window is open")
        must(made["evidence_due_at"] == asked["due_at"], "the window is the one asked for")
        case.mail(who, asked["question"])
        if who == "buyer":
            answer = {"type": "STATEMENT", "text": "It was scratched when I opened it."}
            given = str(case.do(who, "evidence", answer, 201)["evidence_id"])
        case.do(who, "evidence-complete")
        if given and who == "buyer":
            must(
                case.look()["status"] == "CLAIM_EVIDENCE",
                "the seller may answer what the buyer has given since",
            )
            case.do("seller", "evidence-complete")
        must(case.look()["status"] == "UNDER_REVIEW", "the review goes on")
    case.do("case_manager", "claim/request-evidence", question("seller"), 409, "LIMIT_REACHED")
    return given


def check_export(export: Json) -> None:
    """The hash chain of a case file, by nothing but the file."""
    previous = export["chain"]["genesis"]
    for seq, entry in enumerate(export["timeline"], start=1):
        row = {name: entry[name] for name in ("seq", "at", "actor", "type", "data", "prev_hash")}
        # A text beside the entry is shown in its place; the entry has its digest alone.
        row["data"] = {
            **row["data"],
            **dict.fromkeys(row["data"].keys() & row["data"].get("digests", {}), ""),
        }
        row["dispute_id"] = export["dispute"]["dispute_id"]
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        must(
            (entry["seq"], entry["prev_hash"]) == (seq, previous), f"entry {seq} follows from the one before"
        )
        previous = hashlib.sha256(text.encode()).hexdigest()
        must(entry["hash"] == previous, f"the hash of entry {seq}")
    must(export["chain"]["head"] == previous, "the head of the chain")
    must(export["chain"]["length"] == len(export["timeline"]), "the length of the chain")
    say(f"  an export of {len(export['timeline'])} entries, its chain unbroken")


def files_that_are_refused(shop: Shop, _bus: Bus) -> None:
    """A file that is not what it was said to be, and files that are too big; then the buyer gives up."""
    case = Dispute(shop)
    case.open("NOT_AS_DESCRIBED")
    evidence_id, form = case.give("buyer", PNG, "scan.pdf", "application/pdf")
    must(shop.upload(form, PNG) == 204, "the upload is taken")
    item = case.checked("buyer", evidence_id)
    must((item["status"], item["counts"]) == ("REFUSED", False), "it does not count")
    must(item["files"][0]["refusal"] == "WRONG_TYPE", "its owner reads why")
    case.mail("buyer", "Your evidence was refused")
    case.look("seller", f"/evidence/{evidence_id}", 404)
    _, form = case.give("buyer", PNG, "photo.png", "image/png")
    must(shop.upload(form, PNG + b"!") == 400, "one byte more than was said is not taken")
    say("  a byte more than was said: S3 refuses it")
    file = {"name": "a.mp4", "media_type": "video/mp4", "size": MOST_BYTES + 1, "sha256": "0" * 64}
    for name, value in (("size", MOST_BYTES + 1), ("media_type", "image/svg+xml")):
        wrong = {"type": "VIDEO", "files": [{**file, "size": 10, name: value}]}
        problem = case.do("buyer", "evidence", wrong, 400, "VALIDATION_FAILED")
        must(problem["errors"][0]["pointer"] == f"/files/0/{name}", f"the problem names {name}")
    case.do("buyer", "cancel", {"acknowledge_consequences": False}, 400)
    case.do("buyer", "cancel", {"acknowledge_consequences": True})
    must(case.look()["outcome"]["code"] == "CANCELLED_BY_BUYER", "cancelled by the buyer")
    case.must_have_happened(
        "DISPUTE_OPENED", "EVIDENCE_SUBMITTED", "EVIDENCE_REFUSED", "EVIDENCE_SUBMITTED", "CANCELLED"
    )
    shop.post("buyer", f"/v1/orders/{case.order_id}/confirm-receipt", {"acknowledge_consequences": True})
    say("the buyer confirms the receipt: the order is complete")


Story = Callable[[Shop, Bus], None]
STORIES: tuple[Story, ...] = (arrives_after_all, decided_in_part, files_that_are_refused)


def main(arguments: list[str], stories: tuple[Story, ...] = STORIES) -> int:
    """Play everything; 1 at the first difference."""
    stack, document = (json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments)
    shop = Shop(stack, Contract(document))
    bus = Bus(shop)
    bus.listen()
    try:
        for story in stories:
            say(f"== {story.__doc__}")
            story(shop, bus)
    except DifferenceError as difference:
        say(f"DIFFERENCE: {difference}")
        return 1
    finally:
        bus.stop()
    contract = shop.contract
    say(f"{contract.checked} answers of {len(contract.operations)} operations as the document says, ")
    say(f"{shop.clicks} double clicks, each with one answer and one effect")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
