"""The deployed state machine of a case as far as it is used: what its states say, read the same way by every world.

Time and faults are the worlds' own (`tests/simulation/machine.py` on a virtual clock, `tests/crash/machine.py` step by
step). Only what the definition uses is understood; anything else is a NotImplementedError, so that a change of the
machine is met by the worlds or stops them.
"""

from __future__ import annotations

from typing import Any

from infra.constructs.case_machine import INVOKE, PARK, Wiring, definition
from infra.stages import PROD

Json = dict[str, Any]
FUNCTIONS = Wiring("cases", "close_window", "open_mediation", "notify_parties")
DEFINITION: Json = definition(FUNCTIONS, PROD.back_off_seconds)
_RETRY = {"ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts"}
_NEVER = {"ErrorEquals", "MaxAttempts"}
_KNOWN = {
    "Choice": {"Type", "Choices", "Default"},
    "Wait": {"Type", "Seconds", "Next"},
    "Succeed": {"Type"},
    "Fail": {"Type", "Error", "Cause"},
    PARK: {"Type", "Resource", "Parameters", "TimeoutSecondsPath", "Retry", "Catch", "Next"},
    INVOKE: {"Type", "Resource", "Parameters", "OutputPath", "Retry", "Catch", "Next"},
}


class OutdatedAlarmError(Exception):
    """The TIMER row has another epoch: the conditional call was refused."""


def state_of(name: str) -> Json:
    """The state of that name."""
    state: Json = DEFINITION["States"][name]
    return state


def chosen(state: Json, alarm: Json) -> str:
    """Where a Choice leads with this alarm."""
    return str(next((c["Next"] for c in state["Choices"] if holds(c, alarm)), state["Default"]))


def caught(state: Json, error: str) -> str | None:
    """Where a task's error leads; None where nothing catches it and the execution fails."""
    names = {error, "States.ALL"}
    return next((str(c["Next"]) for c in state["Catch"] if names & set(c["ErrorEquals"])), None)


def retrier_of(state: Json, error: str, tried: dict[int, int]) -> tuple[int, Json] | None:
    """Which rule of a task runs it again after this error, and its place; `tried` counts what each has used up."""
    for place, rule in enumerate(state.get("Retry", ())):
        if {error, "States.ALL"} & set(rule["ErrorEquals"]):
            return (place, rule) if tried.get(place, 0) < rule["MaxAttempts"] else None
    return None


def pause_of(rule: Json, tried: int) -> float:
    """How long at most before that attempt; with jitter, any time up to it."""
    pause = rule["IntervalSeconds"] * rule["BackoffRate"] ** tried
    return float(min(pause, rule.get("MaxDelaySeconds", pause)))


def seconds_of(state: Json, alarm: Json) -> float:
    """How long a parked state waits before it times out."""
    return float(alarm[state["TimeoutSecondsPath"].removeprefix("$.")])


def holds(choice: Json, alarm: Json) -> bool:
    """Whether a rule of a Choice holds for the alarm."""
    if set(choice) == {"Not", "Next"}:
        return not holds({**choice["Not"], "Next": ""}, alarm)
    name = choice["Variable"].removeprefix("$.")
    if set(choice) == {"Variable", "IsPresent", "Next"}:
        return (name in alarm) is choice["IsPresent"]
    if set(choice) == {"Variable", "StringEquals", "Next"}:
        return bool(alarm.get(name) == choice["StringEquals"])
    raise NotImplementedError(f"rule {choice}")


def filled(template: Any, alarm: Json, token: str) -> Any:
    """Parameters with their paths and States.Format filled in."""
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _value(text, alarm, token)
        if name.endswith(".$")
        else filled(text, alarm, token)
        for name, text in template.items()
    }


def _value(expression: str, alarm: Json, token: str) -> str:
    if expression == "$$.Task.Token":
        return token
    if expression.startswith("States.Format('") and expression.endswith(")"):
        text, path = expression.removeprefix("States.Format('").removesuffix(")").split("', $.")
        return text.replace("{}", str(alarm[path]))
    raise NotImplementedError(expression)


def check_understood(machine: Json) -> None:
    """Every state uses exactly the fields that are interpreted here."""
    if machine["QueryLanguage"] != "JSONPath":
        raise NotImplementedError(machine["QueryLanguage"])
    for name, state in machine["States"].items():
        kind = state["Resource"] if state["Type"] == "Task" else state["Type"]
        if set(state) != _KNOWN.get(kind):
            raise NotImplementedError(f"{name} has {sorted(state)}")
        for rule in state.get("Retry", ()):
            if set(rule) != _NEVER and set(rule) - {"MaxDelaySeconds", "JitterStrategy"} != _RETRY:
                raise NotImplementedError(f"{name} retries by {sorted(rule)}")
        if any(catch["ResultPath"] is not None for catch in state.get("Catch", ())):
            raise NotImplementedError(f"{name} catches into its input")
        if kind == INVOKE and (state["OutputPath"], state["Parameters"]["Payload.$"]) != ("$.Payload", "$"):
            raise NotImplementedError(f"{name} does not take and return the alarm")
        parameters = state.get("Parameters", {})
        written = parameters.get("UpdateExpression"), parameters.get("ConditionExpression")
        if kind == PARK and written != ("SET task_token = :token", "epoch = :epoch"):
            raise NotImplementedError(f"{name} writes {written}")
