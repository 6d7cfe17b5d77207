"""`python -m ops order-ends`: orders that were stored before retention get the end that they would have today (R48)."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.application.workers.archive import archive_case
from buyer_protection.composition import container
from ops import __main__ as operations
from ops.__main__ import DONE, main
from tests.integration.conftest import TABLE_NAME
from tests.integration.test_archive import archivist, closed, shop
from tests.integration.test_handlers import BACKEND, BUYER, OPENING, order_body
from tests.integration.test_order_archive import ends_of, order_end
from tests.integration.test_people import said

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

    is_held = PynamoPersonStore.is_held

    def opened_meanwhile(*asked: Any) -> bool:
        monkeypatch.setattr(PynamoPersonStore, "is_held", is_held)
        said("open_dispute", BUYER, OPENING)
        return is_held(*asked)

    monkeypatch.setattr(PynamoPersonStore, "is_held", opened_meanwhile)
    run()
    assert order_end(table) is None
    assert "1 changed meanwhile" in capsys.readouterr().out
