"""`python -m ops move-cases`: the cases of merged accounts, with their orders (R38)."""

from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.commit import revision_is
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.adapters.dynamodb.tables import OrderRow
from buyer_protection.domain.enums import Role
from ops import __main__ as operations
from ops import merged_accounts
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE, main
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.support.builders import OPENED

OLD = people.BUYER.actor_id


class Here:
    """The table that the test has connected to."""

    def connect(self) -> None: ...


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(operations, "_target", lambda _arguments: Here())
    monkeypatch.setenv("OPERATOR", "on-call-2")
    return lambda new: main(["move-cases", "--role", "buyer", "--from", OLD, "--to", new, "--why", "a test"])


def cases_of(party_id: str) -> list[str]:
    page = PynamoCaseStore().page_of_party(Role.BUYER, party_id, limit=50, start=None)
    return sorted(case.dispute_id for case in page.items)


def opened(*names: str) -> None:
    for name in names:
        PynamoOrderStore().put(people.order(f"o-{name}"))
        PynamoCaseStore().commit(people.opening(f"dp-{name}", order_id=f"o-{name}"), now=OPENED)


def test_r38_every_case_of_a_merged_account_moves_with_its_order(
    run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(merged_accounts, "_PAGE", 2)
    opened("one", "two", "three")
    assert run("new-buyer") == DONE
    assert cases_of(OLD) == []
    assert cases_of("new-buyer") == ["dp-one", "dp-three", "dp-two"]
    for name in ("one", "two", "three"):
        loaded, order = PynamoCaseStore().load(f"dp-{name}"), PynamoOrderStore().load(f"o-{name}")
        assert loaded is not None
        assert order is not None
        assert (loaded.case.buyer_id, order.order.buyer_id) == ("new-buyer", "new-buyer")
        # Nothing else of either has changed; the timeline says who did it then.
        assert (loaded.case.version, order.order.revision) == (1, people.order().revision + 1)
        assert PynamoCaseStore().timeline(f"dp-{name}").items[0].actor.actor_id == OLD
    assert capsys.readouterr().out.count("moved") == 3
    assert run("new-buyer") == DONE


def test_r48_what_a_legal_hold_keeps_is_moved_to_an_account_that_is_held_too(run: Any) -> None:
    opened("one")
    holds = PynamoPersonStore()
    holds.hold(OLD, None, OPENED)
    assert run("new-buyer") == IMPOSSIBLE
    assert cases_of(OLD) == ["dp-one"]
    holds.hold("new-buyer", None, OPENED)
    assert run("new-buyer") == DONE
    assert cases_of("new-buyer") == ["dp-one"]


def test_r48_an_order_that_is_moved_keeps_its_end(run: Any) -> None:
    opened("one")
    row = OrderRow.get(*keys.order("o-one"))
    row.update([OrderRow.expires_at.set(int(OPENED.timestamp()))])
    assert run("new-buyer") == DONE
    assert (moved := PynamoOrderStore().load("o-one")) is not None
    assert (moved.order.buyer_id, moved.leaves_at) == ("new-buyer", OPENED)


def test_r38_nobody_becomes_both_sides_of_a_case(run: Any) -> None:
    opened("one")
    assert run(people.SELLER.actor_id) == DIFFERS
    assert cases_of(OLD) == ["dp-one"]


def test_r38_an_order_that_the_shop_changes_meanwhile_is_left_for_the_next_time(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("one")
    monkeypatch.setattr(merged_accounts, "revision_is", lambda revision: revision_is(revision + 1))
    assert run("new-buyer") == DIFFERS
    assert cases_of(OLD) == ["dp-one"]


def test_r38_cases_move_to_nothing_but_another_account(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    opened("one")
    for new in ("", "two words", "a\x1b[31m"):
        with pytest.raises(SystemExit) as refused:
            run(new)
        assert refused.value.code == 2
    assert run(OLD) == IMPOSSIBLE
    assert cases_of(OLD) == ["dp-one"]
    assert CommandRow.collection(keys.COMMANDS) == []


def test_r38_the_trace_names_the_cases_that_move_and_one_that_cannot_be_read_is_left(
    run: Any, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("one", "two")
    pk, sk = keys.state("dp-two")
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    item = table.get_item(TableName=TABLE_NAME, Key=key)["Item"]
    table.put_item(TableName=TABLE_NAME, Item={**item, "status": {"S": "SLEEPING"}})
    assert run("new-buyer") == DIFFERS
    assert "dp-two: left: this version cannot read it" in capsys.readouterr().out
    (row,) = CommandRow.collection(keys.COMMANDS)
    assert row.command == "move-cases: 1 of a buyer: dp-one"
