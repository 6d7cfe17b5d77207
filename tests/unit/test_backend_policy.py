"""The IAM policy that `docs/identity.md` gives the shop's backend is what the backend may call, and no more (H4)."""

import json
import re
from pathlib import Path

from buyer_protection.domain.actions import ACTIONS, Caller
from local.people import BACKEND_CALLS

PAGE = (Path(__file__).parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")


def _allowed() -> list[str]:
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    statements = [it for block in blocks for it in block["Statement"]]
    (of_calls,) = (it for it in statements if it.get("Sid") == "CallTheBackendsApi")
    resources: list[str] = of_calls["Resource"]
    return resources


def test_h4_the_policy_of_the_page_names_each_call_of_the_backend_and_no_other() -> None:
    of_api = "arn:aws:execute-api:<region>:<account>:<BackendApiId>/<stage>/"
    by_table = [
        f"{of_api}{row.method}{re.sub(r'{.*?}', '*', row.path)}" for row in ACTIONS if row.is_for_backend
    ]

    assert _allowed() == by_table
    of_tests = [f"{of_api}POST/v1/disputes/*/test-clock"]
    assert [f"{of_api}{call}" for call in BACKEND_CALLS[Caller.SYSTEM]] == by_table + of_tests


def test_h4_at_peoples_api_the_backend_may_make_its_own_calls_alone() -> None:
    assert set(BACKEND_CALLS[Caller.PERSON]) == {
        "PUT/v1/orders/*",
        "POST/v1/orders/*/tracking-events",
        "POST/v1/orders/*/refunds",
        "PUT/v1/disputes/*/metadata",
        "GET/v1/events",
        "GET/v1/webhooks",
        "PUT/v1/webhooks/*",
        "DELETE/v1/webhooks/*",
        "POST/v1/webhooks/*/test",
        "POST/v1/webhooks/*/rotate",
        "GET/v1/webhooks/*/deliveries",
        "POST/v1/webhooks/*/deliveries/*/replay",
        "POST/v1/people/*/export",
        "POST/v1/people/*/erase",
        "POST/v1/people/*/erase/stop",
        "POST/v1/disputes/*/test-clock",
    }
