"""R22 at every text that has to say something: without one visible character it is none, whoever sends it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from buyer_protection.application.actions import beside, claim, parcels, returns, templates
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.requests import (
    AddressModel,
    ChangeReasonRequest,
    DecisionRequest,
    EvidenceQuestionRequest,
    NoteRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
    TemplateRequest,
)
from buyer_protection.domain.enums import DecisionOutcome, DecisionReason, EvidenceType, Reason, Status
from buyer_protection.domain.errors import InvalidRequestError
from tests.support.builders import OPENED
from tests.support.fake_system import FixedClock
from tests.support.fake_templates import MemoryTemplates
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    address_confirmed,
    call,
    case_of,
    wish,
    world,
    world_in,
)

BLANKS = ["\u200b", "\u2800", "\u00ad", "\u3164", " \u200b\u2060 "]
Call = Callable[[World, str], object]


def opens(of: World, text: str) -> object:
    return open_dispute(of.context, call(BUYER), wish(description=text))


def changes_the_reason(of: World, text: str) -> object:
    asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, None, text)
    return parcels.change_reason(of.context, call(BUYER), CASE, asked)


def decides(of: World, text: str) -> object:
    asked = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.OTHER], text)
    return claim.decide_claim(of.context, of.team, call(MANAGER), CASE, asked)


def asks(of: World, text: str) -> object:
    due = of.clock.at + timedelta(days=3)
    asked = EvidenceQuestionRequest("BUYER", [EvidenceType.PHOTO], due, text)
    return claim.request_evidence(of.context, call(MANAGER), CASE, asked)


def writes_a_note(of: World, text: str) -> object:
    return beside.write_note(of.context, call(MANAGER), CASE, NoteRequest(text))


def confirms_an_address(of: World, text: str) -> object:
    asked = ReturnAddressRequest(AddressModel([text, "  "], text, "CN"))
    return returns.confirm_return_address(of.context, call(SELLER), CASE, asked)


def ships_with_a_carrier(of: World, text: str) -> object:
    asked = ReturnShipmentRequest(text, "RT-1")
    return returns.register_return_shipment(of.context, call(BUYER), CASE, asked)


def ships_under_a_number(of: World, text: str) -> object:
    asked = ReturnShipmentRequest("Post", text)
    return returns.register_return_shipment(of.context, call(BUYER), CASE, asked)


def _addressed() -> World:
    of = world_in(Status.AWAITING_RETURN)
    address_confirmed(of)
    return of


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    ("made", "attempt", "pointer"),
    [
        (world, opens, "/description"),
        (lambda: world_in(Status.NEGOTIATION), changes_the_reason, "/description"),
        (lambda: world_in(Status.UNDER_REVIEW), decides, "/rationale"),
        (lambda: world_in(Status.UNDER_REVIEW), asks, "/question"),
        (lambda: world_in(Status.UNDER_REVIEW), writes_a_note, "/text"),
        (lambda: world_in(Status.AWAITING_RETURN), confirms_an_address, "/address/lines"),
        (_addressed, ships_with_a_carrier, "/carrier"),
        (_addressed, ships_under_a_number, "/tracking_number"),
    ],
)
def test_r22_a_text_without_a_visible_character_is_refused_and_with_one_taken(
    made: Callable[[], World], attempt: Call, pointer: str, blank: str
) -> None:
    of = made()
    before = of.cases_kept.get(CASE)
    with pytest.raises(InvalidRequestError) as refused:
        attempt(of, blank)
    assert refused.value.rule == "R22"
    assert [(one.pointer, one.code) for one in refused.value.fields] == [(pointer, "NOTHING_VISIBLE")]
    assert of.cases_kept.get(CASE) is before
    attempt(of, f"{blank}a")


def test_r36_an_address_of_blanks_does_not_let_a_return_lapse_against_the_buyer() -> None:
    of = world_in(Status.AWAITING_RETURN)
    with pytest.raises(InvalidRequestError):
        confirms_an_address(of, " ")
    assert case_of(of).return_address_confirmed_at is None


@pytest.mark.parametrize("blank", BLANKS)
def test_r22_a_template_needs_a_name_and_texts_that_can_be_seen(blank: str) -> None:
    store = MemoryTemplates()
    for request, pointer in (
        (TemplateRequest(blank, {"en": "No proof."}), "/name"),
        (TemplateRequest("No proof", {"en": "No proof.", "pt": blank}), "/texts"),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            templates.put_template(store, FixedClock(OPENED), call(MANAGER), "no-proof", request)
        assert [(one.pointer, one.code) for one in refused.value.fields] == [(pointer, "NOTHING_VISIBLE")]
    assert not store.templates()
