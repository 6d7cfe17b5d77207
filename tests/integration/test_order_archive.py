"""When orders leave the table with their contacts: after their completion, or with the last of their cases (R48)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_rows import STAYING
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore, keep_undisputed
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.orders import OrderChange
from buyer_protection.application.workers.archive import archive_case
from buyer_protection.composition import container
from tests.integration.conftest import TABLE_NAME
from tests.integration.test_archive import archivist, closed, rows_of, shop
from tests.integration.test_handlers import BACKEND, BUYER, OPENING, order_body
from tests.integration.test_people import PERSON, cancelled, said
from tests.support.api_events import ENVIRONMENT
from tests.support.in_process import WORKERS, call

__all__ = ["shop"]


def order_end(table: Any) -> Any:
    row = table.get_item(TableName=TABLE_NAME, Key={"pk": {"S": "ORDER#A-1"}, "sk": {"S": "ORDER"}})
    value = row.get("Item", {}).get("expires_at", {}).get("N")
    return value and datetime.fromtimestamp(int(value), UTC)


def ends_of(table: Any, case: str) -> set[Any]:
    staying = STAYING - {keys.LEGAL_HOLD}
    found = {row.get("expires_at", {}).get("N") for sk, row in rows_of(table, case).items() if sk in staying}
    return {one and datetime.fromtimestamp(int(one), UTC) for one in found}


@pytest.mark.usefixtures("shop")
def test_r48_an_order_that_was_disputed_leaves_with_the_last_of_its_cases(table: Any, bucket: Any) -> None:
    case = closed(bucket)
    archive_case(archivist(89), case)
    assert order_end(table) is None
    archive_case(archivist(), case)
    (end,) = ends_of(table, case)
    assert order_end(table) == end is not None

    # What the shop says anew moves nothing.
    said("put_order", BACKEND, order_body() | {"guaranteed_delivery_days": 60}, order_id="A-1")
    assert order_end(table) == end

    # Another dispute keeps it: while it is open, until it is archived itself, and longer than the first.
    other = said("open_dispute", BUYER, OPENING)["dispute_id"]
    assert order_end(table) is None
    archive_case(archivist(100), case)
    assert order_end(table) is None
    cancelled(other)
    archive_case(archivist(101), other)
    later_end = order_end(table)
    assert later_end in ends_of(table, other)
    assert later_end >= end


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("about", ["case", "buyer", "seller"])
def test_r48_a_legal_hold_keeps_the_order_of_a_disputed_case(table: Any, bucket: Any, about: str) -> None:
    case = closed(bucket)
    person = {"buyer": PERSON, "seller": "seller-1"}.get(about)
    people, now = container.get().people, datetime.now(UTC)
    held = (person, None if person else case)
    archive_case(archivist(), case)
    assert order_end(table) is not None
    people.hold(*held, now)
    archive_case(archivist(100), case)
    assert order_end(table) is None
    people.lift(*held, now)
    archive_case(archivist(200), case)
    assert {order_end(table)} == ends_of(table, case) != {None}


@pytest.mark.usefixtures("shop")
def test_r48_an_order_that_is_sent_while_it_gets_its_end_is_read_again(table: Any, bucket: Any) -> None:
    """The shop's upsert has read the order before, and writes it after, its case was archived."""
    case, orders, now = closed(bucket), container.get().context.orders, datetime.now(UTC)
    before = orders.load("A-1")
    assert before is not None
    said_anew = replace(before.order, revision=before.order.revision + 1)
    archive_case(archivist(), case)
    with pytest.raises(ConflictingWriteError):
        orders.change(OrderChange(before, said_anew, before.ledger, now))

    again = orders.load("A-1")
    assert again is not None
    orders.change(OrderChange(again, said_anew, again.ledger, now))
    assert {order_end(table)} == ends_of(table, case) == {again.leaves_at} != {None}


@pytest.mark.usefixtures("shop")
def test_r48_an_order_leaves_after_its_completion_unless_it_was_disputed(table: Any, bucket: Any) -> None:
    def end() -> Any:
        return order_end(table)

    body = order_body()
    said("put_order", BACKEND, body, order_id="A-1")
    completed = datetime.fromisoformat(said("get_order", BACKEND, order_id="A-1")["completion_at"])
    assert end() == completed.replace(microsecond=0) + timedelta(days=180)
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 40}, order_id="A-1")
    assert end() == completed.replace(microsecond=0) + timedelta(days=190)
    case = said("open_dispute", BUYER, OPENING)["dispute_id"]
    assert end() is None
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 50}, order_id="A-1")
    cancelled(case)
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 60}, order_id="A-1")
    assert end() is None


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("person", [PERSON, "seller-1"])
def test_r48_a_legal_hold_keeps_an_order_that_was_never_disputed(
    table: Any, bucket: Any, person: str
) -> None:
    people, now, body = container.get().people, datetime.now(UTC), order_body()
    people.hold(person, None, now)
    said("put_order", BACKEND, body, order_id="A-1")
    assert order_end(table) is None
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 40}, order_id="A-1")
    assert order_end(table) is None

    # A hold that this version cannot read may stand.
    pk, sk = keys.legal_hold(keys.person_pk(person))
    row = table.get_item(TableName=TABLE_NAME, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]
    table.put_item(TableName=TABLE_NAME, Item=row | {"since": {"S": "yesterday"}})
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 45}, order_id="A-1")
    assert order_end(table) is None
    table.put_item(TableName=TABLE_NAME, Item=row)

    # Nor does it leave because the shop says that it is somebody else's from now on.
    side = "buyer_id" if body["buyer_id"] == person else "seller_id"
    said("put_order", BACKEND, body | {side: "somebody-else"}, order_id="A-1")
    assert order_end(table) is None
    said("put_order", BACKEND, body, order_id="A-1")

    people.lift(person, None, now)
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 50}, order_id="A-1")
    assert order_end(table) is not None


@pytest.mark.usefixtures("shop")
def test_r48_a_hold_that_comes_while_the_shop_writes_is_not_undone(table: Any, bucket: Any) -> None:
    said("put_order", BACKEND, order_body(), order_id="A-1")
    orders = PynamoOrderStore()
    read = orders.load("A-1")
    assert read is not None
    assert order_end(table) is not None
    assert keep_undisputed("A-1")
    said_anew = replace(read.order, revision=read.order.revision + 1)
    with pytest.raises(ConflictingWriteError):
        orders.change(OrderChange(read, said_anew, read.ledger, datetime.now(UTC), holds={PERSON: False}))
    assert order_end(table) is None


@pytest.mark.usefixtures("shop")
def test_q18_the_shops_order_is_read_together_with_the_holds_on_its_parties(table: Any, bucket: Any) -> None:
    calls: list[str] = []
    events = Row.connection().client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    for changed in ({}, {"guaranteed_delivery_days": 40}):
        calls.clear()
        said("put_order", BACKEND, order_body() | changed, order_id="A-1")
        assert calls == ["BatchGetItem", "TransactWriteItems"]
        assert order_end(table) is not None


@pytest.mark.usefixtures("shop")
def test_r48_an_order_that_has_left_can_be_sent_again_and_counts_once(table: Any, bucket: Any) -> None:
    body = order_body()
    key = {"pk": {"S": "ORDER#A-1"}, "sk": {"S": "ORDER"}}
    for _ in range(2):
        said("put_order", BACKEND, body, order_id="A-1")
        assert "expires_at" in table.get_item(TableName=TABLE_NAME, Key=key)["Item"]
        assert said("get_seller_metrics", BACKEND, seller_id="seller-1")["orders"] == 1
        table.delete_item(TableName=TABLE_NAME, Key=key)
        assert call("get_order", BACKEND, order_id="A-1")["statusCode"] == 404
        assert said("list_orders", BUYER)["items"] == []


@pytest.mark.usefixtures("shop")
def test_r48_a_dispute_opened_meanwhile_keeps_its_order(
    table: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop's upsert has read the order before, and writes it after, a dispute was opened."""
    body, change = order_body(), PynamoOrderStore.change
    said("put_order", BACKEND, body, order_id="A-1")

    def after_an_opening(self: Any, asked: Any) -> None:
        monkeypatch.undo()
        for name, value in (ENVIRONMENT | WORKERS).items():
            monkeypatch.setenv(name, value)
        said("open_dispute", BUYER, OPENING)
        change(self, asked)

    monkeypatch.setattr(PynamoOrderStore, "change", after_an_opening)
    said("put_order", BACKEND, body | {"guaranteed_delivery_days": 40}, order_id="A-1")
    row = table.get_item(TableName=TABLE_NAME, Key={"pk": {"S": "ORDER#A-1"}, "sk": {"S": "ORDER"}})["Item"]
    assert "expires_at" not in row
