"""The acceptance script: clients that know nothing but the contract play whole disputes on the deployed stack."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from infra.paths import ROOT
from tests.e2e.world import World

SCRIPTS = ROOT / "tests" / "acceptance"
OF_THE_PROJECT = {"app", "buyer_protection", "functions", "infra", "layers", "local", "tests", "bench"}


@pytest.mark.verify
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("script", ["play.py", "orders.py"])
def test_clients_that_know_only_the_contract_can_play_whole_disputes(world: World, script: str) -> None:
    """R14 R16 R22 R24 R25 R26 R27 R30 R36 R38 R39 R44. In a calm moment: the script cannot stretch a window."""
    played = subprocess.run(
        [sys.executable, "-E", SCRIPTS / script, world.workspace.state_file, ROOT / "docs" / "openapi.json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "double clicks, each with one answer and one effect" in played.stdout


def test_the_script_imports_nothing_of_the_project() -> None:
    for path in sorted(SCRIPTS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names.append(node.module or "")
            assert not {name.split(".")[0] for name in names} & OF_THE_PROJECT, path
