"""A dispute of a buyer and a seller of its own, with words of each side wherever people write, to be erased (Q37).

Whatever is kept of it is read from outside: rows, files, logs, and the answers of every call that reads.
"""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from PIL import Image

from buyer_protection.adapters.dynamodb.stored_responses import inflate
from infra.routes import SPECS
from local import aws
from local.client import BACKEND
from local.people import create_person
from tests.e2e.canaries import Planted
from tests.e2e.case import Case, usd
from tests.e2e.matrix import stretch
from tests.e2e.uploads import described, send, settled, submit
from tests.e2e.waiting import instant, until, until_clock, utc_now
from tests.e2e.world import Json, World

# A name with digits is shown to nobody.
WITHOUT_DIGITS = str.maketrans("0123456789", "ghijklmnop")
READERS = ("buyer", "seller", "case_manager", "operator", BACKEND)


@dataclass
class ErasedLife:
    """The case at its end. `own` has the buyer's words, `quoted` what the team wrote of them, `others` what stays."""

    case: Case
    own: Planted = field(default_factory=Planted)
    quoted: Planted = field(default_factory=Planted)
    others: Planted = field(default_factory=Planted)
    # By side: the ids of its items with a picture, and the pictures.
    items: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    # The buyer's message as it was sent, by which it can be sent again.
    message: Json = field(default_factory=dict)

    def of(self, who: str) -> Planted:
        """The words of a side."""
        return self.own if who == "buyer" else self.others

    def erased_hits(self, text: str) -> list[str]:
        """Of the words that erasing takes, those in the text."""
        return self.own.hits(text) + self.quoted.hits(text)

    @property
    def person_id(self) -> str:
        """The buyer's id."""
        return self.case.world.stack.people["buyer"].sub


def life_to_erase(world: World) -> ErasedLife:
    """The whole dispute, until its last mail has left."""
    life = ErasedLife(Case(_world_of_own_parties(world)))
    for stage in (negotiate, claim):
        stage(life)
    until("all mails have left", lambda: all(row["status"] != "PENDING" for row in life.case.outbox()))
    return life


def _world_of_own_parties(world: World) -> World:
    cognito, pool = aws.client(world.workspace, "cognito-idp"), world.stack.user_pool_id
    own = {
        party: create_person(cognito, pool, f"erased-{party}-{secrets.token_hex(4)}")
        for party in ("buyer", "seller")
    }
    made = World(world.workspace, replace(world.stack, people={**world.stack.people, **own}))
    # One that were attached now would not have heard everything.
    made.bus = world.bus
    return made


def negotiate(life: ErasedLife) -> None:
    """The order, the opening, offers, messages, and what each side shows."""
    case, own = life.case, life.own
    body = case.order_body(utc_now() - timedelta(seconds=6 * case.world.day))
    for party in ("buyer", "seller"):
        words = life.of(party)
        words.words["name"] = words.word("name").translate(WITHOUT_DIGITS)
        body[party] |= {"name": words.words["name"], "email": f"{words.word('mail')}@example.com"}
    postal_code = own.word("postal code")
    address = {"lines": [own.word("street")], "postal_code": postal_code[-20:], "country": "BR"}
    own.words["postal code"] = address["postal_code"]
    order = body | {"delivery_address": address}
    assert case.world.client.put(BACKEND, f"/v1/orders/{case.order_id}", order).status == 201
    opening = case.opening() | {
        "description": own.word("description"),
        "seller_contacted": {"contacted": True, "how": own.word("how the seller was contacted")},
    }
    opened = case.world.client.post("buyer", "/v1/disputes", opening)
    assert opened.status == 201, opened
    case.dispute_id = opened.body["dispute_id"]
    stretch(case)
    life.message = {"body": {"text": own.word("message")}, "key": secrets.token_urlsafe(24)}
    case.act("buyer", "messages", life.message["body"], key=life.message["key"])
    case.act("seller", "messages", {"text": life.others.word("message")})
    for who in ("seller", "buyer"):
        case.act(who, "offers", {"type": "REFUND", "refund": usd(100), "note": life.of(who).word("note")})
        case.act(who, "evidence", {"type": "STATEMENT", "text": life.of(who).word("statement")})
        show_picture(life, who)


def show_picture(life: ErasedLife, who: str) -> None:
    """A photo that says the side's word in its metadata, with a copy and a thumbnail made of it."""
    case, words = life.case, life.of(who)
    known, written = Image.Exif(), io.BytesIO()
    known[0x013B] = words.word("artist of the picture")
    Image.new("RGB", (64, 48), "orange").save(written, "JPEG", exif=known)
    content = written.getvalue()
    item = submit(case, who, described(content, f"{words.word('name of the file')}.jpg", "image/jpeg"))
    assert send(item["files"][0]["upload"], content).status == 204
    checked = settled(case, who, item["evidence_id"])
    assert checked["status"] == "ACCEPTED"
    life.items[who], life.pictures[who] = item["evidence_id"], content


def claim(life: ErasedLife) -> None:
    """The claim, what the team writes of it, and a decision for the seller, so that no refund is owed."""
    case = life.case
    until_clock(instant(case.look()["escalation_available_at"]))
    text = {"claim_reason": "OTHER", "text": life.own.word("claim")}
    case.act("buyer", "escalate", {"confirm_no_agreement": True, **text})
    for who in ("buyer", "seller"):
        case.act(who, "evidence-complete")
    case.take_claim()
    case.act("case_manager", "claim/notes", {"text": life.quoted.word("the team's note")})
    rationale = life.others.word("rationale")
    ruling = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": rationale}
    case.act("case_manager", "claim/decision", ruling)


def erase(life: ErasedLife) -> None:
    """Have the person erased, and wait until it is done."""
    world = life.case.world
    asked = world.client.post(BACKEND, f"/v1/people/{life.person_id}/erase")
    assert (asked.status, asked.body["status"]) == (200, "WAITING")
    until_clock(instant(asked.body["effective_at"]))

    def ended() -> Json | None:
        world.sweep()
        row = world.row(f"PERSON#{life.person_id}", "ERASURE") or {}
        return row if row["status"] == "DONE" else None

    done = until("the person is erased", ended)
    assert instant((done or {})["ended_at"]) >= instant(asked.body["effective_at"])


# --- what is kept, from outside


def in_the_table(world: World) -> str:
    """Every row, with what is kept packed unpacked."""
    pages = world.dynamodb.get_paginator("scan").paginate(TableName=world.stack.table_name)
    return "\n".join(_text_of(item) for page in pages for item in page["Items"])


def _text_of(item: Json) -> str:
    packed = [inflate(value["B"]).decode() for value in item.values() if "B" in value]
    return "\n".join([*packed, json.dumps(item, default=str, ensure_ascii=False)])


def in_the_bucket(world: World, bucket: str | None = None) -> dict[tuple[str, str], bytes]:
    """Every version of every object, of the evidence where no other bucket is named, by key and version; a delete
    marker is an empty one."""
    s3, bucket = aws.client(world.workspace, "s3"), bucket or world.stack.evidence_bucket
    found: dict[tuple[str, str], bytes] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found |= {(it["Key"], it["VersionId"]): b"" for it in page.get("DeleteMarkers", ())}
        for it in page.get("Versions", ()):
            read = s3.get_object(Bucket=bucket, Key=it["Key"], VersionId=it["VersionId"])
            found[it["Key"], it["VersionId"]] = read["Body"].read()
    return found


def answers(life: ErasedLife) -> dict[tuple[str, str], str]:
    """What every call that reads answers to everybody, by caller and call, where it is answered at all."""
    return {
        (who, action): text
        for who in READERS
        for action, path in paths_of(life.case, life.items)
        if (text := _answer(life.case.world, who, path)) is not None
    }


def paths_of(case: Case, items: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every call that reads: its name and its path. `items` are those of evidence, by side."""
    people = case.world.stack.people
    known = {
        "dispute_id": case.dispute_id,
        "order_id": case.order_id,
        "person_id": people["buyer"].sub,
        "seller_id": people["seller"].sub,
        "profile": "aliexpress-classic",
    }
    for row in (it for it in SPECS if it.method == "GET"):
        asked = set(re.findall(r"{(.*?)}", row.path))
        if asked <= known.keys():
            yield row.id, row.path.format(**known)
        elif asked <= {*known, "evidence_id"}:
            for side, item in items.items():
                yield f"{row.id} of the {side}", row.path.format(**known, evidence_id=item)


def _answer(world: World, who: str, path: str) -> str | None:
    answer = world.client.get(who, path)
    assert answer.status < 500, (who, path, answer)
    return json.dumps(answer.body, ensure_ascii=False) if answer.status == 200 else None


def export_of(world: World, person_id: str) -> list[Json]:
    """All parts of a person's export, as the shop's backend gets them."""
    found: list[Json] = []
    query: dict[str, str | int] = {"page_size": 1}
    while True:
        path = f"/v1/people/{person_id}/export"
        answer: Any = world.client.call(BACKEND, "POST", path, body={}, query=query)
        assert answer.status == 200, answer
        found += answer.body["items"]
        if not answer.body["next_page_token"]:
            return found
        query["page_token"] = answer.body["next_page_token"]
