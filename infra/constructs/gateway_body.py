"""The API as one OpenAPI 3.0 document, made of the table of actions: what API Gateway imports.

It is about integrations, callers and preflights. What the calls mean is in `docs/openapi.json`. Everything that an
import overwrites stands in here and nowhere else: a gateway response beside the document would vanish with the second
deployment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.constructs.gateway_responses import gateway_responses
from infra.routes import SPECS, Auth, FunctionSpec, Kind

PREFLIGHT = "preflight"
# Bytes from which on an answer is compressed, where its caller asks for it.
COMPRESSED_FROM = 1_024
_SCHEMES = {Auth.PERSON: "people", Auth.SYSTEM: "backend"}
_VALIDATOR = "all"


def gateway_body(title: str, pool_arns: Sequence[str], uris: Mapping[str, str]) -> dict[str, Any]:
    """The document. `pool_arns` are of the user pools whose ID tokens people bring; `uris` say by a function's id how
    the gateway calls it."""
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1", "description": "Disputes: opening, negotiation, mediation"},
        "paths": _paths(lambda id: _integration(uris[id])),
        "components": {"securitySchemes": _security_schemes(pool_arns)},
        "x-amazon-apigateway-request-validators": {
            _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": _VALIDATOR,
        "x-amazon-apigateway-minimum-compression-size": COMPRESSED_FROM,
        "x-amazon-apigateway-gateway-responses": gateway_responses(),
    }


def _paths(integration: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for row in SPECS:
        if row.kind is Kind.API:
            path = paths.setdefault(row.path, {"options": _operation(row.path, integration(PREFLIGHT))})
            path[row.method.lower()] = _called(row, integration(row.id))
    return paths


def _called(row: FunctionSpec, integration: dict[str, Any]) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = [{_SCHEMES[row.auth]: []}]
    return {"operationId": row.id, **_operation(row.path, integration), "security": security}


def _operation(path: str, integration: dict[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", path)
        ],
        "responses": {"200": {"description": "See the contract"}},
        # Browsers ask before they have a token.
        "security": [],
        "x-amazon-apigateway-integration": integration,
    }


def _integration(uri: str) -> dict[str, Any]:
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "passthroughBehavior": "when_no_match"}


def _security_schemes(pool_arns: Sequence[str]) -> dict[str, Any]:
    header = {"type": "apiKey", "name": "Authorization", "in": "header"}
    kind = "cognito_user_pools"
    return {
        # It says that a token is genuine; which pool it is of, and what it is good for, the function reads.
        _SCHEMES[Auth.PERSON]: {
            **header,
            "x-amazon-apigateway-authtype": kind,
            "x-amazon-apigateway-authorizer": {"type": kind, "providerARNs": list(pool_arns)},
        },
        _SCHEMES[Auth.SYSTEM]: {**header, "x-amazon-apigateway-authtype": "awsSigv4"},
    }
