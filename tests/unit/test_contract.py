"""The contract's documents, the routes, the handlers and the models say the same."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from buyer_protection.runtime import incoming
from buyer_protection.runtime.problems import Problem
from infra.paths import FUNCTIONS
from infra.routes import EMULATED_SPECS, SPECS, Auth, Kind
from tools.contract.collection import render
from tools.contract.example_answers import answers
from tools.contract.example_requests import REQUESTS
from tools.contract.model import Operation
from tools.contract.openapi import build, problem_example
from tools.contract.operations import OPERATIONS, TAGS
from tools.contract.pages import contract_pages

ANSWERS = answers()
API_ROWS = [row for row in SPECS if row.kind is Kind.API]
SCHEMES = {"IdToken": Auth.PERSON, "SigV4": Auth.SYSTEM}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build()


def _handled() -> dict[str, str]:
    """The action that each handler's decorator names, by folder."""
    found = {}
    for handler in FUNCTIONS.glob("*/handler.py"):
        for node in ast.walk(ast.parse(handler.read_text(encoding="utf-8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "edge.action":
                    found[handler.parent.name] = ast.literal_eval(call.args[0])
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
    # What only stages with `emulated` have is no part of the contract.
    assert _handled() == {name: name for name in (*documented, *(row.id for row in EMULATED_SPECS))}
    assert len(documented) == len(OPERATIONS)


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_h4_each_call_takes_the_token_the_signature_or_either_as_its_callers_say(
    document: dict[str, Any],
) -> None:
    for row in API_ROWS:
        wanted = [{name: []} for name, kind in SCHEMES.items() if kind in row.callers]

        assert document["paths"][row.path][row.method.lower()]["security"] == wanted


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_handler_reads_the_documented_body_and_query(operation: Operation) -> None:
    source = (FUNCTIONS / operation.id / "handler.py").read_text(encoding="utf-8")
    bodies = [] if operation.request is None else [operation.request.__name__]
    queries = [] if operation.query is None else [operation.query.__name__]

    assert re.findall(r"request\.body\((\w+)\)", source) == bodies
    assert re.findall(r"request\.query\((\w+)\)", source) == queries
    assert ("request.no_body(" in source) == (operation.method == "POST" and not bodies)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_example_answer_is_of_its_model(operation: Operation) -> None:
    for number, status in enumerate(operation.statuses):
        # What an operation answers first has the example of its name.
        shown = ANSWERS.get(f"{operation.id} {status}" if number else operation.id, ANSWERS[operation.id])
        msgspec.convert(shown, operation.responses_of(status)[0])


def test_every_operation_has_its_examples() -> None:
    assert {name.split()[0] for name in ANSWERS} == {operation.id for operation in OPERATIONS}
    assert REQUESTS.keys() == {operation.id for operation in OPERATIONS if operation.request}


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.request], ids=lambda operation: operation.id
)
def test_the_example_request_is_taken_by_the_edge(operation: Operation) -> None:
    sent = json.dumps(REQUESTS[operation.id]).encode()

    incoming.decoded(incoming.json_object(sent), operation.request)


def _media(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body of the document: its schema and its examples."""
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation.get("requestBody", {}).get("content", {}).values()
            for response in operation["responses"].values():
                yield from response.get("content", {}).values()


def test_every_example_validates_against_its_schema(document: dict[str, Any]) -> None:
    problems = document["components"]["examples"]
    checked = 0
    for media in _media(document):
        schema = {**media["schema"], "components": document["components"]}
        for example in media["examples"].values():
            shown = problems[example["$ref"].rsplit("/", 1)[1]] if "$ref" in example else example
            Draft202012Validator(schema).validate(shown["value"])
            checked += 1

    assert checked > len(OPERATIONS)


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


def test_every_call_takes_and_answers_the_name_of_the_call(document: dict[str, Any]) -> None:
    named = {"$ref": "#/components/headers/CorrelationId"}
    for methods in document["paths"].values():
        for operation in methods.values():
            assert {"$ref": "#/components/parameters/CorrelationId"} in operation["parameters"]
            answers = operation["responses"].values()
            assert all(answer["headers"]["X-Correlation-Id"] == named for answer in answers)


def test_the_collection_has_every_call_with_its_example(document: dict[str, Any]) -> None:
    collection = json.loads(render(document))
    requests = [request for folder in collection["item"] for request in folder["item"]]
    variables = {variable["key"] for variable in collection["variable"]}

    assert len(requests) == len(OPERATIONS)
    for request in (found["request"] for found in requests):
        assert set(re.findall(r"{{(\w+)}}", request["url"]["raw"])) <= variables
        assert ("Idempotency-Key" in {header["key"] for header in request["header"]}) == (
            request["method"] == "POST"
        )
