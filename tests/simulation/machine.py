"""Executions of the deployed state machine (`tests/support/case_machine.py`) on the virtual clock, with faults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from buyer_protection.domain.windows import Alarm
from infra.constructs.case_machine import OUTDATED_ALARM, PARK
from tests.simulation.faults import BREAKDOWNS, CrashError, Gate, Kind, LostAnswerError, ThrottledError
from tests.simulation.scheduler import Scheduler
from tests.support.case_machine import (
    DEFINITION,
    Json,
    OutdatedAlarmError,
    caught,
    check_understood,
    chosen,
    filled,
    pause_of,
    retrier_of,
    seconds_of,
    state_of,
)

Again = Callable[["Execution", Json, dict[int, int]], None]


@dataclass
class Execution:
    """One execution. `turn` rises with every state, so that what belongs to an earlier one does nothing."""

    dispute_id: str
    generation: int
    state: str
    alarm: Json
    status: str = "RUNNING"
    turn: int = 0
    token: str | None = None
    parked_epoch: int | None = None
    is_late: bool = False
    path: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What the machine works with: the parking of a token (raises OutdatedAlarmError) and its three functions."""

    park: Callable[[str, str, int], None]
    functions: Mapping[str, Callable[[Alarm], Alarm]]
    parked: Callable[[Execution], None]
    log: Callable[[str, str], None]


class Machine:
    """The executions, and the port `Executions` to them."""

    def __init__(self, schedule: Scheduler, gate: Gate, dice: Random, around: Surroundings) -> None:
        check_understood(DEFINITION)
        self.executions: dict[tuple[str, int], Execution] = {}
        self.down_until: datetime | None = None
        self.transitions = 0
        self._schedule, self._gate, self._dice, self._around = schedule, gate, dice, around

    # --- the port ---------------------------------------------------------------------------------------------

    def start(self, alarm: Alarm) -> bool:
        self._check_up()
        key = alarm.dispute_id, alarm.generation
        is_new = key not in self.executions
        if is_new:
            run = self.executions[key] = Execution(*key, DEFINITION["StartAt"], alarm.to_event())
            self._enter(run, DEFINITION["StartAt"])
        return is_new

    def wake(self, task_token: str, alarm: Alarm) -> None:
        self._check_up()
        for run in self.executions.values():
            if run.token == task_token and run.status == "RUNNING":
                run.alarm = alarm.to_event()
                self._enter(run, self._state(run)["Next"])

    def is_running(self, dispute_id: str, generation: int) -> bool:
        self._check_up()
        run = self.executions.get((dispute_id, generation))
        return run is not None and run.status == "RUNNING"

    # --- what goes wrong --------------------------------------------------------------------------------------

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self._schedule.clock.at < self.down_until

    def kill(self, run: Execution) -> None:
        run.status, run.token, run.turn = "FAILED", None, run.turn + 1
        self._around.log("machine", f"{run.dispute_id} g{run.generation} is dead")

    def of(self, dispute_id: str) -> list[Execution]:
        return [
            run for (of, _), run in self.executions.items() if of == dispute_id and run.status == "RUNNING"
        ]

    def _check_up(self) -> None:
        if self.is_down:
            raise ThrottledError("the machine is down")

    # --- states -----------------------------------------------------------------------------------------------

    def _state(self, run: Execution) -> Json:
        return state_of(run.state)

    def _enter(self, run: Execution, name: str, seconds: float | None = None) -> None:
        run.state, run.token, run.parked_epoch, run.is_late = name, None, None, False
        run.turn += 1
        run.path.append(name)
        self.transitions += 1
        pause = self._dice.uniform(0.01, 0.4) if seconds is None else seconds
        self._later(run, pause, lambda: self._work(run))

    def _later(self, run: Execution, seconds: float, then: Callable[[], None]) -> None:
        turn = run.turn

        def due() -> None:
            if run.turn != turn or run.status != "RUNNING":
                return
            if self.is_down and self.down_until is not None:
                self._schedule.plan(self.down_until, "machine", due)
                return
            then()

        self._schedule.plan_in(seconds, "machine", due)

    def _work(self, run: Execution) -> None:
        state = self._state(run)
        match state["Type"]:
            case "Choice":
                self._enter(run, chosen(state, run.alarm))
            case "Wait":
                self._later(run, state["Seconds"], lambda: self._enter(run, state["Next"]))
            case "Succeed":
                run.status = "SUCCEEDED"
            case "Fail":
                run.status = "FAILED"
            case _:
                task = self._park if state["Resource"] == PARK else self._invoke
                task(run, state)

    def _park(self, run: Execution, state: Json, tried: dict[int, int] | None = None) -> None:
        token = f"{run.dispute_id}-g{run.generation}-{run.turn}"
        asked = filled(state["Parameters"], run.alarm, token)
        dispute_id = asked["Key"]["pk"]["S"].removeprefix("CASE#")
        values = asked["ExpressionAttributeValues"]
        epoch = int(values[":epoch"]["N"])
        # The token is known to the service before the call is made: somebody may send it back at once.
        run.token, run.parked_epoch = token, epoch
        turn = run.turn
        try:
            with self._gate.running("machine", run.dispute_id):
                self._gate.call(
                    "timer", "park", lambda: self._around.park(dispute_id, values[":token"]["S"], epoch)
                )
        except OutdatedAlarmError:
            self._failed(run, turn, OUTDATED_ALARM)
        except BREAKDOWNS as failure:
            if run.turn == turn:
                # The token of an attempt that failed is nobody's.
                run.token = run.parked_epoch = None
            error = f"DynamoDb.{type(failure).__name__}"
            self._retried(run, turn, state, tried or {}, error, self._park)
        else:
            if run.turn == turn:
                self._sleep(run, state)

    def _sleep(self, run: Execution, state: Json) -> None:
        seconds = seconds_of(state, run.alarm)
        late = self._dice.uniform(0, 1)
        fault = self._gate.delivery("timer", run.dispute_id)
        if fault is not None and fault.kind is Kind.DELAY:
            late += fault.seconds
            run.is_late = True
        else:
            self._around.parked(run)
        self._later(run, seconds + late, lambda: self._failed(run, run.turn, "States.Timeout"))

    def _invoke(self, run: Execution, state: Json, tried: dict[int, int] | None = None) -> None:
        tried = {} if tried is None else tried
        name = state["Parameters"]["FunctionName"]
        turn = run.turn
        try:
            with self._gate.running(name, run.dispute_id):
                alarm = self._gate.call("lambda", "invoke", lambda: self._call(name, run.alarm))
        except ThrottledError:
            self._retried(run, turn, state, tried, "Lambda.TooManyRequestsException", self._invoke)
        except LostAnswerError:
            self._retried(run, turn, state, tried, "Lambda.SdkClientException", self._invoke)
        except CrashError:
            self._retried(run, turn, state, tried, "Runtime.ExitError", self._invoke)
        except Exception as failure:  # noqa: BLE001 - whatever a function raises is an error of its task
            self._retried(run, turn, state, tried, type(failure).__name__, self._invoke)
        else:
            if run.turn == turn and run.status == "RUNNING":
                run.alarm = alarm
                self._enter(run, state["Next"])

    def _call(self, name: str, alarm: Json) -> Json:
        try:
            return json.loads(json.dumps(self._around.functions[name](Alarm.from_event(alarm)).to_event()))
        except (ThrottledError, LostAnswerError) as failure:
            # A port of the function broke: to the machine that is the function's own error.
            raise RuntimeError(str(failure)) from failure

    def _retried(
        self, run: Execution, turn: int, state: Json, tried: dict[int, int], error: str, again: Again
    ) -> None:
        found = retrier_of(state, error, tried)
        if found is None or run.turn != turn:
            self._failed(run, turn, error)
            return
        place, rule = found
        pause = pause_of(rule, tried.get(place, 0))
        if rule.get("JitterStrategy") == "FULL":
            pause = self._dice.uniform(0, pause)
        used = {**tried, place: tried.get(place, 0) + 1}
        self._later(run, pause, lambda: again(run, state, used))

    def _failed(self, run: Execution, turn: int, error: str) -> None:
        if run.turn != turn or run.status != "RUNNING":
            return
        follows = caught(self._state(run), error)
        if follows is None:
            self.kill(run)
            return
        self._around.log("machine", f"{run.dispute_id} g{run.generation} {run.state}: {error}")
        self._enter(run, follows)
