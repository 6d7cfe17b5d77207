"""The clients of the acceptance script: people and the shop's backend, every answer held against the contract.

Nothing of the project is imported: what is known of it are the stack's addresses and `docs/openapi.json`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]
SYSTEM = "backend"
# Whoever runs the emulator is its administrator under this pair of keys.
OPERATOR = ("test", "test")
FORMATS = FormatChecker()
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# 16 x 16 pixels of grey: what is no picture is refused (R49).
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAPElEQVR4nF3BwQAAIADAwCGEEEIIIY"
    "QQQgghhBBCCCGEEEII/XcHFoQoJCELRahCE7owhCksYQtHuMKTDy93eAFhAbv2AAAAAElFTkSuQmCC"
)


class DifferenceError(Exception):
    """Something is not as the contract says."""


@FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    """Answers give instants in UTC with `Z` and milliseconds."""
    return not isinstance(value, str) or INSTANT.fullmatch(value) is not None


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, and the body: parsed where it is JSON, otherwise bytes."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


def totp(secret: str, at: float) -> str:
    """The code of an authenticator at that time (RFC 6238: SHA-1, six digits, 30 seconds)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(at // 30).to_bytes(8), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def send(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One HTTP request on this machine, with the address's own name in the Host header."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers={"host": parts.netloc, **(headers or {})})
        got = connection.getresponse()
        content = got.read()
        named = {name.lower(): value for name, value in got.getheaders()}
        is_json = "json" in named.get("content-type", "")
        return Answer(got.status, named, json.loads(content) if is_json and content else content)
    finally:
        connection.close()


def signed(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    keys: tuple[str, str],
    region: str,
    service: str,
) -> dict[str, str]:
    """The headers with an AWS Signature Version 4."""
    parts, now = urlsplit(url), datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    every = {name.lower(): value for name, value in headers.items()} | {
        "host": parts.netloc,
        "x-amz-date": now,
    }
    names = ";".join(sorted(every))
    query = "&".join(f"{quote(k, '-_.~')}={quote(v, '-_.~')}" for k, v in sorted(parse_qsl(parts.query)))
    canonical = "\n".join(
        [method, quote(parts.path or "/", "/-_.~"), query]
        + [f"{name}:{every[name].strip()}" for name in sorted(every)]
        + ["", names, hashlib.sha256(body).hexdigest()]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{keys[1]}".encode()
    for part in (now[:8], region, service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    every["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys[0]}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    )
    return every


@dataclass
class Contract:
    """`docs/openapi.json`: which answers an operation may give, and how each must look."""

    document: Json
    checked: int = 0
    operations: set[str] = field(default_factory=set)

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Raises DifferenceError where the answer is none that the document describes."""
        operation = self._operation(method, path)
        said = operation["responses"].get(str(answer.status))
        name = f"{method} {path} -> {answer.status}"
        if said is None:
            raise DifferenceError(f"{name}: the document knows no such status; {answer.body}")
        media_type = answer.headers.get("content-type", "").split(";")[0]
        if media_type not in said["content"]:
            raise DifferenceError(f"{name}: {media_type} instead of {', '.join(said['content'])}")
        for header in said.get("headers", {}):
            if header.lower() not in answer.headers and header in {"ETag", "Location"}:
                raise DifferenceError(f"{name}: without {header}")
        if answer.status >= 400:
            codes = {problem["code"] for problem in said["x-problems"]}
            if answer.code not in codes:
                raise DifferenceError(f"{name}: {answer.code} is none of {', '.join(sorted(codes))}")
        schema = said["content"][media_type]["schema"] | {"components": self.document["components"]}
        for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(answer.body):
            raise DifferenceError(f"{name}: {error.json_path}: {error.message}")
        self.checked += 1
        self.operations.add(operation["operationId"])

    def _operation(self, method: str, path: str) -> Json:
        plain = path.split("?", maxsplit=1)[0]
        for template, methods in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), plain) and method.lower() in methods:
                return dict(methods[method.lower()])
        raise DifferenceError(f"{method} {path} is not in the document")


@dataclass
class Shop:
    """The stack as its clients see it. Every POST is a double click: sent twice at once with one key."""

    stack: Json
    contract: Contract
    clicks: int = 0
    _tokens: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sub(self, who: str) -> str:
        """The id under which orders name this person."""
        return str(self.stack["people"][who]["sub"])

    def token(self, who: str) -> str:
        """The ID token, had from Cognito by name and password, and by a code where the person has a second factor."""
        with self._lock:
            if who not in self._tokens:
                self._tokens[who] = self._signed_in(self.stack["people"][who])
            return self._tokens[who]

    def _signed_in(self, person: Json) -> str:
        secret = person.get("totp_secret")
        client_id = self.stack["team_pool_client_id" if secret else "user_pool_client_id"]
        names = {"USERNAME": person["username"], "PASSWORD": person["password"]}
        asked = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client_id, "AuthParameters": names}
        got = self._cognito("InitiateAuth", asked)
        if secret:
            code = totp(secret, datetime.now(UTC).timestamp())
            answers = {"USERNAME": person["username"], "SOFTWARE_TOKEN_MFA_CODE": code}
            challenge = {
                "ClientId": client_id,
                "ChallengeName": "SOFTWARE_TOKEN_MFA",
                "Session": got["Session"],
                "ChallengeResponses": answers,
            }
            got = self._cognito("RespondToAuthChallenge", challenge)
        return str(got["AuthenticationResult"]["IdToken"])

    def _cognito(self, operation: str, body: Json) -> Json:
        headers = {
            "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
            "content-type": "application/x-amz-json-1.1",
        }
        answer: Json = send("POST", self.stack["endpoint_url"], json.dumps(body).encode(), headers).body
        return answer

    def get(self, who: str, path: str, status: int = 200) -> Json:
        return self._expected(who, "GET", path, self._call(who, "GET", path), status)

    def put(self, who: str, path: str, body: Json, status: int) -> Json:
        return self._expected(who, "PUT", path, self._call(who, "PUT", path, body), status)

    def post(
        self, who: str, path: str, body: Json | None = None, status: int = 200, code: str | None = None
    ) -> Json:
        """A double click: both get the same answer, the one that is expected."""
        key = secrets.token_urlsafe(24)
        with ThreadPoolExecutor(2) as pool:
            twice = [pool.submit(self._call, who, "POST", path, body or {}, key) for _ in range(2)]
        first, second = (one.result() for one in twice)
        for answer in (first, second):
            self._expected(who, "POST", path, answer, status)
        if _same(first) != _same(second):
            raise DifferenceError(f"a double click on {path} got two answers: {first} and {second}")
        if code is not None and first.code != code:
            raise DifferenceError(f"POST {path}: {first.code} instead of {code}")
        self.clicks += 1
        return dict(first.body)

    def _call(
        self, who: str, method: str, path: str, body: Json | None = None, key: str | None = None
    ) -> Answer:
        url, content = self.stack["api_url"] + path, b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        if key is not None:
            headers["idempotency-key"] = key
        if who == SYSTEM:
            backend = self.stack["backend"]
            keys = (backend["access_key_id"], backend["secret_access_key"])
            headers = signed(method, url, content, headers, keys, self.stack["region"], "execute-api")
        else:
            headers["authorization"] = f"Bearer {self.token(who)}"
        return send(method, url, content or None, headers)

    def _expected(self, who: str, method: str, path: str, answer: Answer, status: int) -> Json:
        if answer.status != status:
            raise DifferenceError(
                f"{who}: {method} {path}: {answer.status} instead of {status}: {answer.body}"
            )
        self.contract.check(method, path, answer)
        return dict(answer.body)

    # --- beside the API: the mail boxes, the bus, the bucket

    def mails(self, address: str) -> list[Json]:
        """The mails to this address, oldest first."""
        found = send("GET", f"{self.stack['endpoint_url']}/_ministack/ses/messages").body["messages"]
        mine = [mail for mails in found.values() for mail in mails if address in mail["To"]]
        return sorted(mine, key=lambda mail: str(mail["Timestamp"]))

    def aws(self, service: str, target: str, asked: Json) -> Json:
        """One call of an AWS API that speaks JSON, as the operator."""
        body, url = json.dumps(asked).encode(), self.stack["endpoint_url"] + "/"
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        signature = signed("POST", url, body, headers, OPERATOR, self.stack["region"], service)
        answer = send("POST", url, body, signature)
        if answer.status != 200:
            raise DifferenceError(f"{target}: {answer.status} {answer.body!r}")
        return dict(answer.body or {})

    def upload(self, form: Json, content: bytes) -> int:
        """A presigned POST as a browser makes it: the fields, then the file; the status."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form["fields"].items()
        ]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n')
        body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return send(
            "POST", form["url"], body, {"content-type": f"multipart/form-data; boundary={boundary}"}
        ).status


@dataclass
class Bus:
    """The shop's payment system: a queue that hears RefundRequested."""

    shop: Shop
    name: str = field(default_factory=lambda: f"acceptance-{secrets.token_hex(4)}")
    url: str = ""
    heard: list[Json] = field(default_factory=list)

    def listen(self) -> None:
        stack = self.shop.stack
        self.url = self.shop.aws("sqs", "AmazonSQS.CreateQueue", {"QueueName": self.name})["QueueUrl"]
        account = stack["state_machine_arn"].split(":")[4]
        queue = f"arn:aws:sqs:{stack['region']}:{account}:{self.name}"
        on_bus = {"EventBusName": stack["event_bus_name"]}
        pattern = json.dumps({"detail-type": ["RefundRequested"]})
        rule = self.shop.aws(
            "events", "AWSEvents.PutRule", {"Name": self.name, "EventPattern": pattern, **on_bus}
        )
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
        }
        policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})}
        self.shop.aws("sqs", "AmazonSQS.SetQueueAttributes", {"QueueUrl": self.url, "Attributes": policy})
        target = {"Rule": self.name, "Targets": [{"Id": "payments", "Arn": queue}], **on_bus}
        self.shop.aws("events", "AWSEvents.PutTargets", target)

    def stop(self) -> None:
        on_bus = {"EventBusName": self.shop.stack["event_bus_name"]}
        gone = {"Rule": self.name, "Ids": ["payments"], **on_bus}
        self.shop.aws("events", "AWSEvents.RemoveTargets", gone)
        self.shop.aws("events", "AWSEvents.DeleteRule", {"Name": self.name, **on_bus})
        self.shop.aws("sqs", "AmazonSQS.DeleteQueue", {"QueueUrl": self.url})

    def refunds_of(self, dispute_id: str) -> list[Json]:
        while messages := self.shop.aws(
            "sqs", "AmazonSQS.ReceiveMessage", {"QueueUrl": self.url, "MaxNumberOfMessages": 10}
        ).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"])["detail"])
                receipt = {"QueueUrl": self.url, "ReceiptHandle": message["ReceiptHandle"]}
                self.shop.aws("sqs", "AmazonSQS.DeleteMessage", receipt)
        return [event for event in self.heard if event["dispute_id"] == dispute_id]


def _same(answer: Answer) -> Any:
    """What a repeated call must answer alike: all but the id of the request."""
    body = answer.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "request_id"}
    return answer.status, answer.headers.get("location"), answer.headers.get("etag"), body


def read_as_a_page(shop: Shop, path: str) -> None:
    """What a page reads of a dispute that nobody has answered yet, and what the shop keeps with it."""
    shop.put(SYSTEM, f"{path}/metadata", {"metadata": {"ticket": "CS-1"}}, 200)
    page, me = shop.get("seller", f"{path}/page"), shop.get("seller", "/v1/me")
    guide = shop.get("buyer", "/v1/policies/aliexpress-classic/evidence-guide?reason=NOT_RECEIVED")
    seen = (
        page["viewer"],
        page["dispute"]["buyer"]["display_name"],
        [offer["offer_id"] for offer in page["offers"]],
        "metadata" in page["dispute"],
        me["id"],
        [side["party"] for side in guide["items"]],
    )
    right = ({"role": "SELLER"}, "Ana", ["of-1"], False, shop.sub("seller"), ["BUYER", "SELLER"])
    if seen != right:
        raise DifferenceError(f"the page of a dispute: {seen} instead of {right}")
