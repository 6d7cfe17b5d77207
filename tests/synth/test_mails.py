"""SES as it is deployed: how it sends, which events it publishes, who receives them, and what alerts an operator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.mails.bounces import MailEventKind
from buyer_protection.application.mails.delivery import FAILED, GIVEN_UP
from buyer_protection.application.ports.mail_transport import Refusal
from buyer_protection.runtime import mail_events
from infra.constructs.mail import TROUBLES
from ops.mail_check import REPORTED
from tests.synth.assembly import Synthesis

Synthesise = Callable[..., Synthesis]
ALL = ("local", "dev", "prod")


@pytest.mark.parametrize("stage", ALL)
def test_addresses_that_bounced_or_complained_are_suppressed_and_tls_is_required(
    synthesise: Synthesise, stage: str
) -> None:
    (found,) = synthesise(stage).of("AWS::SES::ConfigurationSet").values()
    configuration = found["Properties"]

    assert configuration["SuppressionOptions"]["SuppressedReasons"] == ["BOUNCE", "COMPLAINT"]
    assert configuration["DeliveryOptions"]["TlsPolicy"] == "REQUIRE"
    assert configuration["ReputationOptions"]["ReputationMetricsEnabled"] is True


@pytest.mark.parametrize("stage", ALL)
def test_ses_publishes_every_trouble_to_the_default_bus(synthesise: Synthesise, stage: str) -> None:
    (found,) = synthesise(stage).of("AWS::SES::ConfigurationSetEventDestination").values()
    destination = found["Properties"]["EventDestination"]

    assert destination["Enabled"] is True
    assert sorted(destination["MatchingEventTypes"]) == [
        "bounce",
        "complaint",
        "deliveryDelay",
        "reject",
        "renderingFailure",
    ]
    assert ":event-bus/default" in json.dumps(destination["EventBridgeDestination"]["EventBusArn"])


@pytest.mark.parametrize("stage", ALL)
def test_ses_events_about_this_stages_mails_reach_the_function_that_reads_it(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    rules = [it["Properties"] for it in synthesis.of("AWS::Events::Rule").values()]
    (rule,) = (it for it in rules if it.get("EventPattern", {}).get("source") == ["aws.ses"])

    assert set(rule["EventPattern"]["detail-type"]) == set(mail_events.MODELS) == set(TROUBLES.values())
    assert rule["EventPattern"]["detail"] == {
        "mail": {"tags": {"ses:configuration-set": [f"BuyerProtection-{stage}-mail"]}}
    }
    assert "EventBusName" not in rule
    assert synthesis.readable(rule["Targets"][0]["Arn"]) == "MailEventsQueue.Arn"
    assert synthesis.readable(rule["Targets"][0]["DeadLetterConfig"]["Arn"]) == "MailEventsFailedQueue.Arn"
    feeding = [it["Properties"] for it in synthesis.of("AWS::Lambda::EventSourceMapping").values()]
    (queue,) = (it for it in feeding if synthesis.readable(it["FunctionName"]) == "ReceiveMailEventsFunction")
    assert synthesis.readable(queue["EventSourceArn"]) == "MailEventsQueue.Arn"
    assert queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_each_mail_that_will_not_come_wakes_somebody(synthesise: Synthesise, stage: str) -> None:
    alarms = [it["Properties"] for it in synthesise(stage).of("AWS::CloudWatch::Alarm").values()]
    counted = {
        (dimensions["action"], dimensions["outcome"])
        for it in alarms
        if "action" in (dimensions := _dimensions(it))
    }
    rates = {it["MetricName"]: it["Threshold"] for it in alarms if it.get("Namespace") == "AWS/SES"}

    assert {("mail", GIVEN_UP), ("mail", FAILED), ("mail", Refusal.MESSAGE_REFUSED)} <= counted
    assert {("mail_event", MailEventKind.REJECT), ("mail_event", MailEventKind.RENDERING_FAILURE)} <= counted
    assert rates == {"Reputation.BounceRate": 0.05, "Reputation.ComplaintRate": 0.001}
    (waiting,) = (it for it in alarms if _dimensions(it).get("outcome") == "DEFERRED")
    assert waiting["EvaluationPeriods"] * waiting["Period"] == 900


def _dimensions(alarm: dict[str, Any]) -> dict[str, Any]:
    return {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}


def test_the_operators_check_asks_for_what_is_deployed() -> None:
    assert {kind.name for kind in TROUBLES} == REPORTED
