"""Failures of what meets dates: the stream, the sweeper, Step Functions, a broken deployment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from buyer_protection.application.workers.watch import FIRST_LOOK
from ops.__main__ import DONE
from tests.e2e.case import TERMINAL, Case
from tests.e2e.faults import broken, schedule_off, trigger_off
from tests.e2e.restarting import step_functions_refuse
from tests.e2e.silence import silent_services
from tests.e2e.waiting import until, utc_now
from tests.e2e.watching import is_watched, unsent
from tests.e2e.world import World
from tests.game_day.day import DEADLINE_SECONDS, Failure, Incident

# The sweeper asks a service that is away three times in a round, and then leaves it alone.
_MORE_THAN_ASKED = 6
_ASKS_STEP_FUNCTIONS = {"dispatch_changes": ("SFN",), "sweep_deadlines": ("SFN",)}


def stream_blocked(it: Incident) -> None:
    """Cases are opened and nobody reads of it: no execution but by the sweeper's first look; afterwards everything."""
    with ExitStack() as fault:
        fault.enter_context(trigger_off(it.world, "dispatch_changes", "/stream/"))
        # The emulator ends a read that has begun.
        it.broke()
        opened, cases = utc_now(), it.opened(2)
        it.moves()
        assert all(
            run.began >= opened + FIRST_LOOK for case in cases for run in it.world.runs(case.dispute_id)
        )
        it.page.by_hand("enable the trigger of `dispatch_changes`", fault.close)
    it.whole("every case has an execution", lambda: all(map(is_watched, cases)))
    it.whole(
        "every mail has left", lambda: all(case.outbox() for case in cases) and not any(map(unsent, cases))
    )
    for case in cases:
        for party in ("BUYER", "SELLER"):
            case.await_mail(party, "DISPUTE_OPENED")


def sweeper_dead(it: Incident) -> None:
    """The executions meet dates meanwhile; what died without the sweeper is started again by it."""
    (case,), killed = it.opened(), it.left_alone()
    killed.await_parked("NEGOTIATION")
    with ExitStack() as fault:
        fault.enter_context(schedule_off(it.world, "sweep_deadlines"))
        it.broke()
        it.world.stop_execution(killed.dispute_id)
        it.moves()
        until("the execution alone has met a date", lambda: case.status != "NEGOTIATION")
        it.page.by_hand("is enabled, and enable it", fault.close)
    it.whole("no case is late", lambda: it.page.ops("cases", "list", "--overdue") == DONE)
    it.whole("the case that nobody watched goes on", lambda: killed.status != "NEGOTIATION")
    assert it.measured.to_whole < DEADLINE_SECONDS


def _without_step_functions(
    it: Incident, fails: Callable[[World], AbstractContextManager[object]], step: str
) -> None:
    """The sweeper alone meets dates; afterwards every open case has an execution again."""
    cases = it.opened(_MORE_THAN_ASKED)
    for case in cases:
        case.await_parked("NEGOTIATION")
    with ExitStack() as fault:
        fault.enter_context(fails(it.world))
        it.broke()
        _stop(it.world, cases)
        it.moves()
        it.page.by_hand(step, fault.close)
    it.whole("every case is watched or over", lambda: all(map(is_watched, cases)))
    it.whole("the command finds none unwatched", lambda: it.page.ops("cases", "list", "--unwatched") == DONE)


def _stop(world: World, cases: list[Case]) -> None:
    for case in cases:
        runs = world.runs(case.dispute_id)
        if runs[-1].status == "RUNNING":
            world.stop_execution(case.dispute_id, runs[-1].generation)


def broken_deployment(it: Incident) -> None:
    """`close_window` does not even start: the sweeper meets the dates of all cases."""
    cases = it.opened(3)
    for case in cases:
        case.await_parked("NEGOTIATION")
    with ExitStack() as fault:
        fault.enter_context(broken(it.world, "close_window"))
        it.broke()
        it.moves()
        it.page.by_hand("go back to the version before", fault.close)
    it.whole("no case is late", lambda: it.page.ops("cases", "list", "--overdue") == DONE)
    assert it.page.ops("queues", "list") == DONE
    it.whole("all have met their dates", lambda: all(case.status in TERMINAL for case in cases))


OF_CLOCK = (
    Failure(
        "The stream is blocked",
        "StreamSilent",
        "the trigger by the table's stream is disabled",
        (),
        stream_blocked,
        # Nobody has read of a change that was made just now, either.
        settles=60,
    ),
    Failure(
        "The sweeper is dead",
        "SweepSilent",
        "the rule that calls it is disabled, and an execution is killed meanwhile",
        (),
        sweeper_dead,
    ),
    Failure(
        "Step Functions is away",
        "ExecutionsUnwatched",
        "both functions that ask it are refused everything by IAM, and all executions are killed",
        (),
        partial(_without_step_functions, fails=step_functions_refuse, step="go back to the version before"),
    ),
    Failure(
        "Step Functions hangs",
        "ExecutionsUnwatched",
        "its place is taken by a port that takes every connection and never answers; all executions are killed",
        (),
        partial(
            _without_step_functions,
            fails=partial(silent_services, silent=_ASKS_STEP_FUNCTIONS),
            step="Look at Step Functions' health page",
        ),
    ),
    Failure(
        "`close_window` is deployed broken",
        "CloseWindowFailing",
        "its handler is configured to one that does not exist",
        (),
        broken_deployment,
    ),
)
