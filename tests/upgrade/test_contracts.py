"""Upgrade: what an earlier contract's code left in table, queue and executions is finished by today's code."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from buyer_protection.domain.windows import CONTRACT, Alarm
from tests.crash.world import Kept, World
from tests.upgrade.finishing import (
    CONTRACTS,
    Recorded,
    check_ended,
    deliver_the_rest,
    finish_by_clock,
    finish_by_people,
    finish_by_sweeper,
    load,
    recorded,
)
from tests.upgrade.situations import SITUATIONS

pytestmark = pytest.mark.verify
FIXTURES = sorted(CONTRACTS.glob("contract-*/*.json"))
Finish = Callable[[World], None]

fixtures = pytest.mark.parametrize(
    "path", FIXTURES, ids=[f"{path.parent.name}-{path.stem}" for path in FIXTURES]
)
ways = pytest.mark.parametrize("finish", [finish_by_people, finish_by_clock, finish_by_sweeper])


@pytest.fixture(scope="module")
def nothing(world: World) -> Kept:
    """A world in which nothing has happened."""
    return world.keep()


def finished(world: World, nothing: Kept, found: Recorded, finish: Finish) -> None:
    load(world, nothing, found)
    finish(world)
    deliver_the_rest(world)
    check_ended(world)


def test_every_situation_is_kept_for_the_first_contract() -> None:
    assert {path.stem for path in FIXTURES if path.parent.name == "contract-1"} == set(SITUATIONS)


@fixtures
@ways
def test_what_an_earlier_contract_wrote_is_finished(
    world: World, nothing: Kept, path: Path, finish: Finish
) -> None:
    finished(world, nothing, recorded(path), finish)


@fixtures
def test_what_newer_code_added_is_left_alone_after_a_step_back(
    world: World, nothing: Kept, path: Path
) -> None:
    """Attributes, a version, members of records and kinds of rows that today's code does not know."""
    found = recorded(path)
    for row in found["rows"]:
        row |= {"newer_flag": {"S": "on"}, "newer_count": {"N": "3"}, "schema_version": {"N": "9"}}
        for name in ("outcome", "settlement", "order", "buyer_offer", "return_parcel", "seller_contacted"):
            if name in row:
                row[name]["S"] = json.dumps({**json.loads(row[name]["S"]), "newer": {"a": [1]}})
        if "policy" in row:
            row["policy"]["S"] = json.dumps([*json.loads(row["policy"]["S"]), 7])
    case = next(row["pk"] for row in found["rows"] if row["sk"]["S"] == "STATE")
    notes = {"pk": case, "kind": {"S": "NEWER"}, "text": {"S": "of a kind that is to come"}}
    found["rows"] += [{**notes, "sk": {"S": "APPEAL#0001"}}, {**notes, "sk": {"S": "ZNOTE"}}]
    for execution in found["executions"]:
        execution["data"] = {**execution["data"], "newer": 1, "contract": CONTRACT + 1}
    finished(world, nothing, found, finish_by_people)
    kept = [row for row in world.rows() if row.get("kind") == {"S": "NEWER"}]
    assert [row["text"]["S"] for row in kept] == ["of a kind that is to come"] * 2
    state = next(row for row in world.rows() if row["sk"]["S"] == "STATE")
    assert state["newer_flag"] == {"S": "on"}


@fixtures
def test_rows_without_what_came_later_have_its_default(world: World, nothing: Kept, path: Path) -> None:
    found = recorded(path)
    for row in found["rows"]:
        row.pop("schema_version", None)
        if "policy" in row:
            row["policy"]["S"] = json.dumps(json.loads(row["policy"]["S"])[:-1])
        if row["sk"]["S"] == "ORDER":
            row.pop("as_of", None)
    finished(world, nothing, found, finish_by_clock)


@pytest.mark.parametrize(
    "change",
    [{"contract": 2, "newer": [1]}, {"contract": 0}, {"bare": True}],
    ids=["a later contract", "an earlier one", "the identity alone"],
)
def test_an_execution_of_any_contract_goes_on_from_the_case_itself(
    world: World, nothing: Kept, change: dict[str, object]
) -> None:
    """The alarm is a hint: what the case says decides. Of another contract's only the identity is relied on."""
    found = recorded(CONTRACTS / "contract-1" / "claim-with-evidence.json")
    (execution,) = found["executions"]
    alarm = dict(execution["data"])
    execution["data"] = (
        {"case_id": alarm["case_id"], "generation": 1} if change.pop("bare", None) else {**alarm, **change}
    )
    execution |= {"state": "Route", "token": None, "wake_at": None}
    for row in found["rows"]:
        row.pop("task_token", None)
    finished(world, nothing, found, finish_by_clock)


@pytest.mark.parametrize("name", ["case_id", "generation"])
def test_an_alarm_without_an_identity_fails_loudly(name: str) -> None:
    payload = {
        "case_id": "dp-1",
        "generation": 1,
        "contract": 1,
        "status": "NEGOTIATION",
        "epoch": 1,
        "seconds": 5,
    }
    assert Alarm.from_event(copy.deepcopy(payload)) == Alarm("dp-1", 1, 1, "NEGOTIATION", 1, 5)
    payload.pop(name)
    with pytest.raises(KeyError, match=name):
        Alarm.from_event(payload)
