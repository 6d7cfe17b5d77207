"""Webhooks: who may read what they are signed with, and where they may go."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest

from buyer_protection.adapters.dynamodb import event_rows
from infra.stages import STAGES
from tests.synth.assembly import Synthesis
from tests.synth.kinds_of_rows import kinds_of_rows

Synthesise = Callable[..., Synthesis]
SIGNING = {"put_webhook", "delete_webhook", "rotate_webhook", "deliver_webhooks"}


@pytest.mark.parametrize("stage", STAGES)
def test_h13_only_who_signs_or_makes_secrets_reaches_their_rows(synthesise: Synthesise, stage: str) -> None:
    pk, _ = event_rows.secret("erp")
    reached = {
        function
        for function, _, kinds in kinds_of_rows(synthesise(stage))
        if any(fnmatchcase(pk, kind) for kind in kinds)
    }

    assert reached == SIGNING


@pytest.mark.parametrize("stage", STAGES)
def test_h13_webhooks_reach_private_addresses_on_ones_own_machine_only(
    synthesise: Synthesise, stage: str
) -> None:
    settings = {
        name: it["Properties"]["Environment"]["Variables"].get("WEBHOOK_ADDRESSES")
        for name, it in synthesise(stage).functions().items()
    }
    reach = {name: reach for name, reach in settings.items() if reach is not None}

    # Who removes one takes no address and calls none.
    assert set(reach) == SIGNING - {"delete_webhook"}
    assert set(reach.values()) == {"any" if STAGES[stage].emulated else "public"}
