"""The one map from errors to answers: RFC 9457 problem documents.

Each class of `domain.errors` has a row in `STATUSES`; everything else is a 500 with only the request id,
or, where AWS throttled us or did not answer, a 503 that says when to try again.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain import errors
from buyer_protection.domain.field_codes import DETAILS, FieldCode
from buyer_protection.domain.money import Money
from buyer_protection.domain.timeline import instant

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

# Published, and named otherwise by some versions of the interpreter.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Entity"}


class UnauthenticatedError(errors.DisputeError):
    """Nobody we know calls: neither an ID token nor a signature."""

    code = "UNAUTHENTICATED"


class MethodNotAllowedError(errors.DisputeError):
    """The path has other methods: `Allow` names them."""

    code = "METHOD_NOT_ALLOWED"


class UnsupportedMediaTypeError(errors.DisputeError):
    """The body is not JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"


STATUSES: dict[type[errors.DisputeError], HTTPStatus] = {
    errors.InvalidRequestError: HTTPStatus.BAD_REQUEST,
    UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
    UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.WindowNotOpenError: HTTPStatus.CONFLICT,
    errors.WindowClosedError: HTTPStatus.CONFLICT,
    errors.StaleVersionError: HTTPStatus.PRECONDITION_FAILED,
    errors.ImpossibleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IdempotencyKeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LimitReachedError: HTTPStatus.CONFLICT,
    errors.LimitForNowError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.ContentionError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.HeldError: HTTPStatus.SERVICE_UNAVAILABLE,
}

# botocore's codes for throttling, as the services write them.
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# botocore's errors where a service did not answer; botocore itself is for the adapters alone.
_UNANSWERED = frozenset(
    {"ConnectTimeoutError", "ConnectionClosedError", "EndpointConnectionError", "ReadTimeoutError"}
)


class FieldProblem(Struct, frozen=True):
    """One wrong field: `pointer` into the body (RFC 6901), or `parameter` of the query, or `header`: one of the three.

    `detail` says in words what `code` means; `allowed` are the values that are taken, where they are few.
    """

    code: FieldCode
    detail: str
    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    header: str | UnsetType = UNSET
    allowed: Sequence[str] | UnsetType = UNSET


class MoneyProblem(Struct, frozen=True):
    """An amount in integer minor units: the most that is left (R39)."""

    amount_minor: int
    currency: str


class Problem(Struct, frozen=True):
    """RFC 9457, with the members of the contract."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    rule: str | UnsetType = UNSET
    errors: Sequence[FieldProblem] | UnsetType = UNSET
    available_at: At | UnsetType = UNSET
    deadline: At | UnsetType = UNSET
    dispute_id: str | UnsetType = UNSET
    max_refundable: MoneyProblem | UnsetType = UNSET

    def to_json(self) -> str:
        """The document."""
        return msgspec.json.encode(self).decode()


def problem_of(error: BaseException, request_id: str) -> Problem:
    """The answer to an error."""
    if isinstance(error, errors.DisputeError):
        status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), None)
        if status is not None:
            return _expected(error, status, request_id)
    if is_passing(error):
        detail = "The service is busy; try again with the same key."
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "BUSY", detail, request_id)
    detail = "Something went wrong on our side; try again with the same key."
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", detail, request_id)


def retry_after(error: BaseException, problem: Problem) -> int | None:
    """Seconds for `Retry-After`; None where trying again as it is makes no sense."""
    if isinstance(error, errors.LimitForNowError):
        return error.retry_after
    if isinstance(error, errors.HeldError):
        return error.RETRY_AFTER
    return RETRY_AFTER_SECONDS if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else None


def is_passing(error: BaseException) -> bool:
    """Whether AWS asked to slow down or did not answer in time: the same call will do later. botocore's error says so,
    PynamoDB's carries botocore's as its cause."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if type(cause).__name__ in _UNANSWERED:
            return True
        response = getattr(cause, "response", None)
        if isinstance(response, dict) and response.get("Error", {}).get("Code") in _THROTTLED:
            return True
        cause = getattr(cause, "cause", None) or cause.__cause__
    return False


def _expected(error: errors.DisputeError, status: HTTPStatus, request_id: str) -> Problem:
    return Problem(
        type=_type(error.code),
        title=title_of(status),
        status=status.value,
        code=error.code,
        detail=error.detail,
        request_id=request_id,
        rule=error.rule or UNSET,
        errors=[_field(one, field) for one in (error, *error.beside) for field in one.fields] or UNSET,
        available_at=instant(error.available_at) if error.available_at else UNSET,
        deadline=instant(error.deadline) if error.deadline else UNSET,
        dispute_id=error.dispute_id or UNSET,
        max_refundable=_money(error.max_refundable),
    )


def _field(error: errors.DisputeError, field: errors.FieldError) -> FieldProblem:
    is_in_body = error.fields_in is errors.Place.BODY
    # A parameter that may be given several times is one all the same.
    name = field.pointer.removeprefix("/").partition("/")[0]
    return FieldProblem(
        cast(FieldCode, field.code),
        DETAILS[field.code],
        allowed=error.allowed.get(field.pointer, UNSET),
        **{error.fields_in.value: field.pointer if is_in_body else name},
    )


def _money(amount: Money | None) -> MoneyProblem | UnsetType:
    return UNSET if amount is None else MoneyProblem(amount.amount_minor, amount.currency)


def _problem(status: HTTPStatus, code: str, detail: str, request_id: str) -> Problem:
    return Problem(_type(code), title_of(status), status.value, code, detail, request_id)


def title_of(status: int) -> str:
    """The `title` of a problem with that status."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def _type(code: str) -> str:
    """A stable name for the kind of problem, for programs to compare: nothing is to be fetched there."""
    return "urn:buyer-protection:problem:" + code.lower().replace("_", "-")
