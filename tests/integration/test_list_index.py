"""`python -m ops index-lists`: cases and orders of before are found; and rows that nobody can read close no list."""

from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.ports.case_lists import UnreadableCase
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.orders import UnreadableOrder
from buyer_protection.domain import parcels
from buyer_protection.domain.enums import Role, Status
from ops import __main__ as operations
from ops.__main__ import DIFFERS, DONE, main
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import BUYER, OPENED, SELLER, days

NEW = ("queue_key", "queue_due", "due_key", "due_at")


class Here:
    """The table that the test has connected to."""

    def connect(self) -> None: ...


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(operations, "_target", lambda _arguments: Here())
    monkeypatch.setenv("OPERATOR", "on-call-2")
    return lambda *words: main(["index-lists", "--why", "a test", *words])


def raw(key: tuple[str, str]) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def without(table: Any, key: tuple[str, str], *names: str) -> None:
    placeholders = {f"#{number}": name for number, name in enumerate(names)}
    table.update_item(
        TableName=TABLE_NAME,
        Key=raw(key),
        UpdateExpression=f"REMOVE {', '.join(placeholders)}",
        ExpressionAttributeNames=placeholders,
    )


def with_text(table: Any, key: tuple[str, str], name: str, text: str) -> None:
    table.update_item(
        TableName=TABLE_NAME,
        Key=raw(key),
        UpdateExpression="SET #n = :t",
        ExpressionAttributeNames={"#n": name},
        ExpressionAttributeValues={":t": {"S": text}},
    )


def stored_before(table: Any) -> None:
    """A cancelled case, one that is talked about, a claim of manager-1 under review; as the last version kept them."""
    cases, orders = PynamoCaseStore(), PynamoOrderStore()
    for number in range(3):
        orders.put(people.order(f"o-{number}"))
        cases.commit(people.opening(f"dp-{number}", order_id=f"o-{number}"), now=OPENED)
    first, claim = (cases.load(f"dp-{number}") for number in (0, 2))
    assert first is not None
    assert claim is not None
    left = parcels.cancel(first.case, BUYER, acknowledge_consequences=True, now=OPENED)
    cases.commit(left, now=OPENED)
    at = OPENED + days(4)
    escalated = people.escalation(claim.case, at)
    cases.commit(escalated, now=at)
    cases.keep_assignment(Assignment("dp-2", "manager-1", "manager-1", None), now=at)
    given = people.statement(escalated.after, at)
    cases.commit(given, now=at)
    due = given.after.evidence_due_at
    assert due is not None
    cases.commit(people.next_step(given.after, due), now=due)
    for number in range(3):
        without(table, keys.facts(f"dp-{number}"), "queue_key", "queue_due")
        without(table, keys.ledger(f"o-{number}"), "disputes")
        table.delete_item(TableName=TABLE_NAME, Key=raw(keys.listed_order(f"o-{number}")))
    without(table, keys.state("dp-2"), "due_key", "due_at")
    with_text(table, keys.state("dp-2"), "queue_key", keys.queue_key("dp-2", "CLAIM_EVIDENCE"))


def found() -> dict[str, list[str]]:
    cases, orders = PynamoCaseStore(), PynamoOrderStore()
    pages = {
        "all": cases.page_of_all(limit=9, start=None).items,
        "reviews": cases.page_of_queue(limit=9, start=None, statuses=[Status.UNDER_REVIEW]).items,
        "claims": cases.page_of_queue(limit=9, start=None).items,
        "manager-1": cases.page_of_assignee("manager-1", limit=9, start=None).items,
        "o-0": cases.cases_of_order("o-0"),
    }
    listed = {name: [one.dispute_id for one in items] for name, items in pages.items()}
    for role, party in ((Role.BUYER, BUYER), (Role.SELLER, SELLER)):
        page = orders.page_of_party(role, party.actor_id, limit=9, start=None)
        listed[role] = sorted(getattr(one, "order", one).order_id for one in page.items)
    return listed


def test_r24_what_was_stored_before_is_found_once_the_command_has_run(
    run: Any, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stored_before(table)
    # Claims are in the queue that they always were in.
    assert found() == {
        "all": [],
        "reviews": [],
        "claims": ["dp-2"],
        "manager-1": [],
        "o-0": [],
        "BUYER": [],
        "SELLER": [],
    }
    assert run() == DONE
    assert found() == {
        "all": ["dp-2", "dp-1", "dp-0"],
        "reviews": ["dp-2"],
        "claims": ["dp-2"],
        "manager-1": ["dp-2"],
        "o-0": ["dp-0"],
        "BUYER": ["o-0", "o-1", "o-2"],
        "SELLER": ["o-0", "o-1", "o-2"],
    }
    assert "3 cases: 3 put in their lists, 0 left" in capsys.readouterr().out
    assert run() == DONE
    said = capsys.readouterr().out
    assert "3 cases: 0 put in their lists, 0 left" in said
    assert "3 orders: 0 put in their lists" in said


def test_r24_a_case_of_before_is_found_in_its_queue_after_its_next_step(table: Any) -> None:
    cases = PynamoCaseStore()
    cases.commit(people.opening("dp-1"), now=OPENED)
    without(table, keys.facts("dp-1"), "queue_key", "queue_due")
    loaded = cases.load("dp-1")
    assert loaded is not None
    cases.commit(people.escalation(loaded.case, OPENED + days(4)), now=OPENED + days(4))
    assert [one.dispute_id for one in cases.page_of_assignee(None, limit=5, start=None).items] == ["dp-1"]


def test_f1_one_row_that_cannot_be_read_closes_no_list(run: Any, table: Any) -> None:
    stored_before(table)
    run()
    with_text(table, keys.facts("dp-1"), "reason", "A_WORD_OF_LATER")
    without(table, keys.facts("dp-0"), "policy")
    with_text(table, keys.state("dp-2"), "settlement", "no JSON")
    with_text(table, keys.order("o-1"), "order", "{}")
    stubs = {name: UnreadableCase(name) for name in ("dp-0", "dp-1", "dp-2")}
    cases = PynamoCaseStore()
    for page in (
        cases.page_of_all(limit=9, start=None),
        cases.page_of_party(Role.BUYER, BUYER.actor_id, limit=9, start=None),
        cases.page_of_party(Role.SELLER, SELLER.actor_id, limit=9, start=None),
    ):
        assert list(page.items) == [stubs["dp-2"], stubs["dp-1"], stubs["dp-0"]]
    assert list(cases.page_of_queue(limit=9, start=None).items) == [stubs["dp-2"]]
    assert list(cases.page_of_assignee("manager-1", limit=9, start=None).items) == [stubs["dp-2"]]
    assert list(cases.cases_of_order("o-1")) == [stubs["dp-1"]]
    orders = PynamoOrderStore().page_of_party(Role.BUYER, BUYER.actor_id, limit=9, start=None).items
    assert [isinstance(one, UnreadableOrder) for one in orders].count(True) == 1
    assert len(orders) == 3
    assert run() == DIFFERS


def test_lists_are_put_in_order_only_after_a_trace_and_not_by_a_dry_run(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--dry-run") == DONE
    assert "would: index-lists" in capsys.readouterr().out
    assert CommandRow.collection(keys.COMMANDS) == []
    assert run() == DONE
    (row,) = CommandRow.collection(keys.COMMANDS)
    assert (row.by, row.why) == ("on-call-2", "a test")
