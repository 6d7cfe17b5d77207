"""The state machine's definition: every state and its ways out, and that nothing in it is a rule or a number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from buyer_protection.application.workers import clock
from buyer_protection.domain.window_table import WINDOWS
from infra.constructs.case_machine import (
    AWAITS,
    CASE_MISSING,
    OUTDATED_ALARM,
    TERMINAL,
    Wiring,
    definition,
)
from tests.synth.assembly import Synthesis, readable

BACK_OFF = 60
WIRING = Wiring("cases", "arn:close_window", "arn:open_mediation", "arn:notify_parties")
STATES: dict[str, dict[str, Any]] = definition(WIRING, BACK_OFF)["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
INVOKED = ("OpenMediation", "NotifyParties", "CloseWindow", "NotifyOutcome")


def _walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, path)


def _catches(state: dict[str, Any]) -> dict[str, str]:
    return {error: catch["Next"] for catch in state["Catch"] for error in catch["ErrorEquals"]}


def test_the_states_are_those_an_operator_looks_for() -> None:
    assert set(STATES) == {
        "Route",
        "AwaitSettlement",
        "AwaitEvidence",
        "AwaitDecision",
        "AwaitReturnShipment",
        "AwaitReturnReceipt",
        "OpenMediation",
        "NotifyParties",
        "CloseWindow",
        "BackOff",
        "NotifyOutcome",
        "Closed",
        "CaseMissing",
    }


def test_it_waits_in_the_statuses_that_the_domain_has_windows_for() -> None:
    assert set(AWAITS) == {status.value for status in WINDOWS}


def test_route_knows_every_status() -> None:
    ways = {
        choice["StringEquals"]: choice["Next"] for choice in STATES["Route"]["Choices"] if "Not" not in choice
    }

    assert ways == {
        **AWAITS,
        "CLAIM_OPENED": "OpenMediation",
        **dict.fromkeys(TERMINAL, "NotifyOutcome"),
        CASE_MISSING: "CaseMissing",
    }


def test_f7_an_execution_whose_case_is_gone_ends_and_says_why() -> None:
    assert STATES["CaseMissing"]["Type"] == "Fail"
    assert (STATES["CaseMissing"]["Error"], CASE_MISSING) == ("CaseMissing", clock.CASE_MISSING)


def test_route_has_a_case_without_a_status_looked_at() -> None:
    bare = STATES["Route"]["Choices"][0]

    assert bare == {"Not": {"Variable": "$.status", "IsPresent": True}, "Next": "CloseWindow"}


def test_an_unknown_status_never_makes_a_hot_loop() -> None:
    assert STATES["Route"]["Default"] == "BackOff"
    assert STATES["BackOff"] == {"Type": "Wait", "Seconds": BACK_OFF, "Next": "CloseWindow"}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_catches_everything_and_keeps_the_alarm(name: str) -> None:
    catches = TASKS[name]["Catch"]

    assert catches[-1]["ErrorEquals"] == ["States.ALL"]
    assert all("ResultPath" in catch and catch["ResultPath"] is None for catch in catches)


@pytest.mark.parametrize("name", AWAITS.values())
def test_a_waiting_state_parks_its_token_in_one_conditional_call(name: str) -> None:
    state = STATES[name]

    assert state["Resource"] == "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"
    assert state["TimeoutSecondsPath"] == "$.seconds"
    assert state["Parameters"]["ConditionExpression"] == "epoch = :epoch"
    assert state["Parameters"]["UpdateExpression"] == "SET task_token = :token"
    assert state["Next"] == "Route"
    assert _catches(state) == {
        "States.Timeout": "CloseWindow",
        OUTDATED_ALARM: "CloseWindow",
        "States.ALL": "BackOff",
    }


@pytest.mark.parametrize("name", INVOKED)
def test_a_function_takes_and_returns_the_alarm(name: str) -> None:
    state = STATES[name]

    assert state["Resource"] == "arn:aws:states:::lambda:invoke"
    assert state["Parameters"]["Payload.$"] == "$"
    assert state["OutputPath"] == "$.Payload"
    assert "States.ALL" not in state["Retry"][0]["ErrorEquals"]


def test_a_failed_mail_never_holds_a_case_up() -> None:
    assert _catches(STATES["NotifyParties"]) == {"States.ALL": "AwaitEvidence"}
    assert _catches(STATES["NotifyOutcome"]) == {"States.ALL": "Closed"}
    assert _catches(STATES["CloseWindow"]) == {"States.ALL": "BackOff"}
    assert _catches(STATES["OpenMediation"]) == {"States.ALL": "BackOff"}


def test_the_only_numbers_are_those_of_backing_off() -> None:
    numbers = {
        path[-1]
        for path, value in _walk(STATES)
        if isinstance(value, int | float) and not isinstance(value, bool)
    }

    assert numbers == {"Seconds", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds"}


@pytest.mark.parametrize("name", AWAITS.values())
def test_f5_a_token_that_cannot_be_parked_is_tried_again_and_the_end_of_a_wait_is_not(name: str) -> None:
    never, growing = STATES[name]["Retry"]

    assert never == {"ErrorEquals": ["States.Timeout", OUTDATED_ALARM], "MaxAttempts": 0}
    assert growing == STATES["CloseWindow"]["Retry"][1]


@pytest.mark.parametrize("name", ["CloseWindow", "OpenMediation"])
def test_f5_a_step_that_keeps_failing_is_run_ever_more_seldom_and_each_case_at_its_own_instant(
    name: str,
) -> None:
    transient, growing = STATES[name]["Retry"]

    assert "States.ALL" not in transient["ErrorEquals"]
    assert growing["ErrorEquals"] == ["States.ALL"]
    assert growing["JitterStrategy"] == "FULL"
    pauses = [
        min(growing["IntervalSeconds"] * growing["BackoffRate"] ** tried, growing["MaxDelaySeconds"])
        for tried in range(10)
    ]
    assert pauses[:8] == [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]
    # Days of a broken function, well within the 25,000 events that an execution may have: five events an attempt.
    assert growing["MaxAttempts"] * 5 < 25_000
    assert growing["MaxAttempts"] * growing["MaxDelaySeconds"] / 2 > 20 * 86_400


@pytest.mark.parametrize("name", ["NotifyParties", "NotifyOutcome"])
def test_f5_a_mail_is_no_reason_to_wait(name: str) -> None:
    assert all("States.ALL" not in retry["ErrorEquals"] for retry in STATES[name]["Retry"])


def test_what_emulators_and_aws_do_differently_is_not_used() -> None:
    words = {path[-1] for path, _ in _walk(STATES) if path}

    assert words.isdisjoint({"Assign", "Arguments", "ResultSelector", "Output"})


def test_every_next_leads_to_a_state() -> None:
    targets = {value for path, value in _walk(STATES) if path and path[-1] in ("Next", "Default")}

    assert targets <= set(STATES)
    assert targets | {"Route"} == set(STATES)


def test_the_template_holds_the_definition_with_its_nulls(prod: Synthesis) -> None:
    (machine,) = prod.of("AWS::StepFunctions::StateMachine").values()
    deployed = json.loads(readable(machine["Properties"]["DefinitionString"]))

    assert deployed["StartAt"] == "Route"
    assert deployed["States"]["AwaitDecision"]["Catch"] == STATES["AwaitDecision"]["Catch"]
    assert deployed["States"]["CloseWindow"]["Parameters"]["FunctionName"] == "CloseWindowFunction.Arn"
    assert deployed["States"]["BackOff"]["Seconds"] == BACK_OFF


@pytest.mark.parametrize(("stage", "level", "traced"), [("prod", "ERROR", None), ("dev", "ALL", True)])
def test_the_machine_logs_and_traces_without_data(
    synthesise: Callable[..., Synthesis], stage: str, level: str, traced: bool | None
) -> None:
    """Each step and each request where the stage is traced, failures alone where it is not."""
    (machine,) = synthesise(stage).of("AWS::StepFunctions::StateMachine").values()
    properties = machine["Properties"]

    assert properties["StateMachineType"] == "STANDARD"
    assert properties["LoggingConfiguration"]["Level"] == level
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert (properties.get("TracingConfiguration", {}).get("Enabled") or None) is traced
