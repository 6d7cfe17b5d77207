"""Findings G2: an event comes from a system whose it is to say, by pattern, by role and by the bus itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.ports.events import SOURCE
from buyer_protection.application.schemas.events import INBOUND
from infra.constructs.feeds import INBOUND_EVENTS
from infra.stages import OWN_SOURCE, STAGES
from tests.synth.assembly import Synthesis, listed, readable
from tests.synth.settings import OTHERS

Synthesise = Callable[..., Synthesis]
# The emulator knows no policy of a bus.
DEPLOYED = [name for name, stage in STAGES.items() if not stage.local]


def _patterns(synthesis: Synthesis) -> list[dict[str, Any]]:
    rules = [it["Properties"] for it in synthesis.of("AWS::Events::Rule").values()]
    return [rule["EventPattern"] for rule in rules if "EventBusName" in rule]


def _heard(synthesis: Synthesis, source: str, detail_type: str) -> bool:
    return any(source in it["source"] and detail_type in it["detail-type"] for it in _patterns(synthesis))


def _bus_policies(synthesis: Synthesis) -> dict[str, Any]:
    found = synthesis.of("AWS::Events::EventBusPolicy").values()
    return {it["Properties"]["StatementId"]: it["Properties"]["Statement"] for it in found}


def test_every_event_that_is_understood_is_let_through() -> None:
    assert set(INBOUND_EVENTS) == set(INBOUND)


def test_our_events_have_the_name_that_the_templates_protect() -> None:
    assert SOURCE == OWN_SOURCE


@pytest.mark.parametrize(
    ("detail_type", "sources"),
    [
        ("OrderUpserted", {"acme.orders", "acme.stores"}),
        ("TrackingUpdated", {"acme.orders", "acme.stores"}),
        ("OrderRefunded", {"acme.orders", "acme.stores", "acme.pay"}),
        ("RefundSucceeded", {"acme.pay"}),
        ("RefundFailed", {"acme.pay"}),
        ("RefundRequested", set()),
    ],
)
def test_g2_an_event_is_heard_from_those_alone_whose_it_is(
    own: Synthesis, detail_type: str, sources: set[str]
) -> None:
    tried = ("acme.orders", "acme.stores", "acme.pay", "some-other-team", OWN_SOURCE, "")

    assert {source for source in tried if _heard(own, source, detail_type)} == sources


@pytest.mark.parametrize("stage", STAGES)
def test_g2_the_patterns_name_their_sources_exactly_and_lead_to_the_inbound_queue(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    patterns = _patterns(synthesis)

    assert sorted(source for it in patterns for source in it["source"]) == ["shop.orders", "shop.payments"]
    assert all(isinstance(one, str) for it in patterns for key in it for one in it[key])
    for rule in (it["Properties"] for it in synthesis.of("AWS::Events::Rule").values()):
        if "EventBusName" in rule:
            (target,) = rule["Targets"]
            assert readable(target["Arn"]) == "InboundQueue.Arn"
            assert readable(target["DeadLetterConfig"]["Arn"]) == "InboundFailedQueue.Arn"


@pytest.mark.parametrize("stage", STAGES)
def test_g2_our_roles_publish_in_our_name_alone(synthesise: Synthesise, stage: str) -> None:
    conditions = [
        statement.get("Condition")
        for role in synthesise(stage).of("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "events:PutEvents" in listed(statement["Action"])
    ]

    assert conditions == [{"StringEquals": {"events:source": OWN_SOURCE}}] * 2


@pytest.mark.parametrize("stage", DEPLOYED)
def test_g2_the_bus_refuses_our_name_to_everybody_but_our_publishers(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    statement = _bus_policies(synthesis)["OurNameIsOurs"]
    publishers = {function for function, action, _ in synthesis.grants() if action == "events:PutEvents"}
    roles = synthesis.functions()

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
        "Deny",
        {"AWS": "*"},
        "events:PutEvents",
    )
    assert statement["Condition"]["ForAnyValue:StringEquals"] == {"events:source": OWN_SOURCE}
    assert statement["Condition"].keys() == {"ForAnyValue:StringEquals", "ArnNotEquals"}
    assert listed(statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]) == [
        roles[name]["Properties"]["Role"] for name in sorted(publishers)
    ]


def test_other_accounts_put_the_shops_events_and_never_in_our_name(own: Synthesis) -> None:
    statement = _bus_policies(own)["TheShopsAccounts"]

    assert [readable(it) for it in statement["Principal"]["AWS"]] == [
        f"arn:<AWS::Partition>:iam::{account}:root" for account in OTHERS
    ]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
    assert readable(statement["Resource"]) == "Bus.Arn"
    assert statement["Condition"] == {
        "StringEquals": {
            "events:detail-type": list(INBOUND_EVENTS),
            "events:source": ["acme.orders", "acme.pay", "acme.stores"],
        }
    }


@pytest.mark.parametrize("stage", DEPLOYED)
def test_no_other_account_puts_events_unless_it_is_named(synthesise: Synthesise, stage: str) -> None:
    assert _bus_policies(synthesise(stage)).keys() == {"OurNameIsOurs"}
