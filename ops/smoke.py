"""`python -m ops smoke`: one synthetic case on a deployed stage, from the order to its end, with invented parties.

It goes where a person's case goes: the order through the gateway by signature, the opening and the withdrawal through
the functions, then the stream, the execution, the queue and SES. Mails go to SES's own simulator, which takes them in
the sandbox too. No money is asked for: the buyer withdraws the request.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.timeline import instant
from ops.preflight import Account

BUYER, SELLER = "smoke-test-buyer", "smoke-test-seller"
_ADDRESS = "success+{}@simulator.amazonses.com"
_PAID = {"amount_minor": 100, "currency": "EUR"}
# By the policy: late enough to say that a parcel never came.
_SHIPPED_DAYS_AGO = 6
_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 1.0
_PATHS = {action.name: action.path for action in ACTIONS}


class SmokeError(Exception):
    """A step did not end as it must; the message names it and what was seen."""


@dataclass(frozen=True)
class Stage:
    """A deployed stage as its own functions know it."""

    on: Account
    prefix: str
    api_url: str
    machine_arn: str
    settings: Mapping[str, str]

    @classmethod
    def of(cls, on: Account, name: str, api_url: str | None = None) -> Stage:
        """Read from the stage's stacks and functions. SmokeError where there is no such stage."""
        prefix = f"BuyerProtection-{name}"
        pages = on.client("cloudformation").get_paginator("describe_stacks").paginate()
        outputs = {
            it["OutputKey"]: it["OutputValue"]
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"{prefix}-")
            for it in stack.get("Outputs", [])
        }
        if "ApiUrl" not in outputs:
            raise SmokeError(f"no stack of {prefix} in {on.region}")
        found = on.client("lambda").get_function_configuration(FunctionName=f"{prefix}-open_dispute")
        return cls(
            on,
            prefix,
            (api_url or outputs["ApiUrl"]).rstrip("/"),
            outputs["StateMachineArn"],
            found["Environment"]["Variables"],
        )

    def send(self, method: str, path: str, body: Any = None, *, signed: bool = False) -> tuple[int, Any]:
        """Call the gateway; `signed` with the caller's own credentials. Status and document."""
        url, payload = self.api_url + path, None if body is None else json.dumps(body).encode()
        request = AWSRequest(method, url, {"content-type": "application/json"}, payload)
        if signed:
            SigV4Auth(boto3.session.Session().get_credentials(), "execute-api", self.on.region).add_auth(
                request
            )
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=30)
        try:
            connection.request(method, parts.path, payload, dict(request.headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def act(self, action: str, body: Any = None, **named: str) -> tuple[int, Any]:
        """Call a function as the buyer, as the gateway would once it has checked a token."""
        event = _event(action, body, named, _claims(self.settings, self.on.region))
        answer = self.on.client("lambda").invoke(
            FunctionName=f"{self.prefix}-{action}", Payload=json.dumps(event).encode()
        )
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise SmokeError(f"{action} failed: {result.get('errorType')}")
        return int(result["statusCode"]), json.loads(result["body"] or "null")

    def mails(self, dispute_id: str) -> list[str]:
        """The status of each mail of the case."""
        found = self.on.client("dynamodb").query(
            TableName=self.settings["TABLE_NAME"],
            KeyConditionExpression="pk = :pk and begins_with(sk, :mail)",
            ExpressionAttributeValues={
                ":pk": {"S": keys.case_pk(dispute_id)},
                ":mail": {"S": keys.MAIL_PREFIX},
            },
        )
        return [it["status"]["S"] for it in found["Items"]]

    def executions(self, dispute_id: str) -> list[str]:
        """The status of each execution of the case."""
        pages = self.on.client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self.machine_arn, PaginationConfig={"MaxItems": 1_000})
        return [it["status"] for page in found for it in page["executions"] if dispute_id in it["name"]]


def play(stage: Stage, say: Callable[[str], None] = print) -> str:
    """The case from its order to its end; the dispute's id. SmokeError at the first step that ends wrong."""
    status, answer = stage.send("GET", "/v1/disputes")
    _must(
        "a call without a token is refused", (status, answer.get("code")) == (401, "UNAUTHENTICATED"), answer
    )
    order_id = f"smoke-{secrets.token_hex(8)}"
    status, answer = stage.send("PUT", f"/v1/orders/{order_id}", _order(stage), signed=True)
    _must("the gateway takes a signed order", status == 201, answer)
    say(f"order {order_id}: taken by {stage.api_url}")
    opening = {
        "order_id": order_id,
        "reason": "NOT_RECEIVED",
        "description": "A synthetic case: the stage was just deployed.",
        "requested_refund": _PAID,
    }
    status, answer = stage.act("open_dispute", opening)
    _must("the buyer opens a dispute", status == 201, answer)
    dispute_id = str(answer["dispute_id"])
    say(f"dispute {dispute_id}: open")
    _until(say, "its execution waits", lambda: stage.executions(dispute_id), lambda it: it == ["RUNNING"])
    _until(say, "both parties have their mail", lambda: stage.mails(dispute_id), _all_sent(2))
    status, answer = stage.act("cancel_dispute", {"acknowledge_consequences": True}, dispute_id=dispute_id)
    _must("the buyer withdraws it", (status, answer.get("status")) == (200, "CANCELLED"), answer)
    say(f"dispute {dispute_id}: cancelled")
    _until(
        say, "its execution has ended", lambda: stage.executions(dispute_id), lambda it: it == ["SUCCEEDED"]
    )
    _until(say, "both know that it is over", lambda: stage.mails(dispute_id), _all_sent(4))
    return dispute_id


def _must(step: str, holds: bool, seen: object) -> None:
    if not holds:
        raise SmokeError(f"{step}: {seen}")


def _until(
    say: Callable[[str], None],
    step: str,
    look: Callable[[], list[str]],
    right: Callable[[list[str]], bool],
) -> None:
    begun = time.monotonic()
    while not right(seen := look()):
        _must(f"{step}, within {_PATIENCE_SECONDS:.0f} s", time.monotonic() < begun + _PATIENCE_SECONDS, seen)
        time.sleep(_POLL_SECONDS)
    say(f"{step}: after {time.monotonic() - begun:.1f} s")


def _all_sent(least: int) -> Callable[[list[str]], bool]:
    """DROPPED counts: what a later step has overtaken is not sent."""
    return lambda seen: len(seen) >= least and set(seen) <= {"SENT", "DROPPED"}


def _order(stage: Stage) -> dict[str, Any]:
    day = float(stage.settings["DAY_SECONDS"])
    shipped = instant(datetime.now(UTC) - timedelta(seconds=_SHIPPED_DAYS_AGO * day))
    return {
        "buyer_id": BUYER,
        "seller_id": SELLER,
        "buyer": {"email": _ADDRESS.format("buyer"), "name": "Synthetic Buyer"},
        "seller": {"email": _ADDRESS.format("seller"), "name": "Synthetic Seller"},
        "currency": _PAID["currency"],
        "items": [{"item_id": "i1", "title": "A synthetic item", "quantity": 1, **_amount()}],
        "placed_at": shipped,
        "shipments": [
            {"shipment_id": "s1", "carrier": "None", "tracking_number": "NONE", "shipped_at": shipped}
        ],
        "guaranteed_delivery_days": 60,
    }


def _amount() -> dict[str, Any]:
    return {"amount_minor": _PAID["amount_minor"]}


def _claims(settings: Mapping[str, str], region: str) -> dict[str, str]:
    pool = settings["PUBLIC_POOL_ID"]
    return {
        "sub": BUYER,
        settings["USER_ID_CLAIM"]: BUYER,
        "iss": f"https://cognito-idp.{region}.amazonaws.com/{pool}",
        "aud": settings["PUBLIC_CLIENT_ID"],
        "token_use": "id",
    }


def _event(action: str, body: Any, named: Mapping[str, str], claims: Mapping[str, str]) -> dict[str, Any]:
    """As API Gateway calls the function. The signature of the token is the gateway's to check, so there is none."""
    resource = _PATHS[action]
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)
    )
    headers = {
        "authorization": f"Bearer {'.'.join(parts)}.none",
        "content-type": "application/json",
        "idempotency-key": secrets.token_hex(16),
    }
    return {
        "version": "1.0",
        "resource": resource,
        "path": re.sub(r"\{(\w+)\}", lambda found: named[found[1]], resource),
        "httpMethod": next(it.method for it in ACTIONS if it.name == action),
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": dict(named) or None,
        "stageVariables": None,
        "requestContext": {
            "requestId": f"smoke-{secrets.token_hex(8)}",
            "authorizer": {"claims": dict(claims)},
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
