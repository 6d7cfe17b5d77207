"""Clients generated from the last release, in Python and in TypeScript, play disputes on the stack (Q35).

The tools are those of `make document-verify`, which `make verify` sets up.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.case import PAID, Case
from tests.e2e.newer import NEW_STATUS, NEW_TYPE, newer_service
from tests.e2e.world import World
from tools.compatibility.releases import releases
from tools.document import checks

pytestmark = pytest.mark.verify

SECONDS = 240
LANGUAGES = pytest.mark.parametrize("language", ["py", "ts"])
WITH_PHOTO = [
    "eligible: true",
    "status: NEGOTIATION",
    "photo: ACCEPTED",
    "status: RESOLVED",
    f"asked: {PAID} USD",
    "timeline: DISPUTE_OPENED EVIDENCE_SUBMITTED EVIDENCE_ADDED OFFER_MADE OFFER_ACCEPTED",
]

WITH_RETURN = [
    "status: NEGOTIATION",
    "status: AWAITING_RETURN",
    "status: RETURN_SHIPPED",
    "status: RESOLVED",
    "outcome: AGREED_REFUND_WITH_RETURN 4990 USD",
    "timeline: DISPUTE_OPENED OFFER_MADE OFFER_ACCEPTED RETURN_ADDRESS_CONFIRMED RETURN_SHIPPED RETURN_CLOSED",
]

WITH_WEBHOOK = [
    "webhook: true",
    "event: DisputeOpened",
    "rotated: true",
    "event, by either secret: DisputeResolved",
    "deliveries: DisputeOpened DELIVERED, DisputeResolved DELIVERED",
]


@pytest.fixture(scope="module", autouse=True)
def generated() -> Iterator[None]:
    """The clients as the generators make them of the last release's document."""
    with checks.alone():
        for step in checks.generators(releases()[-1] / "openapi.json")[:2]:
            assert checks.run(step), f"{step.name}: see `make document-verify`"
        yield


def played(world: World, name: str, api_url: str) -> list[str]:
    """What the client prints."""
    case = Case(world)
    case.ship(promise_days=5)
    environment = os.environ | {
        "API_URL": api_url,
        "ORDER_ID": case.order_id,
        "BUYER_TOKEN": world.client.token("buyer"),
        "SELLER_TOKEN": world.client.token("seller"),
        "NO_PROXY": "localhost,127.0.0.1",
        "PYTHONPATH": str(checks.PYTHON_CLIENT.parent),
    }
    done = subprocess.run(
        checks.story(name), env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # How far the clock came meanwhile is a matter of the machine.
    return done.stdout.replace(" ESCALATION_AVAILABLE", "").splitlines()


@LANGUAGES
def test_a_generated_client_plays_a_dispute_with_a_photo(world: World, language: str) -> None:
    assert played(world, f"dispute_with_photo.{language}", world.stack.api_url) == WITH_PHOTO


@LANGUAGES
def test_a_generated_client_plays_a_dispute_with_a_return(world: World, language: str) -> None:
    assert played(world, f"dispute_with_return.{language}", world.stack.api_url) == WITH_RETURN


@LANGUAGES
def test_a_generated_client_hears_of_a_dispute_by_webhook(
    world: World, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = world.stack.backend
    monkeypatch.setenv("BACKEND_API_URL", world.stack.backend_api_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", backend.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", backend.secret_access_key)
    monkeypatch.setenv("AWS_REGION", world.stack.region)

    lines = played(world, f"dispute_with_webhook.{language}", world.stack.api_url)

    assert lines == WITH_WEBHOOK


@LANGUAGES
def test_it_still_does_once_answers_carry_an_action_a_status_and_an_event_it_does_not_know(
    world: World, language: str
) -> None:
    with newer_service(world.stack.api_url) as api_url:
        lines = played(world, f"dispute_with_photo.{language}", api_url)

    assert lines[1] == f"status: {NEW_STATUS}"
    assert lines[-1] == f"{WITH_PHOTO[-1]} {NEW_TYPE}"
    assert [*lines[:1], *lines[2:-1]] == [*WITH_PHOTO[:1], *WITH_PHOTO[2:-1]]
