"""docs/deploy.md word for word, with the emulator as the account: two stages side by side, like dev and like prod."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from local import aws, emulator
from local.deploy import ensure_assets_bucket
from local.workspace import LOCAL, Workspace
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.on_account import make
from tests.e2e.pace import DAY_SECONDS

pytestmark = pytest.mark.verify
STAGES = {"rehearsal-dev": "dev", "rehearsal-prod": "prod"}


@pytest.fixture(scope="module")
def account() -> Iterator[Workspace]:
    """An empty account, bootstrapped as far as the emulator knows it."""
    workspace = free_workspace()
    try:
        emulator.start(workspace)
        ensure_assets_bucket(workspace)
        yield workspace
    finally:
        take_down(workspace)
        for stage in STAGES:
            _outputs_file(stage).unlink(missing_ok=True)


def _outputs_file(stage: str) -> Any:
    return LOCAL / f"outputs-{stage}.json"


def _make(account: Workspace, goal: str, stage: str, *more: str) -> subprocess.CompletedProcess[str]:
    settings = f"-c like={STAGES[stage]} -c emulated=true -c day_seconds={DAY_SECONDS} {' '.join(more)}"
    return make(account, goal, f"STAGE={stage}", f"SET={settings}", "YES=1")


def _works(account: Workspace, stage: str) -> None:
    outputs = json.loads(_outputs_file(stage).read_text(encoding="utf-8"))
    (api_id,) = (named["ApiId"] for named in outputs.values() if "ApiId" in named)
    address = f"http://localhost:{account.port}/restapis/{api_id}/{stage}/_user_request_"
    done = _make(account, "smoke", stage, f"--api-url {address}")
    assert done.stdout.splitlines()[-1:] == ["The stage works."], done.stdout + done.stderr


def test_i3_i9_two_stages_are_deployed_side_by_side_updated_and_removed(account: Workspace) -> None:
    for stage in STAGES:
        done = _make(account, "preflight", stage)
        assert done.returncode == 0, done.stdout + done.stderr
        done = _make(account, "deploy", stage)
        assert done.returncode == 0, done.stdout + done.stderr
    for stage in STAGES:
        _works(account, stage)
    first, second = STAGES
    again = _make(account, "deploy", first, "-c site_url=https://new.example.com")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "will be updated" in again.stdout
    _works(account, first)
    kept = _make(account, "destroy", first)
    assert kept.returncode != 0
    assert "TerminationProtection" in kept.stdout + kept.stderr
    cloudformation = aws.client(account, "cloudformation")
    for name in ("Messaging", "Data"):
        cloudformation.update_termination_protection(
            StackName=f"BuyerProtection-{first}-{name}", EnableTerminationProtection=False
        )
    gone = _make(account, "destroy", first)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    _works(account, second)
