"""What the conditional headers of RFC 9110 do to each PUT, over moto: something is written, or the answer is 412."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from buyer_protection.composition import container
from buyer_protection.domain.actions import ACTIONS
from tests.integration.test_handlers import BACKEND, BUYER, MANAGER, OPENING, order_body
from tests.support.api_events import ENVIRONMENT, document, header
from tests.support.in_process import call

TEMPLATE = {"name": "No proof", "texts": {"en": "Nothing was shown."}}
WEBHOOK = {"url": "https://erp.shop.example.com/hook"}
# Of each PUT: who calls it, the names in its path, a body, and whether what it writes has versions.
PUTS: dict[str, tuple[Any, dict[str, str], Any, bool]] = {
    "put_order": (BACKEND, {"order_id": "A-9"}, None, True),
    "put_template": (MANAGER, {"template_id": "no-proof"}, TEMPLATE, True),
    "put_webhook": (BACKEND, {"webhook_id": "erp"}, WEBHOOK, False),
}


@pytest.fixture(autouse=True)
def shop(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    more = {"WEBHOOK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/webhooks"}
    for name, value in {**ENVIRONMENT, **more}.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    yield
    container.get.cache_clear()


@cache
def same_order() -> Any:
    """One body for all: its dates follow the clock, and another second would be another version."""
    return order_body()


def put(action: str, **headers: str) -> Any:
    caller, ids, body, _ = PUTS[action]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(action, caller, body or same_order(), key=None, headers=sent, **ids)


def test_every_put_of_the_contract_is_tried_here() -> None:
    assert {spec.name for spec in ACTIONS if spec.method == "PUT"} == {*PUTS, "put_metadata"}


@pytest.mark.parametrize("action", PUTS)
def test_nothing_is_made_where_something_must_be_kept(action: str) -> None:
    for value in ("*", '"1"', '"1-5f1c2ab07d9e4c31"'):
        refused = put(action, if_match=value)
        assert (refused["statusCode"], document(refused)["code"]) == (412, "STALE_VERSION"), value
    # Nothing was: what must be new is made.
    assert put(action, if_none_match='"1"')["statusCode"] == 201


@pytest.mark.parametrize("action", PUTS)
def test_what_is_kept_is_not_put_over_where_it_must_be_new(action: str) -> None:
    made = put(action, if_none_match="*")
    assert made["statusCode"] == 201
    again = put(action, if_none_match="*")
    assert (again["statusCode"], document(again)["code"]) == (412, "STALE_VERSION")
    assert put(action, if_match="*")["statusCode"] == 200


@pytest.mark.parametrize("action", [name for name, (*_, has_versions) in PUTS.items() if has_versions])
def test_versions_decide_where_there_are_some(action: str) -> None:
    etag = str(header(put(action), "ETag"))
    assert put(action, if_match=etag)["statusCode"] == 200
    assert put(action, if_match='"99"')["statusCode"] == 412
    for value in (etag, f'"98", {etag}', etag.split("-", maxsplit=1)[0] + '"'):
        assert put(action, if_none_match=value)["statusCode"] == 412, value
    assert put(action, if_none_match='"98", W/"99-5f1c"')["statusCode"] == 200


def test_a_webhook_has_no_version_that_could_be_named() -> None:
    assert put("put_webhook")["statusCode"] == 201
    assert put("put_webhook", if_match='"1"')["statusCode"] == 412
    assert put("put_webhook", if_none_match='"1"')["statusCode"] == 200


@pytest.mark.parametrize("action", PUTS)
def test_what_is_no_etag_is_named_with_its_header(action: str) -> None:
    for value in ("x", '"1" "2"', '*, "1"', ""):
        wrong = put(action, if_none_match=value)
        assert wrong["statusCode"] == 400, value
        named = [(it["header"], it["code"]) for it in document(wrong)["errors"]]
        assert named == [("If-None-Match", "INVALID_FORMAT")]
    both = document(put(action, if_none_match="x", if_match="y"))["errors"]
    assert [it["header"] for it in both] == ["If-Match", "If-None-Match"]


def test_the_shops_keys_of_a_dispute_are_put_by_the_disputes_version() -> None:
    call("put_order", BACKEND, order_body(), order_id="A-1")
    dispute_id = document(call("open_dispute", BUYER, OPENING))["dispute_id"]
    etag = str(header(call("get_dispute", BUYER, dispute_id=dispute_id), "ETag"))

    def keep(dispute: str = dispute_id, **headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        said = {"metadata": {"ticket": "CS-1"}}
        return int(call("put_metadata", BACKEND, said, headers=sent, dispute_id=dispute)["statusCode"])

    assert [keep(if_match=value) for value in ("*", etag, '"99"')] == [200, 200, 412]
    assert [keep(if_none_match=value) for value in ("*", etag, '"99"')] == [412, 412, 200]
    # What is absent is absent, whatever was asked for.
    assert [keep("dp-none", if_match=value) for value in ("*", '"1"')] == [404, 404]
