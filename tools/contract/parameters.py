"""The document's parameters, headers and security schemes."""

from __future__ import annotations

from typing import Any

from tools.contract import schemas
from tools.contract.example_requests import PATH_EXAMPLES
from tools.contract.field_meanings import FIELDS
from tools.contract.model import Operation
from tools.contract.operations import OPERATIONS

# One version: the whole ETag, or its number alone.
_TAG = r'(W/)?"[0-9]{1,15}(-[0-9a-f]{1,64})?"|[0-9]{1,15}'

ID_PATTERN = r"^[A-Za-z0-9_.:-]+$"
ETAG = '"3-5f1c2ab07d9e4c31"'


def of_operation(operation: Operation) -> list[dict[str, Any]]:
    """The parameters of a call."""
    found = [schemas.ref(name, "parameters") for name in operation.path_parameters]
    if operation.needs_key:
        found.append(schemas.ref("IdempotencyKey", "parameters"))
    if operation.takes_if_match:
        found.append(schemas.ref("IfMatch", "parameters"))
    if operation.takes_if_none_match:
        found.append(schemas.ref("IfAbsent", "parameters"))
    if operation.answers_304:
        found.append(schemas.ref("IfNoneMatch", "parameters"))
    found.append(schemas.ref("CorrelationId", "parameters"))
    return found if operation.query is None else [*found, *_query(operation.query)]


def _query(model: Any) -> list[dict[str, Any]]:
    shape = schemas.of_requests([model])[schemas.name_of(model)]
    required = shape.get("required", ())
    return [
        _parameter(name, _not_null(schema), required=name in required)
        for name, schema in shape["properties"].items()
    ]


def _parameter(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    described = {"description": schema["description"]} if "description" in schema else {}
    of = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": "query", **described, "required": required, "schema": of}


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; it is never null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if not choices:
        return schema
    (only,) = choices
    return {**only, **({"description": schema["description"]} if "description" in schema else {})}


def security_schemes() -> dict[str, Any]:
    """How a caller shows who they are."""
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


def parameters() -> dict[str, Any]:
    """What more than one call takes."""
    names = dict.fromkeys(name for operation in OPERATIONS for name in operation.path_parameters)
    found: dict[str, Any] = {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": FIELDS[name],
            "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": ID_PATTERN},
            "example": PATH_EXAMPLES[name],
        }
        for name in names
    }
    return found | _headers_of_calls()


def _headers_of_calls() -> dict[str, Any]:
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The same key from the same caller for the same call: the same answer, one effect.",
            "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
            "example": "b8f3c1d2-0a4e-4c55-9d7a-1f2e3d4c5b6a",
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` of the version the caller has seen, or `*` for any; where another is kept, or "
            "with `PUT` none at all, the answer is 412.",
            "schema": {
                "type": "string",
                "pattern": rf"^({_TAG}|\*)$",
            },
            "example": ETAG,
        },
        "IfAbsent": {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "`*` writes only where nothing is kept yet, ETags only where none of their versions is; "
            "otherwise 412.",
            "schema": {"type": "string", "pattern": rf"^(({_TAG})(\s*,\s*({_TAG}))*|\*)$"},
            "example": "*",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` of the document that the caller has: 304 without a body where it is still the "
            "same.",
            "schema": {"type": "string"},
            "example": ETAG,
        },
        "CorrelationId": {
            "name": "X-Correlation-Id",
            "in": "header",
            "required": False,
            "description": "The caller's own name for the call, for logs and questions: 16 to 64 characters of "
            "`[A-Za-z0-9_-]`. Any other is left aside, and refuses nothing.",
            "schema": {"type": "string"},
            "example": "checkout-4711-7f3a9c2e",
        },
    }


def headers() -> dict[str, Any]:
    """What more than one answer carries."""
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
