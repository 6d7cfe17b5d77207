"""Executions of the deployed state machine (`tests/support/case_machine.py`), step by step.

Waiting takes no time of its own: a back-off ends at once, a window when the test's clock has reached its end.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.constructs.case_machine import OUTDATED_ALARM, PARK
from tests.crash.wire import Answer, Died
from tests.support.case_machine import (
    DEFINITION,
    OutdatedAlarmError,
    caught,
    check_understood,
    chosen,
    filled,
    retrier_of,
    seconds_of,
    state_of,
)

# More steps in a row than any case takes without waiting: an execution that goes round in circles.
_MOST_STEPS = 60

Alarm = dict[str, Any]


@dataclass
class Execution:
    """One execution: where it stands, with which data, and what it waits for."""

    name: str
    given: str
    data: Alarm
    state: str = DEFINITION["StartAt"]
    status: str = "RUNNING"
    token: str | None = None
    wake_at: datetime | None = None

    @property
    def may_go_on(self) -> bool:
        return self.status == "RUNNING" and self.token is None


@dataclass
class Machine:
    """All executions. `invoke` runs a function by its id; `park` makes the table's call (OutdatedAlarmError)."""

    invoke: Callable[[str, Alarm], Alarm]
    park: Callable[[dict[str, Any]], None]
    now: Callable[[], datetime]
    executions: dict[str, Execution] = field(default_factory=dict)
    parked: int = 0

    def __post_init__(self) -> None:
        check_understood(DEFINITION)

    def answer(self, operation: str, asked: dict[str, Any]) -> Answer:
        """What Step Functions answers to the three calls that the product makes."""
        match operation:
            case "StartExecution":
                return self._start(asked["name"], asked["input"])
            case "SendTaskSuccess":
                return self._wake(asked["taskToken"], asked["output"])
            case "DescribeExecution":
                found = self.executions.get(asked["executionArn"].rsplit(":", 1)[1])
                if found is None:
                    return 400, {"__type": "ExecutionDoesNotExist"}
                return 200, {"executionArn": asked["executionArn"], "status": found.status}
        raise AssertionError(f"the product does not call {operation}")

    def go_on(self) -> bool:
        """Run every execution that need not wait; False where there is none."""
        ready = [execution for execution in self.executions.values() if execution.may_go_on]
        for execution in ready:
            self._run(execution)
        return bool(ready)

    def time_out(self) -> bool:
        """End the waiting of those whose window is over; whether there are any."""
        over = [e for e in self.executions.values() if e.token and e.wake_at and e.wake_at <= self.now()]
        for execution in over:
            execution.token = None
            self._fail(execution, "States.Timeout")
        return bool(over)

    def kill_all(self) -> None:
        """As after an outage: every execution that ran is gone."""
        for execution in self.executions.values():
            if execution.status == "RUNNING":
                execution.status, execution.token = "ABORTED", None

    def _start(self, name: str, given: str) -> Answer:
        known = self.executions.get(name)
        if known is not None and (known.status != "RUNNING" or known.given != given):
            return 400, {"__type": "ExecutionAlreadyExists"}
        if known is None:
            self.executions[name] = Execution(name, given, json.loads(given))
        return 200, {"executionArn": name, "startDate": 0}

    def _wake(self, token: str, output: str) -> Answer:
        for execution in self.executions.values():
            if execution.status == "RUNNING" and execution.token == token:
                execution.token, execution.data = None, json.loads(output)
                execution.state = state_of(execution.state)["Next"]
                return 200, {}
        return 400, {"__type": "TaskDoesNotExist"}

    def _run(self, execution: Execution) -> None:
        for _ in range(_MOST_STEPS):
            if not execution.may_go_on:
                return
            self._step(execution, state_of(execution.state))
        raise AssertionError(f"{execution.name} goes round in circles in {execution.state}")

    def _step(self, execution: Execution, state: dict[str, Any]) -> None:
        match state["Type"]:
            case "Choice":
                execution.state = chosen(state, execution.data)
            case "Wait":
                execution.state = state["Next"]
            case "Succeed":
                execution.status = "SUCCEEDED"
            case "Fail":
                execution.status = "FAILED"
            case "Task" if state["Resource"] == PARK:
                self._wait(execution, state)
            case "Task":
                try:
                    execution.data = self.invoke(state["Parameters"]["FunctionName"], execution.data)
                    execution.state = state["Next"]
                except (Exception, Died):  # noqa: BLE001 - States.ALL
                    # Where the state has a rule for every failure, it is run again, as often as one has patience for.
                    if retrier_of(state, "States.TaskFailed", {}) is None:
                        self._fail(execution, "States.TaskFailed")

    def _wait(self, execution: Execution, state: dict[str, Any]) -> None:
        self.parked += 1
        token = f"token-{self.parked}"
        try:
            self.park(filled(state["Parameters"], execution.data, token))
        except OutdatedAlarmError:
            self._fail(execution, OUTDATED_ALARM)
            return
        execution.token = token
        execution.wake_at = self.now() + timedelta(seconds=seconds_of(state, execution.data))

    @staticmethod
    def _fail(execution: Execution, error: str) -> None:
        follows = caught(state_of(execution.state), error)
        assert follows is not None, f"nothing catches {error} in {execution.state}"
        execution.state = follows
