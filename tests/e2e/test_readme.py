"""The README's first five calls do what it says, word for word."""

from __future__ import annotations

import pytest

from local.workspace import ROOT
from tests.e2e.shell_pages import Step, assert_as_promised, outputs_of, steps_of
from tests.e2e.world import World

HEADING = "## First five calls"


def steps() -> list[Step]:
    """The section's `sh` blocks in order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return steps_of(readme[readme.index(HEADING) + len(HEADING) :].split("\n## ")[0])


@pytest.fixture(scope="module")
def outputs(world: World) -> list[str]:
    """What each block printed."""
    return outputs_of(world, steps())


def test_the_readme_shows_five_calls_each_with_its_status() -> None:
    assert [step.status is not None for step in steps()] == [False, *[True] * 5]


def test_each_call_of_the_readme_answers_as_it_says(outputs: list[str]) -> None:
    assert_as_promised(steps(), outputs)


def test_the_readmes_dispute_ends_resolved_with_a_part_of_the_money(world: World, outputs: list[str]) -> None:
    assert '"status":"RESOLVED"' in outputs[-1]
    assert '"code":"AGREED_PARTIAL_REFUND"' in outputs[-1]
