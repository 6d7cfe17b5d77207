"""Evidence files on the deployed stack: uploaded straight to S3, verified, and had only by those who may (R26)."""

from __future__ import annotations

import pytest

from tests.e2e.case import Case
from tests.e2e.uploads import PDF, PNG, described, http_call, read, send, settled, submit
from tests.e2e.world import Json, World

pytestmark = pytest.mark.usefixtures("calm")

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    return Case.opened(world, "NOT_AS_DESCRIBED")


def test_r26_a_file_counts_once_it_is_verified_and_downloads_as_an_attachment(
    world: World, case: Case
) -> None:
    item = submit(case, "buyer", described(PNG), described(PDF, "../contract.exe", "application/pdf"))
    path = f"{case.path}/evidence/{item['evidence_id']}"
    assert (item["status"], item["counts"]) == ("PENDING", False)
    assert world.client.get("seller", path).status == 404, "what does not count yet is its owner's alone"
    assert send(item["files"][0]["upload"], PNG).status == 204
    assert send(item["files"][1]["upload"], PDF).status == 204

    item = settled(case, "buyer", item["evidence_id"])

    assert (item["status"], item["counts"]) == ("ACCEPTED", True)
    assert [file["name"] for file in item["files"]] == ["the parcel.png", "_contract.exe.pdf"]
    for who in ("seller", "case_manager"):
        seen = read(case, who, item["evidence_id"])
        for file, content in zip(seen["files"], (PNG, PDF), strict=True):
            had = http_call("GET", file["download"]["url"])
            assert (had.status, had.body) == (200, content)
            assert had.headers["content-disposition"].startswith("attachment;")
            assert had.headers["content-type"] == file["media_type"]
    assert world.client.get("other_buyer", path).status == 404
    happened = [entry["type"] for entry in case.timeline()]
    assert happened[1:] == ["EVIDENCE_SUBMITTED", "EVIDENCE_FILE_VERIFIED", "EVIDENCE_ADDED"]


@pytest.mark.parametrize(
    ("content", "stated", "reason"),
    [
        (PNG, described(PNG, "scan.pdf", "application/pdf"), "WRONG_TYPE"),
        (PNG, {**described(PNG), "sha256": "0" * 64}, "WRONG_CHECKSUM"),
    ],
    ids=["a-png-named-pdf", "another-checksum"],
)
def test_r26_a_file_that_is_not_what_was_said_is_refused_and_reported_to_its_owner(
    world: World, content: bytes, stated: Json, reason: str
) -> None:
    case = Case.opened(world)
    item = submit(case, "seller", stated, kind="PROOF_OF_SHIPMENT")
    assert send(item["files"][0]["upload"], content).status == 204

    item = settled(case, "seller", item["evidence_id"])

    assert (item["status"], item["counts"]) == ("REFUSED", False)
    assert (item["files"][0]["status"], item["files"][0]["refusal"]) == ("REFUSED", reason)
    assert "download" not in item["files"][0]
    case.await_mail("SELLER", "EVIDENCE_REFUSED")
    assert case.read("buyer", f"{case.path}/evidence")["items"] == []
    assert [
        entry["data"]["files"][0]["reason"]
        for entry in case.timeline()
        if entry["type"] == "EVIDENCE_REFUSED"
    ] == [reason]


def test_r26_s3_takes_exactly_the_key_type_and_size_that_were_stated(case: Case) -> None:
    upload = submit(case, "buyer", described(PNG))["files"][0]["upload"]

    assert send(upload, PNG + b"x").status == 400
    assert send(upload, PNG[:-1]).status == 400
    assert send(upload, PNG, key=upload["fields"]["key"] + "2").status == 403
    assert send(upload, PNG, **{"Content-Type": "text/html"}).status == 403


def test_r26_more_than_fifty_megabytes_and_other_types_are_not_even_begun(case: Case) -> None:
    for stated in (
        {**described(PNG), "size": 50 * MIB + 1},
        {**described(PNG), "size": 0},
        {**described(PNG), "media_type": "image/svg+xml"},
        {**described(PNG), "sha256": "abc"},
    ):
        answer = case.post("buyer", "evidence", {"type": "PHOTO", "files": [stated]})
        assert (answer.status, answer.code) == (400, "VALIDATION_FAILED"), stated


def test_r26_what_was_verified_stays_what_is_downloaded(case: Case) -> None:
    item = submit(case, "seller", described(PNG))
    upload = item["files"][0]["upload"]
    assert send(upload, PNG).status == 204
    settled(case, "seller", item["evidence_id"])
    other = PNG[:-1] + b"\x00"

    send(upload, other)

    file = read(case, "buyer", item["evidence_id"])["files"][0]
    assert http_call("GET", file["download"]["url"]).body == PNG


def test_r1_a_stranger_gets_the_answer_of_what_never_was(world: World, case: Case) -> None:
    item = submit(case, "buyer", described(PNG))
    for who in ("other_buyer", "other_seller"):
        there = world.client.get(who, f"{case.path}/evidence/{item['evidence_id']}")
        absent = world.client.get(who, f"{case.path}/evidence/ev-4711")
        assert there.status == absent.status == 404
        assert there.code == absent.code
