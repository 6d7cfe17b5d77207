"""Every error of the domain has one answer; everything else reveals nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from buyer_protection.domain import errors
from buyer_protection.domain.errors import FieldError
from buyer_protection.domain.timeline import instant
from buyer_protection.runtime import problems

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

SECRET = "Ana, Rua A 1, token abc"


class CloudError(Exception):
    """Looks like botocore's ClientError."""

    def __init__(self, code: str) -> None:
        super().__init__(SECRET)
        self.response = {"Error": {"Code": code, "Message": SECRET}}


class StoreError(Exception):
    """Looks like PynamoDB's errors, which keep botocore's as `cause`."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(SECRET)
        self.cause = cause


def problem_of(error: BaseException) -> Any:
    return json.loads(problems.problem_of(error, "r-1").to_json())


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidRequestError("x"), 400, "VALIDATION_FAILED"),
        (errors.InvalidRequestError("x", code="IDEMPOTENCY_KEY_REQUIRED"), 400, "IDEMPOTENCY_KEY_REQUIRED"),
        (problems.UnauthenticatedError("x"), 401, "UNAUTHENTICATED"),
        (errors.ForbiddenError("x", rule="R18"), 403, "FORBIDDEN"),
        (errors.NotFoundError(), 404, "NOT_FOUND"),
        (errors.ConflictError("x", code="DISPUTE_CLOSED"), 409, "DISPUTE_CLOSED"),
        (errors.WindowNotOpenError("x"), 409, "TOO_EARLY"),
        (errors.WindowClosedError("x"), 409, "TOO_LATE"),
        (errors.StaleVersionError("x"), 412, "STALE_VERSION"),
        (errors.ImpossibleError("x"), 422, "AMOUNT_OUT_OF_RANGE"),
        (errors.IdempotencyKeyReusedError("x"), 422, "IDEMPOTENCY_KEY_REUSED"),
        (errors.LimitReachedError("x"), 409, "LIMIT_REACHED"),
        (errors.LimitForNowError("x", rule="R26", available_at=NOW, now=NOW), 429, "LIMIT_REACHED"),
        (errors.ContentionError("x"), 503, "CONTENTION"),
    ],
)
def test_each_error_has_its_status_and_code(error: errors.DisputeError, status: int, code: str) -> None:
    problem = problem_of(error)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == "urn:buyer-protection:problem:" + code.lower().replace("_", "-")
    assert problem["title"]
    assert problem["detail"] == error.detail
    assert problem["request_id"] == "r-1"


def test_no_error_of_the_domain_is_without_a_status() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.DisputeError)
        and kind is not errors.DisputeError
    }
    assert kinds <= set(problems.STATUSES)


def test_what_a_client_needs_to_go_on_is_in_the_problem() -> None:
    at = datetime(2026, 3, 9, 12, 0, 0, 5_000, tzinfo=UTC)
    early = problem_of(errors.WindowNotOpenError("x", rule="R16", available_at=at))
    assert (early["available_at"], early["rule"]) == ("2026-03-09T12:00:00.005Z", "R16")
    assert problem_of(errors.WindowClosedError("x", deadline=at))["deadline"] == "2026-03-09T12:00:00.005Z"
    held = problem_of(errors.ConflictError("x", code="DISPUTE_EXISTS", dispute_id="dp-1"))
    assert held["dispute_id"] == "dp-1"
    wrong = problem_of(errors.InvalidRequestError("x", fields=[FieldError("/a/0", "REQUIRED")]))
    assert wrong["errors"] == [{"pointer": "/a/0", "code": "REQUIRED", "detail": "It is missing."}]


def test_what_does_not_apply_is_left_out() -> None:
    assert set(problem_of(errors.NotFoundError())) == {
        "type",
        "title",
        "status",
        "code",
        "detail",
        "request_id",
    }


@pytest.mark.parametrize(
    "error", [AssertionError(SECRET), KeyError(SECRET), CloudError("ValidationException")]
)
def test_our_own_failures_reveal_nothing_but_the_request_id(error: Exception) -> None:
    problem = problem_of(error)
    assert (problem["status"], problem["code"], problem["request_id"]) == (500, "INTERNAL", "r-1")
    assert SECRET not in json.dumps(problem)


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_throttling_by_aws_asks_to_try_again(code: str) -> None:
    for error in (CloudError(code), StoreError(CloudError(code))):
        problem = problems.problem_of(error, "r-1")
        assert (problem.status, problem.code) == (503, "BUSY")
        assert problems.retry_after(error, problem) == problems.RETRY_AFTER_SECONDS


@pytest.mark.parametrize(
    "unanswered",
    [
        ConnectTimeoutError(endpoint_url=SECRET),
        ConnectionClosedError(endpoint_url=SECRET),
        EndpointConnectionError(endpoint_url=SECRET),
        ReadTimeoutError(endpoint_url=SECRET),
    ],
)
def test_f2_a_service_that_does_not_answer_asks_to_try_again(unanswered: Exception) -> None:
    for error in (unanswered, StoreError(unanswered)):
        problem = problems.problem_of(error, "r-1")
        assert (problem.status, problem.code) == (503, "BUSY")
        assert problems.retry_after(error, problem) == problems.RETRY_AFTER_SECONDS
        assert SECRET not in problem.to_json()


def waits(error: Exception) -> int | None:
    return problems.retry_after(error, problems.problem_of(error, "r"))


def test_only_what_may_pass_says_when_to_try_again() -> None:
    assert waits(errors.ContentionError("x")) == problems.RETRY_AFTER_SECONDS
    for error in (errors.LimitReachedError("x"), errors.ConflictError("x"), ValueError()):
        assert waits(error) is None


@pytest.mark.parametrize(("left", "seconds"), [(0.0, 1), (0.4, 1), (1.0, 1), (1.001, 2), (90.5, 91)])
def test_c13_a_limit_that_passes_says_the_true_wait(left: float, seconds: int) -> None:
    until = NOW + timedelta(seconds=left)
    error = errors.LimitForNowError("x", rule="R26", available_at=until, now=NOW)

    assert waits(error) == seconds
    assert problem_of(error)["available_at"] == instant(until)
