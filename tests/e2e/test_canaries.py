"""Q12: what people write, who they are and what opens doors is planted, and found in no log, event or history."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.canaries import Life, in_the_events, in_the_histories, in_the_logs
from tests.e2e.case import Case
from tests.e2e.world import World

pytestmark = pytest.mark.usefixtures("calm")


@pytest.fixture(scope="module")
def life(result_of: Callable[[str], Life]) -> Life:
    return result_of("planted_life")


def in_the_emulators_log(life: Life) -> str:
    """Without the lines in which the emulated SES, like any post office, names the recipients of mails."""
    text = life.case.world.workspace.emulator_log.read_text(encoding="utf-8", errors="replace")
    return "\n".join(line for line in text.splitlines() if "[ses-v2]" not in line)


@pytest.mark.parametrize("place", [in_the_logs, in_the_events, in_the_histories])
def test_q12_nothing_personal_and_nothing_that_opens_a_door_is_there(
    life: Life, place: Callable[[Case], str]
) -> None:
    text = place(life.case)
    assert life.case.dispute_id in text, "the case itself is there, so this is where to look"
    hits = life.planted.hits(text)
    print(f"{len(life.planted.words)} canaries, {len(text)} characters, {len(hits)} hits")
    assert hits == []


def test_q12_nor_in_what_the_emulator_writes(life: Life) -> None:
    assert life.planted.hits(in_the_emulators_log(life)) == []


def test_q12_the_canaries_are_where_they_belong(life: Life, world: World) -> None:
    """The control: the readers of the case do see them, so they were really planted."""
    seen = str(
        [life.case.read(who, f"{life.case.path}/export") for who in ("buyer", "seller", "case_manager")]
    ) + str(world.client.mails())
    wanted = {
        "description",
        "note",
        "statement",
        "message of the buyer",
        "question",
        "rationale",
        "buyer mail",
    }
    assert wanted <= set(life.planted.hits(seen))
