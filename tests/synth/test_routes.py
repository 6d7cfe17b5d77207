"""Rows, folders, handlers' decorators and the deployed API name the same functions and calls."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from infra.paths import FUNCTIONS
from infra.routes import EMULATED_SPECS, SPECS, FunctionSpec, Kind
from tests.synth.assembly import BACKENDS_API, PEOPLES_API, Synthesis, body_of
from tests.unit.test_clients import FUNCTION_SECONDS

API_ROWS = [row for row in SPECS if row.kind is Kind.API]
HANDLED = [*API_ROWS, *EMULATED_SPECS]
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

    assert folders == {row.id for row in (*SPECS, *EMULATED_SPECS)}


def test_ids_and_calls_are_unique() -> None:
    assert len({row.id for row in SPECS}) == len(SPECS)
    assert len({(row.method, row.path) for row in API_ROWS}) == len(API_ROWS)


@pytest.mark.parametrize("row", HANDLED, ids=lambda row: row.id)
def test_the_handler_answers_the_rows_call(row: FunctionSpec) -> None:
    assert _actions(row) == [row.id]


@pytest.mark.parametrize("row", WORKER_ROWS, ids=lambda row: row.id)
def test_a_worker_answers_no_call(row: FunctionSpec) -> None:
    assert _actions(row) == []


@pytest.mark.parametrize("row", [*SPECS, *EMULATED_SPECS], ids=lambda row: row.id)
def test_a_handler_imports_no_sdk_and_no_sibling(row: FunctionSpec) -> None:
    forbidden = {"boto3", "botocore", "pynamodb", "functions"}

    assert {name.split(".")[0] for name in _imports(row)}.isdisjoint(forbidden)


def test_the_deployed_api_has_the_rows_calls_and_no_other(prod: Synthesis) -> None:
    deployed = {
        (method.upper(), path): [scheme for choice in operation["security"] for scheme in choice]
        for path, item in body_of(prod)["paths"].items()
        for method, operation in item.items()
        if operation["security"]
    }

    assert deployed == {
        (row.method, row.path): ["people" if row.is_for_people else "backend"] for row in API_ROWS
    }


def test_h4_the_shops_backend_writes_what_it_alone_knows_and_reads_what_follows() -> None:
    written = {"put_metadata", "put_order", "record_refund", "record_tracking_event"}
    heard = {
        "list_events",
        "list_webhooks",
        "put_webhook",
        "delete_webhook",
        "test_webhook",
        "rotate_webhook",
        "list_webhook_deliveries",
        "replay_webhook_delivery",
        "export_person",
        "erase_person",
        "stop_erasing_person",
    }
    read = {
        "get_order",
        "get_dispute_eligibility",
        "list_orders",
        "list_disputes",
        "get_dispute",
        "get_timeline",
        "list_offers",
        "list_evidence",
        "get_seller_metrics",
        "get_policy",
        "get_guide_before",
        "preview_policy",
    }

    assert {row.id for row in API_ROWS if not row.is_for_people} == written | heard
    assert {row.id for row in API_ROWS if row.is_for_backend} == written | heard | read


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_deployed_stage_can_move_a_clock(synthesise: Callable[..., Synthesis], stage: str) -> None:
    """Neither function, route, right nor role: what is not there cannot be called."""
    synthesis = synthesise(stage)

    for row in EMULATED_SPECS:
        assert row.id not in synthesis.functions()
        for api in (PEOPLES_API, BACKENDS_API):
            assert row.path not in body_of(synthesis, api)["paths"]
        named = row.id.title().replace("_", "")
        assert not [id for id in synthesis.resources if named in id or f"-{row.id}" in id]
        assert row.id not in {owner for owner, _, _ in synthesis.grants()}


def test_a_stage_with_emulated_can_whatever_it_is_like(synthesise: Callable[..., Synthesis]) -> None:
    for synthesis in (synthesise("local"), synthesise("cell-9", like="prod", emulated="true")):
        for row in EMULATED_SPECS:
            assert row.id in synthesis.functions()
            operation = body_of(synthesis, BACKENDS_API)["paths"][row.path][row.method.lower()]
            assert operation["security"] == [{"backend": []}]


def test_f2_no_function_that_people_call_has_less_time() -> None:
    """The time-outs of the services that they ask are made for this (tests/unit/test_clients.py)."""
    assert min(row.timeout for row in HANDLED) == FUNCTION_SECONDS
