"""The state machine of a case: the alarm clock, built from plain data. It holds no rules and no numbers of
its own.

Every step takes and returns the alarm `{"case_id", "generation", "contract", "status", "epoch", "seconds"}`
(epoch and seconds integers). A waiting state parks its task token on the case's TIMER row in one conditional
call: a case that moved on meanwhile (another epoch) refuses the call and is looked at again at once (design:
DynamoDB is the truth).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.action import log_group_of
from infra.stages import Stage

State = dict[str, Any]

PARK = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"
INVOKE = "arn:aws:states:::lambda:invoke"

AWAITS = {
    "NEGOTIATION": "AwaitSettlement",
    "CLAIM_EVIDENCE": "AwaitEvidence",
    "UNDER_REVIEW": "AwaitDecision",
    "AWAITING_RETURN": "AwaitReturnShipment",
    "RETURN_SHIPPED": "AwaitReturnReceipt",
}
CLAIM_OPENED = "CLAIM_OPENED"
TERMINAL = ("RESOLVED", "DECIDED", "CANCELLED")
CASE_MISSING = "CASE_MISSING"
OUTDATED_ALARM = "DynamoDb.ConditionalCheckFailedException"
# The longest pause after a step that failed, in first pauses (an hour in production, where the first is a minute); and
# after how many attempts the case is looked at from the beginning.
_LONGEST_PAUSE = 60
_MOST_ATTEMPTS = 1_000


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the definition refers to: a table's name and three functions' ARNs."""

    table_name: str
    close_window: str
    open_mediation: str
    notify_parties: str


def _catch(next_state: str, *errors: str) -> State:
    return {"ErrorEquals": list(errors or ("States.ALL",)), "ResultPath": None, "Next": next_state}


def _await(table_name: str, back_off_seconds: int) -> State:
    return {
        "Type": "Task",
        "Resource": PARK,
        "Parameters": {
            "TableName": table_name,
            "Key": {"pk": {"S.$": "States.Format('CASE#{}', $.case_id)"}, "sk": {"S": "TIMER"}},
            "UpdateExpression": "SET task_token = :token",
            "ConditionExpression": "epoch = :epoch",
            "ExpressionAttributeValues": {
                ":token": {"S.$": "$$.Task.Token"},
                ":epoch": {"N.$": "States.Format('{}', $.epoch)"},
            },
        },
        "TimeoutSecondsPath": "$.seconds",
        "Retry": [
            {"ErrorEquals": ["States.Timeout", OUTDATED_ALARM], "MaxAttempts": 0},
            _growing(back_off_seconds),
        ],
        "Catch": [_catch("CloseWindow", "States.Timeout", OUTDATED_ALARM), _catch("BackOff")],
        "Next": "Route",
    }


def _invoke(function: str, next_state: str, on_failure: str, back_off_seconds: int | None = None) -> State:
    """A function's step. With `back_off_seconds`, one that fails is run again there, after growing pauses."""
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "Retry": [
            {
                "ErrorEquals": [
                    "Lambda.ClientExecutionTimeoutException",
                    "Lambda.ServiceException",
                    "Lambda.AWSLambdaException",
                    "Lambda.SdkClientException",
                    "Lambda.TooManyRequestsException",
                ],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
            },
            *([] if back_off_seconds is None else [_growing(back_off_seconds)]),
        ],
        "Catch": [_catch(on_failure)],
        "Next": next_state,
    }


def _growing(seconds: int) -> State:
    """Whatever failed, again and again: first after `seconds`, then ever more seldom, each case at an instant of its
    own. The sweeper meets the case's dates meanwhile.

    A broken function is called by each case that waits for it every half hour (half the longest pause, by the jitter),
    which fills the history of an execution (25,000 events) in a hundred days.
    """
    return {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": seconds,
        "BackoffRate": 2,
        "MaxDelaySeconds": _LONGEST_PAUSE * seconds,
        "MaxAttempts": _MOST_ATTEMPTS,
        "JitterStrategy": "FULL",
    }


def _route() -> State:
    def when(status: str, next_state: str) -> State:
        return {"Variable": "$.status", "StringEquals": status, "Next": next_state}

    return {
        "Type": "Choice",
        "Choices": [
            # An execution may be started with the bare identity of a case: the first look fills in the rest.
            {"Not": {"Variable": "$.status", "IsPresent": True}, "Next": "CloseWindow"},
            *(when(status, state) for status, state in AWAITS.items()),
            when(CLAIM_OPENED, "OpenMediation"),
            *(when(status, "NotifyOutcome") for status in TERMINAL),
            when(CASE_MISSING, "CaseMissing"),
        ],
        # A status from newer code than this definition: look again, but never in a hot loop.
        "Default": "BackOff",
    }


def definition(wiring: Wiring, back_off_seconds: int) -> State:
    """The Amazon States Language document, JSONPath only, neither `Assign` nor `ResultSelector`.

    A failed mail never holds a case up (the sweeper delivers it later). Any other step that fails is run again
    after growing pauses, and in the end leads over `BackOff` to another look at the case.
    """
    return {
        "Comment": "One execution a case: waits out each window and has the case looked at when it ends",
        "QueryLanguage": "JSONPath",
        "StartAt": "Route",
        "States": {
            "Route": _route(),
            "OpenMediation": _invoke(wiring.open_mediation, "NotifyParties", "BackOff", back_off_seconds),
            "NotifyParties": _invoke(wiring.notify_parties, "AwaitEvidence", "AwaitEvidence"),
            **{state: _await(wiring.table_name, back_off_seconds) for state in AWAITS.values()},
            "CloseWindow": _invoke(wiring.close_window, "Route", "BackOff", back_off_seconds),
            "BackOff": {"Type": "Wait", "Seconds": back_off_seconds, "Next": "CloseWindow"},
            "NotifyOutcome": _invoke(wiring.notify_parties, "Closed", "Closed"),
            "Closed": {"Type": "Succeed"},
            # Named, and no success: but for a table that was restored to an earlier instant, no case disappears.
            "CaseMissing": {
                "Type": "Fail",
                "Error": "CaseMissing",
                "Cause": "The table has no such case: docs/restore.md",
            },
        },
    }


class CaseMachine(Construct):
    """The state machine with a role of its own that stays the same over deployments with cases in flight."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        table_name: str,
        table_arn: str,
        functions: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        wiring = Wiring(
            table_name=table_name,
            close_window=functions["close_window"],
            open_mediation=functions["open_mediation"],
            notify_parties=functions["notify_parties"],
        )
        statements = _statements(table_arn, functions, stage.tracing)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            inline_policies={"machine": iam.PolicyDocument(statements=statements)},
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "Log delivery and X-Ray actions have no resource types; nothing else is granted on *.",
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            # Not Stack.to_json_string: it drops nulls, and a Catch without `ResultPath: null` loses the
            # alarm.
            definition_body=sfn.DefinitionBody.from_string(
                json.dumps(definition(wiring, stage.back_off_seconds))
            ),
            role=role.without_policy_updates(),
            tracing_enabled=stage.tracing,
            logs=sfn.LogOptions(
                destination=log_group_of(self, stage, f"/aws/vendedlogs/states/{name}"),
                level=sfn.LogLevel.ALL if stage.tracing else sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        self.machine.node.add_dependency(role)
        _acknowledge_logs(self.machine, stage)


def _acknowledge_logs(machine: sfn.StateMachine, stage: Stage) -> None:
    if stage.tracing:
        return
    why = "Step Functions keeps each execution's history for 90 days; more is a setting (decision 0077)."
    for rule in ("AwsSolutions-SF1", "AwsSolutions-SF2"):
        acknowledge(machine, rule, why)


def _statements(table_arn: str, functions: Mapping[str, str], tracing: bool) -> list[iam.PolicyStatement]:
    statements = [
        iam.PolicyStatement(
            sid="Tasks",
            actions=["lambda:InvokeFunction"],
            resources=[functions[name] for name in ("close_window", "notify_parties", "open_mediation")],
        ),
        iam.PolicyStatement(sid="Park", actions=["dynamodb:UpdateItem"], resources=[table_arn]),
        iam.PolicyStatement(
            sid="Logs",
            actions=[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            resources=["*"],
        ),
    ]
    traces = [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ]
    if tracing:
        statements.append(iam.PolicyStatement(sid="Traces", actions=traces, resources=["*"]))
    return statements
