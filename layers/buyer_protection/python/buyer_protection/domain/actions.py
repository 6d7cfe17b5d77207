"""The one table of actions: what people and the shop's backend can call, who may, in which statuses, for which rule.

Everything else reads it: the gate (`permissions`), the links of answers, the deployed routes
(`infra/routes.py`), the gateway's document (`infra/constructs/gateway_body.py`), the answers to preflights
(`runtime/cross_origin.py`), the API document (`tools/contract`) and the tests. A row's `name` is its folder in
`functions/`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from buyer_protection.domain.enums import OPEN, PARTIES, Action, Role, Status


class Caller(StrEnum):
    """Who calls a route: a person with an ID token, or the shop's backend with a SigV4 signature.

    A method of a REST API has one authorizer, so that each kind of caller has an API of its own (decision 0050).
    """

    PERSON = "person"
    SYSTEM = "system"


class Gate(NamedTuple):
    """Who may take an action on a case: these roles, in these statuses, for this rule's sake."""

    action: Action
    roles: frozenset[Role]
    statuses: frozenset[Status]
    rule: str
    is_read: bool = False


class Ending(NamedTuple):
    """The end of a call: deprecated `since`, perhaps gone after `until` (UTC); `page` says what to call instead."""

    since: datetime
    until: datetime
    page: str


class ActionSpec(NamedTuple):
    """One call of the contract. `gate` is None where the call is not about one case; `callers` are who may make it;
    `ending` is None as long as nobody has to look for another call."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    gate: Gate | None = None
    callers: frozenset[Caller] = frozenset({Caller.PERSON})
    ending: Ending | None = None

    @property
    def is_for_people(self) -> bool:
        """Whether people call it, with a token."""
        return Caller.PERSON in self.callers

    @property
    def is_for_backend(self) -> bool:
        """Whether the shop's backend calls it, with a signature."""
        return Caller.SYSTEM in self.callers


_BUYER = frozenset({Role.BUYER})
_SELLER = frozenset({Role.SELLER})
_BOTH = frozenset(PARTIES)
_TEAM = frozenset({Role.CASE_MANAGER})
_ALL = _BOTH | _TEAM
_SYSTEM = frozenset({Role.SYSTEM})

_ANY = frozenset(Status)
_NEGOTIATION = frozenset({Status.NEGOTIATION})
_EVIDENCE = frozenset({Status.CLAIM_EVIDENCE})
_REVIEW = frozenset({Status.UNDER_REVIEW})
_CLAIM = _EVIDENCE | _REVIEW
_BARGAINING = _NEGOTIATION | _CLAIM
_AWAITING_RETURN = frozenset({Status.AWAITING_RETURN})
_RETURN_SHIPPED = frozenset({Status.RETURN_SHIPPED})

_ORDER = "/v1/orders/{order_id}"
_DISPUTE = "/v1/disputes/{dispute_id}"
_OFFER = f"{_DISPUTE}/offers/{{offer_id}}"
_ITEM = f"{_DISPUTE}/evidence/{{evidence_id}}"
_RULING = f"{_DISPUTE}/claim/decision/{{decision_id}}"
_SELLER_PAGE = "/v1/sellers/{seller_id}"
_POLICY = "/v1/policies/{profile}"
_WEBHOOK = "/v1/webhooks/{webhook_id}"
_PERSON = "/v1/people/{person_id}"

# What the case is, how it got there and what was said for it: for the shop's backend too.
_READ = Gate(Action.READ, _ALL | _SYSTEM, _ANY, "R1", is_read=True)
# What the parties wrote to each other, their files, and the file of the whole case.
_READ_CONTENTS = Gate(Action.READ_CONTENTS, _ALL, _ANY, "R1", is_read=True)


def _row(
    call: str,
    name: str,
    tag: str,
    summary: str,
    gate: Gate | None = None,
    caller: Caller = Caller.PERSON,
    backend_too: bool = False,
) -> ActionSpec:
    method, path = call.split(" ", 1)
    callers = frozenset({caller, Caller.SYSTEM} if backend_too else {caller})
    return ActionSpec(name, method, path, tag, summary, gate, callers)


def _read(
    call: str, name: str, tag: str, summary: str, gate: Gate | None = _READ, *, backend_too: bool = False
) -> ActionSpec:
    return _row(call, name, tag, summary, gate, backend_too=backend_too)


# fmt: off
ACTIONS: tuple[ActionSpec, ...] = (
    _row(f"PUT {_ORDER}", "put_order", "Orders", "Store the shop's projection of an order", caller=Caller.SYSTEM),
    _row(f"POST {_ORDER}/tracking-events", "record_tracking_event", "Orders", "Report what a carrier said of a parcel",
         caller=Caller.SYSTEM),
    _row(f"POST {_ORDER}/refunds", "record_refund", "Orders", "Report money that was given back outside of disputes",
         caller=Caller.SYSTEM),
    _read(f"GET {_ORDER}", "get_order", "Orders", "Read an order", None, backend_too=True),
    _read(f"GET {_ORDER}/dispute-eligibility", "get_dispute_eligibility", "Orders", "May a dispute be opened now?",
          None, backend_too=True),
    _row(f"POST {_ORDER}/confirm-receipt", "confirm_receipt", "Orders",
         "Confirm the receipt, which completes the order"),
    _row("GET /v1/orders", "list_orders", "Orders", "List the caller's orders", backend_too=True),
    _row("POST /v1/disputes", "open_dispute", "Disputes", "Open a dispute: ask for a refund"),
    _row("GET /v1/disputes", "list_disputes", "Disputes", "List the caller's disputes", backend_too=True),
    _read(f"GET {_DISPUTE}", "get_dispute", "Disputes", "Read a dispute", backend_too=True),
    _row(f"GET {_DISPUTE}/page", "get_dispute_page", "Disputes", "Read all that a page of a dispute shows",
         _READ_CONTENTS),
    _row(f"PUT {_DISPUTE}/metadata", "put_metadata", "Disputes", "Keep the shop's own keys with a dispute",
         caller=Caller.SYSTEM),
    _read(f"GET {_DISPUTE}/timeline", "get_timeline", "Disputes", "Read what happened, oldest first",
          backend_too=True),
    _read(f"GET {_DISPUTE}/offers", "list_offers", "Negotiation", "List all offers of both sides", backend_too=True),
    _row(f"POST {_DISPUTE}/offers", "make_offer", "Negotiation", "Make an offer, which replaces one's standing one",
         Gate(Action.MAKE_OFFER, _BOTH, _BARGAINING, "R14")),
    _row(f"POST {_OFFER}/accept", "accept_offer", "Negotiation", "Accept the other side's standing offer",
         Gate(Action.ACCEPT_OFFER, _BOTH, _BARGAINING, "R14")),
    _row(f"POST {_OFFER}/decline", "decline_offer", "Negotiation", "Decline the other side's standing offer",
         Gate(Action.DECLINE_OFFER, _BOTH, _BARGAINING, "R14")),
    _row(f"POST {_OFFER}/withdraw", "withdraw_offer", "Negotiation", "Take one's own standing offer back",
         Gate(Action.WITHDRAW_OFFER, _BOTH, _BARGAINING, "R14")),
    _row(f"POST {_DISPUTE}/accept-request", "accept_request", "Negotiation", "Grant the buyer's whole request",
         Gate(Action.ACCEPT_REQUEST, _SELLER, _BARGAINING, "R14")),
    _row(f"POST {_DISPUTE}/escalate", "escalate_dispute", "Negotiation", "Escalate: ask the team to decide",
         Gate(Action.ESCALATE, _BUYER, _NEGOTIATION, "R18")),
    _row(f"POST {_DISPUTE}/change-reason", "change_reason", "Disputes",
         "Change the reason: it came, and is not as described", Gate(Action.CHANGE_REASON, _BUYER, OPEN, "R27")),
    _row(f"POST {_DISPUTE}/cancel", "cancel_dispute", "Disputes", "Cancel the dispute",
         Gate(Action.CANCEL, _BUYER, _BARGAINING, "R28")),
    _row(f"POST {_DISPUTE}/evidence", "add_evidence", "Evidence", "Add an item of evidence",
         Gate(Action.ADD_EVIDENCE, _BOTH, OPEN - _REVIEW, "R26")),
    _read(f"GET {_DISPUTE}/evidence", "list_evidence", "Evidence", "List the evidence of both sides",
          backend_too=True),
    _row(f"GET {_ITEM}", "get_evidence", "Evidence", "Read an item, with links to download its files", _READ_CONTENTS),
    _row(f"DELETE {_ITEM}", "withdraw_evidence", "Evidence", "Take one's own item back, while negotiating",
         Gate(Action.WITHDRAW_EVIDENCE, _BOTH, _NEGOTIATION, "R26")),
    _read(f"GET {_DISPUTE}/evidence-guide", "get_evidence_guide", "Evidence", "Read which evidence helps",
          Gate(Action.READ_GUIDE, _BOTH, _ANY, "R26", is_read=True)),
    _row(f"POST {_DISPUTE}/messages", "send_message", "Messages", "Write to the other side and the team",
         Gate(Action.SEND_MESSAGE, _ALL, OPEN, "R5")),
    _row(f"POST {_DISPUTE}/messages/read", "mark_messages_read", "Messages", "Note what one has read of the thread",
         Gate(Action.MARK_MESSAGES_READ, _BOTH, OPEN, "R5")),
    _read(f"GET {_DISPUTE}/messages", "list_messages", "Messages", "Read the thread, oldest first", _READ_CONTENTS),
    _row(f"GET {_DISPUTE}/export", "export_case", "Disputes", "Export the case file", _READ_CONTENTS),
    _row("GET /v1/keys", "list_keys", "Disputes", "Read the keys that exports are signed with"),
    _row(f"POST {_DISPUTE}/evidence-complete", "complete_evidence", "Evidence", "Say that there is nothing more to add",
         Gate(Action.EVIDENCE_COMPLETE, _BOTH, _EVIDENCE, "R22")),
    _row("GET /v1/mediation/queue", "get_mediation_queue", "Claim", "List the claims by due date, overdue first"),
    _row("GET /v1/mediation/summary", "get_mediation_summary", "Claim", "Count the open claims"),
    _row("GET /v1/mediation/team", "get_mediation_team", "Claim", "List the team with the open claims of each"),
    _row("POST /v1/mediation/next", "take_next_claim", "Claim", "Take the most urgent claim that nobody has"),
    _read("GET /v1/mediation/templates", "list_templates", "Claim", "List the team's texts for rationales", None),
    _row("PUT /v1/mediation/templates/{template_id}", "put_template", "Claim", "Keep a text for rationales"),
    _read(f"GET {_DISPUTE}/claim/brief", "get_claim_brief", "Claim", "Read the dossier of a claim",
          Gate(Action.READ_CLAIM_BRIEF, _TEAM, _ANY, "R24", is_read=True)),
    _row(f"POST {_DISPUTE}/claim/evidence-window", "set_evidence_window", "Claim", "Set another date for the evidence",
         Gate(Action.SET_EVIDENCE_WINDOW, _TEAM, _EVIDENCE, "R22")),
    _row(f"POST {_DISPUTE}/claim/decision", "decide_claim", "Claim", "Decide the claim, which is final",
         Gate(Action.DECIDE, _TEAM, _REVIEW, "R24")),
    _row(f"POST {_DISPUTE}/claim/assign", "assign_claim", "Claim", "Take or give a claim",
         Gate(Action.ASSIGN, _TEAM, _CLAIM, "R24")),
    _row(f"POST {_DISPUTE}/claim/unassign", "unassign_claim", "Claim", "Give a claim back to nobody",
         Gate(Action.UNASSIGN, _TEAM, _CLAIM, "R47")),
    _row(f"POST {_DISPUTE}/claim/request-evidence", "request_evidence", "Claim",
         "Ask a party for evidence, twice at most",
         Gate(Action.REQUEST_EVIDENCE, _TEAM, _REVIEW, "R24")),
    _row(f"POST {_DISPUTE}/claim/proposal", "propose_settlement", "Claim",
         "Propose an agreement to both sides, in the place of the team's earlier one",
         Gate(Action.PROPOSE, _TEAM, _CLAIM, "R14")),
    _row(f"POST {_RULING}/confirm", "confirm_decision", "Claim", "Confirm a colleague's ruling, which takes effect",
         Gate(Action.CONFIRM_DECISION, _TEAM, _REVIEW, "R47")),
    _row(f"POST {_RULING}/refuse", "refuse_decision", "Claim", "Refuse a colleague's ruling",
         Gate(Action.REFUSE_DECISION, _TEAM, _REVIEW, "R47")),
    _row(f"POST {_RULING}/withdraw", "withdraw_decision", "Claim", "Take back one's own ruling that waits",
         Gate(Action.WITHDRAW_DECISION, _TEAM, _REVIEW, "R47")),
    _row(f"POST {_DISPUTE}/claim/notes", "write_note", "Claim", "Write a note that the team alone reads",
         Gate(Action.WRITE_NOTE, _TEAM, OPEN, "R45")),
    _read(f"GET {_DISPUTE}/claim/notes", "list_notes", "Claim", "Read the team's notes, oldest first",
          Gate(Action.READ_NOTES, _TEAM, _ANY, "R45", is_read=True)),
    _row("GET /v1/people/{person_id}/history", "get_person_history", "Claim",
         "Read the earlier disputes of a party of one's claim"),
    _row(f"POST {_DISPUTE}/return/address", "confirm_return_address", "Return", "Say where the goods go back to",
         Gate(Action.CONFIRM_RETURN_ADDRESS, _SELLER, _AWAITING_RETURN, "R36")),
    _row(f"POST {_DISPUTE}/return/shipment", "register_return_shipment", "Return", "Register the parcel that goes back",
         Gate(Action.REGISTER_RETURN_SHIPMENT, _BUYER, _AWAITING_RETURN, "R36")),
    _row(f"POST {_DISPUTE}/return/acknowledge", "acknowledge_return", "Return", "Say what became of the return",
         Gate(Action.ACKNOWLEDGE_RETURN, _SELLER, _RETURN_SHIPPED, "R36")),
    _read(f"GET {_SELLER_PAGE}/dispute-metrics", "get_seller_metrics", "Sellers", "Read how a seller fares in disputes",
          None, backend_too=True),
    _row("GET /v1/events", "list_events", "Events", "Read the events of thirty days", caller=Caller.SYSTEM),
    _row("GET /v1/webhooks", "list_webhooks", "Events", "List the webhooks", caller=Caller.SYSTEM),
    _row(f"PUT {_WEBHOOK}", "put_webhook", "Events", "Say where events go", caller=Caller.SYSTEM),
    _row(f"DELETE {_WEBHOOK}", "delete_webhook", "Events", "Remove a webhook", caller=Caller.SYSTEM),
    _row(f"POST {_WEBHOOK}/test", "test_webhook", "Events", "Send a test event", caller=Caller.SYSTEM),
    _row(f"POST {_WEBHOOK}/rotate", "rotate_webhook", "Events", "Make a new secret", caller=Caller.SYSTEM),
    _row(f"GET {_WEBHOOK}/deliveries", "list_webhook_deliveries", "Events", "Read what was sent to a webhook",
         caller=Caller.SYSTEM),
    _row(f"POST {_WEBHOOK}/deliveries/{{delivery_id}}/replay", "replay_webhook_delivery", "Events",
         "Send a delivery once more", caller=Caller.SYSTEM),
    _read("GET /v1/operations/summary", "get_operations_summary", "Operations", "See how the system fares", None),
    _row("GET /v1/operations/cases/{dispute_id}", "get_operated_case", "Operations",
         "Read the rows of a dispute, without texts"),
    _row(f"POST {_PERSON}/export", "export_person", "People", "Export what is kept of a person", caller=Caller.SYSTEM),
    _row(f"POST {_PERSON}/erase", "erase_person", "People", "Erase what is kept of a person, in seven days",
         caller=Caller.SYSTEM),
    _row(f"POST {_PERSON}/erase/stop", "stop_erasing_person", "People", "Stop that, as long as it has not begun",
         caller=Caller.SYSTEM),
    _row("GET /v1/me", "get_me", "Account", "Read who one is"),
    _row(f"GET {_POLICY}/evidence-guide", "get_guide_before", "Policies", "Read which evidence would help",
         backend_too=True),
    _row(f"GET {_POLICY}", "get_policy", "Policies", "Read a policy", backend_too=True),
    _row(f"POST {_POLICY}/preview", "preview_policy", "Policies", "Compute the calendar that a policy gives an order",
         backend_too=True),
)
# fmt: on

# What only stages with `emulated` have, for the tests of integrators: no part of the published contract.
TEST_ACTIONS: tuple[ActionSpec, ...] = (
    _row(
        f"POST {_DISPUTE}/test-clock",
        "move_test_clock",
        "Disputes",
        "Let time pass for one case",
        caller=Caller.SYSTEM,
    ),
)

GATES: Mapping[Action, Gate] = MappingProxyType(
    {spec.gate.action: spec.gate for spec in ACTIONS if spec.gate is not None}
)

# Where each action of a person on a case is called: method and path.
ROUTES: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        spec.gate.action: (spec.method, spec.path)
        for spec in ACTIONS
        if spec.gate is not None and not spec.gate.is_read
    }
)


def methods_of(path: str, *, backend: bool = False) -> tuple[str, ...]:
    """The methods of a path of the table, as it writes it; none for any other path. `backend`: at the backend's API."""
    return tuple(
        spec.method for spec in ACTIONS if spec.path == path and (spec.is_for_backend or not backend)
    )


def row_path(path: str) -> str | None:
    """The path of the table, as it writes it, that a path of a call is of; None where it is of none."""
    steps = path.strip("/").split("/")
    return next((spec.path for spec in ACTIONS if _is_of(steps, spec.path.strip("/").split("/"))), None)


def _is_of(steps: list[str], written: list[str]) -> bool:
    return len(steps) == len(written) and all(
        step == name or name.startswith("{") for step, name in zip(steps, written, strict=True)
    )
