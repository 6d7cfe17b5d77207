"""A rehearsal of docs/restore.md: three cases round the instant to which the table goes back, and its adoption."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import stack
from ops.__main__ import DIFFERS, DONE, main
from tests.e2e.case import PAID, Case
from tests.e2e.pace import DAY_SECONDS
from tests.e2e.restoring import Snapshot, restored, snapshot
from tests.e2e.test_refunds import HEADER, WHY, Payments, asked
from tests.e2e.waiting import stated, until, utc_now
from tests.e2e.world import Json, World

ERA = "2"
# No window of a case may end during the deployment that adopts the table.
LONG_DAY = 8 * DAY_SECONDS


def paid(world: World, case: Case) -> str:
    """The payment system pays what it was asked for; its statement's line."""
    (request,) = until(f"a request for the refund of {case.dispute_id}", lambda: asked(case))
    at = utc_now()
    answer = {
        "refund_id": request["refund_id"],
        "reference": f"pay-{case.dispute_id}",
        "occurred_at": stated(at),
    }
    Payments(world).publish("RefundSucceeded", case, request["amount_minor"], **answer)
    until("it is known to be paid", lambda: case.look()["refund"]["status"] == "PAID")
    return f"{answer['refund_id']},{request['amount_minor']},USD,{stated(at)},{answer['reference']}\n"


def status_of(world: World, dispute_id: str, generation: int = 1) -> Json:
    """What Step Functions says of an execution; empty where there is none."""
    try:
        arn = world.execution_arn(dispute_id, generation)
        return dict(world.machine.describe_execution(executionArn=arn))
    except ClientError:
        return {}


@dataclass
class Rehearsal:
    """Three cases round the instant that is restored: one that was settled and paid since, one to which nothing
    happened, one that was opened since. `period` is what the commands take, once the table is adopted."""

    world: World
    kept: Snapshot
    statement: Path
    settled: Case
    waiting: Case
    lost: Case
    period: tuple[str, ...] = ()
    adopted: str = ""
    # What gives a command; a script that follows a page puts itself between.
    command: Callable[[list[str]], int] = main

    def operate(self, *words: str) -> int:
        return self.command(["--port", str(self.world.workspace.port), *words])

    def agree(self) -> bool:
        """Whether the statement, the refunds and the ledgers agree."""
        return self.operate("match", "--statement", str(self.statement)) == DONE

    def gap(self) -> dict[str, Any]:
        """What the command names, by case."""
        lines = self.statement.with_name("gap.jsonl")
        assert self.operate("restore", "gap", *self.period, "--lines", str(lines)) == DIFFERS
        found = [json.loads(line) for line in lines.read_text().splitlines()]
        return {it["dispute_id"]: it["found"] for it in found}


def lived(world: World, folder: Path) -> Rehearsal:
    """Until the restore: everything works as always."""
    settled, waiting = (Case.opened(world) for _ in range(2))
    for case in (settled, waiting):
        case.await_parked("NEGOTIATION")
    kept, statement = snapshot(world), folder / "payments.csv"
    settled.act("seller", "accept-request")
    statement.write_text(HEADER + paid(world, settled))
    lost = Case.opened(world)
    lost.await_parked("NEGOTIATION")
    until("its execution has ended", lambda: world.runs(settled.dispute_id)[0].status != "RUNNING")
    return Rehearsal(world, kept, statement, settled, waiting, lost)


def adopt(of: Rehearsal) -> None:
    """The table of then, with refunds held in it before anything reads it."""
    workspace, settings = of.world.workspace, restored(of.world, of.kept)
    with pytest.MonkeyPatch.context() as on_aws:
        on_aws.setenv("AWS_ENDPOINT_URL", of.world.stack.endpoint_url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            on_aws.setenv(name, "test")
        for name in ("NO_PROXY", "no_proxy"):
            on_aws.setenv(name, "127.0.0.1,localhost")
        assert main(["--table", settings["table_name"], "--stage", "local", "refunds", "hold", *WHY]) == DONE
    settings |= {"era": ERA, "era_from": stated(of.kept.at)}
    info = stack.up(workspace, day_seconds=LONG_DAY, settings=settings, report=lambda _line: None)
    of.adopted = stated(utc_now())
    heard, of.world = of.world.bus, World(workspace, info)
    of.world.__dict__["bus"] = heard
    of.settled, of.waiting, of.lost = (
        replace(case, world=of.world) for case in (of.settled, of.waiting, of.lost)
    )
    of.period = ("--since", stated(of.kept.at), "--until", of.adopted, "--payments", str(of.statement))


def check_ids_of_the_era(of: Rehearsal) -> None:
    """What happens from now on has ids of its own: of a case that goes on, and of the one that ended anew."""
    of.waiting.act("seller", "accept-request")
    line = paid(of.world, of.waiting)
    assert line.startswith(f"rf-{of.waiting.dispute_id}-era-{ERA},{PAID},")
    of.statement.write_text(of.statement.read_text() + line)
    for name in ("OfferAccepted", "DisputeResolved", "RefundPaid"):
        until(f"{name} is heard", lambda name=name: any(it["type"] == name for it in heard_of(of.waiting)))
    since = [it for it in heard_of(of.waiting) if it["at"] > stated(of.kept.at)]
    # The end of an order is named by its instant.
    assert all(f"-era-{ERA}" in it["id"] for it in since if it["type"] != "OrderCompleted"), since
    ids = [it["id"] for it in heard_of(of.settled)]
    assert len(ids) == len(set(ids)), "an id was heard twice, with other facts"


def heard_of(case: Case) -> list[Json]:
    return case.world.bus.heard(case.dispute_id)


def check_ghosts_end_by_themselves(world: World) -> None:
    """An execution that wakes for a case that the table lacks ends, and says why."""
    world.machine.start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name="case-dp-ghost-g1",
        input=json.dumps({"case_id": "dp-ghost", "generation": 1}),
    )
    until("the ghost ends", lambda: status_of(world, "dp-ghost").get("status") == "FAILED")
    assert status_of(world, "dp-ghost").get("error") == "CaseMissing"
