"""Copies of pictures through the use cases: made before a file counts, and who is given what (R49)."""

import hashlib
from dataclasses import replace

import pytest

from buyer_protection.application.actions import evidence
from buyer_protection.application.ports.pictures import CleaningFailedError
from buyer_protection.application.workers.uploads import OvertakenError, Verdict
from buyer_protection.domain.enums import FileRefusal, MediaType, Status
from buyer_protection.domain.proof import digest_of, file_facts
from buyer_protection.domain.timeline import first_break
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, call, case_of
from tests.unit.application.test_verifying_uploads import PDF, PNG, fresh, get, model, submit, upload, verify


def without_copies(of: World) -> None:
    """The item as it was verified before copies were made."""
    item = of.evidence[CASE]["ev-1"]
    files = tuple(replace(file, copy=None, thumbnail=None) for file in item.files)
    of.evidence[CASE]["ev-1"] = replace(item, files=files)


def test_r49_the_other_side_gets_the_copy_and_its_owner_and_the_team_the_original() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    verify(of, uploaded)
    place = uploaded.place
    for who, key in ((BUYER, place.key), (MANAGER, place.key), (SELLER, place.copy_key)):
        (file,) = get(of, who)["files"]
        assert file["download"]["url"].startswith(f"https://bucket.test/{key}?")
        assert file["copy"]["download"]["url"].startswith(f"https://bucket.test/{place.copy_key}?")
        assert file["thumbnail"]["url"].startswith(f"https://bucket.test/{place.thumbnail_key}?")
    (copy,) = of.files.objects[place.copy_key].values()
    assert (file["copy"]["size"], file["copy"]["sha256"]) == (len(copy), hashlib.sha256(copy).hexdigest())
    assert file["sha256"] == hashlib.sha256(PNG).hexdigest()


def test_r49_files_that_are_no_pictures_reach_the_other_side_as_they_are_and_say_so_before() -> None:
    of = fresh()
    item = submit(of, model(PDF, MediaType.PDF, "a.pdf"))
    assert item["files"][0]["warnings"] == ["METADATA_STAYS"]
    verify(of, upload(of, item, PDF))
    (file,) = get(of, SELLER)["files"]
    assert "evidence/" in file["download"]["url"]
    assert not {"copy", "thumbnail"} & set(file)
    assert of.pictures.cleaned == 0


@pytest.mark.parametrize("refusal", ["NOT_READABLE", "TOO_MANY_PIXELS", "ANIMATED"])
def test_r49_a_picture_of_which_there_can_be_no_copy_is_refused_and_the_case_goes_on(refusal: str) -> None:
    of = fresh()
    of.pictures.refusal = FileRefusal(refusal)
    assert verify(of, upload(of, submit(of), PNG)) is Verdict.REFUSED
    assert get(of, BUYER)["files"][0]["refusal"] == refusal
    assert not any(of.files.objects.values())
    of.pictures.refusal = None
    item = submit(of)
    verify(of, upload(of, item, PNG))
    assert case_of(of).evidence_by_buyer == 1


def test_r49_a_copy_that_cannot_be_made_now_leaves_the_file_pending_until_it_can() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    of.pictures.failure = CleaningFailedError()
    with pytest.raises(CleaningFailedError):
        verify(of, uploaded)
    assert get(of, BUYER)["status"] == "PENDING"
    of.pictures.failure = None
    assert verify(of, uploaded) is Verdict.VERIFIED


def test_r49_what_was_verified_without_a_copy_is_not_handed_to_the_other_side_until_there_is_one() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    verify(of, uploaded)
    without_copies(of)
    entries = len(of.timeline[CASE])
    assert not {"download", "copy", "thumbnail"} & set(get(of, SELLER)["files"][0])
    assert "download" in get(of, BUYER)["files"][0]
    # As `python -m ops copy-pictures` sends it, also where the case has ended.
    of.cases_kept[CASE] = replace(of.cases_kept[CASE], status=Status.DECIDED)
    assert verify(of, uploaded) is Verdict.COPIED
    assert verify(of, uploaded) is Verdict.NOTHING_TO_DO
    assert "/copy?" in get(of, SELLER)["files"][0]["download"]["url"]
    assert len(of.timeline[CASE]) == entries


def test_r49_a_picture_of_before_of_which_there_can_be_no_copy_stays_with_its_owner_and_the_team() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    verify(of, uploaded)
    without_copies(of)
    of.pictures.refusal = FileRefusal.NOT_READABLE
    assert verify(of, uploaded) is Verdict.NO_COPY
    assert "download" not in get(of, SELLER)["files"][0]
    assert get(of, SELLER)["status"] == "ACCEPTED"


def test_r49_copies_that_others_overtake_are_removed_and_tried_again() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    verify(of, uploaded)
    without_copies(of)

    def withdraw() -> None:
        evidence.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")

    of.before_commit = withdraw
    with pytest.raises(OvertakenError):
        verify(of, uploaded)
    assert len(of.files.objects[uploaded.place.copy_key]) == 1
    assert verify(of, uploaded) is Verdict.NOTHING_TO_DO


def test_r49_the_digest_of_the_copy_is_in_the_entry_that_says_that_the_file_was_verified() -> None:
    of = fresh()
    item = submit(of, model(), model(PDF, MediaType.PDF, "b.pdf"))
    verify(of, upload(of, item, PNG))
    verify(of, upload(of, item, PDF, 1))
    verified, added = of.timeline[CASE][-2:]
    (file, _) = of.evidence[CASE]["ev-1"].files
    assert file.copy is not None
    assert verified.data["digests"] == {"f-1_copy": digest_of(file_facts(file.copy), file.copy.salt)}
    assert "digests" not in added.data
    assert first_break(of.timeline[CASE]) is None
