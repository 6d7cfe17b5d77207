"""`make preflight` and `make smoke` as an operator gives them; the emulator is the account. Both answers of each."""

from __future__ import annotations

import pytest

from tests.e2e.on_account import make
from tests.e2e.world import World

pytestmark = pytest.mark.verify


def test_i3_the_stage_that_runs_here_may_be_deployed_again(world: World) -> None:
    done = make(world.workspace, "preflight", "STAGE=local")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "REFUSED" not in done.stdout
    assert "will be updated" in done.stdout


def test_i2_i13_another_stage_in_this_account_learns_what_would_refuse_it(world: World) -> None:
    done = make(world.workspace, "preflight", "STAGE=prod")
    assert done.returncode != 0, done.stdout
    refused = [line for line in done.stdout.splitlines() if line.strip().startswith("REFUSED")]
    # No bootstrap, and a mail identity of the same domain, which is the other stage's.
    assert ["bootstrap" in line or "mail identity" in line for line in refused] == [True, True], done.stdout


def test_a_setting_that_does_not_exist_is_named_before_anything_is_asked(world: World) -> None:
    done = make(world.workspace, "preflight", "STAGE=prod", "SET=-c regoin=eu-west-1")
    assert done.returncode != 0
    assert "regoin" in done.stderr


def test_one_synthetic_case_lives_from_its_order_to_its_end(world: World) -> None:
    done = make(world.workspace, "smoke", "STAGE=local", f"SET=--api-url {world.stack.api_url}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "The stage works."


def test_a_stage_that_is_not_there_does_not_pass_for_a_good_one(world: World) -> None:
    done = make(world.workspace, "smoke", "STAGE=dev")
    assert done.returncode != 0
    assert "no stack of BuyerProtection-dev" in done.stdout
