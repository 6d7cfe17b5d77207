"""Evidence files on the deployed stack: uploaded straight to S3, verified, and had only by those who may (R26)."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from tests.e2e.case import Case
from tests.e2e.uploads import PDF, PNG, described, http_call, read, send, settled, submit
from tests.e2e.world import Json, World
from tests.support.pictures import HEIC, PLANTED

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
    for who in ("buyer", "seller", "case_manager"):
        seen = read(case, who, item["evidence_id"])
        for file, content in zip(seen["files"], (PNG, PDF), strict=True):
            had = http_call("GET", file["download"]["url"])
            as_uploaded = who != "seller" or content is PDF
            assert (had.status, had.body == content) == (200, as_uploaded)
            assert had.headers["content-disposition"].startswith("attachment;")
            assert had.headers["content-type"] == file["media_type"]
    assert world.client.get("other_buyer", path).status == 404
    happened = [entry["type"] for entry in case.timeline()]
    assert happened[1:] == ["EVIDENCE_SUBMITTED", "EVIDENCE_FILE_VERIFIED", "EVIDENCE_ADDED"]


def with_place() -> bytes:
    """The demo's JPEG has none: one with a place, a device and a name in its EXIF, and more behind its end."""
    known = Image.Exif()
    known[0x0110], known[0x013B] = "PLANTED model", "PLANTED artist"
    known[0x8825] = {1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 17.25), 29: "PLANTED date"}
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(written, "JPEG", exif=known, comment=b"PLANTED")
    return written.getvalue() + b"PLANTED"


def test_r49_pictures_reach_the_other_side_without_metadata(case: Case) -> None:
    jpeg = with_place()
    files = {"a.jpg": (jpeg, "image/jpeg"), "b.heic": (HEIC, "image/heic")}
    item = submit(case, "buyer", *(described(it, name, kind) for name, (it, kind) in files.items()))
    for file, (content, _) in zip(item["files"], files.values(), strict=True):
        assert file["warnings"] == []
        assert send(file["upload"], content).status == 204
    assert settled(case, "buyer", item["evidence_id"])["status"] == "ACCEPTED"

    for who in ("buyer", "case_manager"):
        seen = read(case, who, item["evidence_id"])["files"]
        assert [http_call("GET", file["download"]["url"]).body for file in seen] == [jpeg, HEIC]
    for file in read(case, "seller", item["evidence_id"])["files"]:
        for link in (file["download"], file["copy"]["download"], file["thumbnail"]):
            had = http_call("GET", link["url"])
            assert (had.status, had.headers["content-type"]) == (200, "image/jpeg")
            assert not any(word in had.body for word in PLANTED)
            assert dict(Image.open(io.BytesIO(had.body)).getexif()) == {}
        copy = http_call("GET", file["download"]["url"]).body
        assert (len(copy), hashlib.sha256(copy).hexdigest()) == (file["copy"]["size"], file["copy"]["sha256"])
        assert file["copy"]["name"] in ("a.jpg", "b.jpg")


def test_r49_what_cannot_be_cleaned_is_warned_of_when_it_is_announced(case: Case) -> None:
    film = described(PNG, "film.mov", "video/quicktime")
    item = submit(case, "seller", described(PDF, "a.pdf", "application/pdf"), film, kind="VIDEO")
    assert [file["warnings"] for file in item["files"]] == [["METADATA_STAYS"]] * 2


@pytest.mark.parametrize(
    ("content", "stated", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n ...", described(b"\x89PNG\r\n\x1a\n ..."), "NOT_READABLE"),
        (PNG, described(PNG, "scan.pdf", "application/pdf"), "WRONG_TYPE"),
        (PNG, {**described(PNG), "sha256": "0" * 64}, "WRONG_CHECKSUM"),
    ],
    ids=["no-picture", "a-png-named-pdf", "another-checksum"],
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

    file = read(case, "seller", item["evidence_id"])["files"][0]
    assert http_call("GET", file["download"]["url"]).body == PNG
    copy = http_call("GET", read(case, "buyer", item["evidence_id"])["files"][0]["download"]["url"]).body
    assert hashlib.sha256(copy).hexdigest() == file["copy"]["sha256"]


def test_r1_a_stranger_gets_the_answer_of_what_never_was(world: World, case: Case) -> None:
    item = submit(case, "buyer", described(PNG))
    for who in ("other_buyer", "other_seller"):
        there = world.client.get(who, f"{case.path}/evidence/{item['evidence_id']}")
        absent = world.client.get(who, f"{case.path}/evidence/ev-4711")
        assert there.status == absent.status == 404
        assert there.code == absent.code
