"""Q20: how many states a case's execution enters, counted from the histories of real executions on a local stack."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from bench import scene
from bench.figures import Line, not_measured
from local import aws
from local.client import BACKEND, Client, Response
from local.state import StackInfo
from local.workspace import Workspace

# Long enough to act between two deadlines on two cores, short enough for fifteen of them in half a minute.
DAY_SECONDS = 2
PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.5
REMINDER_GATE, REMINDER_AIM = 3, 2


class LifeError(Exception):
    """A life did not go as it must."""


@dataclass(frozen=True, slots=True)
class Life:
    """A case to its end, and the bars for its states without those of reminders."""

    name: str
    play: Callable[[Case], None]
    gate: int | None = None
    aim: int | None = None


@dataclass
class Case:
    """One dispute as people act on it."""

    client: Client
    order_id: str
    dispute_id: str = ""
    _token: str | None = None

    def open(self) -> None:
        """An order that was shipped ten days ago, and its dispute."""
        people = self.client.stack.people
        day = self.client.stack.day_seconds
        order = scene.order(datetime.now(UTC) - timedelta(seconds=10 * day))
        order |= {"buyer_id": people["buyer"].sub, "seller_id": people["seller"].sub}
        _accepted(self.client.put(BACKEND, f"/v1/orders/{self.order_id}", order))
        body = scene.opening(self.order_id)
        self.dispute_id = str(_accepted(self.client.post("buyer", "/v1/disputes", body))["dispute_id"])

    def post(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """An action that must be accepted."""
        return _accepted(self.client.post(who, f"/v1/disputes/{self.dispute_id}{path}", body))

    def take_claim(self) -> None:
        """The case manager has it from here on (R47)."""
        self.post("case_manager", "/claim/assign", {"assignee": self.client.stack.people["case_manager"].sub})

    def until(self, status: str) -> None:
        """Wait for the clock to bring the case there."""
        _wait(lambda: self.document()["status"] == status, f"{self.dispute_id} to be {status}")

    def document(self) -> dict[str, Any]:
        """As the buyer sees it."""
        return _accepted(self.client.get("buyer", f"/v1/disputes/{self.dispute_id}"))

    def escalate(self) -> None:
        """As soon as it may be (R16), once the execution waits again after the notice of that."""
        available = datetime.fromisoformat(self.document()["escalation_available_at"])
        time.sleep(max(0.0, (available - datetime.now(UTC)).total_seconds()))
        _wait(self._waits_after_notice, f"the execution of {self.dispute_id} to park after the notice")
        self._token = self._task_token()
        self.post("buyer", "/escalate", scene.ESCALATION)

    def _waits_after_notice(self) -> bool:
        """The notice moves no deadline, and so leaves the token of before on the TIMER row: the history says it."""
        noticed = [it["at"] for it in self._timeline() if it["type"] == "ESCALATION_AVAILABLE"]
        if not noticed:
            return False
        last = [it for it in self.history() if "stateEnteredEventDetails" in it][-1]
        waits = last["stateEnteredEventDetails"]["name"].startswith("Await")
        return bool(waits and last["timestamp"] > datetime.fromisoformat(noticed[0]))

    def history(self) -> list[dict[str, Any]]:
        """The events of the case's execution, from the first on."""
        machine = client_of(self.client.workspace.port, "stepfunctions")
        arn = execution_arn(self.client.stack, self.dispute_id)
        pages = machine.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def parked(self) -> None:
        """Wait until the execution waits where the case stands: it has put a new task token on the TIMER row."""
        before = self._token

        def waits() -> bool:
            self._token = self._task_token()
            return self._token not in {None, before}

        _wait(waits, f"the execution of {self.dispute_id} to park")

    def _task_token(self) -> str | None:
        answer = client_of(self.client.workspace.port, "dynamodb").get_item(
            TableName=self.client.stack.table_name,
            Key={"pk": {"S": f"CASE#{self.dispute_id}"}, "sk": {"S": "TIMER"}},
            ConsistentRead=True,
        )
        token: str | None = answer.get("Item", {}).get("task_token", {}).get("S")
        return token

    def entries(self) -> list[str]:
        """The types of the timeline's entries."""
        return [entry["type"] for entry in self._timeline()]

    def _timeline(self) -> list[dict[str, Any]]:
        path = f"/v1/disputes/{self.dispute_id}/timeline"
        items: list[dict[str, Any]] = _accepted(self.client.get("buyer", path, {"page_size": 50}))["items"]
        return items


@cache
def client_of(port: int, service: str) -> Any:
    """The emulator's client of that service, made once: many cases ask often, and making one costs more than a call."""
    return aws.client(Workspace(port), service)


def _settles(case: Case) -> None:
    case.parked()
    made = case.post("seller", "/offers", scene.offer(4_000))
    case.post("buyer", f"/offers/{made['offer_id']}/accept")


def _contested(case: Case) -> None:
    case.escalate()
    case.parked()
    # Who has said that there is nothing more may still answer what the other side gives afterwards (R43).
    for call, body in (("/evidence", scene.STATEMENT), ("/evidence-complete", {})):
        for who in ("buyer", "seller"):
            case.post(who, call, body)
    case.parked()
    case.take_claim()
    case.post("case_manager", "/claim/decision", scene.DECISION)


def _contested_by_the_clock(case: Case) -> None:
    case.until("CLAIM_EVIDENCE")
    case.post("buyer", "/evidence", scene.STATEMENT)
    case.until("UNDER_REVIEW")
    case.parked()
    case.take_claim()
    case.post("case_manager", "/claim/decision", {
        "outcome": "SELLER_FAVOUR", "reasons": ["ITEM_AS_DESCRIBED"], "rationale": scene.TEXT, "evidence_ids": ["ev-1"],
    })  # fmt: skip


def _without_evidence(case: Case) -> None:
    case.escalate()
    case.until("CANCELLED")


LIVES = (
    Life("settled", _settles, 6, 5),
    Life("contested to a decision", _contested, 16, 14),
    Life("escalated by the clock, decided", _contested_by_the_clock, 16, 14),
    Life("cancelled for want of evidence", _without_evidence),
)


def measure(stack: StackInfo, workspace: Workspace, report: Callable[[str], None]) -> list[Line]:
    """Play all lives side by side and count; one that fails is a line that says why."""
    client = Client(stack)
    for name in ("buyer", "seller", "case_manager"):
        client.token(name)
    client_of(workspace.port, "dynamodb")
    report(f"playing {len(LIVES)} lives on the local stack, a day of {stack.day_seconds} s")
    with ThreadPoolExecutor(len(LIVES)) as pool:
        futures = [pool.submit(_play, life, client, workspace) for life in LIVES]
    lines = []
    for life, future in zip(LIVES, futures, strict=True):
        failure = future.exception()
        lines += future.result() if failure is None else [not_measured("Q20", life.name, failure)]
    return lines


def _play(life: Life, client: Client, workspace: Workspace) -> list[Line]:
    case = Case(client, f"bench-{secrets.token_hex(6)}")
    case.open()
    life.play(case)
    states = _states_of(case, workspace)
    entries = case.entries()
    reminders = sum(entry in {"REMINDED", "ESCALATION_AVAILABLE"} for entry in entries)
    own = count_returns(states)
    entered = f"{len(states)} states entered"
    less = f"{own} of them for {reminders} reminders" if reminders else "no reminders"
    count = len(states) - own
    detail = " ".join(states)
    lines = [Line("Q20", life.name, entered, less, count, "states", life.gate, life.aim, detail)]
    if reminders:
        each = own / reminders
        what, kinds = f"each reminder of: {life.name}", "REMINDED, ESCALATION_AVAILABLE"
        lines.append(
            Line(
                "Q20",
                what,
                f"{own} states",
                f"{reminders} x {kinds}",
                each,
                "states",
                REMINDER_GATE,
                REMINDER_AIM,
            )
        )
    return lines


def count_returns(states: Sequence[str]) -> int:
    """States entered between two stays in the same waiting state: what it costs to be woken and to go on waiting."""
    return len(states) - len(without_returns(states))


def without_returns(states: Sequence[str]) -> list[str]:
    """The states with each way from a waiting state back to itself left out."""
    kept: list[str] = []
    for state in states:
        last = next(
            (place for place in range(len(kept) - 1, -1, -1) if kept[place].startswith("Await")), None
        )
        if last is not None and kept[last] == state:
            del kept[last + 1 :]
        else:
            kept.append(state)
    return kept


def execution_arn(stack: StackInfo, dispute_id: str) -> str:
    """The first execution of the case."""
    return f"{stack.state_machine_arn.replace(':stateMachine:', ':execution:')}:case-{dispute_id}-g1"


def _states_of(case: Case, workspace: Workspace) -> list[str]:
    machine = client_of(workspace.port, "stepfunctions")
    arn = execution_arn(case.client.stack, case.dispute_id)

    def over() -> bool:
        try:
            return bool(machine.describe_execution(executionArn=arn)["status"] != "RUNNING")
        except ClientError:
            return False

    _wait(over, f"the execution of {case.dispute_id} to end")
    entered = (event.get("stateEnteredEventDetails") for event in case.history())
    return [details["name"] for details in entered if details]


def _accepted(answer: Response) -> dict[str, Any]:
    if answer.status >= 400 or not isinstance(answer.body, dict):
        raise LifeError(f"{answer.status} {answer.body!r}")
    return answer.body


def _wait(condition: Callable[[], bool], what: str) -> None:
    latest = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > latest:
            raise LifeError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
        time.sleep(POLL_SECONDS)
