"""Claims as the team finds them, brought there by the API and the moved clock within seconds."""

from __future__ import annotations

import secrets
from typing import Any

from local.client import BACKEND
from tests.browser.test_evidence import png
from tests.e2e.case import LAMP, Case, usd
from tests.e2e.uploads import described, send, settled, submit
from tests.e2e.world import World

# What the local stage needs a second member's confirmation for (R47): more than ten francs.
CONFIRMED_CURRENCY = "CHF"


def escalated(world: World, reason: str = "NOT_RECEIVED", currency: str = "USD", text: str = "") -> Case:
    """A claim that the buyer opened, in its evidence window."""
    case = Case(world, currency=currency)
    with world.openings:
        case.ship()
        case.open(reason)
    refund = usd(1_000) | {"currency": currency}
    case.act("seller", "offers", {"type": "REFUND", "refund": refund, "note": text or "For the trouble."})
    case.act("buyer", "messages", {"text": text or "Where is it?"})
    move(case, {"advance": "P4D"})
    claim: dict[str, Any] = {
        "confirm_no_agreement": True, "claim_reason": "OTHER", "text": text or "No answer for days.",
    }  # fmt: skip
    case.act("buyer", "escalate", claim)
    case.await_parked("CLAIM_EVIDENCE")
    return case


def reviewed(
    world: World, reason: str = "NOT_RECEIVED", currency: str = "USD", text: str = "", photos: bool = False
) -> Case:
    """A claim under review, with evidence of both sides."""
    case = escalated(world, reason, currency, text)
    for who in ("buyer", "seller"):
        said = text or f"What the {who} says about the {LAMP.lower()}."
        case.act(who, "evidence", {"type": "STATEMENT", "text": said})
        if photos:
            photo(case, who)
    move(case, {"to": case.look()["evidence_due_at"]})
    case.await_parked("UNDER_REVIEW")
    return case


def photo(case: Case, who: str, side: int = 64) -> None:
    """A picture that was uploaded and checked."""
    content = png(side)
    item = submit(case, who, described(content, name=f"{who}.png"))
    assert send(item["files"][0]["upload"], content).status < 300
    settled(case, who, item["evidence_id"])


def move(case: Case, how: dict[str, str]) -> None:
    """The case grows older at once."""
    key = secrets.token_hex(16)
    answer = case.world.client.post(BACKEND, f"{case.path}/test-clock", how, key=key)
    assert answer.status == 200, answer
