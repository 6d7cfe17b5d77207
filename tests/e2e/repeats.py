"""Every POST of the API, sent five times at once with one key, once more, with another body, and by a stranger."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.client import BACKEND, Response
from tests.e2e.case import Case, usd
from tests.e2e.checks import check_chain
from tests.e2e.waiting import instant, stated, until_clock, utc_now
from tests.e2e.world import Json, World
from tests.support.calls import CALLS, CLAIM, RULING, STATEMENT, lies_beside, writes_without
from tests.support.in_process import ROUTES
from tests.support.sampling import sample

TIMES = 5
SCENES_AT_ONCE = 2
# Under `--sample` each of these many scenes is played.
EVERY_SCENE = 4
WHO = {"B": "buyer", "S": "seller", "M": "case_manager"}
# The calls on a case that have a scene here; each of the others is repeated on a case that was just opened.
PLAYED = frozenset(
    {
        "accept_offer", "accept_request", "acknowledge_return", "add_evidence", "assign_claim", "cancel_dispute",
        "change_reason", "complete_evidence", "confirm_return_address", "decide_claim", "decline_offer",
        "escalate_dispute", "make_offer", "register_return_shipment", "request_evidence", "send_message",
        "set_evidence_window", "withdraw_evidence", "withdraw_offer",
        "propose_settlement", "confirm_decision", "refuse_decision", "withdraw_decision", "unassign_claim",
    }
)  # fmt: skip


@dataclass
class Repeated:
    """One POST sent five times at once and once more, and what came of it; `again` sends it another time."""

    route: str
    answers: list[Response]
    entries: int
    other_body: Response | None
    stranger: Response | None
    again: Callable[[], Response]
    case: Case


@dataclass
class Repeater:
    """Sends the POSTs of one case; `done` keeps what came of each."""

    case: Case
    done: list[Repeated] = field(default_factory=list)

    def post(
        self, route: str, who: str, path: str, body: Any = None, other: Any = None, *, counts: bool = True
    ) -> Response:
        """Five times at once, once more, with another body, and by a stranger with the same key."""
        client, key = self.case.world.client, secrets.token_urlsafe(24)
        before = self._entries() if counts else 0
        with ThreadPoolExecutor(TIMES) as pool:
            answers = list(pool.map(lambda _: client.post(who, path, body, key=key), range(TIMES)))
        answers.append(client.post(who, path, body, key=key))
        after = self._entries() if counts else 1
        self.done.append(
            Repeated(
                route,
                answers,
                after - before,
                client.post(who, path, other, key=key) if other is not None else None,
                client.post("other_buyer", path, body, key=key) if who != BACKEND else None,
                lambda: client.post(who, path, body, key=key),
                self.case,
            )
        )
        return answers[0]

    def on_case(self, route: str, who: str, call: str, body: Any = None, other: Any = None) -> Response:
        return self.post(route, who, f"{self.case.path}/{call}", body, other)

    @staticmethod
    def call_path(name: str) -> str:
        """The call's path behind the case's own."""
        return ROUTES[name].path.removeprefix("/v1/disputes/{dispute_id}/")

    def _entries(self) -> int:
        """Entries made by people and carriers: the clock may add its own at any time."""
        if not self.case.dispute_id:
            return 0
        return len(acts_of(self.case.timeline()))


def acts_of(timeline: list[Json]) -> list[str]:
    """What people and carriers did, in order: the clock may add its own at any time."""
    by_itself = {"clock", "mediation"}
    return [entry["type"] for entry in timeline if entry["actor"]["id"] not in by_itself]


def bargaining(world: World) -> list[Repeated]:
    """The opening and its offers."""
    case = Case(world)
    case.ship()
    repeat = Repeater(case)
    body = case.opening()
    opened = repeat.post(
        "open_dispute", "buyer", "/v1/disputes", body, body | {"description": "Other words."}, counts=False
    )
    case.dispute_id = opened.body["dispute_id"]
    assert acts_of(case.timeline()) == ["DISPUTE_OPENED"]
    offer = {"type": "REFUND", "refund": usd(1_000)}
    repeat.on_case("make_offer", "seller", "offers", offer, offer | {"note": "Please."})
    repeat.on_case("decline_offer", "buyer", "offers/of-2/decline")
    repeat.on_case("make_offer", "seller", "offers", offer, offer | {"note": "Please."})
    repeat.on_case("withdraw_offer", "seller", "offers/of-3/withdraw")
    check_chain(case.dispute_id, case.timeline())
    return repeat.done


def receiving(world: World) -> list[Repeated]:
    """Evidence and the parcel; ends by granting the request."""
    case = Case.opened(world)
    repeat = Repeater(case)
    repeat.on_case("add_evidence", "buyer", "evidence", STATEMENT, STATEMENT | {"text": "It was full."})
    event = {
        "event_id": "scan-1",
        "shipment_id": "s1",
        "status": "DELIVERED",
        "occurred_at": stated(utc_now()),
    }
    path = f"/v1/orders/{case.order_id}/tracking-events"
    repeat.post("record_tracking_event", BACKEND, path, event, event | {"event_id": "scan-2"})
    given = {
        "refund_id": "shop-1",
        "kind": "GOODWILL",
        "amount": {"amount_minor": 1, "currency": "USD"},
        "occurred_at": stated(utc_now()),
    }
    path = f"/v1/orders/{case.order_id}/refunds"
    repeat.post("record_refund", BACKEND, path, given, given | {"refund_id": "shop-2"})
    reason = {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"}
    repeat.on_case("change_reason", "buyer", "change-reason", reason, reason | {"sub_reason": "DIFFERENT"})
    repeat.on_case("accept_request", "seller", "accept-request")
    check_chain(case.dispute_id, case.timeline())
    return repeat.done


def returning(world: World) -> list[Repeated]:
    """The return: its address, its shipment, its end."""
    case = Case.opened(world, reason="NOT_AS_DESCRIBED")
    case.act("buyer", f"offers/{case.offer('seller', 1_000, 'REFUND_WITH_RETURN')}/accept")
    repeat = Repeater(case)
    address = {"address": {"lines": ["9 Quay Street"], "postal_code": "2000", "country": "CN"}}
    other = {"address": {"lines": ["10 Quay Street"], "postal_code": "2000", "country": "CN"}}
    repeat.on_case("confirm_return_address", "seller", "return/address", address, other)
    parcel = {"carrier": "Post", "tracking_number": "RX9"}
    repeat.on_case(
        "register_return_shipment", "buyer", "return/shipment", parcel, parcel | {"tracking_number": "RX8"}
    )
    received = {"condition": "ITEM_RECEIVED"}
    repeat.on_case("acknowledge_return", "seller", "return/acknowledge", received, received | {"note": "No."})
    assert case.finished().ledger["refunded_minor"] == 1_000
    return repeat.done


def confirming(world: World) -> list[Repeated]:
    """The receipt of an order, and a message about another one."""
    order = Case(world)
    order.ship()
    repeat = Repeater(order)
    repeat.post(
        "confirm_receipt",
        "buyer",
        f"/v1/orders/{order.order_id}/confirm-receipt",
        {"acknowledge_consequences": True},
        {"acknowledge_consequences": False},
        counts=False,
    )
    thread = Repeater(Case.opened(world))
    thread.on_case("send_message", "buyer", "messages", {"text": "Where is it?"}, {"text": "Where?"})
    return [*repeat.done, *thread.done]


def accepting(world: World) -> list[Repeated]:
    """An offer and its acceptance."""
    case = Case.opened(world)
    offer = case.offer("seller", 1_000)
    repeat = Repeater(case)
    repeat.on_case("accept_offer", "buyer", f"offers/{offer}/accept")
    assert case.finished().ledger["refunded_minor"] == 1_000
    return repeat.done


def claiming(world: World) -> list[Repeated]:
    """The claim's calls; ends with the decision."""
    case = Case.opened(world)
    repeat = Repeater(case)
    until_clock(instant(case.look()["escalation_available_at"]))
    repeat.on_case("escalate_dispute", "buyer", "escalate", CLAIM, CLAIM | {"text": "Nobody answers."})
    due = utc_now() + timedelta(seconds=15 * world.day)
    case.take_claim()
    window, later = {"due_at": stated(due)}, {"due_at": stated(due + timedelta(seconds=world.day))}
    repeat.on_case("set_evidence_window", "case_manager", "claim/evidence-window", window, later)
    repeat.on_case("add_evidence", "seller", "evidence", STATEMENT, STATEMENT | {"text": "It was full."})
    # After what the seller gave: a later item could be answered for a day (R43).
    repeat.on_case("complete_evidence", "buyer", "evidence-complete")
    repeat.on_case("complete_evidence", "seller", "evidence-complete")
    mine = {"assignee": world.client.stack.people["case_manager"].sub}
    # No entry of the timeline counts it (R45).
    path, other = f"{case.path}/claim/assign", {"assignee": "somebody-else"}
    repeat.post("assign_claim", "case_manager", path, mine, other, counts=False)
    until = stated(utc_now() + timedelta(seconds=10 * world.day))
    asked = {"party": "BUYER", "types": ["STATEMENT"], "due_at": until, "question": "What came?"}
    repeat.on_case(
        "request_evidence", "case_manager", "claim/request-evidence", asked, asked | {"question": "What?"}
    )
    case.act("buyer", "evidence-complete")
    ruling = RULING | {"evidence_ids": ["ev-1"]}
    repeat.on_case("decide_claim", "case_manager", "claim/decision", ruling, ruling | {"rationale": "No."})
    assert case.status == "DECIDED"
    check_chain(case.dispute_id, case.timeline())
    return repeat.done


def confirming_rulings(world: World) -> list[Repeated]:
    """The team's proposal, and rulings that wait for a second member; ends with the confirmed one."""
    case = Case(world, currency="CHF")
    case.ship()
    case.open()
    repeat = Repeater(case)
    until_clock(instant(case.look()["escalation_available_at"]))
    case.act("buyer", "escalate", CLAIM)
    case.take_claim()
    repeat.post("unassign_claim", "case_manager", f"{case.path}/claim/unassign", counts=False)
    # This claim, or a more urgent one of another scene.
    repeat.post("take_next_claim", "case_manager", "/v1/mediation/next", counts=False)
    case.is_taken = False
    case.take_claim()
    case.act("buyer", "evidence", STATEMENT)
    for who in ("buyer", "seller"):
        case.act(who, "evidence-complete")
    offer = {"type": "REFUND", "refund": {"amount_minor": 100, "currency": "CHF"}}
    repeat.on_case("propose_settlement", "case_manager", "claim/proposal", offer, offer | {"note": "Please."})
    settled = (
        ("withdraw", "case_manager"),
        ("refuse", "second_case_manager"),
        ("confirm", "second_case_manager"),
    )
    for call, who in settled:
        ruled = world.client.post("case_manager", f"{case.path}/claim/decision", RULING)
        assert ruled.status == 202, ruled
        path = f"{case.path}/claim/decision/{ruled.body['decision_id']}/{call}"
        repeat.post(f"{call}_decision", who, path, counts=call == "confirm")
    assert case.status == "DECIDED"
    check_chain(case.dispute_id, case.timeline())
    return repeat.done


def cancelling(world: World) -> list[Repeated]:
    """The cancelling, and the call that changes nothing."""
    case = Case.opened(world)
    repeat = Repeater(case)
    agreed = {"acknowledge_consequences": True}
    repeat.on_case("cancel_dispute", "buyer", "cancel", agreed, {"acknowledge_consequences": False})
    dates = {"shipped_at": "2026-01-01T00:00:00Z", "guaranteed_delivery_days": 30}
    path = "/v1/policies/aliexpress-classic/preview"
    repeat.post("preview_policy", "buyer", path, dates, counts=False)
    return repeat.done


def announcing(world: World) -> list[Repeated]:
    """A webhook's calls; nobody listens there, and it is off."""
    repeat, path = Repeater(Case(world)), f"/v1/webhooks/repeats-{secrets.token_hex(4)}"
    world.client.put(BACKEND, path, {"url": "https://127.0.0.1:9/", "active": False})
    tested = repeat.post("test_webhook", BACKEND, f"{path}/test", counts=False)
    delivery = f"{path}/deliveries/{tested.body['delivery_id']}"
    repeat.post("replay_webhook_delivery", BACKEND, f"{delivery}/replay", counts=False)
    repeat.post("rotate_webhook", BACKEND, f"{path}/rotate", counts=False)
    return repeat.done


def about_a_person(world: World) -> list[Repeated]:
    """What is kept of a person whom nobody else is about."""
    case, person = Case(world), f"person-{secrets.token_hex(4)}"
    repeat = Repeater(case)
    order = {**case.order_body(utc_now() - timedelta(days=1)), "buyer_id": person}
    world.client.put(BACKEND, f"/v1/orders/o-{person}", order)
    path = f"/v1/people/{person}"
    repeat.post("export_person", BACKEND, f"{path}/export", counts=False)
    repeat.post("erase_person", BACKEND, f"{path}/erase", counts=False)
    repeat.post("stop_erasing_person", BACKEND, f"{path}/erase/stop", counts=False)
    return repeat.done


def others(world: World) -> list[Repeated]:
    """Every call without a scene, as its row in `tests/support/calls.py` says."""
    done: list[Repeated] = []
    for name in writes_without(PLAYED):
        repeat, row = Repeater(Case.opened(world)), CALLS[name]
        for role, first in row.first:
            repeat.case.act(WHO[role], repeat.call_path(first), CALLS[first].body)
        path = f"{repeat.case.path}/{repeat.call_path(name)}"
        repeat.post(name, WHO[row.may[0]], path, row.body, row.other, counts=not lies_beside(name))
        done += repeat.done
    return done


def repeated_posts(world: World) -> list[Repeated]:
    """What came of every POST there is."""
    scenes: tuple[Callable[[World], list[Repeated]], ...] = (
        bargaining,
        receiving,
        returning,
        confirming,
        accepting,
        claiming,
        confirming_rulings,
        cancelling,
        announcing,
        about_a_person,
        others,
    )
    chosen = sample(scenes, EVERY_SCENE)
    # Five calls at once need five processes each time: more scenes side by side would starve each other's windows.
    with ThreadPoolExecutor(SCENES_AT_ONCE) as pool:
        return [one for done in pool.map(lambda scene: scene(world), chosen) for one in done]
