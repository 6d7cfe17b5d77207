"""Q37: a person is erased on the stack. Their words are in no row, file or answer; the other side's are still there."""

from __future__ import annotations

import json

import pytest

from tests.e2e.erasing import (
    ErasedLife,
    answers,
    erase,
    export_of,
    in_the_bucket,
    in_the_table,
    life_to_erase,
)
from tests.e2e.uploads import http_call
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("calm"), pytest.mark.verify]

# In the file alone, and for the mail function alone.
IN_THE_FILE, UNSEEN = {"artist of the picture"}, {"artist of the picture", "mail"}


@pytest.fixture(scope="module")
def life(world: World) -> ErasedLife:
    return life_to_erase(world)


def test_q37_after_an_erasure_nothing_of_the_person_is_left_and_the_other_side_is_whole(
    life: ErasedLife,
) -> None:
    world = life.case.world
    own, others = set(life.own.words), set(life.others.words)
    check_exports_of_people(life)
    before = in_the_bucket(world)
    assert {key.split("/")[0] for key, _ in of_item(before, life, "buyer")} == {"evidence", "copies"}
    # Each word is seen where it is looked for.
    assert set(life.own.hits(in_the_table(world))) == own - IN_THE_FILE
    assert set(life.own.hits(" ".join(answers(life).values()))) == own - UNSEEN

    erase(life)

    rows, files, said = in_the_table(world), in_the_bucket(world), answers(life)
    assert life.erased_hits(rows) == []
    assert set(life.others.hits(rows)) == others - IN_THE_FILE
    assert life.erased_hits(" ".join(content.decode("latin-1") for content in files.values())) == []
    assert of_item(files, life, "buyer") == {}
    assert of_item(files, life, "seller") == of_item(before, life, "seller") != {}
    assert {name: life.erased_hits(text) for name, text in said.items() if life.erased_hits(text)} == {}
    assert set(life.others.hits(" ".join(said.values()))) == others - UNSEEN
    print(
        f"{len(own)} words, {len(rows)} characters of rows, {len(files)} versions, {len(said)} answers: 0 hits"
    )


def check_exports_of_people(life: ErasedLife) -> None:
    """Each has their own words, none of the other side's and none of the team's, and a link to their picture."""
    sellers = life.case.world.stack.people["seller"].sub
    for who, person_id, own, others in (
        ("buyer", life.person_id, life.own, life.others),
        ("seller", sellers, life.others, life.own),
    ):
        parts = export_of(life.case.world, person_id)
        text = json.dumps(parts)
        assert set(own.hits(text)) == set(own.words) - IN_THE_FILE - {"rationale"}
        assert others.hits(text) + life.quoted.hits(text) == []
        records = [record for part in parts for record in part["records"]]
        (links,) = [record["downloads"] for record in records if "downloads" in record]
        assert http_call("GET", links["f-1"]["url"]).body == life.pictures[who]


def of_item(files: dict[tuple[str, str], bytes], life: ErasedLife, who: str) -> dict[tuple[str, str], bytes]:
    """The versions of a side's picture and of the copies of it."""
    within = f"/{life.case.dispute_id}/{life.items[who]}/"
    return {place: content for place, content in files.items() if within in place[0]}
