"""The edge of every API function: who calls, what they sent, and how answers and errors go back.

A handler makes one `api()`, one route, and `entry(...)`. In the route, `command` comes first (401, then 400 for the
Idempotency-Key, the body as JSON, and If-Match), then ids (404) and the body's model (400), then the use case.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote

import msgspec

from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.retries import function_ends_in
from buyer_protection.application.schemas.requests import EmptyRequest
from buyer_protection.runtime import incoming, observability, problems, routing

T = TypeVar("T")

Api: TypeAlias = routing.Api
Reply: TypeAlias = routing.Reply
Handler: TypeAlias = Callable[[dict[str, Any], Any], dict[str, Any]]

_GROUP_ENDS = re.compile(r"[\s,]+")
_ASSUMED_ROLE = re.compile(r"(arn:[^:]+:sts::\d+:assumed-role/.+)/[^/]+")
# No answer is for a cache on the way, and CORS makes it differ by origin.
_HEADERS = {"Cache-Control": "no-store", "Vary": "Origin"}

identifier = incoming.path_id


def api() -> Api:
    """An app for one route, whose errors become problem documents."""
    return Api(_refusal)


def entry(app: Api, action: Callable[..., Reply]) -> Handler:
    """The function that Lambda calls: answers, and counts the outcome under the action's name."""
    name = action.__name__

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            with function_ends_in(observability.seconds_left(context)):
                result = app.resolve(event)
        except Exception as error:  # noqa: BLE001 - the last resort: what failed outside of the route, told as a 500
            result = routing.result_of(_refusal(event, error))
        observability.count(name, _outcome(result), _ids(event, result))
        return result

    handler.__doc__ = action.__doc__
    return handler


def command(app: Api) -> Command:
    """Who calls, and for writes under which receipt and version: 401, or 400 for a bad key, body or `If-Match`."""
    request = app.request
    caller = caller_of(request.event)
    if request.method == "GET":
        return Command(caller)
    idempotency_id, body_hash = None, ""
    if request.method == "POST":
        key = incoming.idempotency_key(request.header("idempotency-key"))
        idempotency_id = idempotency_id_of(caller, "POST", request.path, key)
        body_hash = incoming.body_hash(_document(app))
    return Command(caller, idempotency_id, body_hash, incoming.if_match(request.header("if-match")))


def body(app: Api, model: type[T]) -> T:
    """The request's body; 400 that names the wrong field."""
    return incoming.decoded(_document(app), model)


def no_body(app: Api) -> None:
    """For calls that say it all by their path: 400 for anything but nothing or an empty object."""
    body(app, EmptyRequest)


def query(app: Api, model: type[T]) -> T:
    """The query parameters; 400 for an unknown, repeated or malformed one."""
    event = app.request.event
    several = event.get("multiValueQueryStringParameters")
    if several is None:
        several = {name: [text] for name, text in (event.get("queryStringParameters") or {}).items()}
    return incoming.query(several, model)


def respond(answer: Answer) -> Reply:
    """A use case's answer as HTTP."""
    headers = {"Content-Type": "application/json", **_HEADERS}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.location is not None:
        headers["Location"] = answer.location
    return Reply(answer.status, answer.body.decode(), headers)


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


def idempotency_id_of(caller: Caller, method: str, path: str, key: str) -> str:
    """What binds a key to its caller and call: no two of them spell the same JSON."""
    told = json.dumps([caller.is_system, caller.caller_id, method, unquote(path), key])
    return hashlib.sha256(told.encode()).hexdigest()


def _document(app: Api) -> dict[str, Any]:
    """The body as JSON, read once per request."""
    request = app.request
    if request.document is None:
        sent = incoming.body_bytes(request.event.get("body"), bool(request.event.get("isBase64Encoded")))
        request.document = incoming.json_object(sent)
    return request.document


def _refusal(event: Mapping[str, Any], error: Exception) -> Reply:
    request_id = _request_id(event)
    problem = problems.problem_of(error, request_id)
    if problem.status >= 500:
        observability.log_failure(str(event.get("resource")), error, {"request_id": request_id})
    headers = {"Content-Type": problems.CONTENT_TYPE, **_HEADERS}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return Reply(problem.status, problem.to_json(), headers)


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
