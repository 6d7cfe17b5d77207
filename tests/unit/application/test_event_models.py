"""The events: committed schemas are those of the models, and whatever is sent fits its own."""

import json
from collections.abc import Callable

import msgspec
import pytest
from jsonschema import Draft202012Validator

from buyer_protection.adapters.aws.event_bus import EventBridgeBus
from buyer_protection.application.actions import beside, claim, messages, negotiation, orders, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.ports.events import SCHEMA_VERSION
from buyer_protection.application.schemas.events import INBOUND, OUTBOUND
from buyer_protection.application.schemas.requests import (
    ChangeReasonRequest,
    ConfirmReceiptRequest,
    EvidenceQuestionRequest,
    MessageRequest,
    MoneyModel,
    OfferRequest,
)
from buyer_protection.domain.enums import (
    DecisionOutcome,
    EvidenceType,
    OfferType,
    Reason,
    ReturnCondition,
    Status,
    SubReason,
)
from buyer_protection.domain.refunds import give_up, hold, release
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    acknowledged,
    call,
    cancel,
    decide,
    evidence,
    offer,
    take_claim,
    wait_until_due,
    world_in,
)
from tests.unit.application.mail_lives import deliver
from tests.unit.application.refund_steps import fail, pay, refund
from tools.event_schemas import DIALECT, FOLDER, files, schema_of

CONTRACT_OUT = {
    "DisputeOpened",
    "OfferMade",
    "OfferAccepted",
    "DisputeEscalated",
    "EvidenceRequested",
    "DisputeDecided",
    "DisputeResolved",
    "DisputeCancelled",
    "RefundRequested",
    "OrderHeld",
    "OrderReleased",
    "DeadlineMissed",
    "DecisionOverdue",
    "RefundPaid",
    "RefundHeld",
    "RefundGivenUp",
    "ParcelDelivered",
    "OrderCompleted",
    "DisputeReasonChanged",
    "MessageSent",
    "EvidenceAdded",
    "OfferDeclined",
    "OfferWithdrawn",
    "ReviewStarted",
    "ReturnAddressConfirmed",
    "ReturnShipped",
    "ReturnProblem",
    "ReturnClosed",
}
CONTRACT_IN = {"OrderUpserted", "TrackingUpdated", "OrderRefunded", "RefundSucceeded", "RefundFailed"}
# Texts that people write in these lives: none of them may leave by an event.
WRITTEN = ("It never came.", "a note", "No answer.", "So it was.", "No proof.", "Which parcel?", "@example")


def asked_for_evidence(of: World) -> None:
    question = EvidenceQuestionRequest(
        "SELLER", [EvidenceType.PROOF_OF_SHIPMENT], of.clock.at + 2 * DAY, "Which parcel?"
    )
    take_claim(of)
    claim.request_evidence(of.context, call(MANAGER), CASE, question)


def offers_twice(of: World) -> None:
    offer(of, SELLER, 500)
    offer(of, SELLER, 600)


def team_proposes(of: World) -> None:
    take_claim(of)
    request = OfferRequest(OfferType.REFUND, MoneyModel(700, "USD"), "a note")
    beside.propose_settlement(of.context, call(MANAGER), CASE, request)


def confirm_receipt(of: World) -> None:
    orders.confirm_receipt(of.context, call(BUYER), "order-1", ConfirmReceiptRequest(True))


def agreed_on_return(of: World) -> None:
    offer(of, SELLER, 500, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")


def what_became_of_the_refund(of: World) -> None:
    for step in (refund(hold), refund(release), fail, refund(give_up), pay, fail):
        of.clock.at += DAY
        step(of)


def talk(of: World) -> None:
    """A message, another reason, and an offer of each side that comes to nothing."""
    parcels.change_reason(
        of.context, call(BUYER), CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED)
    )
    messages.send_message(of.context, call(SELLER), CASE, MessageRequest("So it was."))
    offer(of, SELLER, 500)
    negotiation.decline_offer(of.context, call(BUYER), CASE, "of-2")
    offer(of, BUYER, 900)
    negotiation.withdraw_offer(of.context, call(BUYER), CASE, "of-3")


def nothing_more_to_add(of: World) -> None:
    evidence(of, BUYER)
    for party in (BUYER, SELLER):
        giving.complete_evidence(of.context, call(party), CASE)


def return_torn(of: World) -> None:
    evidence(of, SELLER)
    acknowledged(of, ReturnCondition.DAMAGED, ("ev-1",))


LIVES: dict[str, tuple[Status, Callable[[World], object]]] = {
    "cancelled": (Status.NEGOTIATION, cancel),
    "settled": (Status.NEGOTIATION, lambda of: negotiation.accept_request(of.context, call(SELLER), CASE)),
    "offers": (Status.NEGOTIATION, offers_twice),
    "proposed": (Status.CLAIM_EVIDENCE, team_proposes),
    "by the clock": (Status.NEGOTIATION, wait_until_due),
    "no evidence": (Status.CLAIM_EVIDENCE, wait_until_due),
    "asked": (Status.UNDER_REVIEW, asked_for_evidence),
    "late": (Status.UNDER_REVIEW, wait_until_due),
    "partly": (Status.UNDER_REVIEW, lambda of: decide(of, DecisionOutcome.PARTIAL, 1)),
    "paid": (Status.RESOLVED, what_became_of_the_refund),
    "for the seller": (Status.UNDER_REVIEW, lambda of: decide(of, DecisionOutcome.SELLER_FAVOUR)),
    "decided": (Status.DECIDED, lambda _of: None),
    "return": (Status.NEGOTIATION, agreed_on_return),
    "no return": (Status.AWAITING_RETURN, wait_until_due),
    "delivered": (Status.NEGOTIATION, deliver),
    "received": (Status.CANCELLED, confirm_receipt),
    "talked": (Status.NEGOTIATION, talk),
    "reviewed at once": (Status.CLAIM_EVIDENCE, nothing_more_to_add),
    "returned": (Status.RETURN_SHIPPED, acknowledged),
    "returned torn": (Status.RETURN_SHIPPED, return_torn),
}


def test_the_models_are_the_contracts() -> None:
    assert set(OUTBOUND) == CONTRACT_OUT
    assert set(INBOUND) == CONTRACT_IN
    assert SCHEMA_VERSION == 1


def test_the_committed_schemas_are_those_of_the_models() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.schema.json")}
    assert committed == files(), "run make schemas"
    for text in committed.values():
        schema = json.loads(text)
        assert schema["$schema"] == DIALECT
        Draft202012Validator.check_schema(schema)
        # Whoever checks with the schemas of today must take what we say tomorrow, and we what the shop says.
        assert "additionalProperties" not in schema


@pytest.mark.parametrize("life", LIVES)
def test_every_event_that_is_sent_fits_its_schema_and_holds_nothing_that_people_wrote(life: str) -> None:
    status, go_on = LIVES[life]
    of = world_in(status, Reason.NOT_AS_DESCRIBED if life == "return" else Reason.NOT_RECEIVED)
    go_on(of)
    of.deliver_stream()
    assert of.bus.published
    for event in of.bus.published:
        detail = json.loads(str(EventBridgeBus("bus")._entry(event)["Detail"]))
        Draft202012Validator(schema_of(event.type)).validate(detail)
        model = msgspec.convert(detail, OUTBOUND[event.type])
        assert set(detail) <= {*model.__struct_fields__}
        assert (model.id, model.schema_version) == (event.event_id, 1)
        # The attributes of CloudEvents beside our own.
        assert (model.specversion, model.source, model.type) == ("1.0", "buyer-protection", event.type)
        assert (model.time, model.subject) == (model.at, getattr(model, "dispute_id", None) or "order-1")
        assert getattr(model, "dispute_id", CASE) in {CASE, None}
        assert not [text for text in WRITTEN if text in json.dumps(detail)]


def test_r14_an_offer_says_whose_it_is_and_nobody_of_the_team_by_name() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    offer(of, SELLER, 500)
    team_proposes(of)
    of.deliver_stream()
    made = [event.document() for event in of.bus.published if event.type == "OfferMade"]
    assert [(one["made_by"], one["offer_id"]) for one in made] == [
        ("SELLER", "of-2"),
        ("CASE_MANAGER", "of-3"),
    ]
    assert MANAGER.caller_id not in json.dumps(made)


def test_h5_a_member_and_a_code_that_come_later_fit_the_schemas_of_today() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    opened = next(event for event in of.bus.published if event.type == "DisputeOpened")
    later = {**opened.document(), "reason": "LOST_AT_SEA", "ship": "Mary"}
    Draft202012Validator(schema_of("DisputeOpened")).validate(later)


def test_the_lives_bring_every_event_there_is() -> None:
    published: set[str] = set()
    for status, go_on in LIVES.values():
        of = world_in(status, Reason.NOT_AS_DESCRIBED)
        go_on(of)
        of.deliver_stream()
        published |= {event.type for event in of.bus.published}
    assert published == CONTRACT_OUT
