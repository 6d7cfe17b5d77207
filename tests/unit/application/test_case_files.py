"""The evidence guide, and the case file whose chain anybody can check without us (R10, R21, R25, R26, R32)."""

from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.actions import case_file, claim, messages
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.schemas.requests import (
    DecisionRequest,
    EvidenceRequest,
    FileModel,
    MessageRequest,
)
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DecisionReason,
    DeliveryMethod,
    EvidenceType,
    MediaType,
    Reason,
    ReturnCondition,
    Status,
)
from buyer_protection.domain.errors import ForbiddenError, NotFoundError
from tests.support.builders import order, shipment
from tests.support.fake_signer import SIGNER
from tests.support.fakes import World
from tests.unit.application.exported_cases import VERIFY, exported
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    SHOP,
    acknowledged,
    call,
    case_of,
    decide,
    doc,
    evidence,
    offer,
    return_shipped,
    wait_until_due,
    world_in,
)


def lively() -> World:
    """A negotiation with offers, messages in another script, evidence of both sides, one item withdrawn."""
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 700)
    messages.send_message(of.context, call(BUYER), CASE, MessageRequest("Où est-il? 在哪里 😀"))
    for caller in (BUYER, SELLER):
        evidence(of, caller)
    giving.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")
    return of


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("caller", [BUYER, SELLER, MANAGER])
def test_r25_the_chain_of_an_exported_case_holds_in_every_status(status: Status, caller: Caller) -> None:
    assert VERIFY.first_fault(exported(world_in(status), caller)) is None


def test_r21_the_case_file_holds_everything_that_its_reader_may_have() -> None:
    of = lively()
    file = exported(of)
    assert file["exported_at"] == "2026-03-10T13:00:00.000Z"
    assert (file["dispute"]["dispute_id"], file["dispute"]["version"]) == (CASE, case_of(of).version)
    assert [one["offer_id"] for one in file["offers"]] == ["of-1", "of-2"]
    assert [one["text"] for one in file["messages"]] == ["Où est-il? 在哪里 😀"]
    assert [one["evidence_id"] for one in file["evidence"]] == ["ev-2"]
    assert [one["type"] for one in file["timeline"]][-1] == "EVIDENCE_WITHDRAWN"
    assert file["chain"] == {
        "algorithm": "SHA-256 over canonical JSON",
        "genesis": "0" * 64,
        "head": case_of(of).timeline_hash,
        "length": len(of.timeline[CASE]),
    }


def test_r25_the_grounds_of_a_decision_stay_in_the_case_file_after_a_ruling_on_its_return() -> None:
    """How a case ended is the last ruling; what it was about to pay, and why, is the one before."""
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    assert exported(of)["settlement"] is None
    decide(of, with_return=True)
    return_shipped(of)
    cited = doc(evidence(of, SELLER))["evidence_id"]
    acknowledged(of, ReturnCondition.NOT_RECEIVED, (cited,))
    wait_until_due(of)
    asked = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.RETURN_REJECTED], "It was empty.")
    claim.decide_claim(of.context, call(MANAGER), CASE, asked)
    for caller in (BUYER, SELLER, MANAGER):
        file = exported(of, caller)
        assert file["settlement"]["code"] == "DECIDED_BUYER_FAVOUR"
        assert (file["settlement"]["rationale"], file["settlement"]["return_required"]) == ("No proof.", True)
        ended = file["dispute"]["outcome"]
        assert (ended["code"], ended["rationale"]) == ("DECIDED_SELLER_FAVOUR", "It was empty.")


def test_r26_the_other_sides_unfinished_upload_is_in_nobody_elses_case_file() -> None:
    of = world_in(Status.NEGOTIATION)
    stated = FileModel("a.png", MediaType.PNG, 4, "0" * 64)
    asked = EvidenceRequest(EvidenceType.PHOTO, files=[stated])
    giving.add_evidence(of.context, of.files, call(SELLER), CASE, asked)
    assert exported(of, SELLER)["evidence"]
    for caller in (BUYER, MANAGER):
        assert exported(of, caller)["evidence"] == []


def _forge(file: dict[str, Any]) -> None:
    file["timeline"][2]["data"]["forged"] = True


def _backdate(file: dict[str, Any]) -> None:
    file["timeline"][1]["at"] = "2026-01-01T00:00:00.000Z"


def _blame(file: dict[str, Any]) -> None:
    file["timeline"][1]["actor"]["role"] = "BUYER"


def _drop(file: dict[str, Any]) -> None:
    del file["timeline"][2]


def _shorten(file: dict[str, Any]) -> None:
    del file["timeline"][-1]


def _swap(file: dict[str, Any]) -> None:
    lines = file["timeline"]
    lines[1], lines[2] = lines[2], lines[1]


def _of_another_case(file: dict[str, Any]) -> None:
    file["dispute"]["dispute_id"] = "dp-2"


def _relink(file: dict[str, Any]) -> None:
    file["timeline"][3]["prev_hash"] = "f" * 64


def _rewrite(file: dict[str, Any]) -> None:
    """An entry changed and its own hash made to fit: the next one gives it away."""
    entry = file["timeline"][1]
    entry["data"] = {}
    entry["hash"] = VERIFY.digest(CASE, entry)


def _rewrite_the_last(file: dict[str, Any]) -> None:
    entry = file["timeline"][-1]
    entry["data"] = {}
    entry["hash"] = VERIFY.digest(CASE, entry)


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (_forge, "entry 3 was changed"),
        (_backdate, "entry 2 was changed"),
        (_blame, "entry 2 was changed"),
        (_drop, "entry 3 is missing"),
        (_shorten, "the chain does not end where the file says"),
        (_swap, "entry 2 is missing"),
        (_of_another_case, "entry 1 was changed"),
        (_relink, "entry 4 does not follow from the one before"),
        (_rewrite, "entry 3 does not follow from the one before"),
        (_rewrite_the_last, "the chain does not end where the file says"),
    ],
)
def test_r25_tampering_with_a_case_file_is_found_and_located(
    tamper: Callable[[dict[str, Any]], None], fault: str
) -> None:
    file = exported(lively())
    assert VERIFY.first_fault(file) is None
    tamper(file)
    assert VERIFY.first_fault(file) == fault


def test_r25_exporting_changes_nothing_and_gives_no_contact_data() -> None:
    of = lively()
    writes = of.writes
    for caller in (BUYER, SELLER, MANAGER):
        answer = case_file.export_case(of.context, SIGNER, call(caller), CASE)
        assert b"example.com" not in answer.body
    assert of.writes == writes


@pytest.mark.parametrize(("caller", "refusal"), [(OTHER_BUYER, NotFoundError), (SHOP, ForbiddenError)])
def test_r01_h4_a_stranger_and_the_backend_get_no_case_file_and_no_guide(
    caller: Caller, refusal: type[Exception]
) -> None:
    of = lively()
    with pytest.raises(refusal):
        exported(of, caller)
    with pytest.raises(refusal):
        guide(of, caller)


def guide(of: World, caller: Caller) -> dict[str, tuple[str, int]]:
    body = doc(case_file.get_evidence_guide(of.context, call(caller), CASE))
    return {line["type"]: (line["weight"], line["given"]) for line in body["items"]}


def test_r26_the_guide_counts_what_its_reader_has_given_and_what_was_withdrawn_is_gone() -> None:
    of = world_in(Status.NEGOTIATION)
    evidence(of, BUYER)
    evidence(of, BUYER)
    assert guide(of, BUYER)["STATEMENT"] == ("REQUIRED", 2)
    giving.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")
    assert guide(of, BUYER)["STATEMENT"] == ("REQUIRED", 1)
    assert guide(of, SELLER)["PROOF_OF_SHIPMENT"] == ("REQUIRED", 0)


def test_r32_a_parcel_against_signature_asks_the_seller_for_the_signature() -> None:
    of = world_in(Status.NEGOTIATION)
    assert "PROOF_OF_DELIVERY_SIGNATURE" not in guide(of, SELLER)
    signed = shipment(delivery_method=DeliveryMethod.SIGNATURE)
    of.orders_kept["order-1"] = order(shipments=(signed,))
    assert guide(of, SELLER)["PROOF_OF_DELIVERY_SIGNATURE"] == ("REQUIRED", 0)
    about_quality = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    about_quality.orders_kept["order-1"] = order(shipments=(signed,))
    assert "PROOF_OF_DELIVERY_SIGNATURE" not in guide(about_quality, SELLER)


def test_r26_the_guide_is_for_the_parties() -> None:
    with pytest.raises(ForbiddenError):
        guide(lively(), MANAGER)
