"""What is logged and counted: ids, codes and places in the code; never a body, a token, an address or an error's text.

Every invocation writes one line of Powertools' Logger and counts one metric `Actions` (dimensions service, stage,
action, outcome; CloudWatch's embedded metric format). `Missed` is 1 for each promise that was kept too late and 0 for
each other one, `Cases` what the audit counted. `docs/operations.md` lists the fields of a line. All lines of an
invocation carry what `begin` and `note` were given.
"""

import hashlib
import hmac
import logging
import sys
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, TypeVar

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from buyer_protection.application.ports.retries import function_ends_in
from buyer_protection.runtime import settings

R = TypeVar("R")

ACCEPTED = "ACCEPTED"
FAILED = "FAILED"
_FRAMES = 12
_METRIC = "Actions"
_PROMISE = "Missed"
_CENSUS = "Cases"
# Of the keys of an invocation, those that a metric's line carries too.
_IDS = ("request_id", "correlation_id", "caller", "dispute_id", "order_id")
_PSEUDONYM_LENGTH = 32


class WorkerFailedError(Exception):
    """A worker failed; the message names worker and error class only, since the runtime logs it and Step Functions
    keeps it in the execution's history."""


class _Printer(logging.Handler):
    """Writes to standard output as it is now: tools and tests redirect it, and metrics go there too."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(self.format(record) + "\n")


@cache
def logger() -> Logger:
    """The process's logger, by POWERTOOLS_SERVICE_NAME and LOG_LEVEL. Where in the code is said of failures only."""
    return Logger(logger_handler=_Printer(), location=None, utc=True, use_rfc3339=True)


def begin(**ids: object) -> None:
    """An invocation begins: its ids are on each line from here on, and those of the one before are not."""
    logger().clear_state()
    note(**ids)


def note(**ids: object) -> None:
    """What became known of the invocation: on each line from here on."""
    logger().append_keys(**ids)


def pseudonym_of(caller_id: str) -> str:
    """The same for the same caller within a stage; without the stage's key it says nothing of who that is."""
    key = settings.telemetry().caller_id_key
    return hmac.new(key.encode(), caller_id.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_LENGTH]


def log(message: str, ids: Mapping[str, object]) -> None:
    """One line; `ids` are ids, codes and numbers."""
    logger().info(message, extra=dict(ids))


def count(action: str, outcome: str, ids: Mapping[str, object]) -> None:
    """One action and how it ended: ACCEPTED, FAILED, or the code it was refused with. `ids` go with it, uncounted."""
    _measure(_METRIC, 1, {"action": action, "outcome": outcome}, ids)


def promised(promise: str, lateness_seconds: float, within_seconds: float, ids: Mapping[str, object]) -> None:
    """One promise of a service level objective, kept in time or not. The average says how many were missed."""
    late = int(lateness_seconds > within_seconds)
    _measure(_PROMISE, late, {"action": promise}, {"seconds": round(lateness_seconds), **ids})


def census(name: str, number: int) -> None:
    """How many there are of what the nightly audit counted under this name."""
    _measure(_CENSUS, number, {"action": "census", "outcome": name}, {})


def _measure(metric_name: str, value: int, dimensions: Mapping[str, str], ids: Mapping[str, object]) -> None:
    stage = {"stage": settings.telemetry().stage}
    known = logger().get_current_keys()
    with single_metric(metric_name, MetricUnit.Count, value, default_dimensions=stage) as metric:
        for name, text in dimensions.items():
            metric.add_dimension(name, text)
        for name, id_ in {**{name: known[name] for name in _IDS if name in known}, **ids}.items():
            metric.add_metadata(name, id_)


def unreadable(one_id: str) -> None:
    """A case or order that a list cannot show, as this version cannot read it: by id, for whoever repairs it."""
    log("unreadable", {"action": "list", "unreadable_id": one_id})
    count("row", "UNREADABLE", {"unreadable_id": one_id})


def unreadable_row(kind: str, pk: str, sk: str) -> None:
    """A row that this version cannot read, by kind and key, for whoever repairs it; nothing of what it holds."""
    if pk.startswith("SELLER#"):
        pk = f"SELLER#{pseudonym_of(pk.removeprefix('SELLER#'))}"
    ids = {"kind": kind, "pk": pk, "sk": sk}
    log("unreadable", {"action": "row", **ids})
    count("row", "UNREADABLE", ids)


def log_failure(action: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """What failed, where, with which causes. Texts of errors are left out: they may quote what people wrote."""
    logger().error("failed", extra={"action": action, **ids, "errors": _described(error)})


def worker(action: str) -> Callable[[Callable[[Any, Any], R]], Callable[[Any, Any], R]]:
    """The one decorator of the functions that nobody calls over HTTP.

    Logs and counts the outcome; an error is logged and raised again as `WorkerFailedError`.
    """

    def decorate(work: Callable[[Any, Any], R]) -> Callable[[Any, Any], R]:
        @wraps(work)
        def handler(event: Any, context: Any) -> R:
            begin(request_id=request_id_of(context), **_case_of(event))
            try:
                with function_ends_in(seconds_left(context)):
                    result = work(event, context)
            except Exception as error:  # noqa: BLE001 - whatever it was, its text must not be logged
                log_failure(action, error, {})
                count(action, FAILED, {})
                raise WorkerFailedError(f"{action}: {type(error).__name__}") from None
            log("done", {"action": action})
            count(action, ACCEPTED, {})
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
