"""Builds the OpenAPI 3.1 document from the table of operations, the models and the examples."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Any

import msgspec

from buyer_protection.application.schemas.event_envelope import OutboundEnvelope
from buyer_protection.application.schemas.links import with_relative_links
from buyer_protection.domain.actions import Caller
from buyer_protection.domain.field_codes import DETAILS
from buyer_protection.runtime.problems import title_of
from tools.contract import parameters, schemas
from tools.contract.codes import BUS_CODES, CODES
from tools.contract.endings import with_endings
from tools.contract.example_answers import answers
from tools.contract.example_requests import PATH_EXAMPLES, REQUESTS
from tools.contract.model import Operation, Refusal
from tools.contract.models import IN_LISTS
from tools.contract.operations import OPERATIONS, TAGS
from tools.contract.problem_schemas import ProblemSchemas, by_status, codes_of
from tools.contract.timeline_schemas import with_timeline

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
    problems = ProblemSchemas(OPERATIONS)
    answered = {refusal.code for operation in OPERATIONS for refusal in operation.refusals()}
    for operation in OPERATIONS:
        answer = {
            status: _as_sent(shown.get(f"{operation.id} {status}", shown[operation.id]), operation.path)
            for status in operation.statuses
        }
        paths[operation.path][operation.method.lower()] = _operation(operation, answer, problems)
    document = {
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
            _local_server(),
        ],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(problems),
            "securitySchemes": parameters.security_schemes(),
            "parameters": parameters.parameters(),
            "headers": parameters.headers(),
            "examples": {name: {"value": problem_example(name)} for name in CODES if name in answered},
        },
        "x-problem-codes": {
            name: {"statuses": list(code.statuses), "titles": list(code.titles), "text": code.text}
            | ({"member": code.member} if code.member else {})
            | {"rules": rules_of(name)}
            for name, code in CODES.items()
        },
        "x-event-codes": BUS_CODES,
    }
    endings = {one.id: one.spec.ending for one in OPERATIONS if one.spec.ending is not None}
    return with_endings(document, endings)


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


def _local_server() -> dict[str, Any]:
    return {
        "url": "http://127.0.0.1:{port}/restapis/{api_id}/{stage}/_user_request_",
        "description": "The stack of `make up` on one's own machine; `api_url` and `backend_api_url` in "
        ".local/stack.json are whole.",
        "variables": {
            "port": {"default": "4566"},
            "api_id": {"default": "api"},
            "stage": {"default": "local"},
        },
    }


def _as_sent(answer: Any, path: str) -> Any:
    """The example of an answer as the edge sends it: with links relative to the call's path."""
    return msgspec.json.decode(with_relative_links(msgspec.json.encode(answer), path))


def rules_of(code: str) -> list[str]:
    """The rules that a code can name, over all operations."""
    found = {r.rule for operation in OPERATIONS for r in operation.refusals() if r.code == code and r.rule}
    return sorted(found, key=lambda rule: int(rule[1:]))


def _schemas(problems: ProblemSchemas) -> dict[str, Any]:
    """The schemas of everything, by name."""
    found = schemas.of_requests([one.request for one in OPERATIONS if one.request is not None])
    found |= schemas.of_requests([one.query for one in OPERATIONS if one.query is not None])
    for query in (one.query for one in OPERATIONS if one.query is not None):
        found.pop(schemas.name_of(query), None)
    answered: list[Any] = [
        model for one in OPERATIONS for status in one.statuses for model in one.responses_of(status)
    ]
    found |= schemas.of_answers([*answered, *IN_LISTS])
    # An event has members of its own kind beside those of all.
    found[schemas.name_of(OutboundEnvelope)]["additionalProperties"] = True
    found = with_timeline(found) | problems.components()
    return {name: found[name] for name in sorted(found)}


def _operation(operation: Operation, answer: dict[int, Any], problems: ProblemSchemas) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": " ".join(filter(None, [f"Who: {operation.who}.", operation.notes])),
        "security": [{SECURITY[caller]: []} for caller in Caller if caller in operation.spec.callers],
        "parameters": parameters.of_operation(operation),
    }
    if operation.request is not None:
        schema = schemas.ref(schemas.name_of(operation.request))
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
        **{
            str(status): _problem(status, refusals, problems)
            for status, refusals in by_status(operation).items()
        },
    }
    made["x-rule"] = list(operation.rules)
    return made


def _success(operation: Operation, status: int, answer: Any) -> dict[str, Any]:
    headers = {"X-Correlation-Id": schemas.ref("CorrelationId", "headers")}
    if operation.has_etag:
        headers["ETag"] = schemas.ref("ETag", "headers")
    if operation.needs_key:
        headers["Idempotent-Replayed"] = schemas.ref("IdempotentReplayed", "headers")
    if status == HTTPStatus.CREATED:
        headers["Location"] = schemas.ref("Location", "headers")
    refs = [schemas.ref(schemas.name_of(model)) for model in operation.responses_of(status)]
    content = {
        "schema": refs[0] if len(refs) == 1 else {"anyOf": refs},
        "examples": {"example": {"value": answer}},
    }
    made: dict[str, Any] = {
        "description": "Created" if status == HTTPStatus.CREATED else "OK",
        "content": {"application/json": content},
        "headers": headers,
    }
    return made


def _not_modified() -> dict[str, Any]:
    """What `If-None-Match` is answered where nothing has changed for this reader."""
    headers = {
        "X-Correlation-Id": schemas.ref("CorrelationId", "headers"),
        "ETag": schemas.ref("ETag", "headers"),
    }
    return {"description": "Not Modified: the caller has the document", "headers": headers}


def _problem(status: int, refusals: list[Refusal], problems: ProblemSchemas) -> dict[str, Any]:
    codes = codes_of(refusals)
    made: dict[str, Any] = {
        "description": f"{title_of(status)}: {', '.join(codes)}",
        "content": {
            "application/problem+json": {
                "schema": schemas.ref(problems.name(codes)),
                "examples": {code: schemas.ref(code, "examples") for code in codes},
            }
        },
        "x-problems": [
            {"code": refusal.code} | ({"rule": refusal.rule} if refusal.rule else {}) for refusal in refusals
        ],
    }
    headers = {"X-Correlation-Id": schemas.ref("CorrelationId", "headers")}
    if status in RETRYING:
        headers["Retry-After"] = schemas.ref("RetryAfter", "headers")
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
