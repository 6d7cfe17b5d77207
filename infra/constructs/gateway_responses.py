"""What the gateway answers by itself, before any function runs: problem documents that every page may read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from buyer_protection.domain.headers import CHALLENGE, EXPOSED_HEADERS, SECURITY_HEADERS

RETRY_AFTER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway answers by itself, before any function runs."""

    name: str
    status: int
    code: str
    title: str
    detail: str


REFUSALS = (
    Refusal(
        "UNAUTHORIZED", 401, "UNAUTHENTICATED", "Unauthorized", "Sign in: the token is missing or invalid."
    ),
    Refusal(
        "EXPIRED_TOKEN", 401, "UNAUTHENTICATED", "Unauthorized", "The token or the signature has expired."
    ),
    Refusal(
        "INVALID_SIGNATURE",
        401,
        "UNAUTHENTICATED",
        "Unauthorized",
        "The signature does not match the request.",
    ),
    Refusal("ACCESS_DENIED", 403, "FORBIDDEN", "Forbidden", "This caller may not use this call."),
    Refusal("WAF_FILTERED", 403, "FORBIDDEN", "Forbidden", "The request was refused by the firewall."),
    # Every path and method has an answer of a function: what is left is a call that wants a signature and has none.
    Refusal(
        "MISSING_AUTHENTICATION_TOKEN",
        401,
        "UNAUTHENTICATED",
        "Unauthorized",
        "Sign the request with AWS Signature Version 4.",
    ),
    Refusal("RESOURCE_NOT_FOUND", 404, "NOT_FOUND", "Not Found", "There is no such resource."),
    Refusal("REQUEST_TOO_LARGE", 413, "REQUEST_TOO_LARGE", "Content Too Large", "The request is too large."),
    Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Send JSON."),
    Refusal("BAD_REQUEST_BODY", 400, "VALIDATION_FAILED", "Bad Request", "The body is malformed."),
    Refusal(
        "BAD_REQUEST_PARAMETERS",
        400,
        "VALIDATION_FAILED",
        "Bad Request",
        "A parameter is missing or malformed.",
    ),
    Refusal("THROTTLED", 429, "TOO_MANY_REQUESTS", "Too Many Requests", "Slow down and try again."),
    Refusal("QUOTA_EXCEEDED", 429, "TOO_MANY_REQUESTS", "Too Many Requests", "The quota is used up for now."),
    Refusal("INTEGRATION_FAILURE", 500, "INTERNAL", "Internal Server Error", "Try again with the same key."),
    Refusal("INTEGRATION_TIMEOUT", 504, "INTERNAL", "Gateway Timeout", "Try again with the same key."),
    Refusal("AUTHORIZER_FAILURE", 500, "INTERNAL", "Internal Server Error", "Try again."),
    # The rest of each family, such as a person's token where the backend's signature is wanted.
    Refusal("DEFAULT_4XX", 403, "FORBIDDEN", "Forbidden", "This caller may not use this call."),
    Refusal("DEFAULT_5XX", 500, "INTERNAL", "Internal Server Error", "Try again."),
)


def gateway_responses() -> dict[str, Any]:
    """The value of `x-amazon-apigateway-gateway-responses`: each refusal by its type."""
    return {refusal.name: _response(refusal) for refusal in REFUSALS}


def _response(refusal: Refusal) -> dict[str, Any]:
    headers = {
        "Content-Type": "application/problem+json",
        # It says nothing about anybody, and the gateway cannot choose among origins.
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS),
        **SECURITY_HEADERS,
    }
    if refusal.status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    if refusal.status == 429:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    document = {
        # As the functions' own refusals spell it.
        "type": f"urn:buyer-protection:problem:{refusal.code.lower().replace('_', '-')}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "request_id": "$context.requestId",
    }
    return {
        "statusCode": str(refusal.status),
        # A text between apostrophes is taken as it is.
        "responseParameters": {
            f"gatewayresponse.header.{name}": f"'{text}'" for name, text in headers.items()
        },
        "responseTemplates": {"application/json": json.dumps(document)},
    }
