"""Q31: a service that accepts and never answers costs its round seconds, and keeps back only what needs it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import NoReturn

import pytest

from buyer_protection.application.actions.negotiation import accept_request
from buyer_protection.application.ports.events import Committed
from buyer_protection.application.ports.timers import TimerMove
from buyer_protection.application.workers.breaker import (
    MOST,
    Breaker,
    GuardedBus,
    GuardedExecutions,
    GuardedMailQueue,
    GuardedWebhookQueue,
    NoAnswerError,
    NotAskedError,
    Service,
)
from buyer_protection.application.workers.dispatch import Outcome, StreamProcessor
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import RETRY_DELAY, Sweeper
from buyer_protection.application.workers.watch import FIRST_LOOK
from buyer_protection.domain.enums import Status
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry
from tests.support.builders import DAY, OPENED
from tests.support.fakes import World
from tests.unit.application.helpers import (
    CASE,
    SELLER,
    call,
    case_of,
    follow_without_queue,
    opened,
    world,
    world_in,
)
from tests.unit.application.test_sweep import claims, crowd

SILENT = timedelta(seconds=2)
MINUTE = timedelta(minutes=1)


class Asked:
    """What a service was asked, none of which it answers."""

    def __init__(self, of: World) -> None:
        self.times = 0
        self._of = of

    def __call__(self, *_: object, **__: object) -> NoReturn:
        self.times += 1
        self._of.clock.at += SILENT
        raise TimeoutError


def silenced(of: World, patch: pytest.MonkeyPatch, port: str, *methods: str) -> Asked:
    """The port's service accepts, and never answers."""
    asked = Asked(of)
    for method in methods:
        patch.setattr(getattr(of, port), method, asked)
    return asked


def guarded(of: World) -> Sweeper:
    breaker = Breaker(of.clock)
    return Sweeper(
        of.cases,
        of.timers,
        of.refunds,
        GuardedExecutions(of.executions, breaker),
        GuardedMailQueue(of.queue, breaker),
        GuardedBus(of.bus, breaker),
        of.clock,
        of.orders,
        GuardedWebhookQueue(of.webhook_queue, breaker),
        of.switch,
        breaker=breaker,
    )


def processor(of: World) -> StreamProcessor:
    breaker = Breaker(of.clock)
    return replace(
        of.processor,
        executions=GuardedExecutions(of.executions, breaker),
        queue=GuardedMailQueue(of.queue, breaker),
        bus=GuardedBus(of.bus, breaker),
        written_at=lambda _: of.clock.at,
        breaker=breaker,
    )


def process(of: World, through: StreamProcessor) -> list[Outcome]:
    records, of.stream = of.stream, []
    through.begin()
    return [through.process(record, lambda _failure: None) for record in records]  # type: ignore[arg-type]


# --- the breaker ----------------------------------------------------------------------------------------------


def test_q31_a_service_that_says_nothing_is_asked_three_times_in_a_round_and_again_in_the_next() -> None:
    of = world()
    breaker, asked = Breaker(of.clock), Asked(of)

    def ask() -> None:
        with breaker.asking(Service.BUS):
            asked()

    for _ in range(MOST):
        with pytest.raises(NoAnswerError) as failed:
            ask()
        assert not isinstance(failed.value, NotAskedError)
    with pytest.raises(NotAskedError):
        ask()
    assert (asked.times, breaker.is_open(Service.MAIL_QUEUE)) == (MOST, False)
    breaker.begin()
    with pytest.raises(NoAnswerError):
        ask()
    assert asked.times == MOST + 1


def test_q31_a_service_that_refuses_at_once_costs_no_time_and_is_asked_each_time() -> None:
    of = world()
    breaker = Breaker(of.clock)
    for _ in range(10):
        with pytest.raises(ConnectionError), breaker.asking(Service.BUS):
            raise ConnectionError
    assert not breaker.is_open(Service.BUS)


# --- the sweeper ----------------------------------------------------------------------------------------------


def test_f2_every_deadline_is_met_before_a_silent_step_functions_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = crowd(40)
    asked = silenced(of, monkeypatch, "executions", "is_running", "start")
    began = of.clock.at
    done = sweep(guarded(of))
    assert (done["transitions"], claims(of)) == (40, 40)
    assert (asked.times, of.clock.at - began) == (MOST, MOST * SILENT)
    assert (done["failed_NoAnswerError"], done["postponed_executions"]) == (MOST, 40 - MOST)
    assert done["unwatched"] == 40


def test_f2_mails_leave_in_the_round_in_which_step_functions_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = crowd(3)
    follow_without_queue(of)
    of.clock.at += 3 * MINUTE
    silenced(of, monkeypatch, "executions", "is_running", "start")
    done = sweep(guarded(of))
    assert (done["transitions"], done["mails_requeued"]) == (3, 3)
    assert sorted(of.queue.asked) == ["dp-1", "dp-2", "dp-3"]


@pytest.mark.parametrize(
    ("port", "method", "postponed"), [("queue", "enqueue", "mail_queue"), ("bus", "publish", "bus")]
)
def test_q31_what_a_silent_service_keeps_back_stays_due_and_leaves_once_it_answers(
    monkeypatch: pytest.MonkeyPatch, port: str, method: str, postponed: str
) -> None:
    of = crowd(8)
    for number in range(8):
        of.clock.at = OPENED
        accept_request(of.context, call(SELLER), f"dp-{number + 1}")
    follow_without_queue(of)
    of.bus.published.clear()
    of.queue.asked.clear()
    of.clock.at = OPENED + DAY
    with monkeypatch.context() as patch:
        asked = silenced(of, patch, port, method)
        done = sweep(guarded(of))
        assert asked.times == MOST
        assert done[f"postponed_{postponed}"] >= 8 - MOST
        other = done["refunds_reemitted"] if port == "queue" else done["mails_requeued"]
        assert other == 8, "the others have their turn"
    for _ in range(5):
        of.clock.at += MINUTE
        sweep(guarded(of))
    assert set(of.queue.asked) == {f"dp-{number}" for number in range(1, 9)}
    assert len({event.detail["refund_id"] for event in of.bus.published}) == 8
    assert timedelta(minutes=5) >= RETRY_DELAY + MINUTE


def test_f2_no_row_is_begun_without_the_time_for_it() -> None:
    of = crowd(6)
    asked = 0

    def has_time() -> bool:
        nonlocal asked
        asked += 1
        return asked <= 4

    done = sweep(guarded(of), has_time)
    # The page, and three rows.
    assert (done["transitions"], done["unfinished"]) == (3, 1)
    assert sweep(guarded(of))["transitions"] == 3


def test_f3_a_case_that_nobody_watches_is_looked_at_ever_more_seldom_and_at_its_next_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    silenced(of, monkeypatch, "executions", "is_running", "start")
    of.clock.at = OPENED + 3 * DAY
    looks, began = [], of.clock.at
    while of.clock.at < began + DAY:
        if sweep(guarded(of))["deadlines"]:
            looks.append((of.clock.at - began) // MINUTE)
        of.clock.at += MINUTE
    assert looks[0] == 0
    assert looks[1] <= 2, "within the minute, deadlines being promised within two"
    assert len([minute for minute in looks if minute <= 120]) <= 9
    assert len(looks) <= 9 + 23
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert max(gaps) <= 61
    # The next date counts, whatever the interval has grown to.
    of.clock.at = case_of(of).deadline - MINUTE  # type: ignore[operator]
    sweep(guarded(of))
    of.clock.at += MINUTE + timedelta(seconds=1)
    sweep(guarded(of))
    assert case_of(of).status is Status.CLAIM_EVIDENCE


def test_f3_once_step_functions_answers_the_case_is_watched_and_costs_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    of.clock.at = OPENED + 3 * DAY
    with monkeypatch.context() as patch:
        silenced(of, patch, "executions", "is_running", "start")
        sweep(guarded(of))
    of.clock.at += FIRST_LOOK
    assert sweep(guarded(of))["restarted"] == 1
    writes = of.writes
    for _ in range(10):
        of.clock.at += MINUTE
        assert not sweep(guarded(of))["deadlines"]
    # Its mails alone are asked for once more.
    assert of.writes - writes <= 2 * 3


# --- the stream -----------------------------------------------------------------------------------------------


def kinds(of: World, kind: type[Committed]) -> int:  # type: ignore[valid-type]
    return sum(isinstance(record, kind) for record in of.stream)


def settled(of: World) -> None:
    """A case that was opened and settled: entries, an alarm, a refund in the stream."""
    opened(of)
    accept_request(of.context, call(SELLER), CASE)


def test_f2_a_silent_step_functions_keeps_back_alarms_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    of = world()
    settled(of)
    silenced(of, monkeypatch, "executions", "start", "wake")
    alarms = kinds(of, TimerMove)
    outcomes = process(of, processor(of))
    assert 0 < outcomes.count(Outcome.MOVED) <= alarms
    assert {event.type for event in of.bus.published} >= {"DisputeOpened", "RefundRequested"}
    assert of.mails
    assert of.queue.asked


def test_f2_a_hundred_alarms_over_a_silent_step_functions_cost_three_time_outs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = crowd(50)
    asked = silenced(of, monkeypatch, "executions", "start", "wake")
    began = of.clock.at
    outcomes = process(of, processor(of))
    assert outcomes.count(Outcome.MOVED) == 50
    assert (asked.times, of.clock.at - began) == (MOST, MOST * SILENT)


def test_q31_a_silent_mail_queue_keeps_no_record_back_and_the_sweeper_asks_for_the_mails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    settled(of)
    with monkeypatch.context() as patch:
        silenced(of, patch, "queue", "enqueue")
        outcomes = process(of, processor(of))
    assert set(outcomes) == {Outcome.DONE}
    assert of.executions.started
    assert {event.type for event in of.bus.published} >= {"DisputeOpened", "RefundRequested"}
    of.clock.at += 2 * MINUTE
    assert sweep(guarded(of))["mails_requeued"] == 1


def test_q31_a_silent_bus_keeps_back_events_and_refunds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    of = world()
    settled(of)
    refunds, entries = kinds(of, Refund), kinds(of, TimelineEntry)
    silenced(of, monkeypatch, "bus", "publish")
    outcomes = process(of, processor(of))
    assert outcomes.count(Outcome.MOVED) == refunds + entries + 1, "the order's end is published too"
    assert of.executions.started
    assert of.mails
    assert of.queue.asked == [CASE, CASE]


def test_q31_an_alarm_that_neither_step_functions_nor_the_retry_queue_takes_blocks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    settled(of)
    silenced(of, monkeypatch, "executions", "start", "wake")
    refuse = Asked(of)
    monkeypatch.setattr(of.processor.retry_queue, "put", refuse)
    outcomes = process(of, processor(of))
    assert 0 < outcomes.count(Outcome.LEFT) == refuse.times
    assert {event.type for event in of.bus.published} >= {"DisputeOpened", "RefundRequested"}


def test_q31_an_event_that_neither_the_bus_nor_the_retry_queue_takes_stays_in_the_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    settled(of)
    silenced(of, monkeypatch, "bus", "publish")
    monkeypatch.setattr(of.processor.retry_queue, "put", Asked(of))
    with pytest.raises(TimeoutError):
        process(of, processor(of))


def test_f2_what_fails_of_one_entry_keeps_its_other_effects_back_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    opened(of)

    def refuse(*_: object) -> NoReturn:
        raise ConnectionError

    monkeypatch.setattr(of.outbox, "add", refuse)
    with pytest.raises(ConnectionError):
        process(of, processor(of))
    assert {event.type for event in of.bus.published} >= {"DisputeOpened"}
