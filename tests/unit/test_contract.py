"""The contract's documents, the routes, the handlers and the models say the same."""

import ast
import json
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from buyer_protection.runtime import incoming
from buyer_protection.runtime.problems import Problem
from infra.paths import FUNCTIONS
from infra.routes import ROWS, Auth, Kind
from local.contract.example_answers import answers
from local.contract.example_requests import REQUESTS
from local.contract.model import Operation
from local.contract.openapi import build, problem_example
from local.contract.operations import OPERATIONS, TAGS
from local.contract.pages import contract_pages

ANSWERS = answers()
API_ROWS = [row for row in ROWS if row.kind is Kind.API]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build()


def _handled() -> dict[str, tuple[str, str]]:
    """Method and path of each handler's decorator, by folder."""
    found = {}
    for handler in FUNCTIONS.glob("*/handler.py"):
        for node in ast.walk(ast.parse(handler.read_text(encoding="utf-8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("app."):
                    path = ast.literal_eval(call.args[0]).replace("<", "{").replace(">", "}")
                    found[handler.parent.name] = (ast.unparse(call.func)[4:].upper(), path)
    return found


def test_the_committed_documents_are_what_is_generated() -> None:
    for path, content in contract_pages().items():
        assert path.read_text(encoding="utf-8") == content, f"{path.name} is stale: run make contract"


def test_generating_twice_gives_the_same() -> None:
    assert contract_pages() == contract_pages()


def test_document_routes_and_handlers_name_the_same_calls(document: dict[str, Any]) -> None:
    documented = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert documented == {row.id: (row.method, row.path) for row in API_ROWS}
    assert documented == _handled()
    assert len(documented) == len(OPERATIONS)


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_system_calls_are_signed_and_all_others_take_the_token(document: dict[str, Any]) -> None:
    for row in API_ROWS:
        wanted = "SigV4" if row.auth is Auth.SYSTEM else "IdToken"

        assert document["paths"][row.path][row.method.lower()]["security"] == [{wanted: []}]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_handler_reads_the_documented_body_and_query(operation: Operation) -> None:
    source = (FUNCTIONS / operation.id / "handler.py").read_text(encoding="utf-8")

    assert (
        f"edge.body(app, {operation.request.__name__})" if operation.request else "edge.body("
    ) in source or (operation.request is None and "edge.body(" not in source)
    assert (operation.query is None) == ("edge.query(" not in source)
    if operation.query is not None:
        assert f"edge.query(app, {operation.query.__name__})" in source
    if operation.request is None and operation.method == "POST":
        assert "edge.no_body(" in source


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_example_answer_is_of_its_model(operation: Operation) -> None:
    msgspec.convert(ANSWERS[operation.id], operation.response)


def test_every_operation_has_its_examples() -> None:
    assert ANSWERS.keys() == {operation.id for operation in OPERATIONS}
    assert REQUESTS.keys() == {operation.id for operation in OPERATIONS if operation.request}


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.request], ids=lambda operation: operation.id
)
def test_the_example_request_is_taken_by_the_edge(operation: Operation) -> None:
    sent = json.dumps(REQUESTS[operation.id]).encode()

    incoming.decoded(incoming.json_object(sent), operation.request)


def test_every_example_validates_against_its_schema(document: dict[str, Any]) -> None:
    from openapi_schema_validator import OAS31Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    registry: Registry[Any] = Registry().with_resource("", Resource(document, DRAFT202012))

    def check(media: dict[str, Any]) -> None:
        for example in media["examples"].values():
            value = (
                example["value"]
                if "value" in example
                else document["components"]["examples"][example["$ref"].rsplit("/", 1)[1]]["value"]
            )
            OAS31Validator(media["schema"], registry=registry).validate(value)

    for methods in document["paths"].values():
        for operation in methods.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                check(media)
            for response in operation["responses"].values():
                for media in response["content"].values():
                    check(media)


def test_problem_examples_are_problem_documents(document: dict[str, Any]) -> None:
    for name, example in document["components"]["examples"].items():
        problem = msgspec.convert(example["value"], Problem)

        assert problem.code == name
        assert problem_example(name) == example["value"]


def test_tags_are_used_and_known() -> None:
    assert {operation.tag for operation in OPERATIONS} == set(TAGS)


def test_posts_ask_for_a_key_and_case_writes_take_if_match(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            names = {parameter.get("$ref", "").rsplit("/", 1)[-1] for parameter in operation["parameters"]}
            is_stale = "STALE_VERSION" in json.dumps(operation["responses"])

            assert ("IdempotencyKey" in names) == (method == "post")
            assert ("IfMatch" in names) == is_stale
