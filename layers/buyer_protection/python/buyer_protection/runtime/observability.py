"""What is logged and counted: ids, codes and places in the code; never a body, a token, an address or an error's text.

Every invocation writes one line, an EMF metric `Actions` (dimensions service, action, outcome) that carries the
request's ids as its properties: log line and count in one. Only what went wrong on our side is logged besides.
"""

import sys
import time
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from buyer_protection.application.ports.retries import function_ends_in
from buyer_protection.runtime import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.logging import Logger

R = TypeVar("R")

ACCEPTED = "ACCEPTED"
FAILED = "FAILED"
_FRAMES = 12
_METRIC = "Actions"
_DIMENSIONS = ("service", "action", "outcome")


class WorkerFailedError(Exception):
    """A worker failed; the message names worker and error class only, since the runtime logs it and Step Functions
    keeps it in the execution's history."""


@cache
def logger() -> "Logger":
    """Powertools' JSON logger, by POWERTOOLS_SERVICE_NAME and LOG_LEVEL; made, and imported, when something fails."""
    from aws_lambda_powertools.logging import Logger

    return Logger()


def count(action: str, outcome: str, ids: Mapping[str, object]) -> None:
    """One action and how it ended: ACCEPTED, FAILED, or the code it was refused with. `ids` go with it, uncounted.

    A line in CloudWatch's embedded metric format, which the log group turns into the metric.
    """
    telemetry = settings.telemetry()
    directive = {
        "Namespace": telemetry.namespace,
        "Dimensions": [_DIMENSIONS],
        "Metrics": [{"Name": _METRIC, "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        **ids,
        "service": telemetry.service,
        "action": action,
        "outcome": outcome,
        _METRIC: [1.0],
    }
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


def log_repair(kind: str, ids: Mapping[str, object]) -> None:
    """Something that others failed to do was done for them, or could not be: which, and about which case."""
    logger().info("repair", extra={"kind": kind, **ids})


def log_failure(action: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """What failed, where, with which causes. Texts of errors are left out: they may quote what people wrote."""
    logger().error("failed", extra={"action": action, **ids, "errors": _described(error)})


def worker(action: str) -> Callable[[Callable[[Any, Any], R]], Callable[[Any, Any], R]]:
    """The one decorator of the functions that nobody calls over HTTP.

    Counts the outcome; an error is logged with its ids and raised again as `WorkerFailedError`.
    """

    def decorate(work: Callable[[Any, Any], R]) -> Callable[[Any, Any], R]:
        @wraps(work)
        def handler(event: Any, context: Any) -> R:
            ids = {"request_id": request_id_of(context), **_case_of(event)}
            try:
                with function_ends_in(seconds_left(context)):
                    result = work(event, context)
            except Exception as error:  # noqa: BLE001 - whatever it was, its text must not be told
                log_failure(action, error, ids)
                count(action, FAILED, ids)
                raise WorkerFailedError(f"{action}: {type(error).__name__}") from None
            count(action, ACCEPTED, ids)
            return result

        return handler

    return decorate


def has_time(context: Any, reserve_seconds: int) -> Callable[[], bool]:
    """Whether more than the reserve is left of the invocation; always, where no Lambda runtime calls."""

    def is_left() -> bool:
        seconds = seconds_left(context)
        return seconds is None or seconds > reserve_seconds

    return is_left


def seconds_left(context: Any) -> float | None:
    """What is left of the invocation; None where no Lambda runtime calls."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return None if left is None else left() / 1000


def request_id_of(context: Any) -> str:
    """The invocation's id; `local` where no Lambda runtime calls."""
    return str(getattr(context, "aws_request_id", None) or "local")


def _case_of(event: Any) -> dict[str, object]:
    """An alarm names its case; streams and schedules do not."""
    dispute_id = event.get("case_id") if isinstance(event, dict) else None
    return {"dispute_id": dispute_id} if isinstance(dispute_id, str) else {}


def _described(error: BaseException) -> list[dict[str, object]]:
    """The error and its causes: class, AWS's error code where there is one, and the innermost frames."""
    import traceback

    found: list[dict[str, object]] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < 5:
        frames = traceback.extract_tb(cause.__traceback__)[-_FRAMES:]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        described: dict[str, object] = {"class": type(cause).__name__, "frames": places}
        response = getattr(cause, "response", None)
        if isinstance(response, dict):
            described["aws_code"] = str(response.get("Error", {}).get("Code"))
        found.append(described)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return found
