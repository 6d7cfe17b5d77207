"""The present code is deployed over the first code that knew versions and stacks, with a case in every status.

Where the checkout has no history (an archive of the files), there is nothing to deploy first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local import stack
from local.state import load
from local.workspace import LOCAL, ROOT, Workspace
from tests.e2e import matrix
from tests.e2e.case import Case
from tests.e2e.checks import check_closed_well, check_sent_once
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.pace import DAY_SECONDS
from tests.e2e.test_second_deployment import OK, calling
from tests.e2e.world import World
from tests.support.calls import RULING

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
# Callers got versions that can be rolled back: docs/decisions/0046.
FIRST: Final = "c44cffd"
INSTALLED: Final = (".local/venv", ".local/venv-emulator", "node_modules")
# What stands for AWS, which no release brings along.
EMULATOR: Final = tuple(
    f"local/{name}.py"
    for name in ("ministack_wrapper", "shared_layers", "forked_workers", "kept_sessions", "site")
)


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A stack that the first release brought up by its own command; its folder is the one that we look into."""
    if not (ROOT / ".git").exists():
        # An archive of the files, as releases are downloaded: the first release's code is nowhere in it.
        pytest.skip("there is no history to take the first release from")
    archive = git("archive", FIRST)
    assert archive.returncode == 0, archive.stderr.decode()
    checkout = tmp_path_factory.mktemp("first-release")
    subprocess.run(["tar", "-x", "-C", str(checkout)], input=archive.stdout, check=True)
    for name in EMULATOR:
        shutil.copy(ROOT / name, checkout / name)
    workspace = free_workspace()
    try:
        _bring_up(checkout, workspace)
        made = World(workspace, load(workspace))
        _ = made.bus
        yield made
    finally:
        take_down(workspace)


def _bring_up(checkout: Path, workspace: Workspace) -> None:
    (checkout / ".local").mkdir()
    for name in INSTALLED:
        (checkout / name).symlink_to(ROOT / name)
    (checkout / ".local" / workspace.name).symlink_to(workspace.folder)
    path = os.pathsep.join(str(it) for it in (checkout, checkout / "layers/buyer_protection/python"))
    command = [str(LOCAL / "venv/bin/python"), "-m", "local.stack", "up", "--port", str(workspace.port)]
    subprocess.run(
        [*command, "--day-seconds", str(DAY_SECONDS)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": path},
        check=True,
    )
    (checkout / ".local" / workspace.state_file.name).replace(workspace.state_file)


def test_every_case_of_the_first_release_ends_right_under_the_present_code(first: World) -> None:
    cases = matrix.one_case_in_every_status(first)
    left_alone = Case.opened(first)
    left_alone.await_parked("NEGOTIATION")
    answers: Counter[str] = Counter()

    with calling(first, left_alone.path, answers):
        info = stack.up(first.workspace, day_seconds=DAY_SECONDS, report=lambda _line: None)

    assert info.api_url == first.stack.api_url
    assert set(answers) == {OK}, answers
    for name in ("DECIDED", "RESOLVED", "CANCELLED"):
        assert cases[name].look()["status"] == name
    cases["NEGOTIATION"].act("seller", "accept-request")
    cases["AWAITING_RETURN"].act("seller", "return/address", matrix.ADDRESS)
    cases["AWAITING_RETURN"].act("buyer", "return/shipment", matrix.PARCEL)
    for name in ("AWAITING_RETURN", "RETURN_SHIPPED"):
        cases[name].act("seller", "return/acknowledge", {"condition": "ITEM_RECEIVED"})
    for who in ("buyer", "seller"):
        cases["CLAIM_EVIDENCE"].act(who, "evidence-complete")
    for name in ("CLAIM_EVIDENCE", "UNDER_REVIEW"):
        cases[name].act("case_manager", "claim/decision", RULING)

    expected = {
        "NEGOTIATION": ("RESOLVED", "AGREED_FULL_REFUND"),
        "CLAIM_EVIDENCE": ("DECIDED", "DECIDED_SELLER_FAVOUR"),
        "UNDER_REVIEW": ("DECIDED", "DECIDED_SELLER_FAVOUR"),
        "AWAITING_RETURN": ("RESOLVED", "AGREED_REFUND_WITH_RETURN"),
        "RETURN_SHIPPED": ("RESOLVED", "AGREED_REFUND_WITH_RETURN"),
    }
    for name, (status, outcome) in expected.items():
        file = cases[name].finished()
        assert (file.buyer["status"], file.buyer["outcome"]["code"]) == (status, outcome), name
        check_sent_once(file)
    file = left_alone.finished()
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE", refund=0, of_before=True)
    check_sent_once(file)
