"""A case with a text or a file in each entry that can have one, its export, and the script that checks it."""

import hashlib
import importlib.util
import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from buyer_protection.application.actions import (
    beside,
    case_file,
    claim,
    keys,
    messages,
    negotiation,
    opening,
    returns,
)
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions import parcels as changing
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.evidence_files import FilePlace
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    AddressModel,
    ChangeReasonRequest,
    DecisionRequest,
    EscalateRequest,
    EvidenceQuestionRequest,
    EvidenceRequest,
    FileModel,
    MessageRequest,
    MoneyModel,
    OfferRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
    SellerContact,
)
from buyer_protection.application.workers.uploads import Upload, verify_upload
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    MediaType,
    OfferType,
    Reason,
    ReturnCondition,
)
from buyer_protection.domain.timeline import GENESIS, TimelineEntry
from tests.support.builders import DAY
from tests.support.fake_signer import SIGNER
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    doc,
    take_claim,
    wait_until_due,
    wish,
    world,
)

Json = dict[str, Any]
SCRIPT = Path(__file__).parents[3] / "docs" / "verify_export.py"
PNG = b"\x89PNG\r\n\x1a\n and a picture"


def _verifier() -> ModuleType:
    """The script that anybody is given, as a module."""
    spec = importlib.util.spec_from_file_location("verify_export", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


VERIFY = _verifier()
KEYS: list[dict[str, Any]] = json.loads(keys.list_keys(SIGNER).body)["items"]


def exported(of: World, caller: Caller = BUYER) -> dict[str, Any]:
    """The case file as that reader is given it."""
    return doc(case_file.export_case(of.context, SIGNER, call(caller), CASE))


def fault_of(file: dict[str, Any], *heads: str) -> str | None:
    """What the script finds first, with our keys."""
    found: str | None = VERIFY.first_fault(file, KEYS, heads)
    return found


def _file(of: World, caller: Caller, name: str) -> str:
    """A photo, announced, uploaded and verified."""
    stated = FileModel(name, MediaType.PNG, len(PNG), hashlib.sha256(PNG).hexdigest())
    asked = EvidenceRequest(EvidenceType.PHOTO, "See the crack.", files=[stated])
    item = doc(giving.add_evidence(of.context, of.files, call(caller), CASE, asked))
    key = item["files"][0]["upload"]["fields"]["key"]
    place = FilePlace.of(key)
    assert place is not None
    verify_upload(of.context, of.files, of.pictures, Upload(place, of.files.upload(key, PNG)), scanning=False)
    return str(item["evidence_id"])


def negotiated(of: World) -> None:
    """From the opening to the escalation."""
    contact = SellerContact(True, "By the shop's chat.")
    opening.open_dispute(of.context, call(BUYER), wish(reason=Reason.NOT_RECEIVED, seller_contacted=contact))
    of.clock.at += DAY
    came = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, None, "It came, and is cracked.")
    changing.change_reason(of.context, call(BUYER), CASE, came)
    messages.send_message(of.context, call(BUYER), CASE, MessageRequest("Où est-il? 在哪里 😀"))
    _file(of, BUYER, "crack.png")
    given = EvidenceRequest(EvidenceType.STATEMENT, "I will take this back.")
    giving.add_evidence(of.context, of.files, call(SELLER), CASE, given)
    giving.withdraw_evidence(of.context, call(SELLER), CASE, "ev-2")
    asked = OfferRequest(OfferType.REFUND, MoneyModel(700, "USD"), "Would half of it help?")
    negotiation.make_offer(of.context, call(SELLER), CASE, asked)
    of.clock.at += 3 * DAY
    stated = EscalateRequest(True, ClaimReason.OTHER, "He does not answer any more.")
    claim.escalate_dispute(of.context, call(BUYER), CASE, stated)


def judged(of: World) -> None:
    """From the evidence to a ruling that asks for the goods back, and to the one about the return."""
    take_claim(of)
    wait_until_due(of)
    due = of.clock.at + 2 * DAY
    question = EvidenceQuestionRequest("BUYER", [EvidenceType.STATEMENT], due, "Since when is it cracked?")
    claim.request_evidence(of.context, call(MANAGER), CASE, question)
    proposal = OfferRequest(OfferType.REFUND, MoneyModel(900, "USD"), "A fair middle.")
    beside.propose_settlement(of.context, call(MANAGER), CASE, proposal)
    wait_until_due(of)
    for_buyer = DecisionRequest(
        DecisionOutcome.BUYER_FAVOUR, [DecisionReason.OTHER], "The photo shows it.", return_required=True
    )
    claim.decide_claim(of.context, call(MANAGER), CASE, for_buyer)
    where = ReturnAddressRequest(AddressModel(["9 Quay"], "2000", "CN"))
    returns.confirm_return_address(of.context, call(SELLER), CASE, where)
    returns.register_return_shipment(of.context, call(BUYER), CASE, ReturnShipmentRequest("Post", "RT-1"))
    item = _file(of, SELLER, "empty.png")
    said = AcknowledgeReturnRequest(ReturnCondition.EMPTY_OR_DIFFERENT, "A brick was in it.", [item])
    returns.acknowledge_return(of.context, call(SELLER), CASE, said)
    wait_until_due(of)
    for_seller = DecisionRequest(
        DecisionOutcome.SELLER_FAVOUR, [DecisionReason.RETURN_REJECTED], "It was not the goods."
    )
    claim.decide_claim(of.context, call(MANAGER), CASE, for_seller)


def rich() -> World:
    """The whole life of such a case."""
    of = world()
    negotiated(of)
    judged(of)
    assert case_of(of).is_closed
    of.clock.at += DAY
    return of


@cache
def _exported() -> Json:
    return exported(rich())


def file() -> Json:
    """The buyer's export of the whole life, for a test of its own to change."""
    return deepcopy(_exported())


def entry_of(export: Json, kind: str) -> Json:
    found: Json = next(entry for entry in export["timeline"] if entry["type"] == kind)
    return found


def text_of(export: Json, kind: str, name: str) -> Json:
    seq = entry_of(export, kind)["seq"]
    found: Json = next(text for text in export["texts"] if (text["seq"], text["name"]) == (seq, name))
    return found


def rechain(export: Json) -> None:
    """Every entry numbered and hashed again: a chain that holds."""
    previous = GENESIS
    for seq, entry in enumerate(export["timeline"], start=1):
        entry |= {"seq": seq, "prev_hash": previous}
        previous = entry["hash"] = VERIFY.digest(CASE, entry)
    export["chain"] |= {"head": previous, "length": len(export["timeline"])}


def put(of: World, entry: TimelineEntry) -> None:
    of.timeline[CASE][entry.seq - 1] = entry
