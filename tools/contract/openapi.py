"""Builds the OpenAPI 3.1 document from the table of operations, the models and the examples."""

from __future__ import annotations

import inspect
from collections import defaultdict
from http import HTTPStatus
from typing import Any

import msgspec

from buyer_protection.application.schemas.links import with_relative_links
from buyer_protection.domain.actions import Caller
from buyer_protection.domain.field_codes import DETAILS
from buyer_protection.runtime.problems import Problem, title_of
from tools.contract.codes import BUS_CODES, CODES
from tools.contract.example_answers import answers
from tools.contract.example_requests import PATH_EXAMPLES, REQUESTS
from tools.contract.model import Operation, Refusal
from tools.contract.models import IN_LISTS
from tools.contract.operations import OPERATIONS, TAGS

REF = "#/components/schemas/{name}"
ID_PATTERN = r"^[A-Za-z0-9_.:-]+$"
ETAG = '"3-5f1c2ab07d9e4c31"'
SECURITY = {Caller.PERSON: "IdToken", Caller.SYSTEM: "SigV4"}
# A status whose problem document says when to try again.
RETRYING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

INTRODUCTION = """\
The dispute system of a marketplace: a buyer opens a dispute, buyer and seller negotiate, the Case Management Team
decides what they cannot settle. `docs/api.md` shows a dispute as a sequence of calls.

Money is integer minor units of one ISO 4217 currency. Instants are RFC 3339; answers give UTC with milliseconds, and
requests may name the years 2000 to 2999. Bodies hold at most 64 KiB of JSON, nested at most 16 levels deep; unknown
and repeated names are refused. A problem is an RFC 9457 document: `code` names it, `rule` the requirement behind it.
`Location` and `href` are references relative to the request's own path: resolve them as a browser does (RFC 3986).
"""


def build() -> dict[str, Any]:
    """The document; the same in every run."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    shown = answers()
    for operation in OPERATIONS:
        answer = {
            status: _as_sent(shown.get(f"{operation.id} {status}", shown[operation.id]), operation.path)
            for status in operation.statuses
        }
        paths[operation.path][operation.method.lower()] = _operation(operation, answer)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Buyer protection",
            "version": "1",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            _server("api", "People's API: every call; those with `IdToken` by a person's token."),
            _server("backend-api", "The backend's API: the calls with `SigV4`, each signed, and no other."),
        ],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(paths),
        "components": {
            "schemas": schemas(),
            "securitySchemes": _security_schemes(),
            "parameters": _parameters(),
            "headers": _headers(),
            "examples": {name: {"value": problem_example(name)} for name in CODES},
        },
        "x-problem-codes": {
            name: {"statuses": list(code.statuses), "titles": list(code.titles), "text": code.text}
            | ({"member": code.member} if code.member else {})
            | {"rules": rules_of(name)}
            for name, code in CODES.items()
        },
        "x-event-codes": BUS_CODES,
    }


def _server(api_id: str, description: str) -> dict[str, Any]:
    return {
        "url": "https://{api_id}.execute-api.{region}.amazonaws.com/{stage}",
        "description": description,
        "variables": {
            "api_id": {"default": api_id},
            "region": {"default": "us-east-1"},
            "stage": {"default": "prod"},
        },
    }


def _as_sent(answer: Any, path: str) -> Any:
    """The example of an answer as the edge sends it: with links relative to the call's path."""
    return msgspec.json.decode(with_relative_links(msgspec.json.encode(answer), path))


def rules_of(code: str) -> list[str]:
    """The rules that a code can name, over all operations."""
    found = {r.rule for operation in OPERATIONS for r in operation.refusals() if r.code == code and r.rule}
    return sorted(found, key=lambda rule: int(rule[1:]))


def schemas() -> dict[str, Any]:
    """The models' JSON schemas by name."""
    models: list[Any] = [
        model
        for operation in OPERATIONS
        for status in operation.statuses
        for model in operation.responses_of(status)
    ]
    models += IN_LISTS
    models += [operation.request for operation in OPERATIONS if operation.request is not None]
    _, found = msgspec.json.schema_components([*models, Problem], ref_template=REF)
    found = in_ecma(found)
    return {name: _tidy(found[name]) for name in sorted(found)}


def in_ecma(schema: Any) -> Any:
    """The schema with its patterns as JSON Schema has them: the end of the text is `$`, Python's `\\Z`."""
    if isinstance(schema, dict):
        return {
            name: value.removesuffix(r"\Z") + "$"
            if name == "pattern" and isinstance(value, str) and value.endswith(r"\Z")
            else in_ecma(value)
            for name, value in schema.items()
        }
    return [in_ecma(item) for item in schema] if isinstance(schema, list | tuple) else schema


def dedented(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema with its docstring as Python 3.13 keeps it: without the indentation."""
    return (
        schema | {"description": inspect.cleandoc(schema["description"])}
        if "description" in schema
        else schema
    )


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema without the title that repeats its name."""
    return {name: value for name, value in dedented(schema).items() if name != "title"}


def schema_name(model: Any) -> str:
    """The name a model has among the schemas."""
    return str(model.__name__)


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _operation(operation: Operation, answer: dict[int, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": " ".join(filter(None, [f"Who: {operation.who}.", operation.notes])),
        "security": [{SECURITY[caller]: []} for caller in Caller if caller in operation.spec.callers],
        "parameters": _parameters_of(operation),
    }
    if operation.request is not None:
        schema = _ref("schemas", schema_name(operation.request))
        content = {"schema": schema, "examples": {"example": {"value": REQUESTS[operation.id]}}}
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif operation.method == "POST":
        empty = {"type": "object", "maxProperties": 0}
        made["requestBody"] = {
            "required": False,
            "description": "Nothing, or an empty object.",
            "content": {"application/json": {"schema": empty, "examples": {"example": {"value": {}}}}},
        }
    made["responses"] = {
        **{str(status): _success(operation, status, answer[status]) for status in operation.statuses},
        **({"304": _not_modified()} if operation.answers_304 else {}),
        **_problems(operation),
    }
    made["x-rule"] = list(operation.rules)
    return made


def _parameters_of(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [_ref("parameters", name) for name in operation.path_parameters]
    if operation.needs_key:
        found.append(_ref("parameters", "IdempotencyKey"))
    if operation.takes_if_match:
        found.append(_ref("parameters", "IfMatch"))
    if operation.answers_304:
        found.append(_ref("parameters", "IfNoneMatch"))
    found.append(_ref("parameters", "CorrelationId"))
    if operation.query is not None:
        found += _query(operation.query)
    return found


def _query(model: Any) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([model], ref_template=REF)
    components = in_ecma(components)
    shape = components[schema_name(model)]
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _not_null(schema)}
        for name, schema in shape["properties"].items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; it is never null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if not choices:
        return schema
    (only,) = choices
    return dict(only)


def _success(operation: Operation, status: int, answer: Any) -> dict[str, Any]:
    headers = {"X-Correlation-Id": _ref("headers", "CorrelationId")}
    if operation.has_etag:
        headers["ETag"] = _ref("headers", "ETag")
    if operation.needs_key:
        headers["Idempotent-Replayed"] = _ref("headers", "IdempotentReplayed")
    if status == HTTPStatus.CREATED:
        headers["Location"] = _ref("headers", "Location")
    schemas_of = [_ref("schemas", schema_name(model)) for model in operation.responses_of(status)]
    schema: dict[str, Any] = schemas_of[0] if len(schemas_of) == 1 else {"oneOf": schemas_of}
    content = {
        "schema": schema,
        "examples": {"example": {"value": answer}},
    }
    made: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": content},
        "headers": headers,
    }
    return made


def _not_modified() -> dict[str, Any]:
    """What `If-None-Match` is answered where nothing has changed for this reader."""
    headers = {"X-Correlation-Id": _ref("headers", "CorrelationId"), "ETag": _ref("headers", "ETag")}
    return {"description": "Not Modified: the caller has the document", "headers": headers}


def _problems(operation: Operation) -> dict[str, Any]:
    by_status: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in operation.refusals():
        for status in refusal.statuses or CODES[refusal.code].statuses:
            by_status[status].append(refusal)
    return {str(status): _problem(status, by_status[status]) for status in sorted(by_status)}


def _problem(status: int, refusals: list[Refusal]) -> dict[str, Any]:
    codes = list(dict.fromkeys(refusal.code for refusal in refusals))
    made: dict[str, Any] = {
        "description": f"{title_of(status)}: {', '.join(codes)}",
        "content": {
            "application/problem+json": {
                "schema": _ref("schemas", "Problem"),
                "examples": {code: _ref("examples", code) for code in codes},
            }
        },
        "x-problems": [
            {"code": refusal.code} | ({"rule": refusal.rule} if refusal.rule else {}) for refusal in refusals
        ],
    }
    headers = {"X-Correlation-Id": _ref("headers", "CorrelationId")}
    if status in RETRYING:
        headers["Retry-After"] = _ref("headers", "RetryAfter")
    return made | {"headers": headers}


def problem_example(name: str) -> dict[str, Any]:
    """A problem document of that code."""
    code = CODES[name]
    rules = rules_of(name)
    made: dict[str, Any] = {
        "type": "urn:buyer-protection:problem:" + name.lower().replace("_", "-"),
        "title": title_of(code.statuses[0]),
        "status": code.statuses[0],
        "code": name,
        "detail": code.text.replace("`", ""),
        "request_id": "3f1b2c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
    }
    if rules:
        made["rule"] = rules[0]
    if code.member == "errors":
        key = name == "IDEMPOTENCY_KEY_REQUIRED"
        made["errors"] = [
            {"code": "REQUIRED", "detail": DETAILS["REQUIRED"]}
            | ({"header": "Idempotency-Key"} if key else {"pointer": "/order_id"})
        ]
    elif code.member == "max_refundable":
        made[code.member] = {"amount_minor": 1990, "currency": "USD"}
    elif code.member == "dispute_id":
        made["dispute_id"] = PATH_EXAMPLES["dispute_id"]
    elif code.member:
        made[code.member] = "2026-03-10T12:00:00.000Z"
    return made


def _security_schemes() -> dict[str, Any]:
    return {
        "IdToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The Cognito ID token of a buyer, seller or case manager.",
        },
        "SigV4": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4 for `execute-api`: the shop's own backend.",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
    }


def _parameters() -> dict[str, Any]:
    names = dict.fromkeys(name for operation in OPERATIONS for name in operation.path_parameters)
    found: dict[str, Any] = {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": ID_PATTERN},
            "example": PATH_EXAMPLES[name],
        }
        for name in names
    }
    found["IdempotencyKey"] = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key from the same caller for the same call: the same answer, one effect.",
        "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
        "example": "b8f3c1d2-0a4e-4c55-9d7a-1f2e3d4c5b6a",
    }
    found["IfMatch"] = {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the version the caller has seen, or `*`; a stale one answers 412.",
        "schema": {"type": "string", "pattern": r'^((W/)?"[0-9]{1,15}(-[0-9a-f]{1,64})?"|[0-9]{1,15}|\*)$'},
        "example": ETAG,
    }
    found["IfNoneMatch"] = {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the document that the caller has: 304 without a body where it is still the same.",
        "schema": {"type": "string"},
        "example": ETAG,
    }
    found["CorrelationId"] = {
        "name": "X-Correlation-Id",
        "in": "header",
        "required": False,
        "description": "The caller's own name for the call, for logs and questions: 16 to 64 characters of "
        "`[A-Za-z0-9_-]`. Any other is left aside, and refuses nothing.",
        "schema": {"type": "string"},
        "example": "checkout-4711-7f3a9c2e",
    }
    return found


def _headers() -> dict[str, Any]:
    return {
        "ETag": {
            "description": "The version of the dispute (the revision of the order), a dash, and a digest of the "
            "document as this reader has it, without the present and without links to files. `If-Match` compares the "
            "part before the dash, `If-None-Match` the whole.",
            "required": True,
            "schema": {"type": "string", "pattern": '^"[0-9]+-[0-9a-f]+"$'},
            "example": ETAG,
        },
        "CorrelationId": {
            "description": "The name of the call: the caller's own, or the request's id. The gateway's own refusals "
            "have none.",
            "schema": {"type": "string"},
            "example": "checkout-4711-7f3a9c2e",
        },
        "IdempotentReplayed": {
            "description": "`true` where the answer was given before, to the same call with the same key; absent "
            "otherwise.",
            "schema": {"type": "string", "enum": ["true"]},
            "example": "true",
        },
        "Location": {
            "description": "Where the created thing is, relative to the request's own path (RFC 3986).",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference", "pattern": r"^(\.\./)+v1/"},
            "example": f"../v1/disputes/{PATH_EXAMPLES['dispute_id']}",
        },
        "RetryAfter": {
            "description": "Seconds until the same call can succeed.",
            "schema": {"type": "integer", "minimum": 1},
            "example": 1,
        },
    }
