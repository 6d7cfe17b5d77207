"""A rehearsal of docs/restore.md: the table goes back, behind a case that was settled and paid since (F7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import stack
from ops.__main__ import DIFFERS, DONE
from tests.e2e.checks import check_chain
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.rehearsal import (
    LONG_DAY,
    adopt,
    check_ghosts_end_by_themselves,
    check_ids_of_the_era,
    lived,
    status_of,
)
from tests.e2e.test_refunds import WHY, asked
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]


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


def test_f7_a_table_goes_back_and_nothing_is_paid_twice_or_repeats(
    before: World, operator: None, tmp_path: Path
) -> None:
    of = lived(before, tmp_path)
    adopt(of)

    assert of.operate("refunds", "held") == DIFFERS
    assert of.settled.look()["status"] == "NEGOTIATION"
    check_ghosts_end_by_themselves(of.world)
    assert of.gap() == {of.settled.dispute_id: ["OLDER", "PAID"], of.lost.dispute_id: ["LOST"]}
    assert not of.agree()

    # What was paid is entered: the case ends by it, and asks for nothing.
    enter = ("restore", "payments", *of.period, *WHY)
    assert of.operate(*enter, "--dry-run") == DONE
    assert of.settled.look()["status"] == "NEGOTIATION"
    for _ in range(2):
        assert of.operate(*enter) == DONE
    assert of.settled.look()["outcome"]["code"] == "REFUNDED_ELSEWHERE"
    assert of.agree()

    # Who waits at the table of before waits no longer.
    assert of.operate("restore", "stop", "--before", of.adopted, *WHY) == DONE
    for case in (of.lost, of.waiting):
        assert status_of(of.world, case.dispute_id)["status"] == "ABORTED"
    assert of.operate("refunds", "release", *WHY) == DONE

    check_ids_of_the_era(of)
    of.world.sweep()
    assert [it["attempt"] for it in asked(of.settled)] == [1]
    assert of.agree()
    assert of.gap() == {of.lost.dispute_id: ["LOST"]}
    assert of.operate("audit", "run", *WHY) == DONE
    for case in (of.settled, of.waiting):
        check_chain(case.dispute_id, case.timeline())
