"""A case that meets nearly every call, with a canary in everything that people write, are or sign in with.

Changed reason, offers, files, messages, a claim, a question, a decision with a return, a return that is not in order,
the second decision; and calls that are refused.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from local import logs
from local.client import BACKEND
from tests.e2e.case import Case, usd
from tests.e2e.matrix import stretch
from tests.e2e.uploads import PNG, described, http_call, read, send, settled, submit
from tests.e2e.waiting import instant, stated, until, until_clock, utc_now
from tests.e2e.world import Json, World

PARTS_OF_A_LINK = {"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "policy", "x-amz-signature"}


@dataclass
class Planted:
    """Every canary by where it was put: unique, so that a hit names its leak."""

    words: dict[str, str] = field(default_factory=dict)

    def word(self, place: str) -> str:
        assert place not in self.words
        self.words[place] = f"Canary{secrets.token_hex(8)}"
        return self.words[place]

    def secret(self, place: str, value: str) -> None:
        """Something that is not ours to choose: a token, a part of a link."""
        assert len(value) >= 16, place
        self.words[place] = value

    def link(self, place: str, url: str) -> None:
        for name, value in parse_qsl(urlsplit(url).query):
            if name in PARTS_OF_A_LINK:
                self.secret(f"{place} {name}", unquote(value))

    def hits(self, text: str) -> list[str]:
        return [place for place, word in self.words.items() if word in text]


def order_of(case: Case, planted: Planted) -> Json:
    """The order as the shop sends it, with a canary in each text."""
    body = case.order_body(utc_now() - timedelta(seconds=6 * case.world.day))
    for party in ("buyer", "seller"):
        address = f"{planted.word(f'{party} mail')}@example.com"
        body[party] |= {"name": planted.word(f"{party} name"), "email": address}
    body["items"][0]["title"] = planted.word("title")
    body["shipments"][0] |= {
        "tracking_number": planted.word("tracking number"),
        "carrier": planted.word("carrier"),
    }
    lines = [planted.word("address"), planted.word("address 2")]
    body["delivery_address"] = {
        "lines": lines,
        "postal_code": planted.word("postal code")[:20],
        "country": "BR",
    }
    planted.words["postal code"] = body["delivery_address"]["postal_code"]
    return body


def negotiate(case: Case, planted: Planted) -> None:
    """The order, the opening, the parcel, an offer; evidence with files, one of them refused."""
    client = case.world.client
    assert client.put(BACKEND, f"/v1/orders/{case.order_id}", order_of(case, planted)).status == 201
    opening = case.opening() | {"description": planted.word("description")}
    refused = client.post("buyer", "/v1/disputes", opening | {planted.word("unknown field"): 1})
    assert refused.status == 400
    broken = client.post("buyer", "/v1/disputes", b'{"description": "' + planted.word("broken").encode())
    assert broken.status == 400
    case.dispute_id = client.post("buyer", "/v1/disputes", opening).body["dispute_id"]
    stretch(case)
    # The mail about the opening quotes the description that the change of the reason replaces.
    until("the opening's mails have left", lambda: (mails := case.outbox()) and not _pending(mails))
    assert case.track("DELIVERED", "scan-1", utc_now()).status == 201
    changed = {"reason": "NOT_AS_DESCRIBED", "description": planted.word("other description")}
    case.act("buyer", "change-reason", changed)
    offer = {"type": "REFUND", "refund": usd(100), "note": planted.word("note")}
    offered = case.act("seller", "offers", offer)["offer_id"]
    case.act("buyer", f"offers/{offered}/decline")
    case.act("buyer", "evidence", {"type": "STATEMENT", "text": planted.word("statement")})
    give_file(case, planted, "buyer", "image/png")
    give_file(case, planted, "seller", "application/pdf")


def _pending(mails: list[Json]) -> list[Json]:
    return [row for row in mails if row["status"] == "PENDING"]


def give_file(case: Case, planted: Planted, who: str, media_type: str) -> None:
    """A PNG that is stated to be this; the links to send it and to have it are canaries as well."""
    name = f"{planted.word(f'{who} file')}.png"
    item = submit(case, who, described(PNG, name, media_type))
    form = item["files"][0]["upload"]
    for field_name, value in form["fields"].items():
        if field_name in PARTS_OF_A_LINK:
            planted.secret(f"{who} upload {field_name}", value)
    assert send(form, PNG).status == 204
    checked = settled(case, who, item["evidence_id"])
    assert (checked["status"] == "ACCEPTED") == (media_type == "image/png")
    if checked["status"] == "ACCEPTED":
        link = read(case, "seller", item["evidence_id"])["files"][0]["download"]["url"]
        planted.link(f"{who} download", link)
        assert http_call("GET", link).status == 200


def claim(case: Case, planted: Planted) -> None:
    """The claim up to a decision that asks for a return."""
    until_clock(instant(case.look()["escalation_available_at"]))
    text = planted.word("claim text")
    case.act("buyer", "escalate", {"confirm_no_agreement": True, "claim_reason": "OTHER", "text": text})
    for who in ("buyer", "seller", "case_manager"):
        case.act(who, "messages", {"text": planted.word(f"message of the {who}")})
    for who in ("buyer", "seller"):
        case.act(who, "evidence-complete")
    case.act("case_manager", "claim/assign", {"assignee": case.world.stack.people["case_manager"].sub})
    due = stated(utc_now() + timedelta(days=1))
    question = {"party": "BUYER", "types": ["PHOTO"], "due_at": due, "question": planted.word("question")}
    case.act("case_manager", "claim/request-evidence", question)
    case.act("buyer", "evidence-complete")
    ruling = {"outcome": "BUYER_FAVOUR", "reasons": ["ITEM_DAMAGED"], "rationale": planted.word("rationale")}
    case.act("case_manager", "claim/decision", ruling | {"return_required": True})


def send_back(case: Case, planted: Planted) -> None:
    """A return that is not in order, and what the team makes of it."""
    lines = [planted.word("return address")]
    case.act(
        "seller", "return/address", {"address": {"lines": lines, "postal_code": "1000", "country": "PT"}}
    )
    parcel = {"carrier": planted.word("return carrier"), "tracking_number": planted.word("return tracking")}
    case.act("buyer", "return/shipment", parcel)
    statement = {"type": "STATEMENT", "text": planted.word("return statement")}
    item = case.act("seller", "evidence", statement)["evidence_id"]
    received = {"condition": "DAMAGED", "note": planted.word("return note"), "evidence_ids": [item]}
    case.act("seller", "return/acknowledge", received)
    # Both are heard about the return first (R42).
    for who in ("buyer", "seller"):
        case.act(who, "evidence-complete")
    ruling = {"outcome": "SELLER_FAVOUR", "reasons": ["RETURN_REJECTED"], "rationale": planted.word("second")}
    case.act("case_manager", "claim/decision", ruling)


@dataclass
class Life:
    """The case at its end and all that was planted in it."""

    case: Case
    planted: Planted


def planted_life(world: World) -> Life:
    """The whole life, until its last mail has left."""
    case, planted = Case(world), Planted()
    for who in ("buyer", "seller", "case_manager"):
        planted.secret(f"token of the {who}", world.client.token(who).split(".")[2])
    planted.secret("the backend's secret", world.stack.backend.secret_access_key)
    for stage in (negotiate, claim, send_back):
        stage(case, planted)
    until("all mails have left", lambda: (mails := case.outbox()) and not _pending(mails))
    return Life(case, planted)


# --- where nothing of it may be


def in_the_logs(case: Case) -> str:
    """Every line that the functions wrote."""
    return "\n".join(line.message for line in logs.read(case.world.workspace))


def in_the_events(case: Case) -> str:
    """What the bus carried about the case."""
    return "\n".join(str(event) for event in case.world.bus.heard(case.dispute_id))


def in_the_histories(case: Case) -> str:
    """All executions of the case, with what they were given and what each step said."""
    world, found = case.world, []
    for run in world.runs(case.dispute_id):
        arn = world.execution_arn(case.dispute_id, run.generation)
        pages = world.machine.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True
        )
        found += [str(event) for page in pages for event in page["events"]]
        found.append(str(world.machine.describe_execution(executionArn=arn)))
    return "\n".join(found)
