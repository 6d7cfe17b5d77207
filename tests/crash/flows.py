"""The canonical flows, as data: how a case comes to where it is, and the act that a fault strikes."""

import hashlib
from datetime import timedelta

from tests.crash.steps import (
    BUYER,
    MANAGER,
    ORDER_ID,
    SECOND_MANAGER,
    SELLER,
    SHOP,
    Ask,
    Dispatch,
    Flow,
    GoOn,
    Json,
    Kill,
    LeaveToSweeper,
    Notify,
    Pass,
    Ring,
    Settle,
    Snapshot,
    Step,
    Sweep,
    Uploaded,
    Verify,
    Wait,
    written,
)
from tests.crash.world import START, World
from tests.support.calls import CALLS, writes_without

CALLERS = {"B": BUYER, "S": SELLER, "M": MANAGER}
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
PAID = 2000


def usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "USD"}


def at(days: float) -> str:
    """So many days from the beginning."""
    return written(START + timedelta(days=days))


def in_days(days: float, name: str, **more: object) -> object:
    """A body with an instant so many days from when it is sent."""
    return lambda world: {name: written(world.now + timedelta(days=days)), **more}


def refund_answer(**more: object) -> object:
    return lambda world: {
        "refund_id": f"rf-{world.case}",
        **usd(PAID),
        "occurred_at": written(world.now),
        **more,
    }


def report(status: str, shipment: str = "s-1") -> object:
    def made(world: World) -> Json:
        shipment_id = f"return-{world.case}" if shipment == "return" else shipment
        return {
            "event_id": "e-1",
            "shipment_id": shipment_id,
            "status": status,
            "occurred_at": written(world.now),
        }

    return made


def order_snapshot(**body: object) -> Json:
    return {"order_id": ORDER_ID, "order": ORDER_BODY, **body}


ORDER_BODY = {
    "buyer_id": "buyer-1",
    "seller_id": "seller-1",
    "buyer": {"email": "buyer@example.com", "name": "Ana"},
    "seller": {"email": "seller@example.com", "name": "Lamp Shop"},
    "currency": "USD",
    "items": [{"item_id": "i-1", "title": "Lamp", "quantity": 1, "amount_minor": PAID}],
    "placed_at": at(-8),
    "guaranteed_delivery_days": 60,
    "shipments": [{"shipment_id": "s-1", "carrier": "C", "tracking_number": "T", "shipped_at": at(-6)}],
}
NOT_RECEIVED = {
    "order_id": ORDER_ID,
    "reason": "NOT_RECEIVED",
    "description": "Nothing came.",
    "requested_refund": usd(PAID),
}
NOT_AS_DESCRIBED = {
    **NOT_RECEIVED,
    "reason": "NOT_AS_DESCRIBED",
    "sub_reason": "DIFFERENT",
    "description": "It is red, not blue.",
    "seller_contacted": {"contacted": True, "how": "chat"},
}
STATEMENT = {"type": "STATEMENT", "text": "The photographs show a red one."}
PHOTO = {
    "type": "PHOTO",
    "files": [
        {
            "name": "a.png",
            "media_type": "image/png",
            "size": len(PNG),
            "sha256": hashlib.sha256(PNG).hexdigest(),
        }
    ],
}


def decision(outcome: str, refund: int, *, with_return: bool = False) -> Json:
    return {
        "outcome": outcome,
        "reasons": ["ITEM_DIFFERENT"],
        "rationale": "The listing shows a blue lamp.",
        "refund": usd(refund),
        "return_required": with_return,
        "evidence_ids": ["ev-1"],
    }


ORDER = (Ask("put_order", SHOP, ORDER_BODY), Settle())
OPEN = (*ORDER, Ask("open_dispute", BUYER, NOT_AS_DESCRIBED), Settle())
MISSING = (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED), Settle())
COUNTER = {"type": "REFUND", "refund": usd(700), "note": "Keep it, and have this back."}
OFFERED = (*OPEN, Ask("make_offer", SELLER, COUNTER), Settle())
OFFER_2 = {"offer_id": "of-2"}
DECISION = {"decision_id": "dc-1"}
ESCALATE = Ask(
    "escalate_dispute", BUYER, {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
)
# Who sets a window, asks or decides has the claim (R47).
ASSIGNMENT = {"assignee": "manager-1"}
TAKE = (Ask("assign_claim", MANAGER, ASSIGNMENT), Settle())
CLAIM = (*OPEN, Wait(4), ESCALATE, Settle())
PROVED = (*CLAIM, Ask("add_evidence", BUYER, STATEMENT), Settle())
HALF_DONE = (*PROVED, Ask("complete_evidence", BUYER), Settle())
REVIEW = (*HALF_DONE, Ask("complete_evidence", SELLER), Settle(), *TAKE)
RETURNING = (
    *REVIEW,
    Ask("decide_claim", MANAGER, decision("BUYER_FAVOUR", PAID, with_return=True)),
    Settle(),
)
ADDRESS = {"address": {"lines": ["9 Quay"], "postal_code": "2000", "country": "CN"}}
ADDRESSED = (*RETURNING, Ask("confirm_return_address", SELLER, ADDRESS), Settle())
PARCEL = {"carrier": "Post", "tracking_number": "RT-1"}
SHIPPED = (*ADDRESSED, Ask("register_return_shipment", BUYER, PARCEL), Settle())
BROKEN = (*SHIPPED, Ask("add_evidence", SELLER, STATEMENT), Settle())
SETTLED = (*OPEN, Ask("accept_request", SELLER), Settle())
FAILED = (*SETTLED, Snapshot("RefundFailed", refund_answer(reason="CARD_EXPIRED")), Settle())
WRITTEN_TO = (*OPEN, Ask("send_message", BUYER, {"text": "Is there anybody?"}))
UPLOADED = (*OPEN, Ask("add_evidence", BUYER, PHOTO), Settle())

# The team proposes, and above an amount at stake a second member confirms.
PROPOSED = (*REVIEW, Ask("propose_settlement", MANAGER, COUNTER), Settle())
TAKEN = (*PROPOSED, Ask("accept_offer", BUYER, names=OFFER_2), Settle())
CHF = {"amount_minor": PAID, "currency": "CHF"}
RULED = Ask("decide_claim", MANAGER, {**decision("BUYER_FAVOUR", PAID), "refund": CHF})
IN_CHF = (
    Ask("put_order", SHOP, {**ORDER_BODY, "currency": "CHF"}),
    Settle(),
    Ask("open_dispute", BUYER, {**NOT_AS_DESCRIBED, "requested_refund": CHF}),
    *REVIEW[len(OPEN) - 1 :],
)
RULING = (*IN_CHF, RULED, Settle())

PEOPLE: tuple[Flow, ...] = (
    Flow("an order is put the first time", (), Ask("put_order", SHOP, ORDER_BODY, when_repeated=200)),
    Flow(
        "an order is put again",
        ORDER,
        Ask("put_order", SHOP, {**ORDER_BODY, "guaranteed_delivery_days": 61}),
    ),
    Flow("a dispute is opened", ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED)),
    Flow(
        "a dispute is opened again with the same key",
        (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED, key="the-very-same-key-0001")),
        Ask("open_dispute", BUYER, NOT_RECEIVED, key="the-very-same-key-0001"),
    ),
    Flow("the seller makes an offer", OPEN, Ask("make_offer", SELLER, COUNTER)),
    Flow("the seller replaces an offer", OFFERED, Ask("make_offer", SELLER, {**COUNTER, "refund": usd(900)})),
    Flow("the buyer accepts an offer", OFFERED, Ask("accept_offer", BUYER, names=OFFER_2)),
    Flow("the buyer declines an offer", OFFERED, Ask("decline_offer", BUYER, names=OFFER_2)),
    Flow("the seller withdraws an offer", OFFERED, Ask("withdraw_offer", SELLER, names=OFFER_2)),
    Flow("the seller accepts the request", OPEN, Ask("accept_request", SELLER)),
    Flow("the buyer escalates", (*OPEN, Wait(4)), ESCALATE),
    Flow(
        "the buyer changes the reason",
        MISSING,
        Ask("change_reason", BUYER, {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"}),
    ),
    Flow("the buyer cancels", MISSING, Ask("cancel_dispute", BUYER, {"acknowledge_consequences": True})),
    Flow(
        "the buyer confirms the receipt",
        ORDER,
        Ask("confirm_receipt", BUYER, {"acknowledge_consequences": True}),
    ),
    Flow("evidence in words is added", CLAIM, Ask("add_evidence", BUYER, STATEMENT)),
    Flow("evidence with a file is added", CLAIM, Ask("add_evidence", BUYER, PHOTO)),
    Flow(
        "evidence is withdrawn",
        (*OPEN, Ask("add_evidence", BUYER, STATEMENT), Settle()),
        Ask("withdraw_evidence", BUYER, names={"evidence_id": "ev-1"}, when_repeated=404),
    ),
    Flow("one side has no more evidence", PROVED, Ask("complete_evidence", BUYER)),
    Flow("both sides have no more evidence", HALF_DONE, Ask("complete_evidence", SELLER)),
    Flow("a message is sent", OPEN, Ask("send_message", BUYER, {"text": "Is there anybody?"})),
    Flow(
        "the team sets another window",
        (*CLAIM, *TAKE),
        Ask("set_evidence_window", MANAGER, in_days(9, "due_at")),
    ),
    Flow(
        "the team asks for evidence",
        REVIEW,
        Ask(
            "request_evidence",
            MANAGER,
            in_days(3, "due_at", party="SELLER", types=["PHOTO"], question="What did you send?"),
        ),
    ),
    Flow("the claim is assigned", CLAIM, Ask("assign_claim", MANAGER, ASSIGNMENT)),
    Flow("decided for the buyer", REVIEW, Ask("decide_claim", MANAGER, decision("BUYER_FAVOUR", PAID))),
    Flow("decided for the seller", REVIEW, Ask("decide_claim", MANAGER, decision("SELLER_FAVOUR", 0))),
    Flow("decided in part", REVIEW, Ask("decide_claim", MANAGER, decision("PARTIAL", 1200))),
    Flow(
        "decided with a return",
        REVIEW,
        Ask("decide_claim", MANAGER, decision("BUYER_FAVOUR", PAID, with_return=True)),
    ),
    Flow("the claim is given back", (*CLAIM, *TAKE), Ask("unassign_claim", MANAGER)),
    Flow("the team proposes an agreement", REVIEW, Ask("propose_settlement", MANAGER, COUNTER)),
    Flow("one side accepts the team's proposal", PROPOSED, Ask("accept_offer", BUYER, names=OFFER_2)),
    Flow("the other side accepts it too", TAKEN, Ask("accept_offer", SELLER, names=OFFER_2)),
    Flow("a ruling begins to wait", IN_CHF, RULED),
    Flow("a ruling is confirmed", RULING, Ask("confirm_decision", SECOND_MANAGER, names=DECISION)),
    Flow("a ruling is refused", RULING, Ask("refuse_decision", SECOND_MANAGER, names=DECISION)),
    Flow("a ruling is withdrawn", RULING, Ask("withdraw_decision", MANAGER, names=DECISION)),
    Flow("the return's address is confirmed", RETURNING, Ask("confirm_return_address", SELLER, ADDRESS)),
    Flow("the return is shipped", ADDRESSED, Ask("register_return_shipment", BUYER, PARCEL)),
    Flow(
        "the return is in order", SHIPPED, Ask("acknowledge_return", SELLER, {"condition": "ITEM_RECEIVED"})
    ),
    Flow(
        "the return is not in order",
        BROKEN,
        Ask("acknowledge_return", SELLER, {"condition": "DAMAGED", "evidence_ids": ["ev-2"]}),
    ),
    Flow("the parcel is delivered", MISSING, Ask("record_tracking_event", SHOP, report("DELIVERED"))),
    Flow(
        "the parcel is not collected", ORDER, Ask("record_tracking_event", SHOP, report("COLLECTION_EXPIRED"))
    ),
    Flow(
        "the return is delivered", SHIPPED, Ask("record_tracking_event", SHOP, report("DELIVERED", "return"))
    ),
)


def flow_of(name: str) -> Flow:
    """A call that has no flow by hand: on an open case, after what its row in `tests/support/calls.py` names."""
    row = CALLS[name]
    before = (Ask(first, CALLERS[role], CALLS[first].body) for role, first in row.first)
    return Flow(f"{name} is called", (*OPEN, *before, Settle()), Ask(name, CALLERS[row.may[0]], row.body))


PEOPLE += tuple(
    flow_of(name)
    for name in writes_without({flow.act.function for flow in PEOPLE if isinstance(flow.act, Ask)})
)

CLOCK: tuple[Flow, ...] = (
    Flow("the clock says that the buyer may escalate", (*OPEN, Pass(3)), Ring()),
    Flow("the clock reminds of the negotiation's end", (*OPEN, Wait(3), Pass(11)), Ring()),
    Flow("the clock escalates", (*OPEN, Wait(3), Wait(11), Pass(1)), Ring()),
    Flow("the clock escalates after an outage", (*OPEN, Pass(15)), Ring()),
    Flow("mediation is opened", (*OPEN, Wait(4), ESCALATE, Dispatch()), GoOn()),
    Flow("the clock reminds of the evidence", (*CLAIM, Pass(6)), Ring()),
    Flow("the clock cancels for want of evidence", (*CLAIM, Wait(6), Pass(1)), Ring()),
    Flow("the clock starts the review", (*PROVED, Wait(6), Pass(1)), Ring()),
    Flow("the clock notes a missed decision", (*REVIEW, Pass(7)), Ring()),
    Flow("the clock ends a return without an address", (*RETURNING, Wait(9), Pass(1)), Ring()),
    Flow("the clock ends a return that was not shipped", (*ADDRESSED, Wait(9), Pass(1)), Ring()),
    Flow("the clock sends a silent return to the team", (*SHIPPED, Wait(9), Pass(1)), Ring()),
    Flow(
        "the clock ends a return that was delivered",
        (*SHIPPED, Ask("record_tracking_event", SHOP, report("DELIVERED", "return")), Wait(9), Pass(1)),
        Ring(),
    ),
    Flow(
        "a decision's mails go out with the execution",
        (*REVIEW, Ask("decide_claim", MANAGER, decision("PARTIAL", 1200)), Dispatch()),
        GoOn(),
    ),
)

WORKERS: tuple[Flow, ...] = (
    Flow("the stream delivers an opening", (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED)), Dispatch()),
    Flow("the stream delivers an escalation", (*OPEN, Wait(4), ESCALATE), Dispatch()),
    Flow(
        "the stream delivers an agreement and its refund", (*OPEN, Ask("accept_request", SELLER)), Dispatch()
    ),
    Flow(
        "the stream delivers a decision",
        (*REVIEW, Ask("decide_claim", MANAGER, decision("PARTIAL", 1200))),
        Dispatch(),
    ),
    Flow(
        "mails go out from the queue",
        (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED), Dispatch()),
        Notify(),
    ),
    Flow(
        "a mail that is no longer of use is dropped",
        (*WRITTEN_TO, Dispatch(), Ask("mark_messages_read", SELLER, {"up_to": "ms-1"})),
        Notify(),
    ),
    Flow("a file is verified", (*UPLOADED, Uploaded(PNG)), Verify()),
    Flow("a file is refused", (*UPLOADED, Uploaded(b"%PDF-1.7 not what was said")), Verify()),
    Flow("the shop sends an order", (), Snapshot("OrderUpserted", order_snapshot())),
    Flow("the shop sends an order again", (*ORDER, Pass(1)), Snapshot("OrderUpserted", order_snapshot())),
    Flow(
        "the shop reports a delivery",
        MISSING,
        Snapshot("TrackingUpdated", lambda w: {"order_id": ORDER_ID, **report("DELIVERED")(w)}),
    ),
    Flow("the refund succeeds", SETTLED, Snapshot("RefundSucceeded", refund_answer(reference="p-1"))),
    Flow("the refund fails", SETTLED, Snapshot("RefundFailed", refund_answer(reason="CARD_EXPIRED"))),
    Flow(
        "the refund succeeds after it failed",
        FAILED,
        Snapshot("RefundSucceeded", refund_answer(reference="p-1")),
    ),
)


def dead_after(before: tuple[Step, ...], days: float) -> tuple[Step, ...]:
    """Everything that waited is dead, and then the window ends."""
    return (*before, Settle(), Kill(), Pass(days))


SWEEPER: tuple[Flow, ...] = (
    Flow("the sweeper escalates", dead_after((*OPEN, Wait(3), Wait(11)), 1), Sweep()),
    Flow("the sweeper cancels for want of evidence", dead_after((*CLAIM, Wait(6)), 1), Sweep()),
    Flow("the sweeper starts the review", dead_after((*PROVED, Wait(6)), 1), Sweep()),
    Flow("the sweeper ends a return", dead_after((*ADDRESSED, Wait(9)), 1), Sweep()),
    Flow(
        "the sweeper asks for stuck mails",
        (
            *ORDER,
            Ask("open_dispute", BUYER, NOT_RECEIVED),
            Dispatch(),
            GoOn(),
            LeaveToSweeper(),
            Pass(0.01),
        ),
        Sweep(),
    ),
    Flow("the sweeper asks for a refund again", (*SETTLED, Pass(0.05)), Sweep()),
    Flow(
        "the sweeper asks for a failed refund again",
        (*FAILED, *6 * (Pass(0.05), Sweep()), Pass(0.05)),
        Sweep(),
    ),
)

FLOWS = (*PEOPLE, *CLOCK, *WORKERS, *SWEEPER)
