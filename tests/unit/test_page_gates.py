"""A gate of the pages says that it fails, and what measured nothing does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.gallery import index_page
from tests.browser.gates import AREAS, Gate, table
from tests.browser.geometry import Shape, differences
from tests.browser.scenes import SCENES, STRETCHED


def gate(*values: float, bound: float = 3, least: bool = False) -> Gate:
    made = Gate("calls", bound, least=least)
    for index, value in enumerate(values):
        made.add(value, f"page-{index}")
    return made


def test_a_gate_holds_up_to_its_bound() -> None:
    assert gate(0, 3).holds
    assert not gate(0, 3.01).holds
    assert gate(3, 4, least=True).holds
    assert not gate(2, 4, least=True).holds


def test_a_gate_that_measured_nothing_does_not_hold() -> None:
    assert not gate().holds
    assert "FAILS" in table([gate()])


def test_the_table_names_the_worst_place_and_every_place_that_fails() -> None:
    lines = table([gate(1, 5, 4)]).splitlines()

    assert "page-1" in lines[1]
    assert "FAILS (2)" in lines[1]
    assert lines[2:] == ["FAILS calls: 5 at page-1", "FAILS calls: 4 at page-2"]


def test_a_mirror_is_one_within_its_tolerance() -> None:
    left: Shape = [("whole card", 16, 16), ("end close", None, 20), ("whole card", 16, 300)]

    assert differences(left, [("whole card", 16.5, 16), ("end close", None, 20)]) == []
    assert differences(left, [("whole card", 16, 16), ("end close", None, 30)]) == ["end close: 20 and 30"]
    assert differences(left, [("whole card", 16, 16)]) == ["other parts: ['end close']"]


def test_scenes_have_names_of_their_own() -> None:
    names = [scene.name for scene in SCENES]

    assert len(set(names)) == len(names)
    assert all("." not in name for name in names)


@pytest.mark.parametrize("area", ["", *(f"{area}-" for area in AREAS)])
def test_the_pseudo_language_has_the_words_of_every_area(area: str) -> None:
    assert STRETCHED.search(f"/assets/es-{area}0A1B2C3D.json")


def test_the_gallery_has_a_row_per_page_and_a_column_per_language_and_screen() -> None:
    pictures = [Path(f"{name}.ar.phone.png") for name in ("operations", "talk-buyer")]
    page = index_page([*pictures, Path("operations.en.desktop.png")])

    assert page.index("<th>talk-buyer</th>") < page.index("<th>operations</th>")
    assert "<th>en desktop</th><th>ar phone</th>" in page
    assert page.count("<img") == 3
