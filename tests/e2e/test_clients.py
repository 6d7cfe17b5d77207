"""Two generated clients, in Python and in TypeScript, play a dispute with a photo on the stack (Q35).

The tools are those of `make document-verify`, which `make verify` sets up.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.e2e.case import PAID, Case
from tests.e2e.world import World
from tools.document import checks

pytestmark = pytest.mark.verify

SECONDS = 240
STORY = [
    "eligible: True",
    "status: NEGOTIATION",
    "photo: ACCEPTED",
    "status: RESOLVED",
    f"asked: {PAID} USD",
    "timeline: DISPUTE_OPENED EVIDENCE_SUBMITTED EVIDENCE_ADDED OFFER_MADE OFFER_ACCEPTED",
]


@pytest.fixture(scope="module", autouse=True)
def generated() -> None:
    """The clients as the generators make them of today's document."""
    for step in checks.generators()[:2]:
        assert checks.run(step), f"{step.name}: see `make document-verify`"


@pytest.mark.parametrize("name", ["dispute_with_photo.py", "dispute_with_photo.ts"])
def test_a_generated_client_plays_a_dispute_with_a_photo(world: World, name: str) -> None:
    case = Case(world)
    case.ship(promise_days=5)
    environment = os.environ | {
        "API_URL": world.stack.api_url,
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
    assert done.stdout.replace("true", "True").splitlines() == STORY
