"""A small client of the API for the demo and the e2e tests: as a person, as the backend, as nobody."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local import aws
from local.sign_in import id_token
from local.state import StackInfo, load
from local.workspace import HOST, Workspace

BACKEND: Final = "backend"
ANONYMOUS: Final = "anonymous"
TIMEOUT_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Response:
    """An answer: status, headers with lower-case names, and the body (parsed where it is JSON, else text)."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def code(self) -> str | None:
        """The problem document's code, None for a success."""
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass(frozen=True)
class Mail:
    """A mail the emulator accepted for sending; `html` is None for a text-only mail."""

    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None
    at: str


@dataclass
class Client:
    """Calls the deployed API of one stack. `who` is a name of `stack.people`, BACKEND or ANONYMOUS."""

    stack: StackInfo
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, workspace: Workspace | None = None) -> Client:
        """A client of the running stack of that workspace (the default port's if none is given)."""
        return cls(load(workspace or Workspace()))

    @property
    def workspace(self) -> Workspace:
        return Workspace(int(urlsplit(self.stack.endpoint_url).port or 0))

    def token(self, name: str) -> str:
        """The person's ID token (an hour's worth; kept). The REST authorizer takes it without scopes."""
        if name not in self._tokens:
            cognito = aws.client(self.workspace, "cognito-idp")
            self._tokens[name] = id_token(cognito, self.stack, self.stack.people[name])
        return self._tokens[name]

    def get(self, who: str, path: str, query: Mapping[str, str | int] | None = None) -> Response:
        return self.call(who, "GET", path, query=query)

    def post(self, who: str, path: str, body: Any = None, **options: Any) -> Response:
        """POST with an Idempotency-Key of its own unless `key` is given; see `call` for the options."""
        return self.call(who, "POST", path, body=body if body is not None else {}, **options)

    def put(self, who: str, path: str, body: Any, **options: Any) -> Response:
        return self.call(who, "PUT", path, body=body, **options)

    def call(
        self,
        who: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Make one call. `path` begins with `/v1`; `body` is sent as JSON, bytes as they are.

        A POST gets a fresh Idempotency-Key unless `key` names one; `key=""` sends none.
        """
        base = (who == BACKEND and self.stack.backend_api_url) or self.stack.api_url
        url = base + path + (f"?{urlencode(query)}" if query else "")
        all_headers = {"accept": "application/json", "host": urlsplit(url).netloc}
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if payload is not None:
            all_headers["content-type"] = "application/json"
        if method == "POST" and key != "":
            all_headers["idempotency-key"] = key or secrets.token_urlsafe(24)
        all_headers |= {name.lower(): value for name, value in (headers or {}).items()}
        if who == BACKEND:
            all_headers = self._signed(method, url, payload, all_headers)
        elif who != ANONYMOUS:
            all_headers.setdefault("authorization", f"Bearer {self.token(who)}")
        return _send(method, url, payload, all_headers)

    def mails(self) -> list[Mail]:
        """Every mail sent through SES on this stack, oldest first."""
        answer = _send("GET", f"{self.stack.endpoint_url}/_ministack/ses/messages", None, {})
        sent = [mail for mails in answer.body["messages"].values() for mail in mails]
        return sorted((_mail(raw) for raw in sent), key=lambda mail: mail.at)

    def _signed(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, str]:
        """The headers with the backend's SigV4 signature, as AWS asks it of an IAM-authorized method."""
        backend = self.stack.backend
        request = AWSRequest(method=method, url=url, data=body, headers=headers)
        credentials = Credentials(backend.access_key_id, backend.secret_access_key)
        SigV4Auth(credentials, "execute-api", self.stack.region).add_auth(request)
        return {name.lower(): value for name, value in request.headers.items()}


def followed(path: str, reference: str) -> str:
    """The path that a link in the answer to a call of `path` leads to, by RFC 3986."""
    return urlsplit(urljoin(f"http://api{path}", reference)).path


def _send(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Response:
    parts = urlsplit(url)
    # The emulator listens on the address; the name stays in the Host header, which is signed.
    connection = http.client.HTTPConnection(HOST, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, names, _parsed(text))
    finally:
        connection.close()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _mail(raw: Mapping[str, Any]) -> Mail:
    return Mail(
        message_id=raw["MessageId"],
        sender=raw["Source"],
        to=tuple(raw["To"]),
        subject=raw["Subject"],
        text=raw["BodyText"],
        html=raw["BodyHtml"],
        at=str(raw["Timestamp"]),
    )
