"""Events as API Gateway sends them (payload 1.0), for tests of the edge and of whole handlers."""

import json
import re
from types import SimpleNamespace
from typing import Any

from tests.support import sign_in

REQUEST_ID = "68a9e683-a939-4dad-b9ea-50646dced229"
KEY = "key-of-the-test-0001"
ORIGIN = "https://shop.example.com"
BACKEND_ARN = "arn:aws:iam::000000000000:user/buyer-protection-backend"
CONTEXT = SimpleNamespace(aws_request_id="lambda-request", function_name="f", memory_limit_in_mb=1024)

ENVIRONMENT = {
    "STAGE": "test",
    "TABLE_NAME": "buyer-protection-test",
    "DAY_SECONDS": "86400",
    "ALLOWED_ORIGINS": f"{ORIGIN},https://seller.shop.example.com",
    "SITE_URL": ORIGIN,
    "LOG_LEVEL": "INFO",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "buyer-protection",
    "POWERTOOLS_METRICS_NAMESPACE": "BuyerProtection",
    "CALLER_ID_KEY": "a-key-of-the-tests",
    "EVIDENCE_BUCKET": "evidence-test",
    "ARCHIVE_BUCKET": "archive-test",
    "MALWARE_SCANNING": "off",
    **sign_in.ENVIRONMENT,
}
_TOKEN = "token"


def person(sub: str, *groups: str, **claims: Any) -> dict[str, Any]:
    """What a signed-in person of the public's pool brings: the verified claims as text, and the token itself."""
    return signed_in(sign_in.claims_of(sub, groups, email="buyer@example.com", **claims))


def member(sub: str, *groups: str, **claims: Any) -> dict[str, Any]:
    """The same for somebody of the team's pool, a case manager unless `groups` say otherwise."""
    return signed_in(sign_in.claims_of(sub, groups or ("case_manager",), team=True, **claims))


def signed_in(claims: dict[str, Any]) -> dict[str, Any]:
    """What whoever has a token with these claims brings; `event` puts the token into the headers."""
    return {
        "authorizer": {"claims": sign_in.rendered(claims)},
        "identity": {"sourceIp": "127.0.0.1"},
        _TOKEN: sign_in.token_of(claims),
    }


def backend(arn: str = BACKEND_ARN) -> dict[str, Any]:
    """What API Gateway adds for a signed call of the shop's backend."""
    return {"identity": {"userArn": arn, "sourceIp": "127.0.0.1"}}


def nobody() -> dict[str, Any]:
    """What is left where no principal is known."""
    return {"authorizer": None, "identity": {"sourceIp": "127.0.0.1"}}


def event(
    method: str,
    path: str,
    caller: dict[str, Any],
    body: object = None,
    *,
    resource: str | None = None,
    key: str | None = KEY,
    headers: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    """A call. `body` is sent as it is where it is a string, as JSON otherwise; a POST brings `key`."""
    context = {name: value for name, value in caller.items() if name != _TOKEN}
    sent = {**({"Authorization": f"Bearer {caller[_TOKEN]}"} if _TOKEN in caller else {}), **(headers or {})}
    if method == "POST" and key is not None:
        sent["idempotency-key"] = key
    resource = resource or path
    names = re.findall(r"\{(\w+)\}", resource)
    values = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", resource), path)
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: texts[-1] for name, texts in query.items()} if query else None,
        "multiValueQueryStringParameters": query,
        "pathParameters": dict(zip(names, values.groups(), strict=True)) if names and values else None,
        "stageVariables": None,
        "requestContext": {"requestId": REQUEST_ID, "stage": "test", "path": f"/test{path}", **context},
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


def header(result: dict[str, Any], name: str) -> str | None:
    """One header of an answer."""
    return next(
        (values[0] for key, values in result["multiValueHeaders"].items() if key.lower() == name.lower()),
        None,
    )


def document(result: dict[str, Any]) -> Any:
    """The answer's JSON."""
    return json.loads(result["body"])
