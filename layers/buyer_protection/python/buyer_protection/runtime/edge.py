"""The edge of every API function: who calls, what they sent, and how answers and errors go back.

A handler makes one `api()`, one route, and `entry(...)`. In the route, `call` comes first (401, then 400 for the
Idempotency-Key, the body as JSON, and If-Match), then ids (404) and the body's model (400), then the use case.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote

import msgspec
from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError

from buyer_protection.application.acting import Call, Caller
from buyer_protection.application.ports import Answer
from buyer_protection.application.requests import EmptyRequest
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.runtime import incoming, observability, problems, settings

T = TypeVar("T")

Api: TypeAlias = APIGatewayRestResolver
Reply: TypeAlias = Response[str]
Handler: TypeAlias = Callable[[dict[str, Any], Any], dict[str, Any]]

_GROUP_ENDS = re.compile(r"[\s,]+")
_ASSUMED_ROLE = re.compile(r"(arn:[^:]+:sts::\d+:assumed-role/.+)/[^/]+")
# No answer is for a cache on the way, and CORS makes it differ by origin.
_HEADERS = {"Cache-Control": "no-store", "Vary": "Origin"}
_DOCUMENT = "document"

identifier = incoming.path_id


class _StageOrigins(CORSConfig):
    """CORS for the stage's origins, which are read when the first answer is built."""

    @cached_property
    def _configured(self) -> CORSConfig:
        first, *others = settings.site().allowed_origins
        return CORSConfig(
            allow_origin=first,
            extra_origins=others,
            allow_headers=["Idempotency-Key", "If-Match"],
            expose_headers=["ETag", "Location", "Retry-After"],
        )

    def allowed_origin(self, extracted_origin: str) -> str | None:
        """The origin itself where it is one of ours."""
        return self._configured.allowed_origin(extracted_origin)

    def to_dict(self, origin: str | None) -> dict[str, str]:
        """The headers for an origin of ours; none for any other."""
        return self._configured.to_dict(origin)


def api() -> Api:
    """An app for one route, whose errors become problem documents."""
    app = APIGatewayRestResolver(cors=_StageOrigins())

    def refused(error: Exception) -> Reply:
        return _refusal(
            app.current_event.raw_event, NotFoundError() if isinstance(error, NoRouteError) else error
        )

    app.exception_handler(Exception)(refused)
    return app


def entry(app: Api, action: Callable[..., Reply]) -> Handler:
    """The function that Lambda calls: answers, and counts the outcome under the action's name."""
    name = action.__name__

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            result = app.resolve(event, context)
        except Exception as error:  # noqa: BLE001 - the last resort: what failed outside of the route, told as a 500
            result = _bare(_refusal(event, error))
        observability.count(name, _outcome(result), _ids(event, result))
        return result

    handler.__doc__ = action.__doc__
    return handler


def call(app: Api) -> Call:
    """Who calls, and for writes under which receipt and version: 401, or 400 for a bad key, body or `If-Match`."""
    event = app.current_event
    caller = caller_of(event.raw_event)
    if event.http_method == "GET":
        return Call(caller)
    receipt_id, body_hash = None, ""
    if event.http_method == "POST":
        key = incoming.idempotency_key(event.headers.get("Idempotency-Key"))
        receipt_id = receipt_id_of(caller, "POST", event.path, key)
        body_hash = incoming.body_hash(_document(app))
    return Call(caller, receipt_id, body_hash, incoming.if_match(event.headers.get("If-Match")))


def body(app: Api, model: type[T]) -> T:
    """The request's body; 400 that names the wrong field."""
    return incoming.decoded(_document(app), model)


def no_body(app: Api) -> None:
    """For calls that say it all by their path: 400 for anything but nothing or an empty object."""
    body(app, EmptyRequest)


def query(app: Api, model: type[T]) -> T:
    """The query parameters; 400 for an unknown, repeated or malformed one."""
    event = app.current_event.raw_event
    several = event.get("multiValueQueryStringParameters")
    if several is None:
        several = {name: [text] for name, text in (event.get("queryStringParameters") or {}).items()}
    return incoming.query(several, model)


def respond(answer: Answer) -> Reply:
    """A use case's answer as HTTP."""
    headers: dict[str, str | list[str]] = dict(_HEADERS)
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.location is not None:
        headers["Location"] = answer.location
    return Response(answer.status, "application/json", answer.body.decode(), headers)


def caller_of(event: Mapping[str, Any]) -> Caller:
    """A person by the claims of an ID token, or the shop's backend by its signature; 401 for anybody else."""
    context = event.get("requestContext") or {}
    claims = (context.get("authorizer") or {}).get("claims")
    if claims:
        subject = claims.get("sub")
        if not subject or claims.get("token_use", "id") != "id":
            raise problems.UnauthenticatedError("Send the ID token, not another one.")
        return Caller(subject, groups_of(claims.get("cognito:groups")))
    arn = (context.get("identity") or {}).get("userArn")
    if not arn:
        raise problems.UnauthenticatedError("Sign in: there is no token and no signature.")
    # The session's name differs from call to call; a retry from another session is still the same caller.
    role = _ASSUMED_ROLE.fullmatch(arn)
    return Caller(role[1] if role else arn, is_system=True)


def groups_of(claim: object) -> frozenset[str]:
    """The groups as API Gateway renders them: `a,b`, `a`, or `[a b]`."""
    if not isinstance(claim, str):
        return frozenset()
    return frozenset(
        name for name in _GROUP_ENDS.split(claim.strip().removeprefix("[").removesuffix("]")) if name
    )


def receipt_id_of(caller: Caller, method: str, path: str, key: str) -> str:
    """What binds a key to its caller and call: no two of them spell the same JSON."""
    told = json.dumps([caller.is_system, caller.caller_id, method, unquote(path), key])
    return hashlib.sha256(told.encode()).hexdigest()


def _document(app: Api) -> dict[str, Any]:
    """The body as JSON, read once per request (the resolver empties its context after each)."""
    if _DOCUMENT not in app.context:
        raw = app.current_event.raw_event
        sent = incoming.body_bytes(raw.get("body"), bool(raw.get("isBase64Encoded")))
        app.context[_DOCUMENT] = incoming.json_object(sent)
    document: dict[str, Any] = app.context[_DOCUMENT]
    return document


def _refusal(event: Mapping[str, Any], error: Exception) -> Reply:
    request_id = _request_id(event)
    problem = problems.problem_of(error, request_id)
    if problem.status >= 500:
        observability.log_failure(str(event.get("resource")), error, {"request_id": request_id})
    headers: dict[str, str | list[str]] = dict(_HEADERS)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return Response(problem.status, problems.CONTENT_TYPE, problem.to_json(), headers)


def _bare(reply: Reply) -> dict[str, Any]:
    headers = {name: [value] for name, value in reply.headers.items()}
    return {
        "statusCode": reply.status_code,
        "body": reply.body,
        "isBase64Encoded": False,
        "multiValueHeaders": headers,
    }


def _outcome(result: Mapping[str, Any]) -> str:
    """ACCEPTED, or the code of the problem."""
    if result["statusCode"] < 400:
        return observability.ACCEPTED
    code: str = msgspec.json.decode(result["body"])["code"]
    return code


def _ids(event: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, object]:
    """The request's id and status; and what it was about, where that turned out to exist."""
    ids: dict[str, object] = {"request_id": _request_id(event), "status": result["statusCode"]}
    if result["statusCode"] < 400:
        ids.update(event.get("pathParameters") or {})
    return ids


def _request_id(event: Mapping[str, Any]) -> str:
    return str((event.get("requestContext") or {}).get("requestId") or "unknown")
