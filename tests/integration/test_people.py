"""Erasing and exporting what is kept of a person, over moto: the calls, the sweeper, the rows and the files (R48)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.composition import container
from tests.integration.conftest import TABLE_NAME
from tests.integration.test_evidence_files import BUCKET, PNG, arrive
from tests.integration.test_handlers import BACKEND, BUYER, SELLER, order_body
from tests.support.api_events import ENVIRONMENT, document
from tests.support.fake_signer import SIGNER
from tests.support.in_process import WORKERS, call

PERSON = "buyer-1"
# What the buyer, the shop for the buyer, and the other side say; each in a place of its own.
WORDS = {
    name: f"canary-{name}"
    for name in (
        "email", "name", "street", "description", "how", "note", "message", "text", "file", "metadata", "claim", "to",
    )
}  # fmt: skip
OTHER_SIDE = "The seller's own words."


@pytest.fixture
def shop(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (ENVIRONMENT | WORKERS).items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    built = container.get()
    built.signer = built.public_keys = SIGNER
    yield
    container.get.cache_clear()


def said(action: str, caller: Any, body: object = None, **ids: str) -> Any:
    answer = call(action, caller, body, **ids)
    assert answer["statusCode"] in (200, 201), answer
    return document(answer)


def ordered(order_id: str = "A-1") -> None:
    body = order_body() | {
        "buyer": {"email": f"{WORDS['email']}@example.com", "name": WORDS["name"]},
        "delivery_address": {"lines": [WORDS["street"]], "postal_code": "1000", "country": "BR"},
    }
    said("put_order", BACKEND, body, order_id=order_id)


def disputed(bucket: Any) -> str:
    """A case in which both sides have said all that they can, still open."""
    ordered()
    opening = {
        "order_id": "A-1",
        "reason": "NOT_RECEIVED",
        "description": WORDS["description"],
        "seller_contacted": {"contacted": True, "how": WORDS["how"]},
        "requested_refund": {"amount_minor": 2000, "currency": "USD"},
    }
    case = str(said("open_dispute", BUYER, opening)["dispute_id"])
    for caller, text in ((BUYER, WORDS["message"]), (SELLER, OTHER_SIDE)):
        said("send_message", caller, {"text": text}, dispute_id=case)
    offer = {"type": "REFUND", "refund": {"amount_minor": 900, "currency": "USD"}, "note": WORDS["note"]}
    said("make_offer", BUYER, offer, dispute_id=case)
    said("make_offer", SELLER, offer | {"note": OTHER_SIDE}, dispute_id=case)
    for caller, name in ((BUYER, f"{WORDS['file']}.png"), (SELLER, "label.png")):
        stated = {
            "name": name,
            "media_type": "image/png",
            "size": len(PNG),
            "sha256": hashlib.sha256(PNG).hexdigest(),
        }
        text = WORDS["text"] if caller is BUYER else OTHER_SIDE
        item = said(
            "add_evidence", caller, {"type": "PHOTO", "text": text, "files": [stated]}, dispute_id=case
        )
        arrive(bucket, item)
    said("put_metadata", BACKEND, {"metadata": {"basket": WORDS["metadata"]}}, dispute_id=case)
    return case


def cancelled(case: str) -> None:
    said("cancel_dispute", BUYER, {"acknowledge_consequences": True}, dispute_id=case)


def swept(after: timedelta = timedelta(days=8), has_time: Any = lambda: True) -> dict[str, int]:
    """The sweeper's round so much later."""

    class Later:
        def now(self) -> datetime:
            return datetime.now(UTC) + after

    sweeper = container.get().sweeper
    assert sweeper.eraser is not None
    late = replace(sweeper, clock=Later(), eraser=replace(sweeper.eraser, clock=Later()))
    return {
        name: count for name, count in sweep(late, has_time).items() if "erase" in name or "erasu" in name
    }


def stored(table: Any) -> str:
    """All that the table holds, answers unpacked."""
    from buyer_protection.adapters.dynamodb.stored_responses import inflate

    found = []
    for item in table.scan(TableName=TABLE_NAME)["Items"]:
        if item["pk"]["S"].startswith("IDEM#"):
            found.append(inflate(item["body"]["B"]).decode())
        found.append(json.dumps({name: value for name, value in item.items() if "B" not in value}))
    return "\n".join(found)


def planted(text: str) -> set[str]:
    return {word for word in WORDS.values() if word in text}


def keys_in(bucket: Any) -> list[str]:
    found = bucket.list_object_versions(Bucket=BUCKET)
    assert "DeleteMarkers" not in found
    return sorted(it["Key"] for it in found.get("Versions", ()))


def code_of(action: str, **ids: str) -> tuple[int, str]:
    answer = call(action, BACKEND, **ids)
    return answer["statusCode"], document(answer).get("code", "")


@pytest.mark.usefixtures("shop")
def test_r48_what_a_person_said_is_gone_and_the_case_of_the_other_side_is_whole(
    table: Any,
    bucket: Any,
) -> None:
    from tests.unit.application.exported_cases import VERIFY

    case = disputed(bucket)
    assert code_of("erase_person", person_id=PERSON) == (409, "DISPUTES_OPEN")
    cancelled(case)
    assert len(planted(stored(table))) >= 10
    before = said("export_case", SELLER, dispute_id=case)
    files = keys_in(bucket)
    chain, keys_known = before["chain"], said("list_keys", SELLER)["items"]

    asked = said("erase_person", BACKEND, person_id=PERSON)
    assert (asked["status"], asked["ended_at"]) == ("WAITING", None)
    assert said("erase_person", BACKEND, person_id=PERSON) == asked
    assert swept(timedelta(days=6)) == {}
    assert swept() == {"people_erased": 1}
    assert swept(timedelta(days=9)) == {}

    assert planted(stored(table)) == set()
    # Of each side a file, and the copy and thumbnail that were made of it (R49).
    assert [it.split("/")[0] for it in files] == ["copies"] * 4 + ["evidence"] * 2
    of_seller = [it for it in files if "/ev-2/" in it]
    assert len(of_seller) == 3
    assert keys_in(bucket) == sorted(["erasures/" + PERSON, *of_seller])
    after = said("export_case", SELLER, dispute_id=case)
    assert planted(json.dumps(after)) == set()
    assert after["chain"] == chain
    assert VERIFY.first_fault(after, keys_known) is None
    assert {it["state"] for it in after["texts"]} == {"SHOWN", "ERASED"}
    assert json.dumps(after).count(OTHER_SIDE) == json.dumps(before).count(OTHER_SIDE) == 3
    seller = said("get_evidence", SELLER, dispute_id=case, evidence_id="ev-2")
    assert seller["files"][0]["name"] == "label.png"
    assert said("get_evidence", SELLER, dispute_id=case, evidence_id="ev-1")["files"] == []
    amounts = [(it["offer_id"], it["refund"], it["made_at"]) for it in before["offers"]]
    assert [(it["offer_id"], it["refund"], it["made_at"]) for it in after["offers"]] == amounts


@pytest.mark.usefixtures("shop")
def test_r48_an_erasure_can_be_stopped_until_it_begins() -> None:
    ordered()
    assert code_of("stop_erasing_person", person_id=PERSON) == (404, "NOT_FOUND")
    assert code_of("erase_person", person_id="nobody") == (404, "NOT_FOUND")
    said("erase_person", BACKEND, person_id=PERSON)
    assert said("stop_erasing_person", BACKEND, person_id=PERSON)["status"] == "STOPPED"
    assert said("stop_erasing_person", BACKEND, person_id=PERSON)["status"] == "STOPPED"
    assert swept() == {}
    assert said("erase_person", BACKEND, person_id=PERSON)["status"] == "WAITING"
    assert swept() == {"people_erased": 1}
    assert code_of("stop_erasing_person", person_id=PERSON) == (409, "TOO_LATE")


@pytest.mark.usefixtures("shop")
def test_r48_a_call_that_is_repeated_is_answered_as_before_and_asks_nothing_anew() -> None:
    ordered()
    asking, stopping = "k-asking-once-00", "k-stopping-once-0"
    asked = said("erase_person", BACKEND, person_id=PERSON, key=asking)
    stopped = said("stop_erasing_person", BACKEND, person_id=PERSON, key=stopping)
    assert (asked["status"], stopped["status"]) == ("WAITING", "STOPPED")
    assert said("erase_person", BACKEND, person_id=PERSON, key=asking) == asked
    assert swept() == {}
    assert said("erase_person", BACKEND, person_id=PERSON)["status"] == "WAITING"
    assert said("stop_erasing_person", BACKEND, person_id=PERSON, key=stopping) == stopped
    assert swept() == {"people_erased": 1}


@pytest.mark.usefixtures("shop")
def test_r48_what_is_opened_meanwhile_and_a_legal_hold_delay_it(table: Any, bucket: Any) -> None:
    ordered("A-2")
    said("erase_person", BACKEND, person_id=PERSON)
    case = disputed(bucket)
    assert swept() == {"erasures_delayed": 1}
    cancelled(case)
    people, now = container.get().people, datetime.now(UTC)
    assert people.hold(None, case, now)
    assert not people.hold(None, case, now)
    assert swept(timedelta(days=10)) == {"erasures_delayed": 1}
    assert people.lift(None, case, now)
    assert not people.lift(None, case, now)
    assert people.hold(PERSON, None, now)
    assert swept(timedelta(days=12)) == {"erasures_delayed": 1}
    assert people.lift(PERSON, None, now)
    assert swept(timedelta(days=14)) == {"people_erased": 1}
    assert planted(stored(table)) == set()


@pytest.mark.usefixtures("shop")
def test_r48_a_hold_refuses_the_request() -> None:
    ordered()
    container.get().people.hold(PERSON, None, datetime.now(UTC))
    assert code_of("erase_person", person_id=PERSON) == (409, "LEGAL_HOLD")


@pytest.mark.usefixtures("shop")
def test_r48_a_hold_on_the_other_side_keeps_the_cases_of_both(bucket: Any) -> None:
    case = disputed(bucket)
    cancelled(case)
    people, now = container.get().people, datetime.now(UTC)
    people.hold("seller-1", None, now)
    assert code_of("erase_person", person_id=PERSON) == (409, "LEGAL_HOLD")
    people.lift("seller-1", None, now)
    said("erase_person", BACKEND, person_id=PERSON)


@pytest.mark.usefixtures("shop")
def test_r48_a_hold_stops_an_erasure_where_it_is(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    half_erased(table, monkeypatch)
    left, people, now = stored(table), container.get().people, datetime.now(UTC)
    people.hold(PERSON, None, now)
    assert swept() == {"erasures_delayed": 1}
    assert stored(table).count(WORDS["name"]) == left.count(WORDS["name"])
    people.lift(PERSON, None, now)
    assert swept(timedelta(days=10)) == {"people_erased": 1}
    assert planted(stored(table)) == set()


@pytest.mark.usefixtures("shop")
def test_r48_an_unpaid_refund_refuses_the_request(bucket: Any) -> None:
    case = disputed(bucket)
    said("accept_offer", SELLER, dispute_id=case, offer_id="of-2")
    assert code_of("erase_person", person_id=PERSON) == (409, "REFUND_UNPAID")


def half_erased(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure for which a round had no time after two of four orders."""
    monkeypatch.setattr("buyer_protection.application.workers.erasure.PAGE", 1)
    for number in range(4):
        ordered(f"A-{number}")
    said("erase_person", BACKEND, person_id=PERSON)
    # One question before the row, one before each order: two orders fit into the first round.
    left = iter([True] * 5 + [False] * 9)
    assert swept(has_time=lambda: next(left)) == {"people_erased_in_part": 1}
    assert 0 < stored(table).count(WORDS["name"]) < 4


@pytest.mark.usefixtures("shop")
def test_r48_a_round_without_time_is_gone_on_with(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    half_erased(table, monkeypatch)
    assert swept(timedelta(days=9)) == {"people_erased": 1}
    assert planted(stored(table)) == set()


@pytest.mark.usefixtures("shop")
def test_r48_a_restored_table_is_brought_up_by_the_notes_whose_data_was_erased() -> None:
    ordered()
    said("erase_person", BACKEND, person_id=PERSON)
    swept()
    sweeper = container.get().sweeper
    assert sweeper.eraser is not None
    assert [name for name, _ in sweeper.eraser.files.noted_erasures()] == [PERSON]


@pytest.mark.usefixtures("shop")
def test_r48_an_export_has_the_persons_own_and_nothing_of_the_others(bucket: Any) -> None:
    case = disputed(bucket)
    said("send_message", BUYER, {"text": WORDS["claim"]}, dispute_id=case)
    export = said("export_person", BACKEND, person_id=PERSON)
    text = json.dumps(export)
    assert planted(text) == set(WORDS.values()) - {WORDS["metadata"], WORDS["to"]}
    assert OTHER_SIDE not in text
    assert "seller@example.com" not in text
    assert "salt" not in text
    assert [(it["role"], it["dispute_id"], it["order_id"]) for it in export["items"]] == [
        ("BUYER", case, None),
        ("BUYER", None, "A-1"),
    ]
    links = [it["downloads"] for it in export["items"][0]["records"] if "downloads" in it]
    assert len(links) == 1
    assert links[0]["f-1"]["url"].startswith("https://")
    theirs = json.dumps(said("export_person", BACKEND, person_id="seller-1"))
    assert planted(theirs) == set()
    assert theirs.count(OTHER_SIDE) == 3
    assert code_of("export_person", person_id="nobody") == (404, "NOT_FOUND")


@pytest.mark.usefixtures("shop")
def test_r48_an_export_comes_in_parts() -> None:
    for number in range(3):
        ordered(f"A-{number}")
    query = {"page_size": ["2"]}
    first = document(call("export_person", BACKEND, person_id=PERSON, query=query))
    token = {"page_token": [first["next_page_token"]]}
    second = document(call("export_person", BACKEND, person_id=PERSON, query=query | token))
    found = [it["order_id"] for it in (*first["items"], *second["items"])]
    assert sorted(found) == ["A-0", "A-1", "A-2"]
    assert second["next_page_token"] is None
    other = call("export_person", BACKEND, person_id="seller-1", query=query | token)
    assert other["statusCode"] == 400


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("action", ["export_person", "erase_person", "stop_erasing_person"])
def test_r48_only_the_shops_backend_may(action: str) -> None:
    for caller in (BUYER, SELLER):
        assert call(action, caller, person_id=PERSON)["statusCode"] == 403


@pytest.mark.usefixtures("shop")
def test_r48_an_address_mark_goes_with_its_address(table: Any) -> None:
    from buyer_protection.application.ports.mail_transport import AddressMark, address_id
    from buyer_protection.domain.mail_alert import MailProblem

    ordered()
    mark = address_id(f"{WORDS['email']}@example.com")
    book = container.get().address_book
    book.mark(mark, AddressMark(MailProblem.UNDELIVERABLE, datetime.now(UTC), "dp-1"))
    pk, sk = keys.address(mark)
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    kept = int(table.get_item(TableName=TABLE_NAME, Key=key)["Item"]["expires_at"]["N"])
    assert kept > datetime.now(UTC).timestamp() + 1_000 * 86_400
    said("erase_person", BACKEND, person_id=PERSON)
    swept()
    gone = int(table.get_item(TableName=TABLE_NAME, Key=key)["Item"]["expires_at"]["N"])
    assert gone < datetime.now(UTC).timestamp() + 9 * 86_400
