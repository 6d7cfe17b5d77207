"""`python -m ops order-ends`: orders that were stored before retention get the end that they would have today (R48)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from buyer_protection.adapters.dynamodb.order_store import let_undisputed_go
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.application.workers.archive import archive_case
from buyer_protection.composition import container
from buyer_protection.domain.order import Order
from ops import __main__ as operations
from ops import order_ends
from ops.__main__ import DONE, main
from tests.integration.conftest import TABLE_NAME
from tests.integration.test_archive import archivist, closed, shop
from tests.integration.test_handlers import BACKEND, BUYER, OPENING, order_body
from tests.integration.test_order_archive import ends_of, order_end
from tests.integration.test_people import PERSON, said

__all__ = ["shop"]
VARIABLES = {
    "DAY_SECONDS": "86400",
    "ORDER_RETENTION_DAYS": "180",
    "ARCHIVE_AFTER_DAYS": "90",
    "CASE_RETENTION_DAYS": "1095",
}


@pytest.fixture
def run(shop: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    answer = {"Environment": {"Variables": VARIABLES}}
    functions = SimpleNamespace(get_function_configuration=lambda **_: answer)
    here = SimpleNamespace(connect=lambda: None, client=lambda _: functions, name_of=lambda name: name)
    monkeypatch.setattr(operations, "_target", lambda _: here)
    monkeypatch.setenv("OPERATOR", "on-call-2")
    return lambda *words: main(["order-ends", "--why", "the upgrade", *words])


def person(*words: str) -> int:
    """The operator's word about a person, on the same stage."""
    return main(["person", *words, "--why", "the court asks"])


def without_end(table: Any) -> Any:
    """As the version before stored it; returns the end that it had."""
    end, (pk, sk) = order_end(table), keys.order("A-1")
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    table.update_item(TableName=TABLE_NAME, Key=key, UpdateExpression="REMOVE expires_at")
    assert order_end(table) is None
    return end


def test_r48_an_order_of_before_gets_the_end_that_it_would_have_today(
    table: Any, bucket: Any, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said("put_order", BACKEND, order_body(), order_id="A-1")
    end = without_end(table)

    assert run("--dry-run") == DONE
    assert order_end(table) is None
    assert "1 orders: 1 would get an end" in capsys.readouterr().out
    assert not CommandRow.collection(keys.COMMANDS)

    assert run() == DONE
    assert order_end(table) == end is not None
    assert "1 got an end" in capsys.readouterr().out
    (trace,) = CommandRow.collection(keys.COMMANDS)
    assert (trace.command, trace.by, trace.why) == ("order-ends", "on-call-2", "the upgrade")

    # Twice is once, and it goes on behind the order that it came to.
    assert run() == DONE
    assert "1 have an end" in capsys.readouterr().out
    without_end(table)
    assert run("--after", "A-1") == DONE
    assert "0 orders: nothing to do" in capsys.readouterr().out
    assert order_end(table) is None


def test_r48_an_order_of_an_archived_case_gets_the_end_of_the_case(
    table: Any, bucket: Any, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    run()
    assert order_end(table) is None, "the archive gives it one"
    archive_case(archivist(), case)
    without_end(table)
    people, now = container.get().people, datetime.now(UTC)
    people.hold(None, case, now)
    run()
    assert order_end(table) is None, "a legal hold keeps it"
    people.lift(None, case, now)
    run()
    assert {order_end(table)} == ends_of(table, case) != {None}

    said("open_dispute", BUYER, OPENING)
    capsys.readouterr()
    run()
    assert order_end(table) is None
    assert "1 stay" in capsys.readouterr().out


def test_r48_who_is_held_keeps_the_order_and_a_dispute_that_is_just_opened_too(
    table: Any, bucket: Any, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said("put_order", BACKEND, order_body(), order_id="A-1")
    without_end(table)
    people, now = container.get().people, datetime.now(UTC)
    people.hold("seller-1", None, now)
    run()
    assert order_end(table) is None
    people.lift("seller-1", None, now)

    is_held = PynamoPersonStore.is_any_held

    def opened_meanwhile(*asked: Any) -> bool:
        monkeypatch.setattr(PynamoPersonStore, "is_any_held", is_held)
        said("open_dispute", BUYER, OPENING)
        return is_held(*asked)

    monkeypatch.setattr(PynamoPersonStore, "is_any_held", opened_meanwhile)
    run()
    assert order_end(table) is None
    assert "1 changed meanwhile" in capsys.readouterr().out


@pytest.mark.parametrize("held", [PERSON, "seller-1"])
def test_r48_a_hold_on_a_person_keeps_their_orders_that_were_never_disputed(
    table: Any, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], held: str
) -> None:
    monkeypatch.setattr(order_ends, "_PART", 2)
    for number in range(1, 6):
        said("put_order", BACKEND, order_body(), order_id=f"A-{number}")
    end = order_end(table)
    assert end is not None
    capsys.readouterr()

    assert person("hold", "--person", held, "--dry-run") == DONE
    assert order_end(table) == end
    assert person("hold", "--person", held) == DONE
    assert order_end(table) is None
    assert capsys.readouterr().out.endswith(f"{held}: held\norders that were never disputed: 5 stay\n")
    # The shop's next change and the command for orders of before know of it.
    said("put_order", BACKEND, order_body() | {"guaranteed_delivery_days": 40}, order_id="A-1")
    assert run() == DONE
    assert order_end(table) is None

    # A write that had read before the hold was set, and a hold of before orders had an end: either command takes it.
    let_undisputed_go(order_of("A-1"), end)
    assert person("hold", "--person", held) != DONE
    assert order_end(table) is None
    let_undisputed_go(order_of("A-1"), end)
    capsys.readouterr()
    assert run("--dry-run") == DONE
    assert order_end(table) == end
    assert run() == DONE
    assert order_end(table) is None
    assert "4 stay, 1 would lose their end to a hold" in (said_so := capsys.readouterr().out)
    assert "1 lost their end to a hold, 4 stay" in said_so

    assert person("lift", "--person", held) == DONE
    assert order_end(table) == end + timedelta(days=10)
    assert capsys.readouterr().out.endswith(f"{held}: the hold is lifted\n5 orders: 5 got an end\n")


def test_r48_who_else_is_held_keeps_the_order_and_a_disputed_order_goes_with_its_cases(
    table: Any, bucket: Any, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.people.follow", lambda _target, case: archive_case(archivist(100), case))
    case = closed(bucket)
    archive_case(archivist(), case)
    end = order_end(table)
    said("put_order", BACKEND, order_body(), order_id="A-2")
    for one in (PERSON, "seller-1"):
        person("hold", "--person", one)
    assert order_end(table) is None
    assert ends_of(table, case) == {None}
    capsys.readouterr()
    person("lift", "--person", PERSON)
    assert capsys.readouterr().out.endswith(f"2 orders: 2 stay\n{case}: UNCHANGED\n")
    person("lift", "--person", "seller-1")
    assert capsys.readouterr().out.endswith(f"2 orders: 2 got an end\n{case}: ARCHIVED\n")
    assert order_end(table) == end is not None


def order_of(order_id: str) -> Order:
    loaded = container.get().context.orders.load(order_id)
    assert loaded is not None
    return loaded.order
