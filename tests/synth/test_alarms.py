"""The table of alarms as it is deployed: names, links, whom each notifies, what each looks at (findings F5, F6, I9)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from infra.alarms.rows import REFUSALS, AlarmRow, CompositeRow, Urgency
from infra.alarms.table import ALARMS, COMPOSITES, OF_EACH_CALL, ROWS
from infra.queue_names import COLLECTING, READ_BY, QueueName
from infra.routes import CALLED, SPECS
from infra.saved_queries import MOST_GROUPS, QUERIES
from infra.stages import from_context
from tests.synth.assembly import Synthesis
from tests.synth.settings import RUNBOOK

Synthesise = Callable[..., Synthesis]
DEPLOYED = ("dev", "prod")
OWN = "BuyerProtection"


def _alarms(synthesis: Synthesis) -> dict[str, dict[str, Any]]:
    """The alarms of the stack `Operations`, by the rows' names."""
    prefix = f"BuyerProtection-{synthesis.stage}-"
    resources = synthesis.template("Operations")["Resources"].values()
    return {
        it["Properties"]["AlarmName"].removeprefix(prefix): it["Properties"]
        for it in resources
        if it["Type"] in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    }


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "Metrics" in alarm:
        return [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]
    return [alarm] if "MetricName" in alarm else []


def _dimensions(metric: dict[str, Any]) -> dict[str, Any]:
    return {it["Name"]: it["Value"] for it in metric.get("Dimensions", ())}


@pytest.mark.parametrize("stage", DEPLOYED)
def test_i9_every_alarm_has_its_rows_name_and_says_where_its_section_is(
    synthesise: Synthesise, stage: str
) -> None:
    deployed = _alarms(synthesise(stage))

    assert set(deployed) == set(ROWS) - {OF_EACH_CALL}
    for name, alarm in deployed.items():
        assert alarm["AlarmDescription"].startswith(ROWS[name].symptom)
        assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{name.lower()}")
        assert len(alarm["AlarmDescription"]) <= 1_024


@pytest.mark.parametrize("stage", DEPLOYED)
def test_the_alarms_that_bring_a_version_back_have_names_and_a_section_too(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    of_calls = [
        it["Properties"]
        for stack in ("Parties", "Desk")
        for it in synthesis.template(stack)["Resources"].values()
        if it["Type"] == "AWS::CloudWatch::Alarm"
    ]

    assert len({it["AlarmName"] for it in of_calls}) == len(of_calls) > 20
    assert all(it["AlarmDescription"].endswith("#callfailing") for it in of_calls)


@pytest.mark.parametrize("stage", DEPLOYED)
def test_i9_each_alarm_notifies_whom_its_row_says_and_a_part_of_another_nobody(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    topics = {
        id: it["Properties"]["TopicName"].rsplit("-", 1)[1]
        for id, it in synthesis.of("AWS::SNS::Topic").items()
    }
    for name, alarm in _alarms(synthesis).items():
        notified = [topics[it["Ref"]] for it in alarm.get("AlarmActions", ())]
        expected = {Urgency.PAGE: ["pages"], Urgency.TICKET: ["tickets"], Urgency.PART: []}
        assert notified == expected[ROWS[name].urgency], name
        assert len(alarm.get("OKActions", ())) == (ROWS[name].urgency is Urgency.PAGE), name


def test_the_topics_take_what_cloudwatch_says_over_tls_and_from_this_account_alone(prod: Synthesis) -> None:
    policies = [it["Properties"]["PolicyDocument"] for it in prod.of("AWS::SNS::TopicPolicy").values()]

    assert len(policies) == 2
    for policy in policies:
        (allowed,) = (it for it in policy["Statement"] if it["Effect"] == "Allow")
        (refused,) = (it for it in policy["Statement"] if it["Effect"] == "Deny")
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_subscribers_and_the_runbooks_address_are_settings(own: Synthesis) -> None:
    found = [it["Properties"] for it in own.of("AWS::SNS::Subscription").values()]

    assert sorted((it["Protocol"], it["Endpoint"]) for it in found) == [
        ("email", "oncall@shop.example.com"),
        ("email", "team@shop.example.com"),
        ("https", "https://oncall.example.com/in"),
    ]
    assert _alarms(own)["SweepSilent"]["AlarmDescription"].endswith(f"{RUNBOOK}#sweepsilent")


@pytest.mark.parametrize("text", ["ftp://x.example.com", "nobody", "http://oncall.example.com"])
def test_what_cannot_be_subscribed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pages_to takes"):
        from_context({"stage": "prod", "pages_to": text}.get)


@pytest.mark.parametrize("stage", DEPLOYED)
def test_i9_every_metric_of_our_own_is_of_this_stage(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    seen = set()
    for alarm in synthesis.of("AWS::CloudWatch::Alarm").values():
        for metric in _metrics(alarm["Properties"]):
            if metric["Namespace"] == OWN:
                assert _dimensions(metric)["stage"] == stage, metric
                seen.add(metric["MetricName"])
    assert seen == {"Actions", "Missed", "Cases", "Refused", "BackendRefused"}
    counted = {}
    for counting in synthesis.of("AWS::Logs::MetricFilter").values():
        (transformation,) = counting["Properties"]["MetricTransformations"]
        assert transformation["MetricNamespace"] == OWN
        counted[transformation["MetricName"]] = counting["Properties"]["LogGroupName"]
        assert {it["Key"]: it["Value"] for it in transformation["Dimensions"]} == {
            "stage": "$.stage",
            "status": "$.status",
        }
        assert re.findall(r'"(\d+)"', counting["Properties"]["FilterPattern"]) == [str(it) for it in REFUSALS]
    access = f"/aws/apigateway/BuyerProtection-{stage}"
    assert counted == {"Refused": access, "BackendRefused": f"{access}-backend"}
    formats = [
        it["Properties"]["AccessLogSetting"]["Format"]
        for it in synthesis.of("AWS::ApiGateway::Stage").values()
    ]
    assert all(json.loads(it)["stage"] == "$context.stage" for it in formats)


def test_f5_every_worker_has_an_alarm_on_its_errors(prod: Synthesis) -> None:
    watched = {
        _dimensions(metric)["FunctionName"].removeprefix("BuyerProtection-prod-")
        for alarm in _alarms(prod).values()
        for metric in _metrics(alarm)
        if (metric["Namespace"], metric["MetricName"]) == ("AWS/Lambda", "Errors")
    }

    assert watched == {row.id for row in SPECS if row.kind not in CALLED}


def test_f6_every_queue_has_an_alarm_on_what_waits_and_one_on_what_it_gave_up(prod: Synthesis) -> None:
    watched: dict[str, set[str]] = {}
    for alarm in _alarms(prod).values():
        for metric in _metrics(alarm):
            if metric["Namespace"] == "AWS/SQS":
                name = _dimensions(metric)["QueueName"].removeprefix("BuyerProtection-prod-")
                watched.setdefault(metric["MetricName"], set()).add(name)

    # What is tried again and again has no age: SQS leaves out what was received three times.
    late = {QueueName.LATE_CHANGES.value}
    assert watched["ApproximateAgeOfOldestMessage"] == {queue.value for queue in READ_BY} - late
    assert watched["ApproximateNumberOfMessagesNotVisible"] == late
    assert watched["ApproximateNumberOfMessagesVisible"] == late | {
        f"{queue}-failed" for queue in READ_BY
    } | {queue.value for queue in COLLECTING}


def test_q1_a_change_that_is_tried_over_and_over_wakes_somebody_within_a_quarter_of_an_hour(
    prod: Synthesis,
) -> None:
    alarm = _alarms(prod)["ChangesWaiting"]
    (expression,) = [it["Expression"] for it in alarm["Metrics"] if "Expression" in it]

    assert expression == "FILL(seen, 0) + FILL(tried, 0)"
    assert {metric["MetricName"] for metric in _metrics(alarm)} == {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
    }
    assert (alarm["EvaluationPeriods"], alarm["Threshold"], alarm["TreatMissingData"]) == (
        15,
        1,
        "notBreaching",
    )


def test_f6_what_nobody_reads_is_kept_for_fourteen_days(prod: Synthesis) -> None:
    kept = {it["Properties"]["MessageRetentionPeriod"] for it in prod.of("AWS::SQS::Queue").values()}

    assert kept == {14 * 86_400}


def test_every_table_and_index_that_is_throttled_is_noticed(prod: Synthesis) -> None:
    (table,) = prod.of("AWS::DynamoDB::Table").values()
    indexes = {it["IndexName"] for it in table["Properties"]["GlobalSecondaryIndexes"]}
    watched = {
        (_dimensions(metric).get("GlobalSecondaryIndexName"), metric["MetricName"])
        for name in ("TableThrottled", "IndexThrottled")
        for metric in _metrics(_alarms(prod)[name])
    }

    places = {None, *indexes}
    assert watched == {(it, f"{kind}ThrottleEvents") for it in places for kind in ("Read", "Write")}


def test_no_metric_alarm_computes_with_more_than_cloudwatch_takes(prod: Synthesis) -> None:
    for it in prod.of("AWS::CloudWatch::Alarm").values():
        alarm = it["Properties"]
        assert len(_metrics(alarm)) <= 10
        periods = [one["MetricStat"]["Period"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
        period = max([*periods, alarm.get("Period", 0)])
        # A day at most below hourly periods, a week from then on.
        assert period * alarm["EvaluationPeriods"] <= (604_800 if period >= 3_600 else 86_400)


def test_the_audits_silence_is_no_alarm_before_two_days(prod: Synthesis) -> None:
    alarms = _alarms(prod)
    rule = json.dumps(alarms["AuditSilent"]["AlarmRule"])

    assert rule.count("AND") == 1
    old = alarms["TwoDaysOld"]
    assert (old["Period"] * old["EvaluationPeriods"], old["TreatMissingData"]) == (2 * 86_400, "notBreaching")
    # Everything else is green where there is no data, but what must always be there.
    red = {name for name, it in alarms.items() if it.get("TreatMissingData") == "breaching"}
    assert red == {"AuditMissing", "SweepSilent"}


def test_a_composite_is_made_of_rows_before_it() -> None:
    known: set[str] = set()
    for row in ROWS.values():
        if isinstance(row, CompositeRow):
            assert {name for group in row.groups for name in group} <= known
        known.add(row.name)
    parts = {row.name for row in ALARMS if row.urgency is Urgency.PART}
    assert parts <= {name for row in COMPOSITES for group in row.groups for name in group}


@pytest.mark.parametrize("name", ["Deadlines", "Api", "BackendApi", "ApiLatency", "Mails", "RefundsAsked"])
def test_every_objective_has_a_budget_and_an_alarm_for_each_speed_of_using_it_up(name: str) -> None:
    fast, slow = ROWS[f"{name}BurnsFast"], ROWS[f"{name}BurnsSlowly"]

    assert isinstance(fast, AlarmRow)
    assert isinstance(slow, AlarmRow)
    assert "may be missed in four weeks" in fast.symptom
    assert (fast.minutes, slow.minutes) == (60, 1_440)
    assert fast.threshold == pytest.approx(slow.threshold * 14.4 / 3)
    # One that was missed wakes nobody.
    assert fast.watch.expression is not None
    assert re.search(r">= (3|10|100)\b", fast.watch.expression)


@pytest.mark.parametrize("stage", DEPLOYED)
def test_the_dashboard_shows_every_alarm_and_what_the_stage_does(synthesise: Synthesise, stage: str) -> None:
    (board,) = synthesise(stage).of("AWS::CloudWatch::Dashboard").values()
    text = json.dumps(board["Properties"]["DashboardBody"])

    for title in (
        "Open cases by status and age",
        "Sweeper",
        "Refunds",
        "Mails",
        "Dead letters",
        "Latency of people",
    ):
        assert title in text
    assert board["Properties"]["DashboardName"] == f"BuyerProtection-{stage}"
    (widget,) = re.findall(r'\\"alarms\\":\[(.*?)\]', text) or [""]
    assert widget


@pytest.mark.parametrize("stage", DEPLOYED)
def test_saved_queries_read_the_logs_of_every_function_that_they_are_about(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    groups = {it["Properties"]["LogGroupName"] for it in synthesis.of("AWS::Logs::LogGroup").values()}
    read: dict[str, set[str]] = {}
    for it in synthesis.of("AWS::Logs::QueryDefinition").values():
        name = re.sub(r" \(\d\)$", "", it["Properties"]["Name"].removeprefix(f"BuyerProtection-{stage}/"))
        asked = it["Properties"]["LogGroupNames"]
        assert len(asked) <= MOST_GROUPS
        read.setdefault(name, set()).update(asked)

    assert set(read) == {query.name for query in QUERIES}
    assert all(asked <= groups for asked in read.values())
    functions = {f"/aws/lambda/BuyerProtection-{stage}-{row.id}" for row in SPECS}
    assert read["everything of this case"] == read["everything of this request"] == functions
