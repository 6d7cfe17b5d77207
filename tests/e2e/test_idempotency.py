"""Q4 in small: every POST five times at once with one key has one effect and one answer; with another body it is 422;
with another caller's key nobody gets my answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from infra.routes import ROWS, Kind
from tests.e2e.case import Case, usd
from tests.e2e.repeats import Repeated
from tests.e2e.world import World


@pytest.fixture
def repeated(told: Callable[[str], list[Repeated]]) -> list[Repeated]:
    """What came of every POST there is."""
    return told("repeated_posts")


def test_every_post_of_the_api_was_repeated(repeated: list[Repeated]) -> None:
    posts = {row.id for row in ROWS if row.kind is Kind.API and row.method == "POST"}
    assert {one.route for one in repeated} == posts


def test_five_at_once_and_once_more_get_the_same_answer(repeated: list[Repeated]) -> None:
    for one in repeated:
        first = one.answers[0]
        assert first.status in (200, 201), (one.route, first)
        for answer in one.answers:
            assert (answer.status, answer.body) == (first.status, first.body), one.route
            assert answer.etag == first.etag, one.route
            assert answer.headers.get("location") == first.headers.get("location"), one.route


def test_five_at_once_and_once_more_have_one_effect(repeated: list[Repeated]) -> None:
    assert {(one.route, one.entries) for one in repeated} == {(one.route, 1) for one in repeated}


def test_the_same_key_with_another_body_is_refused(repeated: list[Repeated]) -> None:
    for one in repeated:
        if one.other_body is not None:
            assert (one.other_body.status, one.other_body.code) == (422, "IDEMPOTENCY_KEY_REUSED"), one.route


def test_a_stranger_with_my_key_never_gets_my_answer(repeated: list[Repeated]) -> None:
    for one in repeated:
        if one.stranger is not None and one.route != "preview_policy":
            assert (one.stranger.status, one.stranger.code) == (404, "NOT_FOUND"), one.route


def test_the_other_party_with_my_key_gets_an_answer_of_their_own(world: World) -> None:
    case, key = Case.opened(world), secrets.token_urlsafe(24)
    body = {"type": "REFUND", "refund": usd(1_000)}
    sellers = case.post("seller", "offers", body, key=key)
    buyers = case.post("buyer", "offers", body, key=key)
    assert (sellers.status, buyers.status) == (201, 201)
    assert (sellers.body["made_by"], buyers.body["made_by"]) == ("SELLER", "BUYER")
    assert sellers.body["offer_id"] != buyers.body["offer_id"]
