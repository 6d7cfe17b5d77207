"""Webhooks: who may read what they are signed with, and where they may go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import event_rows
from infra.grants import SIGNING_KEYS
from infra.stages import STAGES
from tests.synth.assembly import Synthesis, listed

Synthesise = Callable[..., Synthesis]
SIGNING = {"put_webhook", "delete_webhook", "rotate_webhook", "deliver_webhooks"}


def _on_the_table(synthesis: Synthesis) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement about rows of the table, with the function whose role has it."""
    for name, function in synthesis.functions().items():
        role = synthesis.of("AWS::IAM::Role")[function["Properties"]["Role"]["Fn::GetAtt"][0]]
        for policy in role["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                rows = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
                resources = synthesis.readable(listed(statement["Resource"])[0])
                if rows & {*listed(statement["Action"])} and "/index/" not in resources:
                    yield name, statement


@pytest.mark.parametrize("stage", STAGES)
def test_h13_only_who_signs_or_makes_secrets_reaches_their_rows(synthesise: Synthesise, stage: str) -> None:
    free = set()
    for function, statement in _on_the_table(synthesise(stage)):
        if "Condition" not in statement:
            free.add(function)
            continue
        assert statement["Condition"] == {
            "ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": SIGNING_KEYS}
        }, function

    # An opening checks rows of orders besides, which is no way to read one.
    assert free - {"open_dispute"} == SIGNING
    pk, _ = event_rows.secret("erp")
    assert pk.startswith(SIGNING_KEYS.removesuffix("*"))


@pytest.mark.parametrize("stage", STAGES)
def test_h13_webhooks_reach_private_addresses_on_ones_own_machine_only(
    synthesise: Synthesise, stage: str
) -> None:
    functions = synthesise(stage).functions()
    reach = {
        functions[name]["Properties"]["Environment"]["Variables"]["WEBHOOK_ADDRESSES"] for name in SIGNING
    }

    assert reach == {"any" if STAGES[stage].emulated else "public"}
