"""The deployed table and the models that the functions use describe the same keys, indexes and time to live."""

from __future__ import annotations

from typing import Any

import pytest

from tests.synth.assembly import Synthesis

INDEXES = ("by_buyer", "by_seller", "by_queue", "by_due")


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    """The schema of the base model of all rows, in PynamoDB's spelling of CreateTable."""
    from buyer_protection.adapters.dynamodb.row import Row

    return dict(Row._get_schema())


@pytest.fixture(scope="module")
def table(prod: Synthesis) -> dict[str, Any]:
    """The table's properties in the template."""
    (found,) = prod.of("AWS::DynamoDB::Table").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def _keys(schema: list[dict[str, str]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def test_the_keys_are_the_models(model: dict[str, Any], table: dict[str, Any]) -> None:
    assert _keys(table["KeySchema"]) == {"HASH": "pk", "RANGE": "sk"}
    assert _keys(model["key_schema"]) == {"HASH": "pk", "RANGE": "sk"}


def test_the_indexes_are_the_models(model: dict[str, Any], table: dict[str, Any]) -> None:
    deployed = {it["IndexName"]: _keys(it["KeySchema"]) for it in table["GlobalSecondaryIndexes"]}
    modelled = {it["index_name"]: _keys(it["key_schema"]) for it in model["global_secondary_indexes"]}

    assert deployed == modelled
    assert set(deployed) == set(INDEXES)


def test_the_types_of_the_keys_are_the_models(model: dict[str, Any], table: dict[str, Any]) -> None:
    def types(definitions: list[dict[str, str]]) -> dict[str, str]:
        return {it["AttributeName"]: it["AttributeType"] for it in definitions}

    assert types(table["AttributeDefinitions"]) == types(model["attribute_definitions"])


def test_indexes_hold_keys_only(table: dict[str, Any]) -> None:
    projections = {index["Projection"]["ProjectionType"] for index in table["GlobalSecondaryIndexes"]}

    assert projections == {"KEYS_ONLY"}


def test_rows_expire_by_the_attribute_that_the_models_write(table: dict[str, Any]) -> None:
    from buyer_protection.adapters.dynamodb.row import TTL_ATTRIBUTE

    assert table["TimeToLiveSpecification"]["AttributeName"] == TTL_ATTRIBUTE
