"""A second stack: it and the first do not meet; it goes down with open cases and up again from its saved state, where
every execution that waited has failed; and `make down` leaves nothing of it running."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

from local import emulator, state
from local.client import ANONYMOUS
from local.workspace import HOST, ROOT, Workspace
from tests.e2e.case import Case
from tests.e2e.checks import check_closed_well, check_sent_once
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.pace import DAY_SECONDS, patience
from tests.e2e.restarting import (
    REFUND,
    Waiting,
    all_rows,
    cases_in_every_state,
    step_functions_refuse,
)
from tests.e2e.waiting import instant, until
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
OTHER_DAY_SECONDS = DAY_SECONDS + 1
ORIGINS = ("http://localhost:3000", "http://127.0.0.1:5173")
MAKE_SECONDS = patience(300)
SWEEPS = 10
# Q5: within five minutes.
DEADLINE_SECONDS = 300
RULING = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": "Nothing was shown."}


@pytest.fixture(scope="module")
def other() -> Iterator[World]:
    """The second stack, as a person starts it who wants to keep it."""
    workspace = free_workspace()
    try:
        _make(
            "up", workspace, f"DAY_SECONDS={OTHER_DAY_SECONDS}", "PERSIST=1", f"ORIGINS={','.join(ORIGINS)}"
        )
        made = World(workspace, state.load(workspace))
        _ = made.bus
        yield made
    finally:
        take_down(workspace)


def test_two_stacks_do_not_meet(world: World, other: World) -> None:
    """Each has its own people, orders, cases and policy."""
    _they_do_not_meet(world, other)


@pytest.mark.parametrize("origin", ORIGINS)
def test_h3_pages_of_each_origin_that_was_given_may_call(other: World, origin: str) -> None:
    token = {"authorization": f"Bearer {other.client.token('buyer')}", "origin": origin}
    for method in ("OPTIONS", "GET"):
        answer = other.client.call(ANONYMOUS, method, "/v1/disputes", headers=token)
        assert answer.headers["access-control-allow-origin"] == origin, answer


def test_r15_r22_r24_r36_after_a_restart_without_step_functions_the_sweeper_ends_every_case(
    other: World,
) -> None:
    """Q5, Q7: every deadline met by the sweeper alone, every mail and refund once; the next generations go on."""
    waiting = cases_in_every_state(other)
    last = Case(other)
    last.ship()
    last.open()
    _make("down", other.workspace)
    _make("up", other.workspace, f"DAY_SECONDS={OTHER_DAY_SECONDS}", "PERSIST=1")
    for case in waiting.all():
        assert other.runs(case.dispute_id)[0].status == "FAILED"
    for party in ("BUYER", "SELLER"):
        last.await_mail(party, "DISPUTE_OPENED")
    with step_functions_refuse(other):
        _the_sweeper_alone_meets_every_deadline(other, waiting)
    _all_end_right(waiting, last)
    _ten_sweeps_write_nothing(other)
    waiting.decision.act("case_manager", "claim/decision", RULING)
    file = waiting.decision.finished()
    check_closed_well(file, status="DECIDED", outcome="DECIDED_SELLER_FAVOUR", by_sweeper=True)
    check_sent_once(file)


def _the_sweeper_alone_meets_every_deadline(other: World, waiting: Waiting) -> None:
    until(
        "the missed decision is noted",
        lambda: other.sweep() is not None and waiting.decision.timeline()[-1]["type"] == "DEADLINE_MISSED",
    )
    moved = {
        "CANCELLED": waiting.evidence,
        "RESOLVED": waiting.shipment,
        "UNDER_REVIEW": waiting.receipt,
    }
    for status, case in moved.items():
        until(
            f"the sweeper has made {case.dispute_id} {status}",
            lambda case=case, status=status: other.sweep() is not None and case.status == status,
            seconds=20 * other.day,
        )
    # Not by its status: on a slow machine the evidence window that follows may have ended as well by now.
    until(
        f"the sweeper has escalated {waiting.negotiation.dispute_id}",
        lambda: other.sweep() is not None and waiting.negotiation.look().get("escalated_at"),
        seconds=20 * other.day,
    )
    escalated = waiting.negotiation.look()
    assert escalated["escalated_by"] == "SYSTEM"
    late = instant(escalated["escalated_at"]) - instant(escalated["negotiation_due_at"])
    assert 0 <= late.total_seconds() < DEADLINE_SECONDS


def _all_end_right(waiting: Waiting, last: Case) -> None:
    """Step Functions work again: what was left undone is made up for, and every case comes to its right end."""
    world = last.world
    waiting.receipt.act("case_manager", "claim/decision", RULING)
    for case in (waiting.negotiation, last):
        until(
            f"{case.dispute_id} is over",
            lambda case=case: world.sweep() is not None and case.status == "CANCELLED",
            seconds=40 * world.day,
        )
    for case in (waiting.negotiation, waiting.evidence, last):
        file = case.finished()
        check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE", by_sweeper=True)
        check_sent_once(file)
        assert file.happened.count("ESCALATED") == 1
    file = waiting.shipment.finished()
    agreed = "AGREED_REFUND_WITH_RETURN"
    check_closed_well(file, status="RESOLVED", outcome=agreed, refund=REFUND, by_sweeper=True)
    check_sent_once(file)
    # A batch of the stream that failed comes again: the same request under the same id, which is paid once.
    heard = world.bus.heard(file.dispute_id)
    assert len({event["id"] for event in heard if event["type"] == "RefundRequested"}) == 1
    file = waiting.receipt.finished()
    check_closed_well(file, status="DECIDED", outcome="DECIDED_SELLER_FAVOUR", by_sweeper=True)
    check_sent_once(file)


def _ten_sweeps_write_nothing(other: World) -> None:
    """Q5, with cases open whose deadlines have passed."""
    until("nothing is left to do", lambda: other.sweep() == {})
    before = all_rows(other)
    assert [other.sweep() for _ in range(SWEEPS)] == [{}] * SWEEPS
    assert all_rows(other) == before


def test_make_down_leaves_nothing_running(world: World, other: World) -> None:
    _make_down_leaves_nothing(other)
    assert world.client.get("buyer", "/v1/policies/aliexpress-classic").status == 200, "the first one runs on"


def _they_do_not_meet(one: World, other: World) -> None:
    case = Case.opened(one)
    token = {"authorization": f"Bearer {one.client.token('buyer')}"}
    assert one.client.call(ANONYMOUS, "GET", case.path, headers=token).status == 200
    assert other.client.call(ANONYMOUS, "GET", case.path, headers=token).status == 401
    assert other.client.get("buyer", case.path).status == 404
    assert other.client.get("buyer", "/v1/disputes").body["items"] == []
    assert other.client.mails() == []
    days = [world.client.get("buyer", "/v1/policies/aliexpress-classic").body for world in (one, other)]
    assert [policy["day_seconds"] for policy in days] == [one.day, OTHER_DAY_SECONDS]


def _make_down_leaves_nothing(other: World) -> None:
    workspace = other.workspace
    pid = emulator.running_pid(workspace)
    assert pid is not None
    assert _group_lives(pid)
    _make("down", workspace)
    until("no process of the stack's group is left", lambda: not _group_lives(pid), seconds=5)
    assert not workspace.pid_file.exists()
    assert not workspace.state_file.exists()
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, workspace.port)) != 0


def _make(goal: str, workspace: Workspace, *settings: str) -> None:
    """The command as a person gives it."""
    done = subprocess.run(
        ["make", "-s", goal, f"PORT={workspace.port}", *settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=MAKE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _group_lives(pid: int) -> bool:
    """Whether any process of the emulator's process group is left."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
