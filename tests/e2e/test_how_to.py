"""Every command of the pages in docs/how-to does what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.workspace import ROOT
from tests.e2e.shell_pages import assert_as_promised, outputs_of, steps_of
from tests.e2e.world import World

FOLDER = ROOT / "docs" / "how-to"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_the_page_do_what_it_says(world: World, page: Path) -> None:
    steps = steps_of(page.read_text(encoding="utf-8"))

    assert steps[0].commands == ". docs/how-to/prepare.sh\n"
    assert all(step.status or step.words for step in steps[1:])
    assert_as_promised(steps, outputs_of(world, steps))


def test_the_first_page_lists_all_others() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in PAGES if f"]({page.name})" not in index] == []
