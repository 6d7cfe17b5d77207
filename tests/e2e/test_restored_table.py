"""A rehearsal of docs/restore.md: the table goes back, behind a case that was settled and paid since (F7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import stack
from ops.__main__ import DIFFERS, DONE, main
from tests.e2e.case import PAID, Case
from tests.e2e.checks import check_chain
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.pace import DAY_SECONDS
from tests.e2e.restoring import restored, snapshot
from tests.e2e.test_refunds import HEADER, WHY, Payments, asked
from tests.e2e.waiting import stated, until, utc_now
from tests.e2e.world import Json, World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]

ERA = "2"
# No window of a case may end during the deployment that adopts the table.
LONG_DAY = 8 * DAY_SECONDS


@pytest.fixture(scope="module")
def before() -> Iterator[World]:
    """A stack of its own, whose table is replaced."""
    workspace = free_workspace()
    try:
        made = World(workspace, stack.up(workspace, day_seconds=LONG_DAY, report=lambda _line: None))
        _ = made.bus
        yield made
    finally:
        take_down(workspace)


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.setenv("OPERATOR", "on-call-2")


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


def test_f7_a_table_goes_back_to_an_instant_and_nothing_is_paid_twice_or_repeats(
    before: World, operator: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settled, waiting = (Case.opened(before) for _ in range(2))
    for case in (settled, waiting):
        case.await_parked("NEGOTIATION")
    kept = snapshot(before)
    settled.act("seller", "accept-request")
    statement = tmp_path / "payments.csv"
    statement.write_text(HEADER + paid(before, settled))
    lost = Case.opened(before)
    lost.await_parked("NEGOTIATION")
    until(
        "the settled case's execution has ended",
        lambda: before.runs(settled.dispute_id)[0].status != "RUNNING",
    )

    # The table of then, with refunds held in it before anything reads it.
    settings = restored(before, kept)
    with monkeypatch.context() as on_aws:
        on_aws.setenv("AWS_ENDPOINT_URL", before.stack.endpoint_url)
        assert main(["--table", settings["table_name"], "--stage", "local", "refunds", "hold", *WHY]) == DONE
    era = {"era": ERA, "era_from": stated(kept.at)}
    info = stack.up(
        before.workspace, day_seconds=LONG_DAY, settings=settings | era, report=lambda _line: None
    )
    adopted = stated(utc_now())
    world = World(before.workspace, info)
    world.__dict__["bus"] = before.bus
    settled, waiting, lost = (replace(case, world=world) for case in (settled, waiting, lost))

    def operate(*words: str) -> int:
        return main(["--port", str(world.workspace.port), *words])

    assert operate("refunds", "held") == DIFFERS
    assert settled.look()["status"] == "NEGOTIATION"
    check_ghosts_end_by_themselves(world)
    period = ("--since", stated(kept.at), "--until", adopted, "--payments", str(statement))
    assert gap(operate, tmp_path, *period) == {
        settled.dispute_id: ["OLDER", "PAID"],
        lost.dispute_id: ["LOST"],
    }
    assert operate("match", "--statement", str(statement)) == DIFFERS

    # What was paid is entered: the case ends by it, and asks for nothing.
    assert operate("restore", "payments", *period, *WHY, "--dry-run") == DONE
    assert settled.look()["status"] == "NEGOTIATION"
    for _ in range(2):
        assert operate("restore", "payments", *period, *WHY) == DONE
    ended = settled.look()
    assert ended["outcome"]["code"] == "REFUNDED_ELSEWHERE"
    assert operate("match", "--statement", str(statement)) == DONE

    # Who waits at the table of before waits no longer.
    assert operate("restore", "stop", "--before", adopted, *WHY) == DONE
    assert status_of(world, lost.dispute_id)["status"] == "ABORTED"
    assert status_of(world, waiting.dispute_id)["status"] == "ABORTED"
    assert operate("refunds", "release", *WHY) == DONE

    # What happens from now on has ids of its own.
    waiting.act("seller", "accept-request")
    line = paid(world, waiting)
    assert line.startswith(f"rf-{waiting.dispute_id}-era-{ERA},{PAID},")
    statement.write_text(statement.read_text() + line)
    for name in ("OfferAccepted", "DisputeResolved", "RefundPaid"):
        until(f"{name} is heard", lambda name=name: any(it["type"] == name for it in heard_of(waiting)))
    since = [it for it in heard_of(waiting) if it["at"] > stated(kept.at)]
    assert all(f"-era-{ERA}" in it["id"] for it in since if it["type"] != "OrderCompleted"), since
    ids = [it["id"] for it in heard_of(settled)]
    assert len(ids) == len(set(ids)), "an id was heard twice, with other facts"

    world.sweep()
    assert [it["attempt"] for it in asked(settled)] == [1]
    assert operate("match", "--statement", str(statement)) == DONE
    assert gap(operate, tmp_path, *period) == {lost.dispute_id: ["LOST"]}
    assert operate("audit", "run", *WHY) == DONE
    for case in (settled, waiting):
        check_chain(case.dispute_id, case.timeline())


def heard_of(case: Case) -> list[Json]:
    return case.world.bus.heard(case.dispute_id)


def gap(operate: Callable[..., int], folder: Path, *words: str) -> dict[str, Any]:
    """What the command names, by case."""
    lines = folder / "gap.jsonl"
    assert operate("restore", "gap", *words, "--lines", str(lines)) == DIFFERS
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    return {it["dispute_id"]: it["found"] for it in found}


def check_ghosts_end_by_themselves(world: World) -> None:
    """An execution that wakes for a case that the table lacks ends, and says why."""
    world.machine.start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name="case-dp-ghost-g1",
        input=json.dumps({"case_id": "dp-ghost", "generation": 1}),
    )
    until("the ghost ends", lambda: status_of(world, "dp-ghost").get("status") == "FAILED")
    assert status_of(world, "dp-ghost").get("error") == "CaseMissing"
