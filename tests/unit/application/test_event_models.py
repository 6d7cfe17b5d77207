"""The events: committed schemas are those of the models, and whatever is sent fits its own."""

import json
from collections.abc import Callable

import msgspec
import pytest
from jsonschema import Draft202012Validator

from buyer_protection.adapters.aws.event_bus import SCHEMA_VERSION, EventBridgeBus
from buyer_protection.application.actions import claim, negotiation, orders
from buyer_protection.application.schemas.events import INBOUND, OUTBOUND
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest, EvidenceQuestionRequest
from buyer_protection.domain.enums import DecisionOutcome, EvidenceType, OfferType, Reason, Status
from buyer_protection.domain.refunds import give_up, hold, release
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    cancel,
    decide,
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


def confirm_receipt(of: World) -> None:
    orders.confirm_receipt(of.context, call(BUYER), "order-1", ConfirmReceiptRequest(True))


def agreed_on_return(of: World) -> None:
    offer(of, SELLER, 500, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")


def what_became_of_the_refund(of: World) -> None:
    for step in (refund(hold), refund(release), fail, refund(give_up), pay, fail):
        of.clock.at += DAY
        step(of)


LIVES: dict[str, tuple[Status, Callable[[World], object]]] = {
    "cancelled": (Status.NEGOTIATION, cancel),
    "settled": (Status.NEGOTIATION, lambda of: negotiation.accept_request(of.context, call(SELLER), CASE)),
    "offers": (Status.NEGOTIATION, offers_twice),
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
        # Ours say all that they say; the shop's may say more than we read.
        assert (schema.get("additionalProperties") is False) is (schema["title"] in OUTBOUND)


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
        assert (model.id, model.schema_version) == (event.event_id, 1)
        assert getattr(model, "dispute_id", CASE) in {CASE, None}
        assert not [text for text in WRITTEN if text in json.dumps(detail)]


def test_the_lives_bring_every_event_there_is() -> None:
    published: set[str] = set()
    for status, go_on in LIVES.values():
        of = world_in(status, Reason.NOT_AS_DESCRIBED)
        go_on(of)
        of.deliver_stream()
        published |= {event.type for event in of.bus.published}
    assert published == CONTRACT_OUT
