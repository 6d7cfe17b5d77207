"""Every page within its budgets, in a part of all looks at it: `make pages-verify` takes them all."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.gates import LANGUAGES, measure_all, table
from tests.browser.scenes import SCENES
from tests.e2e.world import World

# A page has eighteen looks in each language: with seventeen the next page begins one look earlier.
SAMPLE = 17


def test_every_page_is_within_its_budgets(world: World, browser: Browser) -> None:
    gates = measure_all(browser, world, list(SCENES), list(LANGUAGES), SAMPLE)

    assert [gate.name for gate in gates.all() if not gate.holds] == [], table(gates.all())
    assert len(gates.axe.found) > 60
