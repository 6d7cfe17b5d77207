"""Findings I6, I11 and I15: how often a call is made, and that every caller may make it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.mails.delivery import ATTEMPTS, waiting_time
from infra.routes import SPECS, Auth, specs_of
from infra.stages import STAGES
from tests.synth.assembly import BACKENDS_API, PEOPLES_API, Synthesis, body_of, listed, plain, readable

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)


@pytest.mark.parametrize("stage", ALL)
def test_a_failed_call_of_a_schedule_is_not_repeated_and_none_waits_past_the_next(
    synthesise: Synthesise, stage: str
) -> None:
    configured = {
        readable(it["Properties"]["FunctionName"]): it["Properties"]
        for it in synthesise(stage).of("AWS::Lambda::EventInvokeConfig").values()
    }

    assert {
        name: (it["MaximumRetryAttempts"], it["MaximumEventAgeInSeconds"], it["Qualifier"])
        for name, it in configured.items()
    } == {"SweepDeadlinesFunction": (0, 60, "$LATEST"), "AuditCasesFunction": (0, 300, "$LATEST")}


@pytest.mark.parametrize("stage", ALL)
def test_only_the_mails_function_may_feed_itself(synthesise: Synthesise, stage: str) -> None:
    functions = synthesise(stage).functions()

    assert {name for name, it in functions.items() if it["Properties"].get("RecursiveLoop") == "Allow"} == {
        "notify_parties"
    }


def test_whoever_may_send_to_the_queue_it_reads_is_allowed_or_ends_by_itself(prod: Synthesis) -> None:
    reached: dict[tuple[str, str], set[str]] = {}
    for function, action, resource in prod.grants():
        reached.setdefault((function, action), set()).add(resource)
    feeding = {
        row.id
        for row in SPECS
        if reached.get((row.id, "sqs:SendMessage"), set())
        & reached.get((row.id, "sqs:ReceiveMessage"), set())
    }

    # What the dispatcher puts there comes from the stream; what comes back from the queue it never puts there again.
    assert feeding == {"notify_parties", "dispatch_changes"}


def test_the_chain_of_a_waiting_mail_ends_by_our_own_bound() -> None:
    seconds = [waiting_time(attempt).total_seconds() for attempt in range(1, ATTEMPTS + 1)]

    assert ATTEMPTS < 300
    assert 2.9 * 86_400 < sum(seconds) < 3.1 * 86_400


@pytest.mark.parametrize("stage", ALL)
def test_the_machines_role_reaches_every_resource_that_its_definition_names(
    synthesise: Synthesise, stage: str
) -> None:
    """The emulator never asks: on AWS a missing right would stop every clock."""
    synthesis = synthesise(stage)
    (machine,) = synthesis.of("AWS::StepFunctions::StateMachine").values()
    tasks = [
        state
        for state in json.loads(readable(machine["Properties"]["DefinitionString"]))["States"].values()
        if state["Type"] == "Task"
    ]
    needed = set()
    for task in tasks:
        service, call = task["Resource"].split(":::")[1].rsplit(":", 1)
        parameters = task["Parameters"]
        if service == "lambda":
            needed.add(("lambda:InvokeFunction", parameters["FunctionName"]))
        else:
            # A call by the SDK, as `aws-sdk:dynamodb:updateItem.waitForTaskToken`, and the table by its name.
            operation = call.partition(".")[0]
            action = f"{service.removeprefix('aws-sdk:')}:{operation[0].upper()}{operation[1:]}"
            needed.add((action, f"{synthesis.by_name[parameters['TableName']]}.Arn"))
    granted = {
        (action, resource) for owner, action, resource in synthesis.grants() if owner == "(state machine)"
    }

    assert len(needed) == 4
    assert needed <= granted
    spare = {action for action, _ in granted - needed}
    assert {action.split(":")[0] for action in spare} == {"logs"} | (
        {"xray"} if STAGES[stage].tracing else set()
    )


@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize("api", [PEOPLES_API, BACKENDS_API])
def test_h4_each_gateway_may_call_the_function_of_each_route_for_that_route_alone(
    synthesise: Synthesise, stage: str, api: str
) -> None:
    synthesis = synthesise(stage)
    wanted = {("PreflightFunction", "*/*")}
    for path, item in body_of(synthesis, api)["paths"].items():
        for method, operation in item.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            function = re.search(r"functions/(\w+)\.Arn:live/invocations$", uri)
            assert function is not None
            if function[1] != "PreflightFunction":
                wanted.add((function[1], method.upper() + re.sub(r"\{\w+\}", "*", path)))
    given = set()
    for permission in _permissions(synthesis, "apigateway.amazonaws.com"):
        # arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>
        of, deployed, call = synthesis.readable(permission["SourceArn"]).rpartition(":")[2].split("/", 2)
        assert deployed == stage
        if of == api:
            given.add((synthesis.readable(permission["FunctionName"]).removesuffix(".Arn:live"), call))

    callers = Auth.PERSON if api == PEOPLES_API else Auth.SYSTEM
    assert len(wanted) == 1 + sum(row.is_at(callers) for row in specs_of(STAGES[stage]))
    assert given == wanted


def _permissions(synthesis: Synthesis, principal: str) -> list[dict[str, Any]]:
    found = [it["Properties"] for it in synthesis.of("AWS::Lambda::Permission").values()]
    assert all(it["Action"] == "lambda:InvokeFunction" for it in found)
    return [it for it in found if it["Principal"] == principal]


@pytest.mark.parametrize("stage", ALL)
def test_the_bus_may_call_each_target_of_a_rule_and_send_to_each_queue_of_it(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    wanted = set()
    for id, rule in synthesis.of("AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            arns = [target["Arn"], target["DeadLetterConfig"]["Arn"]]
            wanted |= {(plain(id), synthesis.readable(arn)) for arn in arns}
    given = {
        (synthesis.readable(it["SourceArn"]).removesuffix(".Arn"), synthesis.readable(it["FunctionName"]))
        for it in _permissions(synthesis, "events.amazonaws.com")
    }
    for policy in (it["Properties"] for it in synthesis.of("AWS::SQS::QueuePolicy").values()):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement["Principal"] == {"Service": "events.amazonaws.com"}
                assert "sqs:SendMessage" in listed(statement["Action"])
                (source,) = statement["Condition"]["ArnEquals"].values()
                given.add(
                    (
                        synthesis.readable(source).removesuffix(".Arn"),
                        synthesis.readable(statement["Resource"]),
                    )
                )

    assert wanted == given


@pytest.mark.parametrize("stage", ALL)
def test_every_reader_of_a_queue_or_a_stream_may_read_it(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    granted = set(synthesis.grants())
    names = {f"{row.id.title().replace('_', '')}Function": row.id for row in SPECS}
    for mapping in (it["Properties"] for it in synthesis.of("AWS::Lambda::EventSourceMapping").values()):
        source, function = (
            synthesis.readable(mapping["EventSourceArn"]),
            names[synthesis.readable(mapping["FunctionName"])],
        )
        needed = (
            ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
            if "StartingPosition" in mapping
            else ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        )
        assert {(function, action, source) for action in needed} <= granted
