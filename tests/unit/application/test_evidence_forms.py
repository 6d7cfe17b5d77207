"""The form of an upload, again while it is valid, and an item given up before its files have come (C4, C5)."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.evidence_files import FilePlace
from buyer_protection.application.schemas.requests import EvidenceRequest, FileModel
from buyer_protection.application.workers.uploads import Upload, Verdict, verify_upload
from buyer_protection.domain.enums import EvidenceType, MediaType, Status
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.timeline import instant
from tests.support.builders import DAY, POLICY
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, call, case_of, doc, tick, world_in

FIVE_MINUTES = timedelta(minutes=5)
PNG = b"\x89PNG\r\n\x1a\n"


def announce(of: World, caller: Caller = BUYER) -> dict[str, Any]:
    stated = FileModel("a.png", MediaType.PNG, len(PNG), hashlib.sha256(PNG).hexdigest())
    asked = EvidenceRequest(EvidenceType.PHOTO, files=[stated])
    return doc(giving.add_evidence(of.context, of.files, call(caller), CASE, asked))


def look(of: World, caller: Caller, evidence_id: str) -> dict[str, Any]:
    found = giving.get_evidence(of.context, of.files, call(caller), CASE, evidence_id, scanning=False)
    file: dict[str, Any] = doc(found)["files"][0]
    return file


def test_c5_r22_the_owner_gets_the_form_again_while_it_is_valid() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    item = announce(of)
    first = item["files"][0]["upload"]
    assert first["expires_at"] == instant(of.clock.at + FIVE_MINUTES)
    of.clock.at += timedelta(minutes=2)
    again = look(of, BUYER, item["evidence_id"])["upload"]
    assert (again["expires_at"], again["fields"]) == (first["expires_at"], first["fields"])
    # It never outlasts the first.
    assert again["url"].endswith("expires=180")
    of.clock.at += timedelta(minutes=3)
    assert "upload" not in look(of, BUYER, item["evidence_id"])


@pytest.mark.parametrize("caller", [SELLER, MANAGER])
def test_c5_r26_nobody_else_gets_the_form(caller: Caller) -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    item = announce(of)
    with pytest.raises(NotFoundError):
        look(of, caller, item["evidence_id"])


def test_c5_a_file_that_has_come_has_no_form_any_more() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    item = announce(of)
    place = FilePlace(CASE, item["evidence_id"], "f-1")
    of.files.upload(place.key, PNG)
    assert verify_upload(of.context, of.files, of.pictures, Upload(place), scanning=False) is Verdict.VERIFIED
    assert "upload" not in look(of, BUYER, item["evidence_id"])


@pytest.mark.parametrize(("day_seconds", "seconds"), [(86_400, 300), (60, 30), (2, 1), (0.5, 1)])
def test_c4_r22_a_form_lives_half_a_policy_day_where_that_is_shorter(
    day_seconds: float, seconds: int
) -> None:
    of = world_in(Status.NEGOTIATION)
    of.cases_kept[CASE] = replace(case_of(of), policy=replace(POLICY, day_seconds=day_seconds))
    of.clock.at = case_of(of).opened_at
    upload = announce(of)["files"][0]["upload"]
    assert upload["url"].endswith(f"expires={seconds}")
    life = min(FIVE_MINUTES, timedelta(seconds=day_seconds / 2))
    assert upload["expires_at"] == instant(of.clock.at + life)


def test_c4_r22_a_file_that_arrives_after_the_window_and_within_its_form_counts() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    deadline = case_of(of).deadline
    assert deadline is not None
    before = case_of(of).evidence_by_buyer
    of.clock.at = deadline - timedelta(seconds=1)
    place = FilePlace(CASE, announce(of)["evidence_id"], "f-1")
    of.clock.at = deadline + timedelta(seconds=1)
    tick(of)
    of.files.upload(place.key, PNG)
    of.clock.at += timedelta(seconds=1)
    assert verify_upload(of.context, of.files, of.pictures, Upload(place), scanning=False) is Verdict.VERIFIED
    assert case_of(of).evidence_by_buyer == before + 1
    of.clock.at = deadline + DAY
    tick(of)
    assert case_of(of).status is Status.UNDER_REVIEW


def test_c5_r26_what_is_given_up_is_gone_and_its_upload_is_discarded() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    item = announce(of)
    giving.withdraw_evidence(of.context, call(BUYER), CASE, item["evidence_id"])
    giving.complete_evidence(of.context, call(BUYER), CASE)
    with pytest.raises(NotFoundError):
        look(of, BUYER, item["evidence_id"])
    place = FilePlace(CASE, item["evidence_id"], "f-1")
    version = of.files.upload(place.key, PNG)
    assert (
        verify_upload(of.context, of.files, of.pictures, Upload(place), scanning=False)
        is Verdict.NOTHING_TO_DO
    )
    assert of.files.deleted == [(place.key, version)]
