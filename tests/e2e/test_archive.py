"""A closed case leaves the table of the stack, and is read from the archive as before (R48).

For how long cases stay in the table is everybody's setting, so that this waits until the stories are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb.case_rows import STAYING
from local.client import BACKEND
from tests.e2e.canaries import in_the_events, in_the_histories, in_the_logs
from tests.e2e.case import Case
from tests.e2e.erasing import erase, in_the_bucket, life_to_erase, paths_of
from tests.e2e.waiting import until, until_clock, utc_now
from tests.e2e.world import FUNCTION_PREFIX, Json, World
from tests.support.lasting import lasting
from tests.unit.application.exported_cases import VERIFY

pytestmark = pytest.mark.usefixtures("quiet")

READERS = ("buyer", "seller", "case_manager", BACKEND, "other_buyer")


@pytest.fixture
def soon(world: World) -> Iterator[None]:
    """Cases leave the table a day of the policy after they were closed."""
    name = f"{FUNCTION_PREFIX}audit_cases"
    before = world.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    for variables in ({**before, "ARCHIVE_AFTER_DAYS": "1"}, before):
        world.functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        if variables is not before:
            yield


@pytest.mark.usefixtures("soon")
def test_r48_buyer_seller_and_team_read_a_case_that_the_table_no_longer_has(world: World) -> None:
    case = Case.opened(world)
    case.act("buyer", "messages", {"text": "Is there anybody?"})
    case.act("seller", "messages", {"text": "I am here."})
    case.state_something("seller")
    case.act("buyer", "cancel", {"acknowledge_consequences": True})
    closed = utc_now()
    until("all mails have left", lambda: all(row["status"] != "PENDING" for row in case.outbox()))
    before = answers(case)
    assert {who for (who, _), one in before.items() if one[0] == 200} == {*READERS} - {"other_buyer"}

    until_clock(closed + timedelta(seconds=1.2 * world.day))
    assert world.invoke("audit_cases", {"dispute_id": case.dispute_id}) == {"archived": "ARCHIVED"}
    until_clock(utc_now() + timedelta(seconds=2.2 * world.day))
    gone = let_rows_go(world, case)
    assert {row["sk"] for row in rows_of(world, case)} == STAYING - {"LEGAL-HOLD", "REFUND"}
    assert gone & STAYING == set()

    assert answers(case) == before
    keys = case.read("buyer", "/v1/keys")["items"]
    for who in ("buyer", "seller", "case_manager"):
        assert VERIFY.first_fault(case.read(who, f"{case.path}/export"), keys) is None
    refused = world.client.post("buyer", f"{case.path}/messages", {"text": "One more thing."})
    assert (refused.status, refused.body["code"]) == (409, "DISPUTE_CLOSED")


@pytest.mark.verify
@pytest.mark.usefixtures("soon")
def test_q37_an_erasure_reaches_the_archive_and_no_log_event_or_history_has_anything(world: World) -> None:
    life = life_to_erase(world)
    case = life.case
    until_clock(utc_now() + timedelta(seconds=1.2 * world.day))
    assert world.invoke("audit_cases", {"dispute_id": case.dispute_id}) == {"archived": "ARCHIVED"}
    until_clock(utc_now() + timedelta(seconds=2.2 * world.day))
    let_rows_go(world, case)
    # The order, with its contacts, leaves with the case.
    ends = [
        (world.row(*key) or {})["expires_at"] for key in ((f"ORDER#{case.order_id}", "ORDER"), case_key(case))
    ]
    assert ends[0] == ends[1]
    said = {"description", "message", "note", "statement", "claim"}
    before = in_the_archive(world)
    assert said <= set(life.own.hits(before))
    kept = set(life.others.hits(before))
    assert {"message", "note", "statement"} <= kept

    erase(life)

    after = in_the_archive(world)
    assert case.dispute_id in after
    assert life.erased_hits(after) == []
    assert set(life.others.hits(after)) == kept
    for place in (in_the_logs, in_the_events, in_the_histories):
        text = place(case)
        assert case.dispute_id in text, "the case itself is there, so this is where to look"
        assert life.erased_hits(text) + life.others.hits(text) == [], place.__name__
        print(f"{place.__name__}: {len(life.own.words)} words, {len(text)} characters: 0 hits")


def case_key(case: Case) -> tuple[str, str]:
    return f"CASE#{case.dispute_id}", "STATE"


def in_the_archive(world: World) -> str:
    """Every version of every archived case."""
    name = f"{FUNCTION_PREFIX}audit_cases"
    variables = world.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return "\n".join(it.decode() for it in in_the_bucket(world, variables["ARCHIVE_BUCKET"]).values())


def answers(case: Case) -> dict[tuple[str, str], Any]:
    """What every call that reads answers to everybody."""
    items = {"seller": case.read("seller", f"{case.path}/evidence")["items"][0]["evidence_id"]}
    found = {}
    for who in READERS:
        for action, path in paths_of(case, items):
            if case.dispute_id in path:
                answer = case.world.client.get(who, path)
                assert answer.status < 500, (who, path, answer)
                found[who, action] = (
                    answer.status,
                    lasting(answer.body) if answer.status == 200 else answer.body["code"],
                )
    return found


def rows_of(world: World, case: Case) -> list[Json]:
    """The case's rows in the table."""
    answer = world.dynamodb.query(
        TableName=world.stack.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"CASE#{case.dispute_id}"}},
    )
    return [{**row, "sk": row["sk"]["S"]} for row in answer["Items"]]


def let_rows_go(world: World, case: Case) -> set[str]:
    """What DynamoDB does by itself within two days, should the emulator not have done it yet."""
    now, gone = utc_now().timestamp(), set()
    for row in rows_of(world, case):
        if "expires_at" in row and int(row["expires_at"]["N"]) <= now:
            key = {"pk": {"S": f"CASE#{case.dispute_id}"}, "sk": {"S": row["sk"]}}
            world.dynamodb.delete_item(TableName=world.stack.table_name, Key=key)
            gone.add(row["sk"])
    return gone
