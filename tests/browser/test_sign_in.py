"""Signing in: by code and PKCE, to where one was going, with nothing in the browser that lets anybody in."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    """A case in its negotiation."""
    return Case.opened(world)


def test_a_mails_link_leads_through_the_sign_in_to_the_case(world: World, visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    # What a mail links to.
    page = buyer.visit(f"/disputes/{case.dispute_id}")

    expect(page.get_by_role("heading", level=1)).to_contain_text("It is the seller's turn to answer")
    assert urlsplit(page.url).path == f"/disputes/{case.dispute_id}"
    asked = next(it.url for it in buyer.requests if "/oauth2/authorize" in it.url)
    query = parse_qs(urlsplit(asked).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert query["state"][0] != query["nonce"][0]


def test_few_requests_are_made_before_the_sign_in(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    buyer.visit(f"/disputes/{case.dispute_id}")
    before = [it.url for it in buyer.requests]
    before = before[: next(index for index, url in enumerate(before) if "/oauth2/authorize" in url)]

    assert len([url for url in before if not url.endswith("icon.svg")]) <= 4


def test_an_answer_that_nobody_asked_for_signs_nobody_in(visitor: Come) -> None:
    buyer = visitor("buyer")
    buyer.page.goto("/signed-in?code=made-up&state=made-up")

    expect(buyer.page.get_by_role("heading", name="Signing in did not work")).to_be_visible()
    assert [it.url for it in buyer.requests if "/oauth2/token" in it.url] == []


def test_a_token_with_another_nonce_signs_nobody_in(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    buyer.page.route("**/oauth2/token", _with_another_nonce)
    buyer.visit(f"/disputes/{case.dispute_id}")

    expect(buyer.page.get_by_role("heading", name="Signing in did not work")).to_be_visible()


def _with_another_nonce(route: Route) -> None:
    """The tokens of somebody else's sign-in."""
    fields = parse_qs(route.request.post_data or "")
    answer = route.fetch()
    tokens = json.loads(answer.text())
    header, payload, signature = tokens["id_token"].split(".")
    import base64

    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["nonce"] = "another"
    assert fields["code_verifier"]
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    route.fulfill(response=answer, json={**tokens, "id_token": f"{header}.{changed}.{signature}"})


def test_a_session_that_ends_leads_back_to_where_one_was_and_loses_nothing_typed(
    visitor: Come, case: Case
) -> None:
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    page.get_by_label("Your message").fill("Half a sentence")
    # The API takes the token no more, and Cognito gives no other.
    page.route("**/v1/**", lambda route: route.fulfill(status=401, json={"code": "UNAUTHENTICATED"}))
    page.route("**/oauth2/token", lambda route: route.fulfill(status=400, json={"error": "invalid_grant"}))
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Your session has ended").first).to_be_visible()
    buyer.expected += ["400", "401"]
    page.unroute("**/v1/**")
    page.unroute("**/oauth2/token")
    page.get_by_role("button", name="Sign in").first.click()
    buyer.sign_in()

    assert urlsplit(page.url).path == f"/disputes/{case.dispute_id}"
    expect(page.get_by_label("Your message")).to_have_value("Half a sentence")


def test_tokens_are_renewed_without_asking(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("turn")
    refused = iter([True])

    def refuse_once(route: Route) -> None:
        if next(refused, False):
            route.fulfill(status=401, json={"code": "UNAUTHENTICATED"})
        else:
            route.continue_()

    page.route("**/v1/**", refuse_once)
    page.get_by_label("Your message").fill("Is it on its way?")
    page.get_by_role("button", name="Send the message").click()

    expect(page.locator(".thread")).to_contain_text("Is it on its way?")
    grants = [
        parse_qs(it.post_data or "")["grant_type"][0] for it in buyer.requests if "/oauth2/token" in it.url
    ]
    assert grants == ["authorization_code", "refresh_token"]
    buyer.expected.append("401")


def test_signing_out_forgets_everything(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    page.get_by_label("Your message").fill("Nobody else's business")
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert "business" not in buyer.stored()
    page.reload()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_somebody_elses_case_does_not_exist(visitor: Come, case: Case) -> None:
    stranger = visitor("other_buyer")
    page = stranger.visit(f"/disputes/{case.dispute_id}")

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    stranger.expected.append("404")
