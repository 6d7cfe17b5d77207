"""One of the racing processes: real handlers and adapters, a clock and a gate shared with the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from multiprocessing.connection import Connection
from typing import Any

from bench import scene
from tests.support import in_process
from tests.support.api_events import ENVIRONMENT
from tests.support.sign_in import everybody_is_in_the_team

Json = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
GATE_SECONDS = 20.0


@dataclass(frozen=True)
class Racer:
    """One call of a round: a person's by the edge, or a worker's.

    `skew` is what its machine's clock is wrong by, in milliseconds. `waits`: it begins only when the gate opens.
    """

    name: str
    action: str
    event: Json
    skew: int = 0
    waits: bool = False


@dataclass(frozen=True)
class Result:
    """How a racer's call ended: 200 and the code None where a worker just returned; 599 where a function failed."""

    name: str
    status: int
    code: str | None = None
    body: Json = field(default_factory=dict)


@dataclass
class Shared:
    """What the processes have in common. `hour` is the clock in milliseconds; `ticks` is how far the gate moves it."""

    hour: Any
    ticks: Any
    start: Any
    gate: Any


class Stage:
    """The process's own world: the desk with the shared clock, and a gate before what is written first."""

    def __init__(self, shared: Shared, endpoint: str, table: str) -> None:
        self.shared = shared
        self.own: datetime | None = None
        self.skew = 0
        self.gated = False
        os.environ.update(
            ENVIRONMENT
            | in_process.WORKERS
            | {
                "TABLE_NAME": table,
                "WEBHOOK_QUEUE_URL": f"{endpoint}/000000000000/webhooks",
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "NO_PROXY": "127.0.0.1,localhost",
                "LOG_LEVEL": "CRITICAL",
            }
        )
        everybody_is_in_the_team()
        self._share_clock()
        self._gate_writes()
        self._keep_executions_alive()

    def now(self) -> datetime:
        """The scene's own time while it is set up, the shared one in a race."""
        if self.own is not None:
            return self.own
        return EPOCH + (self.shared.hour.value + self.skew) * MILLISECOND

    def at(self, instant: datetime) -> None:
        """Set the time of this process alone: scenes are set up side by side."""
        self.own = instant

    # --- acting

    def call(self, action: str, event: Json) -> Json:
        """The handler's own answer, as Lambda would hand it on."""
        with redirect_stdout(StringIO()):
            answer: Json = in_process.handler_of(action)(event, None)
            return answer

    def act(self, action: str, who: str, body: Any = None, **path: str) -> Json:
        """A call that must be accepted; its document."""
        return scene.invoke(action, scene.event_of(action, who, body, **path))

    def race(self, racer: Racer, *, gated: bool) -> Result:
        """Start with the others; `gated`: write with the others too. A person decides first, then waits."""
        self.own, self.skew, self.gated = None, racer.skew, gated
        self.shared.start.wait(GATE_SECONDS)
        if racer.waits:
            self._pass_gate()
        try:
            answer = self.call(racer.action, racer.event)
        except Exception as failure:  # noqa: BLE001 - the judge reads it from the result
            return Result(racer.name, 599, type(failure).__name__)
        finally:
            # Who was refused before writing holds nobody up.
            self._pass_gate()
        if "statusCode" not in answer:
            return Result(racer.name, 200, None, answer)
        document = scene.json.loads(answer["body"])
        return Result(racer.name, answer["statusCode"], document.get("code"), document)

    def _pass_gate(self) -> None:
        if self.gated:
            self.gated = False
            self.shared.gate.wait(GATE_SECONDS)

    # --- what is put in the place of the machine's own

    def _share_clock(self) -> None:
        from buyer_protection.adapters.aws.system import SystemClock

        SystemClock.now = lambda _clock: self.now()

    def _gate_writes(self) -> None:
        from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
        from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore

        orders = (
            (PynamoOrderStore, "finish"),
            (PynamoOrderStore, "change"),
            (PynamoOrderStore, "record_tracking"),
        )
        for store, name in ((PynamoCaseStore, "commit"), *orders):
            setattr(store, name, self._behind_gate(getattr(store, name)))

    def _behind_gate(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def gated(*arguments: Any, **named: Any) -> Any:
            self._pass_gate()
            return write(*arguments, **named)

        return gated

    def _keep_executions_alive(self) -> None:
        """The sweeper meets a case whose execution is well, and nothing else of the cloud."""
        from buyer_protection.composition import container

        alive = _Alive()
        for name in ("executions", "event_bus", "notification_queue"):
            setattr(container.get(), name, alive)


class _Alive:
    """An execution that runs; anything asked beyond that fails the round."""

    def is_running(self, _case_id: str, _generation: int) -> bool:
        return True


def serve(pipe: Connection, shared: Shared, endpoint: str, table: str) -> None:
    """Answer `(method, arguments)` of the coordinator until it sends None. A failure is an answer too."""
    from tests.races.variants import VARIANTS

    stage = Stage(shared, endpoint, table)
    while (asked := pipe.recv()) is not None:
        method, variant, arguments = asked
        try:
            if method == "race":
                pipe.send(stage.race(*arguments[0], **arguments[1]))
            elif method == "create_table":
                pipe.send(create_table(table))
            else:
                pipe.send(getattr(VARIANTS[variant], method)(stage, *arguments))
        except BaseException as failure:  # noqa: BLE001 - sent to the coordinator, which ends the run
            pipe.send(failure)


def create_table(name: str) -> None:
    """The table, in a process whose functions are set up for it."""
    from buyer_protection.composition import container

    container.get()
    in_process.create_table(name)
