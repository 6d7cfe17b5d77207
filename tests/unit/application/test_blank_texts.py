"""R22 at every text that has to say something: without one visible character it is none, whoever sends it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import beside, claim, orders, parcels, returns, templates
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.events import OrderUpserted
from buyer_protection.application.schemas.requests import (
    AddressModel,
    ChangeReasonRequest,
    ContactModel,
    DecisionRequest,
    EvidenceQuestionRequest,
    NoteRequest,
    OrderItemModel,
    ReturnAddressRequest,
    ReturnShipmentRequest,
    ShipmentModel,
    TemplateRequest,
)
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.domain.enums import DecisionOutcome, DecisionReason, EvidenceType, Reason, Status
from buyer_protection.domain.errors import ImpossibleError, InvalidRequestError
from tests.support.builders import OPENED, SHIPPED
from tests.support.fake_system import FixedClock
from tests.support.fake_templates import MemoryTemplates
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    SHOP,
    address_confirmed,
    call,
    case_of,
    doc,
    wish,
    world,
    world_in,
)
from tests.unit.application.order_calls import LINES, projection, put

BLANKS = ["\u200b", "\u2800", "\u00ad", "\u3164", " \u200b\u2060 "]
Call = Callable[[World, str], object]


def opens(of: World, text: str) -> object:
    return open_dispute(of.context, call(BUYER), wish(description=text))


def changes_the_reason(of: World, text: str) -> object:
    asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, None, text)
    return parcels.change_reason(of.context, call(BUYER), CASE, asked)


def decides(of: World, text: str) -> object:
    asked = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.OTHER], text)
    return claim.decide_claim(of.context, call(MANAGER), CASE, asked)


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


ORDER_TEXTS: tuple[tuple[str, Callable[[str], dict[str, Any]]], ...] = (
    ("/buyer/name", lambda text: {"buyer": ContactModel(name=text, email="buyer@example.com")}),
    ("/seller/name", lambda text: {"seller": ContactModel(name=text, email="seller@example.com")}),
    ("/items/1/title", lambda text: {"items": [LINES[0], OrderItemModel("i-2", text, 1, 500)]}),
    ("/shipments/0/carrier", lambda text: {"shipments": [ShipmentModel("s-1", text, "T-1", SHIPPED)]}),
    ("/shipments/0/tracking_number", lambda text: {"shipments": [ShipmentModel("s-1", "P", text, SHIPPED)]}),
    ("/delivery_address/lines", lambda text: {"delivery_address": AddressModel([text, "  "], "1", "PT")}),
    ("/delivery_address/postal_code", lambda text: {"delivery_address": AddressModel(["Way 1"], text, "PT")}),
)
# Beside those above: blanks, bidi controls, and what Unicode has given to nobody or to no one character.
NOBODY_SEES = [*BLANKS, "   ", "\u202e\u2066\u2069", "\u0378", "\ue000", "\U000e0041"]


@pytest.mark.parametrize(("pointer", "said"), ORDER_TEXTS, ids=[pointer for pointer, _ in ORDER_TEXTS])
def test_r22_every_text_of_an_order_needs_a_visible_character(
    pointer: str, said: Callable[[str], dict[str, Any]]
) -> None:
    for blank in NOBODY_SEES:
        of = world()
        with pytest.raises(ImpossibleError) as refused:
            put(of, **said(blank))
        assert [(one.pointer, one.code) for one in refused.value.fields] == [(pointer, "NOTHING_VISIBLE")]
        assert put(of, **said(f"{blank}a"))["warnings"] == []


@pytest.mark.parametrize(("pointer", "said"), ORDER_TEXTS, ids=[pointer for pointer, _ in ORDER_TEXTS])
def test_r38_over_the_bus_an_order_with_such_a_text_is_taken_with_a_warning(
    pointer: str, said: Callable[[str], dict[str, Any]]
) -> None:
    of = world()
    for version, blank in enumerate(NOBODY_SEES):
        at = OPENED + timedelta(minutes=version)
        of.clock.at = at
        event = OrderUpserted(order_id="order-1", order=projection(**said(blank)), at=at)
        assert receive_event(of.context, event, at) is Outcome.RECORDED
        shown = doc(orders.get_order(of.context, call(SHOP), "order-1"))
        assert shown["warnings"] == ["TEXT_NOT_VISIBLE"], (pointer, blank)
    # A party hears nothing of the other side's contact.
    is_the_sellers = pointer == "/seller/name"
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert shown["warnings"] == ([] if is_the_sellers else ["TEXT_NOT_VISIBLE"])


def test_r22_all_texts_that_nobody_can_see_are_named_at_once() -> None:
    of = world()
    with pytest.raises(ImpossibleError) as refused:
        put(of, buyer=ContactModel(name=" "), items=[OrderItemModel(f"i-{n}", " ", 1, 1) for n in range(3)])
    assert [one.pointer for one in refused.value.fields] == [
        "/buyer/name",
        "/items/0/title",
        "/items/1/title",
        "/items/2/title",
    ]
