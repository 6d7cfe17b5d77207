"""What we rely on in PynamoDB beside its documented API (docs/decisions/0031): a version that differs fails here."""

import re
from pathlib import Path
from typing import Any

import pytest
from pynamodb.connection.base import Connection
from pynamodb.connection.table import TableConnection

from buyer_protection.adapters.dynamodb import keys, row
from buyer_protection.adapters.dynamodb.expressions import Expression
from buyer_protection.adapters.dynamodb.row import Row, configure
from buyer_protection.adapters.dynamodb.tables import OfferRow, StateRow
from buyer_protection.application.ports.errors import UnreadableRowError

ADAPTERS = Path(row.__file__).parent


def test_a_model_keeps_its_connection_where_we_look_for_it(table: Any) -> None:
    held = Row._get_connection()
    assert isinstance(held, TableConnection)
    assert Row._connection is held
    assert isinstance(held.connection, Connection)
    assert Row.connection() is held.connection


def test_every_kind_of_row_shares_the_one_connection(table: Any) -> None:
    assert all(kind._get_connection() is Row._get_connection() for kind in Row.__subclasses__())


def test_a_process_configured_anew_has_another_connection_for_the_same_table(table: Any) -> None:
    before = Row.connection()
    configure(Row.Meta.table_name, "eu-west-1", "https://dynamodb.example.com")
    after = Row.connection()
    assert after is not before
    assert (after.region, after.host) == ("eu-west-1", "https://dynamodb.example.com")
    assert StateRow._get_connection().connection is after


def test_conditions_number_their_placeholders_after_ours() -> None:
    expression = Expression(StateRow)
    update = expression.of_changes({"version": 4, "assigned_to": "m-1"}, {})
    condition = expression.of((StateRow.version == 3) & StateRow.closed_at.does_not_exist())
    assert update == "SET #0 = :0, #1 = :1"
    assert condition == "(#0 = :2 AND attribute_not_exists (#2))"
    operands = expression.operands()
    assert operands["ExpressionAttributeNames"] == {"#0": "version", "#1": "assigned_to", "#2": "closed_at"}
    assert sorted(operands["ExpressionAttributeValues"]) == [":0", ":1", ":2"]


def test_a_kind_that_only_newer_code_knows_is_left_out(table: Any) -> None:
    pk, sk = keys.offer("dp-1", 1)
    table.put_item(
        TableName=Row.Meta.table_name,
        Item={"pk": {"S": pk}, "sk": {"S": sk}, "kind": {"S": "A_KIND_OF_TOMORROW"}},
    )
    assert OfferRow.collection(pk) == []
    with pytest.raises(UnreadableRowError, match="CASE#dp-1 OFFER#0001"):
        Row.fetch([(pk, sk)])


def test_no_other_private_member_of_a_library_is_used() -> None:
    private = re.compile(r"(?<!self)(?<!cls)\.(_[a-z]\w*)")
    used = {
        (path.name, name)
        for path in ADAPTERS.parent.rglob("*.py")
        for name in private.findall(path.read_text())
    }
    assert used == {("row.py", "_connection"), ("row.py", "_get_connection")}
