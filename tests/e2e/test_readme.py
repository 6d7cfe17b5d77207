"""The README's first five calls do what it says, word for word."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from local.workspace import ROOT
from tests.e2e.world import World

HEADING = "## First five calls"
SECONDS = 120
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANSWERS = re.compile(r"Answers\s+`(\d{3})`")
STATUS = re.compile(r"^(\d{3})$", re.MULTILINE)
MARK = "=== end of block"


@dataclass(frozen=True)
class Step:
    """A block of commands and the HTTP status that the text before it promises; None for the preparations."""

    commands: str
    status: str | None


def steps() -> list[Step]:
    """The section's `sh` blocks in order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index(HEADING) + len(HEADING) :].split("\n## ")[0]
    found, at = [], 0
    for block in BLOCK.finditer(section):
        promised = ANSWERS.findall(section[at : block.start()])
        found.append(Step(block[1], promised[-1] if promised else None))
        at = block.end()
    return found


@pytest.fixture(scope="module")
def outputs(world: World) -> list[str]:
    """What each block printed, run one after the other in one shell, as a reader pastes them."""
    script = "".join(f"{step.commands}\necho '{MARK}'; echo '{MARK}' >&2\n" for step in steps())
    # The stack of the tests instead of the one that `make up` records; the commands are not touched.
    environment = os.environ | {"STACK": str(world.workspace.state_file), "NO_PROXY": "localhost,127.0.0.1"}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    both = zip(done.stdout.split(f"{MARK}\n"), done.stderr.split(f"{MARK}\n"), strict=True)
    return [out + err for out, err in both][: len(steps())]


def test_the_readme_shows_five_calls_each_with_its_status() -> None:
    assert [step.status is not None for step in steps()] == [False, *[True] * 5]


def test_each_call_of_the_readme_answers_as_it_says(outputs: list[str]) -> None:
    for step, output in zip(steps(), outputs, strict=True):
        if step.status is not None:
            assert STATUS.findall(output) == [step.status], f"{step.commands}\n{output}"


def test_the_readmes_dispute_ends_resolved_with_a_part_of_the_money(world: World, outputs: list[str]) -> None:
    assert '"status":"RESOLVED"' in outputs[-1]
    assert '"code":"AGREED_PARTIAL_REFUND"' in outputs[-1]
