"""The wire between a handler and AWS: counts the calls, and has one of them fail.

All clients end in moto's stubber, which botocore asks at `before-send`; `Wire` stands in front of it. What moto lacks
is answered here: Step Functions (moto does not run callback tasks), the team's user pool, and the token of a
transaction, with which a repetition within ten minutes answers what the first one did and writes nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse


class Died(BaseException):
    """The function's process ended in the middle of a call."""


class Mode(StrEnum):
    """What happens at a call. Two ways of an error, two of a lost answer: once, and for as long as one asks."""

    BEFORE = "before"  # the process dies, the call was not made
    AFTER = "after"  # the call took effect, the process dies
    ERROR = "error"  # the service answers 5xx, however often it is asked
    THROTTLE = "throttle"  # the service refuses for want of capacity, however often it is asked
    LOST = "lost"  # the call took effect, the connection broke; asked again, the service answers
    CUT = "cut"  # the call took effect, the connection broke, as it does with each repetition
    SILENT = "silent"  # the service accepts, does nothing and says nothing, which costs the client's time-out


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the call of this number (from 1) among all that the act makes."""

    at: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that took effect: service and operation, and what was asked."""

    operation: str
    asked: dict[str, Any]


Answer = tuple[int, dict[str, Any]]
# As `adapters/aws/clients.py` waits in the background.
TIME_OUT = timedelta(seconds=2)

_FAULTS = {
    Mode.ERROR: (500, "InternalServerError"),
    Mode.THROTTLE: (400, "ThrottlingException"),
}
_S3_CODES = {"InternalServerError": (500, "InternalError"), "ThrottlingException": (503, "SlowDown")}


@dataclass
class Wire:
    """Counts and breaks the calls of a handler (`process`); the test's own calls go through untouched.

    `effects` are the requests to services that send something out, as they took effect, duplicates and all.
    `step_functions` answers that service's calls, `team` those of the user pool.
    """

    step_functions: Callable[[str, dict[str, Any]], Answer]
    pass_time: Callable[[timedelta], None]
    team: Callable[[str, dict[str, Any]], Answer] | None = None
    fault: Fault | None = None
    counted: list[str] = field(default_factory=list)
    effects: list[Sent] = field(default_factory=list)
    hit: str | None = None
    _in_process: bool = False
    _dead: bool = False
    _tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin(self, effects: list[Sent], fault: Fault | None) -> None:
        """Count anew, with this fault ahead, after these effects."""
        self.effects[:] = effects
        self.fault, self.hit = fault, None
        self.counted.clear()
        self._tokens.clear()

    @contextmanager
    def process(self) -> Iterator[None]:
        """One invocation of a handler. A fault that struck is over when it ends."""
        self._in_process, self._dead = True, False
        try:
            yield
        finally:
            self._in_process = False
            if self.hit is not None:
                self.fault = None

    def send(self, stubber: BotocoreStubber, event_name: str, request: Any) -> AWSResponse | None:
        """What botocore's `before-send` handler answers; raises what the fault makes of the call."""
        _, operation = event_name.split(".", 1)
        if not self._in_process:
            return self._served(stubber, event_name, request, operation)
        if self._dead:
            raise Died
        self.counted.append(operation)
        mode = self._mode(operation)
        if mode is None:
            return self._served(stubber, event_name, request, operation)
        if mode in _FAULTS:
            return _refusal(request, operation, *_FAULTS[mode])
        if mode is Mode.SILENT:
            self.pass_time(TIME_OUT)
            raise ReadTimeoutError(endpoint_url=request.url)
        if mode is not Mode.BEFORE:
            self._served(stubber, event_name, request, operation)
        if mode in {Mode.BEFORE, Mode.AFTER}:
            self._dead = True
            raise Died
        raise ReadTimeoutError(endpoint_url=request.url)

    def _mode(self, operation: str) -> Mode | None:
        """The fault that strikes this very call; from the first strike on also its repetitions, where it goes on."""
        if self.fault is None:
            return None
        if self.hit is None:
            if len(self.counted) != self.fault.at:
                return None
            self.hit = operation
            return self.fault.mode
        goes_on = self.fault.mode in {Mode.ERROR, Mode.THROTTLE, Mode.CUT, Mode.SILENT}
        return self.fault.mode if goes_on and operation == self.hit else None

    def _served(
        self, stubber: BotocoreStubber, event_name: str, request: Any, operation: str
    ) -> AWSResponse | None:
        service = operation.split(".", 1)[0]
        asked = _json(request) if service in _IN_JSON else {}
        token = asked.get("ClientRequestToken") if operation == "dynamodb.TransactWriteItems" else None
        if token in self._tokens:
            same = self._tokens[token] == asked
            return _answer(request, 200, {}) if same else _refusal(request, operation, 400, _MISMATCH)
        if service == "sfn":
            answer: AWSResponse | None = _answer(
                request, *self.step_functions(operation.split(".")[1], asked)
            )
        elif service == _USER_POOLS and self.team is not None:
            answer = _answer(request, *self.team(operation.split(".")[1], asked))
        else:
            answer = stubber.__class__.pass_on(stubber, event_name, request)
        if answer is not None and answer.status_code < 300:
            if token is not None:
                self._tokens[token] = asked
            if service in {"eventbridge", "sesv2", "sqs"}:
                self.effects.append(Sent(operation, asked))
        return answer


_USER_POOLS = "cognito-identity-provider"
_IN_JSON = frozenset({"dynamodb", "sfn", "eventbridge", "sqs", "sesv2", _USER_POOLS})
_MISMATCH = "IdempotentParameterMismatchException"


@contextmanager
def placed(wire: Wire) -> Iterator[None]:
    """Put the wire in front of moto's stubber, whichever client asks."""
    original = BotocoreStubber.__call__

    def before_send(stubber: BotocoreStubber, event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        return wire.send(stubber, event_name, request)

    BotocoreStubber.pass_on = original
    BotocoreStubber.__call__ = before_send
    try:
        yield
    finally:
        BotocoreStubber.__call__ = original
        del BotocoreStubber.pass_on


def _json(request: Any) -> dict[str, Any]:
    body = request.body
    text = body.read() if hasattr(body, "read") else body
    found: dict[str, Any] = json.loads(text or "{}")
    return found


def _answer(request: Any, status: int, body: dict[str, Any]) -> AWSResponse:
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    if status >= 300:
        headers["x-amzn-ErrorType"] = body["__type"]
    return AWSResponse(request.url, status, headers, MockRawResponse(json.dumps(body)))


def _refusal(request: Any, operation: str, status: int, code: str) -> AWSResponse:
    if not operation.startswith("s3."):
        return _answer(request, status, {"__type": code, "message": "a fault of the test"})
    status, code = _S3_CODES[code]
    text = f"<Error><Code>{code}</Code><Message>a fault of the test</Message></Error>"
    body = "" if operation == "s3.HeadObject" else text
    return AWSResponse(request.url, status, {"Content-Type": "application/xml"}, MockRawResponse(body))
