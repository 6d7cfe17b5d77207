"""An API as one OpenAPI 3.0 document, made of the table of actions: what API Gateway imports.

There are two, since a method of a REST API has one authorizer: people's, which has every call, and the backend's, with
the calls that the shop's backend may make, each signed (decision 0050). They differ in nothing else.
It is about integrations, callers and preflights. What the calls mean is in `docs/openapi.json`. Everything that an
import overwrites stands in here and nowhere else: a gateway response beside the document would vanish with the second
deployment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.constructs.gateway_responses import gateway_responses
from infra.routes import EMULATED_SPECS, SPECS, Auth, FunctionSpec

PREFLIGHT = "preflight"
# Bytes from which on an answer is compressed, where its caller asks for it.
COMPRESSED_FROM = 1_024
_SCHEMES = {Auth.PERSON: "people", Auth.SYSTEM: "backend"}
_VALIDATOR = "all"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
# What no other path of the document has.
_ELSEWHERE = ("/", "/{proxy+}")


def gateway_body(
    title: str, pool_arns: Sequence[str], uris: Mapping[str, str], caller: Auth = Auth.PERSON
) -> dict[str, Any]:
    """The document of the API of that kind of caller. `pool_arns` are of the user pools whose ID tokens people bring;
    `uris` say by a function's id how the gateway calls it."""
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1", "description": "Disputes: opening, negotiation, mediation"},
        "paths": _paths(uris, caller),
        "components": {"securitySchemes": _security_schemes(pool_arns, caller)},
        "x-amazon-apigateway-request-validators": {
            _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": _VALIDATOR,
        "x-amazon-apigateway-minimum-compression-size": COMPRESSED_FROM,
        "x-amazon-apigateway-gateway-responses": gateway_responses(),
    }


def _paths(uris: Mapping[str, str], caller: Auth) -> dict[str, Any]:
    """The calls whose functions the stage has."""
    paths: dict[str, dict[str, Any]] = {}

    def integration(id: str) -> dict[str, Any]:
        return _integration(uris[id])

    for row in (row for row in (*SPECS, *EMULATED_SPECS) if row.id in uris and row.is_at(caller)):
        # The function for preflights answers every other method too (405), and nothing but that.
        other = _operation(row.path, integration(PREFLIGHT))
        path = paths.setdefault(row.path, {"options": other, "x-amazon-apigateway-any-method": other})
        path[row.method.lower()] = _called(row, integration(row.id), caller)
    for elsewhere in _ELSEWHERE:
        paths[elsewhere] = dict.fromkeys(_METHODS, _operation(elsewhere, integration(PREFLIGHT)))
    return paths


def _called(row: FunctionSpec, integration: dict[str, Any], caller: Auth) -> dict[str, Any]:
    scheme = _SCHEMES[caller if caller in row.callers else Auth.SYSTEM]
    security: list[dict[str, list[str]]] = [{scheme: []}]
    return {"operationId": row.id, **_operation(row.path, integration), "security": security}


def _operation(path: str, integration: dict[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\+?\}", path)
        ],
        "responses": {"200": {"description": "See the contract"}},
        # Browsers ask before they have a token, and a wrong address is one for everybody.
        "security": [],
        "x-amazon-apigateway-integration": integration,
    }


def _integration(uri: str) -> dict[str, Any]:
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "passthroughBehavior": "when_no_match"}


def _security_schemes(pool_arns: Sequence[str], caller: Auth) -> dict[str, Any]:
    header = {"type": "apiKey", "name": "Authorization", "in": "header"}
    signed = {_SCHEMES[Auth.SYSTEM]: {**header, "x-amazon-apigateway-authtype": "awsSigv4"}}
    if caller is Auth.SYSTEM:
        return signed
    kind = "cognito_user_pools"
    return {
        # It says that a token is genuine; which pool it is of, and what it is good for, the function reads.
        _SCHEMES[Auth.PERSON]: {
            **header,
            "x-amazon-apigateway-authtype": kind,
            "x-amazon-apigateway-authorizer": {"type": kind, "providerARNs": list(pool_arns)},
        },
        **signed,
    }
