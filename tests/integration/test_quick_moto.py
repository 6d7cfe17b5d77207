"""What is put in moto's place answers as moto's own does (tests/support/quick_moto.py)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.serialize import BaseJSONSerializer, JSONSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model
from moto.dynamodb.models import dynamodb_backends

from tests.integration.conftest import REGION, TABLE_NAME
from tests.support import quick_moto

ACCOUNT = "123456789012"
SCALARS: list[Any] = [
    {"S": "text"},
    {"S": ""},
    {"N": "-1.50"},
    {"BOOL": False},
    {"NULL": True},
    {"B": b"\x00\xff"},
    {"SS": ["b", "a"]},
    {"NS": ["2", "1"]},
]
NESTED: list[Any] = [{"M": {}}, {"L": []}, {"L": SCALARS}, {"M": {"a": {"L": [{"M": {"b": {"S": "c"}}}]}}}]
# moto itself has to look at these.
UNUSUAL: list[Any] = [
    {"S": 5},
    {"N": 5},
    {"BS": [b"a"]},
    {"S": "a", "N": "1"},
    {},
    {"L": [{"S": 5}]},
    {"SS": [5]},
]


def answered(result: dict[str, Any]) -> Any:
    """The body that moto makes of a query's result."""
    operation = get_service_model("dynamodb").operation_model("Query")
    made = JSONSerializer(operation, value_picker=XFormedAttributePicker()).serialize(result)
    return json.loads(made["body"])


@pytest.fixture
def asked() -> Iterator[list[Any]]:
    """The values that the shorter way was asked for."""
    quick_moto.place()
    seen: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        shorter = quick_moto.attribute

        def attribute(serializer: Any, value: Any) -> dict[str, Any]:
            seen.append(value)
            return shorter(serializer, value)

        patch.setattr(quick_moto, "attribute", attribute)
        yield seen


@pytest.mark.parametrize("value", [*SCALARS, *NESTED, *UNUSUAL], ids=str)
def test_a_value_is_answered_as_by_moto_itself(
    value: Any, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    items = {"Items": [{"pk": {"S": "a"}, "value": value}], "LastEvaluatedKey": {"value": value}, "Count": 1}

    found = answered(items)

    assert value in asked
    monkeypatch.setattr(BaseJSONSerializer, "_serialize_type_structure", quick_moto.OWN["structure"])
    monkeypatch.setattr(BaseJSONSerializer, "_serialize_type_map", quick_moto.OWN["map"])
    asked.clear()
    assert found == answered(items)
    assert asked == []


def test_the_rows_come_in_motos_own_order(table: Any) -> None:
    for pk, sk in (("b", "é"), ("a", "10"), ("a", "9"), ("B", "a"), ("b", "z"), ("a", "")):
        table.put_item(TableName=TABLE_NAME, Item={"pk": {"S": pk}, "sk": {"S": sk or "-"}})
    stored = dynamodb_backends[ACCOUNT][REGION].tables[TABLE_NAME]

    own = quick_moto.OWN["all_items"](stored)

    assert [item.to_json() for item in stored.all_items()] == [item.to_json() for item in own]
    assert own[0].hash_key.value == "B"


def test_a_cancelled_transaction_leaves_every_row_as_it_was(table: Any) -> None:
    for sk in ("1", "2"):
        table.put_item(TableName=TABLE_NAME, Item={"pk": {"S": "a"}, "sk": {"S": sk}, "n": {"N": "1"}})
    before = table.scan(TableName=TABLE_NAME)["Items"]

    for _ in range(2):
        with pytest.raises(ClientError, match="TransactionCanceled"):
            table.transact_write_items(
                TransactItems=[_added("1"), _added("2"), _added("3", "attribute_exists(pk)")]
            )
        assert table.scan(TableName=TABLE_NAME)["Items"] == before

    table.transact_write_items(TransactItems=[_added("1"), _added("2")])
    assert [row["n"]["N"] for row in table.scan(TableName=TABLE_NAME)["Items"]] == ["2", "2"]


def _added(sk: str, condition: str | None = None) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": TABLE_NAME,
            "Key": {"pk": {"S": "a"}, "sk": {"S": sk}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        | ({"ConditionExpression": condition} if condition else {})
    }
