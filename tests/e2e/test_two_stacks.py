"""Two stacks side by side do not meet, and `make down` leaves nothing of a stack running."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from local import emulator, state
from local.client import ANONYMOUS
from local.workspace import HOST, ROOT, Workspace
from tests.e2e.case import Case
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.waiting import until
from tests.e2e.world import World

pytestmark = pytest.mark.usefixtures("quiet")
OTHER_DAY_SECONDS = 5
MAKE_SECONDS = 300


def test_two_stacks_do_not_meet_and_make_down_leaves_nothing_running(world: World) -> None:
    workspace = free_workspace()
    try:
        _make("up", workspace, f"DAY_SECONDS={OTHER_DAY_SECONDS}")
        other = World(workspace, state.load(workspace))
        _they_do_not_meet(world, other)
        _make_down_leaves_nothing(other)
    finally:
        take_down(workspace)
    assert world.client.get("buyer", "/v1/policies/aliexpress-classic").status == 200, "the first one runs on"


def _they_do_not_meet(one: World, other: World) -> None:
    """Each has its own people, orders, cases and policy."""
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
