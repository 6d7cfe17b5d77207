"""A change that the stream processor cannot deal with: retried in its place, then moved to the retry queue."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.ports.events import Committed
from buyer_protection.application.ports.timers import TimerMove, TimerState
from buyer_protection.application.workers.dispatch import PATIENCE, StreamProcessor
from buyer_protection.composition import container
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.runtime.observability import WorkerFailedError
from tests.support.api_events import CONTEXT, ENVIRONMENT
from tests.support.fake_workers import FakeRetryQueue
from tests.support.fakes import World
from tests.support.in_process import handler_of
from tests.unit.application.helpers import opened, world

SECOND = timedelta(seconds=1)


class UnavailableError(Exception):
    """A service that a change needs is away."""


@dataclass
class Stream:
    """Records as the stream brings them: here only a number, and what was committed beside it."""

    of: World
    late: FakeRetryQueue = field(default_factory=FakeRetryQueue)
    rows: list[Committed] = field(default_factory=list)

    def records(self) -> list[dict[str, Any]]:
        first = len(self.rows)
        self.rows += self.of.stream
        self.of.stream = []
        keys = {"pk": {"S": "CASE#dp-1"}, "sk": {"S": "TL#"}}
        written = self.of.clock.at.timestamp()
        return [
            {"dynamodb": {"Keys": keys, "ApproximateCreationDateTime": written}, "number": number}
            for number in range(first, len(self.rows))
        ]

    def processor(self) -> StreamProcessor:
        from buyer_protection.adapters.dynamodb.stream_records import written_at

        return replace(
            self.of.processor,
            parse=lambda record: self.rows[record["number"]],
            written_at=written_at,
            retry_queue=self.late,
        )


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    found = Stream(world())
    opened(found.of)
    container.get.cache_clear()
    container.get().stream_processor = found.processor()
    yield found
    container.get.cache_clear()


@pytest.fixture
def bus_is_away(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    def refuse(_events: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as away:
        away.setattr(stream.of.bus, "publish", refuse)
        yield away


def handle(records: list[dict[str, Any]]) -> list[dict[str, str]]:
    handler = handler_of("dispatch_changes")
    failed: list[dict[str, str]] = handler({"Records": records}, CONTEXT)["batchItemFailures"]
    return failed


def messages(stream: Stream) -> list[dict[str, Any]]:
    """What was moved to the retry queue, as SQS brings it."""
    kept = enumerate(stream.late.kept)
    return [{"messageId": f"m-{number}", "body": json.dumps(record)} for number, record in kept]


def counted(printed: str) -> list[tuple[str, str, str | None]]:
    lines = [json.loads(line) for line in printed.splitlines()]
    return [
        (line["action"], line["outcome"], line.get("dispute_id"))
        for line in lines
        if line.get("action") == "change" and "_aws" in line
    ]


@pytest.mark.usefixtures("bus_is_away")
def test_a_change_that_fails_is_tried_again_in_its_place_at_first(stream: Stream) -> None:
    records = stream.records()
    stream.of.clock.at += PATIENCE - SECOND

    with pytest.raises(WorkerFailedError):
        handle(records)

    assert stream.late.kept == []


@pytest.mark.usefixtures("bus_is_away")
def test_one_that_fails_for_two_minutes_is_moved_to_the_retry_queue_and_those_behind_it_go_on(
    stream: Stream, capsys: pytest.CaptureFixture[str]
) -> None:
    records = stream.records()
    entries = [number for number, row in enumerate(stream.rows) if isinstance(row, TimelineEntry)]
    stream.of.clock.at += PATIENCE + SECOND

    assert handle(records) == []

    assert [record["number"] for record in stream.late.kept] == entries
    assert len(stream.of.executions.started) == 1, "the alarm's own record came after the entry's"
    assert counted(capsys.readouterr().out) == [("change", "SET_ASIDE", "dp-1")]


@pytest.mark.usefixtures("bus_is_away")
def test_where_not_even_the_queue_takes_it_the_stream_keeps_it(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_record: object) -> None:
        raise UnavailableError

    monkeypatch.setattr(stream.late, "put", refuse)
    records = stream.records()
    stream.of.clock.at += PATIENCE + SECOND

    with pytest.raises(WorkerFailedError):
        handle(records)


def test_a_record_that_does_not_say_when_it_was_written_stays_in_the_stream(
    stream: Stream, bus_is_away: pytest.MonkeyPatch
) -> None:
    records = stream.records()
    for record in records:
        del record["dynamodb"]["ApproximateCreationDateTime"]
    stream.of.clock.at += 10 * PATIENCE

    with pytest.raises(WorkerFailedError):
        handle(records)


def test_what_was_moved_is_made_up_for_once_the_service_is_back(
    stream: Stream, bus_is_away: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    records = stream.records()
    stream.of.clock.at += PATIENCE + SECOND
    handle(records)
    (message,) = messages(stream)
    assert handle([message]) == [{"itemIdentifier": "m-0"}], "the bus is still away"
    assert stream.of.bus.published == []
    bus_is_away.undo()
    capsys.readouterr()

    assert handle([message]) == []

    assert [event.type for event in stream.of.bus.published] == ["DisputeOpened", "OrderHeld"]
    assert len(stream.of.outbox.unsent("dp-1")) == 2
    assert counted(capsys.readouterr().out) == [("change", "MADE_UP_FOR", "dp-1")]


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "{}", '{"dynamodb": {"Keys": {"pk": {"S": "x y"}}}}'])
def test_a_message_that_is_no_change_keeps_no_other_back_and_is_not_logged(
    stream: Stream, body: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    stream.records()
    good = {"messageId": "m-1", "body": json.dumps({"dynamodb": {"Keys": {}}, "number": 0})}

    assert handle([{"messageId": "m-0", "body": body}, good]) == [{"itemIdentifier": "m-0"}]

    assert counted(capsys.readouterr().out) == [("change", "MADE_UP_FOR", None)]
    assert not any("x y" in str(vars(record)) for record in caplog.records)


@pytest.mark.parametrize(("late", "expected"), [(60, (0.0, 60)), (180, (1.0, 180))])
def test_q1_each_deadline_is_measured_once_it_is_met(
    stream: Stream, capsys: pytest.CaptureFixture[str], late: int, expected: tuple[float, int]
) -> None:
    due = stream.of.clock.at - late * SECOND
    old = TimerState("dp-1", 1, "NEGOTIATION", 1, due)
    new = TimerState("dp-1", 1, "CLAIM_EVIDENCE", 2, due + timedelta(days=1))
    stream.of.stream = [TimerMove(old, new)]

    handle(stream.records())

    measured = [
        found for line in capsys.readouterr().out.splitlines() if "Missed" in (found := json.loads(line))
    ]
    assert [(one["action"], one["Missed"][0], one["seconds"]) for one in measured] == [
        ("deadline_in_time", *expected)
    ]
