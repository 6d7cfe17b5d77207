"""The sweeper: whatever the execution, the stream or a function failed to do, done within a minute or two.

It reads one index of what is due, by kind, oldest first and page after page while time remains, and uses the same use
cases as everybody else; where nothing is overdue it writes nothing. A row that fails is postponed, so that it delays no
other; one that nobody can read, ever longer (decision 0066).
Deadlines come first and need the table alone; executions come last (`workers/watch.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import chain
from threading import Lock
from typing import TypeAlias, cast

from msgspec import structs

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.timers import (
    WHOLE,
    DueKind,
    DueRow,
    Share,
)
from buyer_protection.application.workers.breaker import NotAskedError
from buyer_protection.application.workers.clock import CaseMissingError, close_window
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.application.workers.sweep_effects import effect_of
from buyer_protection.application.workers.sweep_round import (
    RETRY_DELAY,
    OnRepair,
    Process,
    Repair,
    Round,
    Sweeper,
)
from buyer_protection.application.workers.watch import (
    FIRST_LOOK,
    KeptDue,
    Unwatched,
    UnwatchedError,
    restart_if_dead,
)
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.windows import CLAIM_OPENED, CONTRACT, Alarm

# The longest that a row waits which holds what this version does not understand.
LONGEST_ASIDE = timedelta(hours=1)
_Task: TypeAlias = Callable[[], Counter[str]]


def sweep(
    sweeper: Sweeper,
    has_time: Callable[[], bool] = lambda: True,
    on_repair: OnRepair = lambda _repair: None,
    share: Share = WHOLE,
) -> Counter[str]:
    """One round over a share of everything: every overdue deadline met, then stuck mails and refunds sent again, then
    dead executions restarted.

    In this order, since deadlines need the table alone: no service that is away or slow comes before them. `has_time`
    is asked before each row, and says whether enough is left for the worst of one.

    Returns how much of what was done; `on_repair` is called with every repair, one at a time. One case that fails
    delays no other; it is counted under `failed_` and the error's name. `postponed_` and a service's name counts what
    was not tried, since the service had not answered before in this round. `unfinished` is 1 where time was over first:
    the next minute goes on.
    """
    done: Counter[str] = Counter()
    one_at_a_time = Lock()
    if sweeper.breaker is not None:
        sweeper.breaker.begin()

    def report(repair: Repair) -> None:
        with one_at_a_time:
            on_repair(repair)

    this = Round(sweeper, has_time, report, _are_refunds_held(sweeper, done), share)
    before: list[DueRow] = []
    with _worker_threads(sweeper.concurrency) as run_all:

        def run(tasks: Iterable[_Task]) -> None:
            for counted in run_all(tasks):
                done.update(counted)

        for page in _pages_of_deadlines(this, done):
            run(partial(_process_row, this, row, _meet_deadline) for row in page if row.sort_key == "TIMER")
            # Rows of versions that put everything here.
            before += (row for row in page if row.sort_key != "TIMER")
        for page in chain([before], _pages_of_effects(this, done)):
            run(partial(_process_row, this, row, effect_of(this, row)) for row in page)
        run(partial(_look_after, this, one) for one in this.unwatched)
    if done["unfinished"] or not has_time():
        done["unfinished"] = 1
    return done


def _pages_of_deadlines(this: Round, done: Counter[str]) -> Iterator[Sequence[DueRow]]:
    """What is due, unless operators hold the clock: one that waits is enough to say so. Where the switch cannot be
    read, deadlines are met: nobody asked for anything else."""
    try:
        is_held = this.sweeper.clock_switch.hold() is not None
    except Exception as failure:  # noqa: BLE001 - deadlines do not depend on the switch
        done[f"failed_{type(failure).__name__}"] += 1
        is_held = False
    if not is_held:
        yield from _pages(this, DueKind.DEADLINE)
    elif this.has_time():
        now = this.sweeper.clock.now()
        waiting = this.sweeper.timers.due(now, limit=1, kinds=(DueKind.DEADLINE,), share=this.share)
        done["deadlines_held"] += len(waiting)


def _are_refunds_held(sweeper: Sweeper, done: Counter[str]) -> bool:
    """Where the switch cannot be read, refunds wait; deadlines do not."""
    try:
        return sweeper.switch.hold() is not None
    except Exception as failure:  # noqa: BLE001 - the clock does not depend on the refunds' switch
        done[f"failed_{type(failure).__name__}"] += 1
        return True


def _pages(this: Round, kind: DueKind) -> Iterator[Sequence[DueRow]]:
    """What is due of a kind, oldest first, each row once, until nothing is left or time is over.

    Rows that stay due are read again with each page, so that the page grows beyond them.
    """
    sweeper = this.sweeper
    seen: set[DueRow] = set()
    limit = sweeper.page
    while this.has_time():
        page = sweeper.timers.due(sweeper.clock.now(), limit=limit, kinds=(kind,), share=this.share)
        fresh = [row for row in page if row not in seen]
        if not fresh:
            if len(page) < limit:
                return
            limit *= 2
        seen.update(fresh)
        yield fresh


def _pages_of_effects(this: Round, done: Counter[str]) -> Iterator[Sequence[DueRow]]:
    """What is due beside deadlines. Refunds that operators hold back are not read, however many they are: one is enough
    to say that some wait."""
    yield from _pages(this, DueKind.EFFECT)
    if not this.held:
        yield from _pages(this, DueKind.REFUND)
    elif this.has_time():
        sweeper = this.sweeper
        now = sweeper.clock.now()
        waiting = sweeper.timers.due(now, limit=1, kinds=(DueKind.REFUND,), share=this.share)
        done["refunds_held"] += len(waiting)


@contextmanager
def _worker_threads(concurrency: int) -> Iterator[Callable[[Iterable[_Task]], Iterable[Counter[str]]]]:
    if concurrency == 1:
        yield lambda tasks: (task() for task in tasks)
        return
    with ThreadPoolExecutor(concurrency) as pool:
        yield lambda tasks: pool.map(lambda task: task(), tasks)


def _process_row(this: Round, row: DueRow, process: Process) -> Counter[str]:
    done: Counter[str] = Counter()
    if not this.has_time():
        done["unfinished"] = 1
        return done
    try:
        process(this, row, done)
    except NotAskedError as silent:
        # It stays due as it is: the next round asks again.
        done[f"postponed_{silent}"] += 1
    except Exception as failure:  # noqa: BLE001 - one case that fails delays no other
        done[f"failed_{type(failure).__name__}"] += 1
        _postpone_failed(this.sweeper, row, failure, done)
    _report(this, row.dispute_id, done)
    return done


def _report(this: Round, dispute_id: str, done: Counter[str]) -> None:
    for kind in done:
        if kind not in _NOT_REPORTED and not kind.startswith("postponed_"):
            this.report(Repair(kind, dispute_id))


# Looking at a row, and leaving it alone, repairs nothing; a refund that is given up has been reported already.
_NOT_REPORTED = frozenset(
    {"deadlines", "deadlines_held", "unwatched", "refunds_held", "refunds_given_up", "unfinished"}
)


def _postpone_failed(sweeper: Sweeper, row: DueRow, failed_by: Exception, done: Counter[str]) -> None:
    """A row that failed goes behind the others; where even that fails, it is still there next minute.

    What failed by what is stored fails again: it comes back ever more seldom, so that thousands of such rows leave a
    round its time. Anything else may work the next minute.
    """
    delay, now = FIRST_LOOK if row.sort_key == "TIMER" else RETRY_DELAY, sweeper.clock.now()
    try:
        if isinstance(failed_by, UNREADABLE):
            sweeper.timers.put_aside(row, now, delay, LONGEST_ASIDE)
        else:
            sweeper.timers.postpone(row, now + delay)
    except Exception as failure:  # noqa: BLE001 - the store is away: nothing else can be done about this row now
        done[f"failed_{type(failure).__name__}"] += 1


def _meet_deadline(this: Round, row: DueRow, done: Counter[str]) -> None:
    """R15, R22, R24, R36 without any execution, and with the table alone.

    That an execution watches over what comes next is seen to afterwards. Until then the row stays due: each change says
    so in its own transaction, so that a round that dies in between leaves no open case that nobody waits for.
    """
    sweeper = this.sweeper
    timer, before = sweeper.timers.timer(row.dispute_id), _case(sweeper, row.dispute_id)
    if timer is None:
        return
    if before is None:
        raise CaseMissingError(row.dispute_id)
    kept_due = KeptDue(sweeper.cases)
    cases = cast("CaseStore", kept_due)
    alarm = Alarm(timer.dispute_id, timer.generation, CONTRACT, timer.status, timer.epoch, 1)
    after = close_window(cases, sweeper.clock, alarm)
    done["deadlines"] += 1
    if after.status != timer.status or after.epoch != timer.epoch:
        done["transitions"] += 1
    if timer.status == CLAIM_OPENED == after.status and _is_due(sweeper, before):
        # The execution has had its time to bring the claim before the team.
        open_mediation(cases, sweeper.orders, sweeper.clock, after)
        done["mediations_opened"] += 1
    case = _case(sweeper, row.dispute_id) or before
    due = windows.due_at(case)
    if due is not None:
        kept = row if kept_due.until is None else structs.replace(row, due_at=min(kept_due.until, due))
        this.unwatched.append(Unwatched(kept, due, case.updated_at or case.opened_at))


def _look_after(this: Round, one: Unwatched) -> Counter[str]:
    """See that an execution runs for a case whose deadline was met, and let its row be due when its next date is.

    Where Step Functions does not answer the next date counts all the same; until then it is looked after ever more
    seldom.
    """
    sweeper, done = this.sweeper, Counter[str]()
    if not this.has_time():
        done["unfinished"] = 1
        return done
    try:
        until = one.due
        try:
            done.update(restart_if_dead(sweeper, one.row.dispute_id))
        except UnwatchedError as unwatched:
            until = one.look_again_at(sweeper.clock.now())
            word = "postponed_executions" if unwatched.was_not_asked else f"failed_{unwatched}"
            done[word] += 1
            done["unwatched"] += 1
        if until != one.row.due_at:
            sweeper.timers.postpone(one.row, until)
    except Exception as failure:  # noqa: BLE001 - one case that fails delays no other
        done[f"failed_{type(failure).__name__}"] += 1
        _postpone_failed(sweeper, one.row, failure, done)
    _report(this, one.row.dispute_id, done)
    return done


def _case(sweeper: Sweeper, dispute_id: str) -> Dispute | None:
    loaded = sweeper.cases.load(dispute_id)
    return None if loaded is None else loaded.case


def _is_due(sweeper: Sweeper, case: Dispute) -> bool:
    due = windows.due_at(case)
    return due is not None and due <= sweeper.clock.now()
