"""Every case call × every caller × every status, against a table by hand: nobody gets in, nothing leaks (Q8)."""

from collections.abc import Callable
from itertools import product

import pytest

from buyer_protection.application.actions import (
    case_file,
    claim,
    evidence,
    messages,
    negotiation,
    parcels,
    reads,
    returns,
)
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    AddressModel,
    AssignRequest,
    CancelRequest,
    ChangeReasonRequest,
    DecisionRequest,
    EscalateRequest,
    EvidenceQuestionRequest,
    EvidenceRequest,
    EvidenceWindowRequest,
    MessageRequest,
    OfferRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
)
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    ReturnCondition,
    Status,
)
from buyer_protection.domain.errors import ConflictError, DisputeError, ForbiddenError, NotFoundError
from tests.support.builders import DAY
from tests.support.each import each_case
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    SHOP,
    STAFF,
    world_in,
)

CALLERS = {
    "buyer": BUYER,
    "seller": SELLER,
    "staff of the seller": STAFF,
    "manager": MANAGER,
    "manager who is the buyer": Caller("buyer-1", frozenset({"case_manager"})),
    "manager who is the seller": Caller("m-2", frozenset({"case_manager", "seller:seller-1"})),
    "other buyer": OTHER_BUYER,
    "other seller": OTHER_SELLER,
    "the shop": SHOP,
    "a shop that claims every group": Caller(
        "buyer-1", frozenset({"case_manager", "seller:seller-1"}), is_system=True
    ),
}
AS = {
    "buyer": "B",
    "seller": "S",
    "staff of the seller": "S",
    "manager": "M",
    "manager who is the buyer": "B",
    "manager who is the seller": "S",
}
Use = Callable[[World, Command, str], Answer]
RULING = DecisionRequest(DecisionOutcome.BUYER_FAVOUR, [DecisionReason.OTHER], "So it is.")

# call: (who may, how)
USES: dict[str, tuple[str, Use]] = {
    "get": ("BSM", lambda w, c, i: reads.get_dispute(w.context, c, i)),
    "timeline": ("BSM", lambda w, c, i: reads.get_timeline(w.context, c, i, PageQuery())),
    "offers": ("BSM", lambda w, c, i: reads.list_offers(w.context, c, i)),
    "evidence": ("BSM", lambda w, c, i: reads.list_evidence(w.context, c, i)),
    "brief": ("M", lambda w, c, i: reads.get_claim_brief(w.context, c, i)),
    "make offer": (
        "BS",
        lambda w, c, i: negotiation.make_offer(w.context, c, i, OfferRequest(OfferType.NO_REFUND)),
    ),
    "accept": ("BS", lambda w, c, i: negotiation.accept_offer(w.context, c, i, "of-1")),
    "decline": ("BS", lambda w, c, i: negotiation.decline_offer(w.context, c, i, "of-1")),
    "withdraw": ("BS", lambda w, c, i: negotiation.withdraw_offer(w.context, c, i, "of-1")),
    "grant": ("S", lambda w, c, i: negotiation.accept_request(w.context, c, i)),
    "escalate": (
        "B",
        lambda w, c, i: claim.escalate_dispute(
            w.context, c, i, EscalateRequest(ClaimReason.SELLER_REFUSED_REFUND, True)
        ),
    ),
    "change reason": (
        "B",
        lambda w, c, i: parcels.change_reason(w.context, c, i, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED)),
    ),
    "cancel": ("B", lambda w, c, i: parcels.cancel_dispute(w.context, c, i, CancelRequest(True))),
    "add evidence": (
        "BS",
        lambda w, c, i: giving.add_evidence(
            w.context, w.files, c, i, EvidenceRequest(EvidenceType.STATEMENT, "x")
        ),
    ),
    "complete": ("BS", lambda w, c, i: evidence.complete_evidence(w.context, c, i)),
    "window": (
        "M",
        lambda w, c, i: claim.set_evidence_window(w.context, c, i, EvidenceWindowRequest(w.clock.at + DAY)),
    ),
    "decide": ("M", lambda w, c, i: claim.decide_claim(w.context, w.team, c, i, RULING)),
    "messages": ("BSM", lambda w, c, i: messages.list_messages(w.context, c, i, PageQuery())),
    "write": ("BSM", lambda w, c, i: messages.send_message(w.context, c, i, MessageRequest("Hello."))),
    "one item": (
        "BSM",
        lambda w, c, i: giving.get_evidence(w.context, w.files, c, i, "ev-1", scanning=False),
    ),
    "withdraw evidence": ("BS", lambda w, c, i: evidence.withdraw_evidence(w.context, c, i, "ev-1")),
    "guide": ("BS", lambda w, c, i: case_file.get_evidence_guide(w.context, c, i)),
    "export": ("BSM", lambda w, c, i: case_file.export_case(w.context, c, i)),
    "assign": ("M", lambda w, c, i: claim.assign_claim(w.context, w.team, c, i, AssignRequest("manager-2"))),
    "ask": (
        "M",
        lambda w, c, i: claim.request_evidence(
            w.context,
            c,
            i,
            EvidenceQuestionRequest("BUYER", [EvidenceType.PHOTO], w.clock.at + DAY, "Where?"),
        ),
    ),
    "return address": (
        "S",
        lambda w, c, i: returns.confirm_return_address(
            w.context, c, i, ReturnAddressRequest(AddressModel(["9 Quay"]))
        ),
    ),
    "return shipment": (
        "B",
        lambda w, c, i: returns.register_return_shipment(
            w.context, c, i, ReturnShipmentRequest("Post", "RT-1")
        ),
    ),
    "acknowledge": (
        "S",
        lambda w, c, i: returns.acknowledge_return(
            w.context, c, i, AcknowledgeReturnRequest(ReturnCondition.ITEM_RECEIVED)
        ),
    ),
}
READS = {
    "get",
    "timeline",
    "offers",
    "evidence",
    "brief",
    "messages",
    "one item",
    "guide",
    "export",
}
ENDED = {Status.RESOLVED, Status.DECIDED, Status.CANCELLED}


def outcome(of: World, use: Use, caller: Caller, case: str = CASE) -> DisputeError | Answer:
    try:
        return use(of, Command(caller), case)
    except DisputeError as refused:
        return refused


@each_case(product(USES, CALLERS, Status))
def test_r01_r24_r25_each_call_lets_in_exactly_its_own(name: str, who: str, status: Status) -> None:
    may, use = USES[name]
    of = world_in(status)
    writes = of.writes
    got = outcome(of, use, CALLERS[who])
    role = AS.get(who)
    if role is None:
        absent = outcome(of, use, CALLERS[who], "dp-404")
        assert isinstance(got, NotFoundError)
        assert isinstance(absent, NotFoundError)
        assert vars(got) == vars(absent)
    elif role not in may:
        assert isinstance(got, ForbiddenError)
    elif name == "one item":
        # An item that is not there is absent, for those too who could have read it.
        assert isinstance(got, NotFoundError) == ("ev-1" not in of.evidence[CASE])
    elif name == "withdraw evidence" and status is Status.NEGOTIATION:
        assert isinstance(got, NotFoundError)
    else:
        assert not isinstance(got, NotFoundError)
        if status in ENDED and name not in READS:
            assert isinstance(got, ConflictError)
            assert (got.code, got.rule) == ("DISPUTE_CLOSED", "R25")
    if isinstance(got, DisputeError) or name in READS:
        assert of.writes == writes


@pytest.mark.parametrize("name", ["get", "timeline", "offers", "evidence", "messages", "export"])
def test_r01_no_reader_sees_the_other_sides_contact_data(name: str) -> None:
    of = world_in(Status.DECIDED)
    for caller in (BUYER, SELLER, MANAGER):
        got = outcome(of, USES[name][1], caller)
        assert isinstance(got, Answer)
        assert b"example.com" not in got.body
        assert b"Dock Road" not in got.body
