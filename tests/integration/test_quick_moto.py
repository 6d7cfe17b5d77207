"""What is put in moto's place answers as moto's own does (tests/support/quick_moto.py)."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.serialize import BaseJSONSerializer, JSONSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.parsing import ast_nodes, expressions

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
KEY: dict[str, Any] = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ROW: dict[str, Any] = {
    **KEY,
    "n": {"N": "1"},
    "many": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}, {"S": "d"}]},
    "words": {"SS": ["x", "y"]},
    "tree": {"M": {"deep": {"M": {"n": {"N": "5"}}}, "few": {"L": [{"N": "1"}]}}},
}
VALUES: dict[str, Any] = {":n": {"N": "2"}, ":l": {"L": [{"S": "e"}]}, ":s": {"SS": ["y", "z"]}}
EXPRESSIONS = (
    "SET n = :n",
    "SET n = n + :n, fresh = :l",
    "SET n = if_not_exists(n, :n), extra = if_not_exists(extra, :n)",
    "SET many = list_append(many, :l)",
    "SET #tree.#deep.n = :n, #tree.few[0] = :n",
    "SET fresh = tree.few[0] - :n REMOVE words",
    "REMOVE many[0], many[2], n",
    "REMOVE many[1] SET n = :n",
    "ADD n :n, words :s",
    "ADD fresh :n",
    "DELETE words :s",
    "SET n = :n ADD extra :n REMOVE #tree.#deep DELETE words :s",
)
REFUSED = (
    "SET n = :n SET extra = :n",
    "SET n = :n, n = :n",
    "SET missing.n = :n",
    "SET n = :missing",
    "SET n = many + :n",
    "SET sk = :n",
    "ADD many :n",
    "SET n :n",
)


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


def test_a_cancelled_transaction_of_every_kind_leaves_rows_and_stream_as_they_were(table: Any) -> None:
    for sk in ("1", "2", "3"):
        table.put_item(TableName=TABLE_NAME, Item={**ROW, "sk": {"S": sk}})
    stored = dynamodb_backends[ACCOUNT][REGION].tables

    def standing() -> tuple[Any, Any]:
        shard: Any = stored[TABLE_NAME].stream_shard
        assert shard.table is stored[TABLE_NAME]
        return table.scan(TableName=TABLE_NAME)["Items"], deepcopy([it.to_json() for it in shard.items])

    before = standing()
    of = {"TableName": TABLE_NAME}
    changes: list[Any] = [
        {"Put": {**of, "Item": {**KEY, "n": {"N": "9"}}}},
        {"Delete": {**of, "Key": {**KEY, "sk": {"S": "2"}}}},
        _added("3"),
        _added("new"),
        {"Put": {**of, "Item": {"pk": {"S": "b"}, "sk": {"S": "1"}}}},
    ]
    check = {"ConditionCheck": {**of, "Key": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}

    # moto takes a key with more than the table's key in it.
    wider = _added("3")
    wider["Update"]["Key"]["x"] = {"S": "a"}
    for cancelled in (
        [*changes, _added("4", "attribute_exists(pk)")],
        [*changes[1:], check],
        [wider, *changes[3:], check],
    ):
        with pytest.raises(ClientError, match="TransactionCanceled"):
            table.transact_write_items(TransactItems=cancelled)
        assert standing() == before

    table.transact_write_items(TransactItems=changes)
    rows, records = standing()
    assert [(row["pk"]["S"], row["sk"]["S"], row.get("n")) for row in rows] == [
        ("a", "1", {"N": "9"}),
        ("a", "3", {"N": "2"}),
        ("a", "new", {"N": "1"}),
        ("b", "1", None),
    ]
    assert records[: len(before[1])] == before[1]
    assert len(records) >= len(before[1]) + len(changes)


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *REFUSED])
def test_an_expression_changes_a_row_as_by_moto_itself(table: Any, expression: str) -> None:
    def changed() -> list[Any]:
        """What became of a row, and of what it became, the second time by the expression that is known already."""
        table.put_item(TableName=TABLE_NAME, Item=ROW)
        return [_changed_by(table, expression) for _ in range(2)]

    found = changed()

    with pytest.MonkeyPatch.context() as patch:
        for place, name in (
            (vars(ast_nodes)["DepthFirstTraverser"], "traverse"),
            (vars(ast_nodes)["Node"], "find_clauses"),
            (vars(expressions)["UpdateExpressionParser"], "make"),
        ):
            patch.setattr(place, name, quick_moto.OWN[name])
        assert found == changed()
    assert isinstance(found[0], str) == (expression in REFUSED)


def test_a_request_is_answered_and_refused_as_by_moto_itself(table: Any) -> None:
    def answered() -> list[Any]:
        table.put_item(TableName=TABLE_NAME, Item=ROW)
        found = table.get_item(TableName=TABLE_NAME, Key=KEY)
        with pytest.raises(ClientError) as refused:
            table.get_item(TableName="another", Key=KEY)
        answers = [found, refused.value.response]
        for answer in answers:
            for named in ("RequestId", "HTTPHeaders"):
                answer["ResponseMetadata"].pop(named)
        return answers

    found = answered()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", quick_moto.OWN["process_request"])
        assert found == answered()
    assert found[0]["Item"] == ROW
    assert found[1]["Error"]["Code"] == "ResourceNotFoundException"


def _changed_by(table: Any, expression: str) -> Any:
    """The row after the expression, or why it is refused."""
    values = {name: value for name, value in VALUES.items() if name in expression}
    names = {name: name[1:] for name in ("#tree", "#deep") if name in expression}
    try:
        table.update_item(
            TableName=TABLE_NAME,
            Key=KEY,
            UpdateExpression=expression,
            **({"ExpressionAttributeValues": values} if values else {}),
            **({"ExpressionAttributeNames": names} if names else {}),
        )
    except ClientError as refused:
        return str(refused)
    return table.get_item(TableName=TABLE_NAME, Key=KEY)["Item"]


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
