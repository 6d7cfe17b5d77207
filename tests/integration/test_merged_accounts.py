"""`python -m ops move-cases`: the cases of merged accounts, with their orders (R38)."""

from typing import Any

import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.commit import revision_is
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.domain.enums import Role
from ops import __main__ as operations
from ops import merged_accounts
from ops.__main__ import DIFFERS, DONE, main
from tests.integration import people
from tests.support.builders import OPENED

OLD = people.BUYER.actor_id


class Here:
    """The table that the test has connected to."""

    def connect(self) -> None: ...


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(operations, "_target", lambda _arguments: Here())
    return lambda *words: main(["move-cases", "--role", "buyer", "--from", OLD, "--to", *words])


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
