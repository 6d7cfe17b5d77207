"""The calls of the API, one row an action: who may, in which statuses of a case, and a body that is taken.

Written by hand, and not read from the product's own table: what the two must agree on is who gets in (Q8). The worlds
read it: the gate of the domain and of the use cases, the matrix and the repeated calls on the stack, the simulation and
the crash matrix. A new action needs a row here, and nothing in them where its body and `first` say all.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.enums import Action
from buyer_protection.domain.timeline import instant
from infra.routes import SPECS, FunctionSpec

Json = dict[str, Any]
ALIVE = frozenset({"NEGOTIATION", "CLAIM_EVIDENCE", "UNDER_REVIEW", "AWAITING_RETURN", "RETURN_SHIPPED"})
ENDED = frozenset({"RESOLVED", "DECIDED", "CANCELLED"})
EVER = ALIVE | ENDED
BARGAINING = frozenset({"NEGOTIATION", "CLAIM_EVIDENCE", "UNDER_REVIEW"})
NEGOTIATING = frozenset({"NEGOTIATION"})
IN_EVIDENCE = frozenset({"CLAIM_EVIDENCE"})
IN_REVIEW = frozenset({"UNDER_REVIEW"})
RETURNING = frozenset({"AWAITING_RETURN"})


class Call(NamedTuple):
    """One call.

    `may`: B(uyer), S(eller), M(anager) by their relation to the case or order; everybody signed in where it is about
    neither; Y: the shop's backend. `statuses` and `rule`, which a refusal names, of a call on a case. `body` and
    `other` are bodies that it takes, or functions of the present that make one. `first`: who has called what on an open
    case before, so that the call of the first role in `may` does something.
    """

    may: str = "BSM"
    statuses: frozenset[str] = frozenset()
    rule: str = ""
    body: Json | Callable[[datetime], Json] | None = None
    other: Json | None = None
    first: tuple[tuple[str, str], ...] = ()

    def sent(self, now: datetime) -> Json | None:
        """The body of a call that is made now."""
        return self.body(now) if callable(self.body) else self.body


def _in(days: float, **more: Any) -> Callable[[datetime], Json]:
    """A body that names the instant so many days from when it is sent."""
    return lambda now: {"due_at": instant(now + timedelta(days=days)), **more}


AGREED = {"acknowledge_consequences": True}
USD_1 = {"amount_minor": 100, "currency": "USD"}
OFFER = {"type": "REFUND", "refund": USD_1}
STATEMENT = {"type": "STATEMENT", "text": "It is torn."}
CLAIM = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
QUESTION = {"party": "BUYER", "types": ["PHOTO"], "question": "Where?"}
RULING = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": "Nothing was shown."}
ADDRESS = {"address": {"lines": ["9 Quay"], "postal_code": "2000", "country": "CN"}}
PARCEL = {"carrier": "Post", "tracking_number": "BACK-1"}
_READ = Call("BSMY", EVER, "R1")
_READ_CONTENTS = Call("BSM", EVER, "R1")

CALLS: Mapping[str, Call] = MappingProxyType(
    {
        # On a case.
        "get_dispute": _READ,
        "get_dispute_page": _READ_CONTENTS,
        "get_timeline": _READ,
        "list_offers": _READ,
        "list_evidence": _READ,
        "get_evidence": _READ_CONTENTS,
        "list_messages": _READ_CONTENTS,
        "export_case": _READ_CONTENTS,
        "get_evidence_guide": Call("BS", EVER, "R26"),
        "get_claim_brief": Call("M", EVER, "R24"),
        "make_offer": Call("BS", BARGAINING, "R14", OFFER, {**OFFER, "note": "Please."}),
        "accept_offer": Call("BS", BARGAINING, "R14"),
        "decline_offer": Call("BS", BARGAINING, "R14"),
        "withdraw_offer": Call("BS", BARGAINING, "R14"),
        "accept_request": Call("S", BARGAINING, "R14"),
        "escalate_dispute": Call("B", NEGOTIATING, "R18", CLAIM, {**CLAIM, "text": "Nobody answers."}),
        "change_reason": Call("B", ALIVE, "R27", {"reason": "NOT_AS_DESCRIBED"}),
        "cancel_dispute": Call("B", BARGAINING, "R28", AGREED),
        "send_message": Call("BSM", ALIVE, "R5", {"text": "Hello."}, {"text": "Hello?"}),
        "mark_messages_read": Call(
            "BS", ALIVE, "R5", {"up_to": "ms-1"}, {"up_to": "ms-2"}, first=(("S", "send_message"),)
        ),
        "add_evidence": Call(
            "BS", ALIVE - IN_REVIEW, "R26", STATEMENT, {**STATEMENT, "text": "It was full."}
        ),
        "withdraw_evidence": Call("BS", NEGOTIATING, "R26"),
        "complete_evidence": Call("BS", IN_EVIDENCE, "R22"),
        "assign_claim": Call("M", IN_EVIDENCE | IN_REVIEW, "R24", {"assignee": "manager-1"}),
        "unassign_claim": Call("M", IN_EVIDENCE | IN_REVIEW, "R47"),
        "set_evidence_window": Call("M", IN_EVIDENCE, "R22", _in(9)),
        "request_evidence": Call("M", IN_REVIEW, "R24", _in(5, **QUESTION)),
        "decide_claim": Call("M", IN_REVIEW, "R24", RULING, {**RULING, "rationale": "No."}),
        "propose_settlement": Call("M", IN_EVIDENCE | IN_REVIEW, "R14", OFFER, {**OFFER, "note": "Please."}),
        "confirm_decision": Call("M", IN_REVIEW, "R47"),
        "refuse_decision": Call("M", IN_REVIEW, "R47"),
        "withdraw_decision": Call("M", IN_REVIEW, "R47"),
        "write_note": Call("M", ALIVE, "R45", {"text": "He says it is torn."}, {"text": "It is torn."}),
        "list_notes": Call("M", EVER, "R45"),
        "confirm_return_address": Call("S", RETURNING, "R36", ADDRESS),
        "register_return_shipment": Call("B", RETURNING, "R36", PARCEL),
        "acknowledge_return": Call("S", frozenset({"RETURN_SHIPPED"}), "R36", {"condition": "ITEM_RECEIVED"}),
        # On an order.
        "get_order": Call("BSMY"),
        "confirm_receipt": Call("B", body=AGREED),
        "get_dispute_eligibility": Call("BY"),
        "open_dispute": Call(
            "B",
            body={"reason": "NOT_RECEIVED", "description": "It never came.", "requested_refund": USD_1},
        ),
        # About neither.
        "list_disputes": Call("BSMY"),
        "list_orders": Call("BSMY"),
        "get_mediation_queue": Call(),
        "get_mediation_summary": Call(),
        "get_mediation_team": Call(),
        "take_next_claim": Call(),
        "get_person_history": Call(),
        "list_templates": Call(),
        "put_template": Call(body={"name": "No proof", "texts": {"en": "None."}}),
        "get_operations_summary": Call(),
        "get_operated_case": Call(),
        "get_seller_metrics": Call("BSMY"),
        "get_me": Call(),
        "get_guide_before": Call("BSMY"),
        "get_policy": Call("BSMY"),
        "list_keys": Call(),
        "preview_policy": Call(
            "BSMY", body={"shipped_at": "2026-01-01T00:00:00Z", "guaranteed_delivery_days": 5}
        ),
    }
)
# What the path says instead of a body: the ids that every case, order and policy of the worlds has.
IDS = {
    "template_id": "no-proof",
    "webhook_id": "erp",
    "delivery_id": "1773065100000-1f2e3d4c5b6a7f8e9d0c",
    "person_id": "buyer-1",
    "offer_id": "of-1",
    "decision_id": "dc-1",
    "evidence_id": "ev-1",
    "profile": "aliexpress-classic",
}
# What the team keeps beside a case: none of it is an entry of the timeline (R45). A ruling that waits for its
# confirmation lies beside it too, which its answer says (202).
BESIDE = frozenset(
    {
        Action.ASSIGN,
        Action.UNASSIGN,
        Action.WRITE_NOTE,
        Action.REFUSE_DECISION,
        Action.WITHDRAW_DECISION,
    }
)
ON_A_CASE = {name: call for name, call in CALLS.items() if call.statuses}


def writes_without(named: Collection[str]) -> list[str]:
    """The calls that change a case and are not among those: a world that has no scene of its own for a call makes it on
    a case that was just opened, after what its row says under `first`."""
    writes = [row.id for row in SPECS if row.id in ON_A_CASE and row.method != "GET" and row.id not in named]
    for name in writes:
        if "NEGOTIATION" not in CALLS[name].statuses:
            raise LookupError(f"{name} needs a scene of its own: a fresh case does not allow it")
    return writes


def lies_beside(name: str) -> bool:
    """Whether what that call of the table does is no entry of the case's timeline."""
    return any(row.gate is not None and row.name == name and row.gate.action in BESIDE for row in ACTIONS)


def body_of(row: FunctionSpec, now: datetime) -> Json | None:
    """What a client sends with a call of an API function made now: none with a GET or DELETE, else an object."""
    if row.method in ("GET", "DELETE"):
        return None
    return {} if not row.is_for_people else call_of(row.id).sent(now) or {}


def call_of(name: str) -> Call:
    """The action's row. Raises LookupError that says where it is missing."""
    if name not in CALLS:
        raise LookupError(f"{name} has no row in tests/support/calls.py")
    return CALLS[name]
