"""The edge of every API function: which call it is, who makes it, what was sent, and how answers and errors go back.

A handler is `@edge.action(name)` over a function that takes the `Request` and the path's ids, and gives the use case's
`Answer`. Its route is the row of that name in `domain.actions`. Checked in this order: the route (404), the caller
(401), the body's media type (415), the body as JSON (400), the ids (404); then the handler reads the body's model
(400). Either 400 names the headers that are wrong (Idempotency-Key, If-Match, a PUT's If-None-Match) beside what is
wrong with the body; so a handler of a POST or PUT reads the body, or `no_body`, before it does anything.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.retries import function_ends_in
from buyer_protection.application.schemas.links import relative, with_relative_links
from buyer_protection.application.schemas.requests import EmptyRequest
from buyer_protection.domain.actions import ACTIONS, TEST_ACTIONS, ActionSpec
from buyer_protection.domain.errors import InvalidRequestError, NotFoundError, together
from buyer_protection.domain.headers import ANSWER_HEADERS, CHALLENGE
from buyer_protection.runtime import callers, cross_origin, incoming, observability, problems, settings

T = TypeVar("T")

Event: TypeAlias = Mapping[str, Any]
View: TypeAlias = Callable[..., Answer]
Handler: TypeAlias = Callable[[dict[str, Any], Any], dict[str, Any]]

# No answer is for a cache on the way, and CORS makes it differ by origin.
_HEADERS = {"Cache-Control": "no-store", "Vary": "Origin", **ANSWER_HEADERS}
ORDER_BYTES = incoming.MAX_ORDER_BYTES

# What moves with each reading and says nothing new: the present, and the links to files that live for minutes.
_PASSING = re.compile(
    rb'"(?:as_of|read_at)":"[^"]*"|"(?:download|thumbnail)":\{"url":"[^"]*","expires_at":"[^"]*"\}'
)
_DIGITS_OF_DIGEST = 16

# What these refuse may be about nothing that exists: the path's ids are then only what somebody sent.
_PERHAPS_ABSENT = frozenset({400, 401, 403, 404})
# Refusals of what may well exist: who tried to get at which case is found by these.
_TRIED = frozenset({401, 403, 404})
# A dispute's id as we make it, and hardly anything that a person would write into a path.
_OWN_ID = re.compile(r"dp-[0-9a-hjkmnp-tv-z]{26}")


class _Said(Struct, frozen=True):
    """What an answer's body says itself of what it is about, and why it is a refusal."""

    code: Any = None
    dispute_id: Any = None
    order_id: Any = None


class _Reply(NamedTuple):
    status: int
    body: str
    headers: dict[str, str]


class Request:
    """One call: `command` says who makes it and how, `ids` are the path's; body and query are read on demand.

    `known`: the `If-None-Match` of a read.
    """

    __slots__ = ("_document", "_event", "_headers", "_max_body_bytes", "_refused", "command", "ids", "known")

    def __init__(self, spec: ActionSpec, event: Event, max_body_bytes: int) -> None:
        if event["httpMethod"] != spec.method or event["resource"] != spec.path:
            raise NotFoundError
        self._event = event
        self._max_body_bytes = max_body_bytes
        self._document: dict[str, Any] | None = None
        self._refused: list[InvalidRequestError] = []
        self._headers = cross_origin.headers_of(event)
        caller = callers.caller_of(event, settings.sign_in())
        observability.note(
            caller=observability.pseudonym_of(caller.caller_id), standing=callers.standing_of(caller)
        )
        key, body_hash, version, unless = None, "", None, None
        if spec.method == "POST":
            key = self._header("idempotency-key", incoming.idempotency_key)
        if spec.method != "GET":
            version = self._header("if-match", incoming.if_match)
        if spec.method == "PUT":
            unless = self._header("if-none-match", incoming.unless)
        if spec.method == "POST":
            body_hash = incoming.body_hash(self._sent())
        elif spec.method == "DELETE":
            self._refuse_headers()
        self.known = self._headers.get("if-none-match") if spec.method == "GET" else None
        self.ids = _ids_of(spec, event)
        idempotency_id = key and idempotency_id_of(caller, spec, self.ids, key)
        must_exist = spec.method == "PUT" and incoming.must_exist(self._headers.get("if-match"))
        self.command = Command(
            caller, idempotency_id, body_hash, version, correlation_id_of(event), must_exist, unless
        )

    def body(self, model: type[T]) -> T:
        """The request's body; 400 that names every wrong field and header."""
        sent = self._sent()
        try:
            found = incoming.decoded(sent, model)
        except InvalidRequestError as error:
            raise together([*self._refused, error]) from None
        self._refuse_headers()
        return found

    def no_body(self) -> None:
        """For calls that say it all by their path: 400 for anything but nothing or an empty object."""
        self.body(EmptyRequest)

    def query(self, model: type[T]) -> T:
        """The query parameters; 400 for an unknown, repeated or malformed one."""
        several = self._event.get("multiValueQueryStringParameters")
        if several is None:
            single = self._event.get("queryStringParameters") or {}
            several = {name: [text] for name, text in single.items()}
        return incoming.query(several, model)

    def _sent(self) -> dict[str, Any]:
        """The body as JSON, read once."""
        if self._document is None:
            if self._event.get("body"):
                incoming.check_media_type(self._headers.get("content-type"))
            is_base64 = bool(self._event.get("isBase64Encoded"))
            try:
                sent = incoming.body_bytes(self._event.get("body"), is_base64, self._max_body_bytes)
                self._document = incoming.json_object(sent)
            except InvalidRequestError as error:
                raise together([*self._refused, error]) from None
        return self._document

    def _header(self, name: str, read: Callable[[str | None], T]) -> T | None:
        """What the header says; None where it is wrong, which is named once the body has been read."""
        try:
            return read(self._headers.get(name))
        except InvalidRequestError as error:
            self._refused.append(error)
            return None

    def _refuse_headers(self) -> None:
        if self._refused:
            raise together(self._refused)


def action(name: str, max_body_bytes: int = incoming.MAX_BODY_BYTES) -> Callable[[View], Handler]:
    """Make the handler of the action of that name: answers, and counts the outcome. KeyError where there is no row."""
    spec = next((spec for spec in (*ACTIONS, *TEST_ACTIONS) if spec.name == name), None)
    if spec is None:
        raise KeyError(name)
    announced: dict[str, str] = {}
    if spec.ending is not None:
        from buyer_protection.runtime.endings import headers_of

        announced = headers_of(spec.ending)

    def decorate(view: View) -> Handler:
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            named = correlation_id_of(event)
            observability.begin(request_id=_request_id(event), correlation_id=named)
            more = {"X-Correlation-Id": named, **announced}
            try:
                with function_ends_in(observability.seconds_left(context)):
                    result = _result(
                        _answer(spec, view, event, max_body_bytes), more | cross_origin.readable(event)
                    )
            except Exception as error:  # noqa: BLE001 - the last resort: what failed outside of the action is a 500
                result = _result(_refusal(event, error), more)
            _report(name, event, result)
            return result

        return wraps(view)(handler)

    return decorate


def correlation_id_of(event: Event) -> str:
    """What names the call in all that follows from it: the caller's own name for it, or the request's id."""
    return incoming.correlation_id(cross_origin.headers_of(event).get("x-correlation-id")) or _request_id(
        event
    )


def idempotency_id_of(caller: Caller, spec: ActionSpec, ids: Mapping[str, str], key: str) -> str:
    """What binds a key to its caller and to the resource, however its path was written: the action and the ids.

    No two of them give the same JSON: an id holds no slash.
    """
    bound = [caller.is_system, caller.caller_id, spec.method, spec.path.format_map(ids), key]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def etag_of(answer: Answer) -> str | None:
    """`"<version>-<digest>"`: `If-Match` compares the first part, `If-None-Match` the whole; None without a version.

    The digest is over the document as this reader has it, whatever the call's path, without what passes.
    """
    if answer.version is None:
        return None
    digest = hashlib.sha256(_PASSING.sub(b"", answer.body)).hexdigest()
    return f'"{answer.version}-{digest[:_DIGITS_OF_DIGEST]}"'


def _answer(spec: ActionSpec, view: View, event: Event, max_body_bytes: int) -> _Reply:
    try:
        request = Request(spec, event, max_body_bytes)
        answer = view(request, **request.ids)
    except Exception as error:  # noqa: BLE001 - every error has its answer
        return _refusal(event, error)
    etag = etag_of(answer)
    if etag is not None and incoming.is_known(request.known, etag):
        return _Reply(304, "", {"ETag": etag, **_HEADERS})
    headers = {"Content-Type": "application/json", **_HEADERS}
    at = _path_of(spec, event)
    if etag is not None:
        headers["ETag"] = etag
    if answer.location is not None:
        headers["Location"] = relative(answer.location, at)
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return _Reply(answer.status, with_relative_links(answer.body, at).decode(), headers)


def _path_of(spec: ActionSpec, event: Event) -> str:
    """The path of the call below the API's root, as deep as its caller wrote it: a slash may have followed it.

    `event["path"]` itself begins with the base path of a custom domain.
    """
    return spec.path + "/" if str(event.get("path")).endswith("/") else spec.path


def _refusal(event: Event, error: Exception) -> _Reply:
    request_id = _request_id(event)
    problem = problems.problem_of(error, request_id)
    if problem.status >= 500:
        observability.log_failure(str(event.get("resource")), error, {})
    headers = {"Content-Type": problems.CONTENT_TYPE, **_HEADERS}
    if problem.status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    wait = problems.retry_after(error, problem)
    if wait is not None:
        headers["Retry-After"] = str(wait)
    return _Reply(problem.status, problem.to_json(), headers)


def _result(reply: _Reply, more: Mapping[str, str]) -> dict[str, Any]:
    """The answer as API Gateway takes it, with `more` headers."""
    return {
        "statusCode": reply.status,
        "body": reply.body,
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [text] for name, text in {**reply.headers, **more}.items()},
    }


def _ids_of(spec: ActionSpec, event: Event) -> dict[str, str]:
    """The path's ids by name. API Gateway gives each as it stands in the URL, percent-encoded or not."""
    sent = event.get("pathParameters") or {}
    steps = spec.path.split("/")
    return {
        name: incoming.path_id(sent.get(name) or "")
        for name in (step[1:-1] for step in steps if step.startswith("{"))
    }


def _report(name: str, event: Event, result: Mapping[str, Any]) -> None:
    """Log and count the outcome: ACCEPTED, or the code of the problem."""
    status, body = result["statusCode"], result["body"]
    said = msgspec.json.decode(body, type=_Said) if body else _Said()
    ids = {key: value for key in ("dispute_id", "order_id") if (value := getattr(said, key)) is not None}
    if status not in _PERHAPS_ABSENT:
        sent = event.get("pathParameters") or {}
        ids |= {key: value for key, value in sent.items() if incoming.is_id(value)}
    if status in _TRIED:
        ids |= _asked_for(event)
    outcome = observability.ACCEPTED if status < 400 else str(said.code)
    observability.log("answered", {"action": name, "outcome": outcome, "status": status, **ids})
    observability.count(name, outcome, {"status": status, **ids})


def _asked_for(event: Event) -> dict[str, str]:
    """Which case or order a refused call was about, whether there is one or not: a case by its id, where it has the
    form of ours; an order, whose id is the shop's or anything else that was sent, by its pseudonym."""
    sent = event.get("pathParameters") or {}
    asked = {}
    if _OWN_ID.fullmatch(str(sent.get("dispute_id"))):
        asked["asked_dispute_id"] = str(sent["dispute_id"])
    if "order_id" in sent:
        asked["asked_order"] = observability.pseudonym_of(str(sent["order_id"]))
    return asked


def _request_id(event: Event) -> str:
    return str((event.get("requestContext") or {}).get("requestId") or "unknown")
