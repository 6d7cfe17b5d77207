"""What flows are made of: one thing that a client, the shop's systems, AWS or the passing of time does."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from tests.crash.world import World
from tests.support.api_events import backend, member, person

Json = dict[str, Any]
# A body that names an instant or an id is made when it is sent.
Body = Json | Callable[[World], Json] | None

BUYER, SELLER = person("buyer-1"), person("seller-1")
SECOND_MANAGER = member("manager-2")
MANAGER = member("manager-1")
SHOP = backend()
ORDER_ID = "A-1"


class Step(Protocol):
    """Done with `key`, the client's own for this step; what it answers is compared, too."""

    def take(self, world: World, key: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of the API, which is taken.

    `when_repeated`: what a call without a key may answer to its own repetition instead.
    """

    function: str
    who: Json
    body: Body = None
    names: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    when_repeated: int | None = None

    def take(self, world: World, key: str) -> Any:
        names = {"order_id": ORDER_ID, "dispute_id": world.case, **self.names}
        answer = world.api(self.function, self.who, _made(self.body, world), self.key or key, **names)
        assert answer["status"] < 400 or answer["status"] == self.when_repeated, answer
        return answer


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An event of the shop's systems on the bus."""

    kind: str
    detail: Body

    def take(self, world: World, key: str) -> None:
        event = {
            "detail-type": self.kind,
            "detail": _made(self.detail, world),
            "time": written(world.now),
            "id": key,
        }
        world.queue("receive_events", [json.dumps(event)])


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The stream's reader takes what was written."""

    def take(self, world: World, key: str) -> None:
        assert world.pending
        world.dispatch()


@dataclass(frozen=True, slots=True)
class Notify:
    """The notification function takes what is queued."""

    def take(self, world: World, key: str) -> None:
        assert world.messages
        world.notify()


@dataclass(frozen=True, slots=True)
class LeaveToSweeper:
    """The queue has taken no message: the mails that wait are the sweeper's."""

    def take(self, world: World, key: str) -> None:
        from buyer_protection.adapters.dynamodb import keys
        from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox

        assert world.messages
        world.messages.clear()
        outbox = PynamoOutbox()
        for subject in {keys.subject_of(row["pk"]["S"]) for row in world.rows() if "mail" in row}:
            outbox.leave_to_sweeper(outbox.unsent(subject), world.now)


@dataclass(frozen=True, slots=True)
class GoOn:
    """The executions that were started or woken run until they wait again."""

    def take(self, world: World, key: str) -> None:
        assert world.machine.go_on()


@dataclass(frozen=True, slots=True)
class Ring:
    """The window of the waiting execution ends; it runs until it waits again."""

    def take(self, world: World, key: str) -> None:
        assert world.machine.time_out()
        world.machine.go_on()


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweeper's round."""

    def take(self, world: World, key: str) -> None:
        world.sweep()


@dataclass(frozen=True, slots=True)
class Kill:
    """Every execution is lost, as Step Functions' outage or an emulator's restart leaves it."""

    def take(self, world: World, key: str) -> None:
        world.machine.kill_all()


@dataclass(frozen=True, slots=True)
class Settle:
    """Everything that follows by itself."""

    def take(self, world: World, key: str) -> None:
        world.settle()


@dataclass(frozen=True, slots=True)
class Wait:
    """Days pass, and whatever they bring."""

    days: float

    def take(self, world: World, key: str) -> None:
        world.settle()
        world.wait(days=self.days)


@dataclass(frozen=True, slots=True)
class Pass:
    """Days pass while nothing runs: what they bring is still to come."""

    days: float

    def take(self, world: World, key: str) -> None:
        world.settle()
        world.now += timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The newest file of evidence arrives in the bucket."""

    content: bytes

    def take(self, world: World, key: str) -> None:
        world.upload(self.content)


@dataclass(frozen=True, slots=True)
class Verify:
    """The function that verifies uploads takes the events that S3 sent about them."""

    def take(self, world: World, key: str) -> None:
        world.queue("verify_upload", world.upload_events())


@dataclass(frozen=True, slots=True)
class Flow:
    """`before` happens without faults, `act` with a fault at one of its calls."""

    name: str
    before: tuple[Step, ...]
    act: Step


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _made(body: Body, world: World) -> Json | None:
    return body(world) if callable(body) else body
