"""What an operator sets for an account of their own with `-c`: each setting is in the template that it is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.stages import STAGES, from_context
from ops.preflight.names import LOOKUPS
from tests.synth.assembly import Synthesis
from tests.synth.settings import IDENTITY

Synthesise = Callable[..., Synthesis]


def _read(**context: Any) -> Any:
    return context.get


def test_the_concurrency_of_sweeper_and_audit_is_reserved_where_it_is_set(own: Synthesis) -> None:
    reserved = {
        name: it["Properties"]["ReservedConcurrentExecutions"]
        for name, it in own.functions().items()
        if "ReservedConcurrentExecutions" in it["Properties"]
    }

    assert reserved == {"sweep_deadlines": 7, "audit_cases": 2}


def test_f4_each_sweeper_is_called_once_a_minute_for_its_own_share(own: Synthesis) -> None:
    """Five a rule, which is what EventBridge takes; each rule may put its lost calls aside."""
    rules = [
        it["Properties"]
        for it in own.of("AWS::Events::Rule").values()
        if it["Properties"].get("ScheduleExpression") == "rate(1 minute)"
    ]
    names = {
        "BuyerProtection-prod-sweep_deadlines-schedule",
        "BuyerProtection-prod-sweep_deadlines-schedule-2",
    }
    shares = [json.loads(target["Input"]) for rule in rules for target in rule["Targets"]]

    assert {rule["Name"] for rule in rules} == names
    assert sorted(len(rule["Targets"]) for rule in rules) == [2, 5]
    assert sorted(share["share"] for share in shares) == list(range(7))
    assert {share["of"] for share in shares} == {7}
    policies = json.dumps(list(own.of("AWS::SQS::QueuePolicy").values()))
    assert all(name in policies for name in names)


def test_f4_what_a_stage_is_sized_for_reaches_functions_and_feeds(own: Synthesis) -> None:
    functions = {
        id: it["Properties"].get("Environment", {}).get("Variables", {}) for id, it in own.functions().items()
    }
    feeds = [it["Properties"] for it in own.of("AWS::Lambda::EventSourceMapping").values()]
    (stream,) = (feed for feed in feeds if "StartingPosition" in feed)
    queues = [feed for feed in feeds if feed is not stream]

    assert {(it["DUE_SHARDS"], it["DUE_SHARDS_READ"]) for it in functions.values() if "TABLE_NAME" in it} == {
        ("16", "32")
    }
    assert (
        functions["sweep_deadlines"]["SWEEP_CONCURRENCY"],
        functions["sweep_deadlines"]["SWEEP_PAGE"],
    ) == (
        "16",
        "500",
    )
    assert (stream["BatchSize"], stream["ParallelizationFactor"]) == (200, 5)
    assert {(it["BatchSize"], it["ScalingConfig"]["MaximumConcurrency"]) for it in queues} == {
        (5, 40),
        (1, 40),  # A picture at a time: copies are made of it.
    }


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"due_shards": "9"}, "due_shards_read must be at least"),
        ({"due_shards": "2", "due_shards_read": "2"}, "due_shards_read must be at least"),
        ({"sweepers": "9"}, "sweepers must be at most due_shards"),
        ({"sweepers": "0"}, "sweepers must be from 1 to 20"),
        ({"sweepers": "2", "sweeper_concurrency": "1"}, "sweeper_concurrency must be at least sweepers"),
        ({"queue_concurrency": "1"}, "queue_concurrency must be at least 2"),
        ({"stream_lanes": "11"}, "stream_lanes must be from 1 to 10"),
    ],
)
def test_f4_a_size_that_would_lose_rows_or_cannot_be_is_refused(
    settings: dict[str, str], refusal: str
) -> None:
    with pytest.raises(ValueError, match=refusal):
        from_context(_read(stage="prod", **settings))


@pytest.mark.parametrize("setting", ["sweeper_concurrency", "audit_concurrency"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_concurrency_that_stops_the_function_is_refused(setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{setting} must be at least 1|invalid literal"):
        from_context(_read(stage="prod", **{setting: value}))


def test_mails_are_sent_from_the_identity_that_the_shop_has_already(own: Synthesis) -> None:
    sending = {resource for _, action, resource in own.grants() if action == "ses:SendEmail"}
    notify = own.functions()["notify_parties"]["Properties"]["Environment"]["Variables"]

    assert own.of("AWS::SES::EmailIdentity") == {}
    assert IDENTITY in sending
    assert notify["MAIL_SENDER"] == "disputes@mails.shop.example.com"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_an_identity_of_its_own_unless_one_is_named(synthesise: Synthesise, stage: str) -> None:
    (identity,) = synthesise(stage).of("AWS::SES::EmailIdentity").values()

    assert identity["Properties"]["EmailIdentity"] == STAGES[stage].mail_identity == STAGES[stage].mail_domain


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"mail_identity_arn": "shop.example.com"}, "mail_identity_arn is that of an SES identity"),
        ({"mail_identity_arn": IDENTITY.replace("shop", "other")}, "set mail_sender"),
        ({"mail_identity_arn": IDENTITY.replace("shop.", "op.")}, "set mail_sender"),
        ({"bus_accounts": "111111111111,my-account"}, "twelve digits, not my-account"),
        ({"shop_sources": ""}, "shop_sources must name at least one source"),
        ({"shop_sources": "shop.orders, buyer-protection"}, "shop_sources names a source of the shop's own"),
        ({"payment_sources": "aws.payments"}, "payment_sources names a source of the shop's own"),
        ({"payment_sources": "shop payments"}, "payment_sources names a source of the shop's own"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, str], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        from_context(_read(stage="prod", **settings))


def test_an_address_may_be_the_identity() -> None:
    address = "disputes@shop.example.com"
    stage = from_context(_read(stage="prod", mail_identity_arn=IDENTITY.replace("shop", "disputes@shop")))

    assert stage.mail_identity == stage.mail_sender == address


def test_preflight_looks_at_the_names_of_the_real_templates(prod: Synthesis) -> None:
    named = {
        it["Type"]
        for it in prod.resources.values()
        if it["Type"] in LOOKUPS and LOOKUPS[it["Type"]].property in it.get("Properties", {})
    }

    assert named >= {
        "AWS::Cognito::UserPoolDomain",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::SES::ConfigurationSet",
        "AWS::StepFunctions::StateMachine",
        "AWS::WAFv2::WebACL",
    }
