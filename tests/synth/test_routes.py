"""Rows, folders, handlers' decorators and the deployed API name the same functions and calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from infra.paths import FUNCTIONS
from infra.routes import SPECS, Auth, FunctionSpec, Kind
from tests.synth.assembly import Synthesis, body_of

API_ROWS = [row for row in SPECS if row.kind is Kind.API]
WORKER_ROWS = [row for row in SPECS if row.kind is not Kind.API]


def _actions(row: FunctionSpec) -> list[str]:
    """The actions that the decorators of the row's handler name."""
    tree = ast.parse((FUNCTIONS / row.id / "handler.py").read_text(encoding="utf-8"))
    return [
        ast.literal_eval(call.args[0])
        for node in ast.walk(tree)
        for call in getattr(node, "decorator_list", [])
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "edge.action"
    ]


def _imports(row: FunctionSpec) -> Iterator[str]:
    tree = ast.parse((FUNCTIONS / row.id / "handler.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_folder_is_a_row_and_every_row_a_folder() -> None:
    folders = {handler.parent.name for handler in FUNCTIONS.glob("*/handler.py")}

    assert folders == {row.id for row in SPECS}


def test_ids_and_calls_are_unique() -> None:
    assert len({row.id for row in SPECS}) == len(SPECS)
    assert len({(row.method, row.path) for row in API_ROWS}) == len(API_ROWS)


@pytest.mark.parametrize("row", API_ROWS, ids=lambda row: row.id)
def test_the_handler_answers_the_rows_call(row: FunctionSpec) -> None:
    assert _actions(row) == [row.id]


@pytest.mark.parametrize("row", WORKER_ROWS, ids=lambda row: row.id)
def test_a_worker_answers_no_call(row: FunctionSpec) -> None:
    assert _actions(row) == []


@pytest.mark.parametrize("row", SPECS, ids=lambda row: row.id)
def test_a_handler_imports_no_sdk_and_no_sibling(row: FunctionSpec) -> None:
    forbidden = {"boto3", "botocore", "pynamodb", "functions"}

    assert {name.split(".")[0] for name in _imports(row)}.isdisjoint(forbidden)


def test_the_deployed_api_has_the_rows_calls_and_no_other(prod: Synthesis) -> None:
    deployed = {
        (method.upper(), path): [scheme for choice in operation["security"] for scheme in choice]
        for path, item in body_of(prod)["paths"].items()
        for method, operation in item.items()
        if method != "options"
    }
    kinds = {Auth.PERSON: ["people"], Auth.SYSTEM: ["backend"]}

    assert deployed == {(row.method, row.path): kinds[row.auth] for row in API_ROWS}


def test_only_the_shops_backend_calls_by_signature() -> None:
    assert {row.id for row in SPECS if row.auth is Auth.SYSTEM} == {
        "put_metadata",
        "put_order",
        "record_refund",
        "record_tracking_event",
    }
