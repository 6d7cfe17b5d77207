"""The headers of the contract that functions and gateway must agree on. Pure, so that `infra` may import it too."""

from collections.abc import Mapping
from types import MappingProxyType

# What a page of another origin may send with a call, and read of an answer beside its body (CORS).
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Correlation-Id",
)
EXPOSED_HEADERS = (
    "Date",
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "Sunset",
    "X-Correlation-Id",
    "x-amzn-RequestId",
)
# How to show who one is, with a 401 (RFC 9110): people by a token, the shop's backend by a signature.
CHALLENGE = "Bearer, AWS4-HMAC-SHA256"
# Of every answer: a browser asks over TLS alone from then on, does not guess what a body is, and does not say where it
# was read.
SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
)
# Of every answer of a function: it is no page, loads nothing and stands in no frame. (The gateway cannot quote it.)
ANSWER_HEADERS: Mapping[str, str] = MappingProxyType(
    {**SECURITY_HEADERS, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
)
