"""A case that others never let go of: 503 with `Retry-After`, answered before the function is killed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from buyer_protection.adapters.aws.system import SystemClock
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports import retries
from buyer_protection.domain.windows import CONTRACT, Alarm
from buyer_protection.runtime.observability import WorkerFailedError
from tests.integration.test_handlers import SELLER, dispute, shop
from tests.support.api_events import document, header
from tests.support.in_process import call

__all__ = ["dispute", "shop"]

TIMEOUT = 10.0
# What a busy DynamoDB takes for each call.
CALL_SECONDS = 0.25


class Function:
    """The time of one invocation, as the budget and the Lambda context see it."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self.passed = 0.0
        self.context = SimpleNamespace(
            aws_request_id="r", get_remaining_time_in_millis=lambda: (timeout - self.passed) * 1000
        )

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Function:
    made = Function()
    monkeypatch.setattr(retries, "time", made)
    return made


@pytest.fixture
def busy(shop: None, function: Function, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[str]]:
    """From now on every transaction is cancelled with this code, for this reason."""

    def start(code: str, reason: str) -> list[str]:
        client, made = Row.connection().client, list[str]()
        send = client._make_api_call

        def call(operation: str, arguments: dict[str, Any]) -> Any:
            made.append(operation)
            function.passed += CALL_SECONDS
            if operation != "TransactWriteItems":
                return send(operation, arguments)
            reasons = [{"Code": reason} for _ in arguments["TransactItems"]]
            answer = {"Error": {"Code": code, "Message": ""}, "CancellationReasons": reasons}
            raise ClientError(answer, operation)

        monkeypatch.setattr(client, "_make_api_call", call)
        return made

    return start


@pytest.mark.parametrize("reason", ["TransactionConflict", "ConditionalCheckFailed"])
def test_contention_without_end_is_a_503_that_leaves_the_function_in_time(
    dispute: str, function: Function, busy: Callable[[str, str], list[str]], reason: str
) -> None:
    calls = busy("TransactionCanceledException", reason)
    result = call("accept_request", SELLER, dispute_id=dispute, context=function.context)
    assert (result["statusCode"], document(result)["code"]) == (503, "CONTENTION")
    assert int(str(header(result, "Retry-After"))) >= 1
    assert calls.count("TransactWriteItems") > 2
    assert function.passed <= TIMEOUT - 1


def test_a_function_with_little_time_left_still_answers(
    dispute: str, function: Function, busy: Callable[[str, str], list[str]]
) -> None:
    function.passed = 8.0
    calls = busy("TransactionCanceledException", "TransactionConflict")
    result = call("accept_request", SELLER, dispute_id=dispute, context=function.context)
    assert result["statusCode"] == 503
    assert calls.count("TransactWriteItems") == 1
    assert function.passed <= TIMEOUT - 1


def test_throttling_without_end_is_a_503_in_time_too(
    dispute: str, function: Function, busy: Callable[[str, str], list[str]]
) -> None:
    busy("ThrottlingException", "None")
    result = call("accept_request", SELLER, dispute_id=dispute, context=function.context)
    assert (result["statusCode"], document(result)["code"]) == (503, "BUSY")
    assert function.passed <= TIMEOUT - 1


@pytest.mark.parametrize("action", ["get_dispute", "accept_request"])
def test_f2_a_table_that_does_not_answer_is_a_503(
    dispute: str, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    def silent(operation: str, arguments: dict[str, Any]) -> Any:
        raise ReadTimeoutError(endpoint_url=operation)

    monkeypatch.setattr(Row.connection().client, "_make_api_call", silent)
    result = call(action, SELLER, dispute_id=dispute)
    assert (result["statusCode"], document(result)["code"]) == (503, "BUSY")
    assert header(result, "Retry-After") == "1"


def test_a_worker_gives_up_in_time_and_says_so(
    dispute: str,
    function: Function,
    busy: Callable[[str, str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.close_window.handler import handler

    later = datetime.now(UTC) + timedelta(days=40)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    busy("TransactionCanceledException", "TransactionConflict")
    alarm = Alarm(dispute, 1, CONTRACT, "NEGOTIATION", 1, 1).to_event()
    with pytest.raises(WorkerFailedError, match="ContentionError"):
        handler(alarm, function.context)
    assert function.passed <= TIMEOUT - 1
