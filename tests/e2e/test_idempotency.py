"""Q4: every POST five times at once with one key has one effect and one answer, also from a process that knows nothing
of the first; with another body it is 422; with another caller's key nobody gets my answer. PUT and DELETE, which have
no key, have one effect by their nature."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from infra.routes import SPECS, Kind
from local.client import BACKEND, Response
from tests.e2e.case import Case, usd
from tests.e2e.repeats import Repeated, acts_of
from tests.e2e.waiting import utc_now
from tests.e2e.world import World

# These say it all by their path: there is no other body that they would take.
WITHOUT_BODY = frozenset(
    {
        "accept_offer",
        "accept_request",
        "complete_evidence",
        "confirm_decision",
        "decline_offer",
        "erase_person",
        "export_person",
        "refuse_decision",
        "replay_webhook_delivery",
        "rotate_webhook",
        "stop_erasing_person",
        "take_next_claim",
        "test_webhook",
        "unassign_claim",
        "withdraw_decision",
        "withdraw_offer",
    }
    | {"preview_policy"}
)


@pytest.fixture
def repeated(result_of: Callable[[str], list[Repeated]]) -> list[Repeated]:
    """What came of every POST there is."""
    return result_of("repeated_posts")


@pytest.mark.verify
def test_every_post_of_the_api_was_repeated(repeated: list[Repeated]) -> None:
    posts = {row.id for row in SPECS if row.kind is Kind.API and row.method == "POST"}
    assert {one.route for one in repeated} == posts


def visible(answer: Response) -> tuple[object, ...]:
    """What a caller learns from an answer. What is kept of a person is read anew for each call, and kept for none."""
    body = answer.body
    if isinstance(body, dict) and {"person_id", "items"} <= body.keys():
        body = {name: value for name, value in body.items() if name != "as_of"}
    return answer.status, body, answer.etag, answer.headers.get("location")


@pytest.mark.sampled
def test_five_at_once_and_once_more_get_the_same_answer(repeated: list[Repeated]) -> None:
    for one in repeated:
        first = one.answers[0]
        assert first.status in (200, 201), (one.route, first)
        assert [visible(answer) for answer in one.answers] == [visible(first)] * len(one.answers), one.route


@pytest.mark.sampled
@pytest.mark.usefixtures("quiet")
def test_once_more_after_a_crash_the_answer_is_the_same_and_nothing_happens(
    world: World, repeated: list[Repeated]
) -> None:
    """Every function's processes are gone; whoever never heard the answer asks fresh ones for it."""
    for route in {one.route for one in repeated}:
        world.end_processes(route)
    cases = {one.case.dispute_id: one.case for one in repeated if one.case.dispute_id}
    before = {name: acts_of(case.timeline()) for name, case in cases.items()}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.again(), repeated))
    for one, answer in zip(repeated, answers, strict=True):
        assert visible(answer) == visible(one.answers[0]), one.route
    assert {name: acts_of(case.timeline()) for name, case in cases.items()} == before


def test_an_order_that_is_put_five_times_at_once_is_one_order_and_counts_once(world: World) -> None:
    case = Case(world)
    seller = f"seller-{secrets.token_hex(6)}"
    body = case.order_body(utc_now() - timedelta(seconds=6 * world.day)) | {"seller_id": seller}
    path = f"/v1/orders/{case.order_id}"
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: world.client.put(BACKEND, path, body), range(5)))
    assert {answer.status for answer in answers} <= {200, 201}
    # But for the instant at which each was read.
    said = [{name: value for name, value in answer.body.items() if name != "read_at"} for answer in answers]
    assert len({json.dumps(body, sort_keys=True) for body in said}) == 1
    assert world.client.put(BACKEND, path, body).status == 200
    metrics = world.client.get("case_manager", f"/v1/sellers/{seller}/dispute-metrics")
    assert (metrics.status, metrics.body["orders"]) == (200, 1)


def test_r26_an_item_that_is_withdrawn_five_times_at_once_is_withdrawn_once(world: World) -> None:
    case = Case.opened(world)
    path = f"{case.path}/evidence/{case.state_something('buyer')}"
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: world.client.call("buyer", "DELETE", path), range(5)))
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404, 404]
    assert world.client.call("buyer", "DELETE", path).status == 404
    kinds = [entry["type"] for entry in case.timeline()]
    assert kinds.count("EVIDENCE_WITHDRAWN") == 1


@pytest.mark.sampled
def test_five_at_once_and_once_more_have_one_effect(repeated: list[Repeated]) -> None:
    assert {(one.route, one.entries) for one in repeated} == {(one.route, 1) for one in repeated}


@pytest.mark.sampled
def test_the_same_key_with_another_body_is_refused(repeated: list[Repeated]) -> None:
    assert {one.route for one in repeated if one.other_body is None} <= WITHOUT_BODY
    for one in repeated:
        if one.other_body is not None:
            assert (one.other_body.status, one.other_body.code) == (422, "IDEMPOTENCY_KEY_REUSED"), one.route


@pytest.mark.sampled
def test_a_stranger_with_my_key_never_gets_my_answer(repeated: list[Repeated]) -> None:
    for one in repeated:
        if one.stranger is not None and one.route != "preview_policy":
            # The next claim is no case of anybody's: who is not in the team may not ask for one.
            of_team = one.route == "take_next_claim"
            wanted = (403, "FORBIDDEN") if of_team else (404, "NOT_FOUND")
            assert (one.stranger.status, one.stranger.code) == wanted, one.route


def test_the_other_party_with_my_key_gets_an_answer_of_their_own(world: World) -> None:
    case, key = Case.opened(world), secrets.token_urlsafe(24)
    body = {"type": "REFUND", "refund": usd(1_000)}
    sellers = case.post("seller", "offers", body, key=key)
    buyers = case.post("buyer", "offers", body, key=key)
    assert (sellers.status, buyers.status) == (201, 201)
    assert (sellers.body["made_by"], buyers.body["made_by"]) == ("SELLER", "BUYER")
    assert sellers.body["offer_id"] != buyers.body["offer_id"]
