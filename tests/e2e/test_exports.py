"""An export of the deployed stack, checked as anybody can: by the published keys and the code in the mails (G6)."""

from __future__ import annotations

import re

import pytest

from tests.e2e.case import Case
from tests.e2e.world import World
from tests.unit.application.exported_cases import VERIFY

pytestmark = pytest.mark.usefixtures("calm")


def test_g6_an_export_is_proved_by_our_keys_and_by_the_mails_of_both_parties(world: World) -> None:
    case = Case.opened(world)
    case.state_something("seller")
    offer_id = case.offer("seller", 500)
    case.act("buyer", f"offers/{offer_id}/accept")
    keys = case.read("buyer", "/v1/keys")["items"]
    for who in ("buyer", "seller"):
        case.await_mail(who.upper(), "OFFER_ACCEPTED")
        texts = [mail.text for mail in world.mails_to(case.address(who))]
        # In whatever language they read.
        (code,) = {found for text in texts for found in re.findall(r"\b[0-9a-f]{64}\b", text)}
        export = case.read(who, f"{case.path}/export")
        assert VERIFY.first_fault(export, keys, [code]) is None
        export["offers"][1]["note"] = "Something else."
        assert VERIFY.first_fault(export, keys, [code]) is not None
