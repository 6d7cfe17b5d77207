"""The sweeper: whatever the execution, the stream or a function failed to do, done within a minute or two.

It reads one index of what is due, oldest first and page after page while time remains, and uses the same use cases as
everybody else; where nothing is overdue it writes nothing. A row that fails is postponed, so that it delays no other;
one that nobody can read, ever longer (decision 0066).
Deadlines come first and need the table alone; executions come last (`workers/watch.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import TypeAlias, cast

from msgspec import structs

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import UNREADABLE, UnreadableRowError
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.mails import (
    NotificationQueue,
    person_of_subject,
    webhook_of_subject,
)
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refund_switch import RELEASED, RefundSwitch
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import DueRow, Executions, TimerStore
from buyer_protection.application.ports.webhooks import WebhookQueue
from buyer_protection.application.workers.breaker import Breaker, NotAskedError, Service
from buyer_protection.application.workers.clock import CaseMissingError, close_window
from buyer_protection.application.workers.erasure import Erased, Eraser, erase_person
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.application.workers.refunds import Published, give_refund_up, publish_refund
from buyer_protection.application.workers.watch import (
    FIRST_LOOK,
    KeptDue,
    Unwatched,
    UnwatchedError,
    restart_if_dead,
)
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refunds import HELD_CHECK_AFTER, is_unanswered, needs_operator
from buyer_protection.domain.windows import CLAIM_OPENED, CONTRACT, Alarm

# Rows of a page of the index.
PAGE = 200
_DELIVERY, _MAIL = "DELIVERY#", "MAIL#"
# When a row that failed, or a mail that was asked for again, is due again: with the minute until the next round, no
# effect waits longer than five after whatever kept it back is over (Q31).
RETRY_DELAY = timedelta(minutes=4)
# The longest that a row waits which holds what this version does not understand.
LONGEST_ASIDE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What sweeping needs; `concurrency` is the number of rows at once."""

    cases: CaseStore
    timers: TimerStore
    refunds: RefundStore
    executions: Executions
    queue: NotificationQueue
    bus: EventBus
    clock: Clock
    orders: OrderStore
    webhooks: WebhookQueue
    switch: RefundSwitch = RELEASED
    concurrency: int = 1
    breaker: Breaker | None = None
    eraser: Eraser | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, or could not be done, about one row that was due: its kind, and the case."""

    kind: str
    dispute_id: str


_OnRepair: TypeAlias = Callable[[Repair], None]
_Task: TypeAlias = Callable[[], Counter[str]]
_Process: TypeAlias = "Callable[[_Round, DueRow, Counter[str]], None]"


@dataclass(slots=True)
class _Round:
    """One look at everything that is due: what it works with, and what it has still to come to.

    `asked` are the cases whose mails were asked for: one message brings all of them.
    """

    sweeper: Sweeper
    has_time: Callable[[], bool]
    report: _OnRepair
    held: bool
    asked: set[str] = field(default_factory=set)
    unwatched: list[Unwatched] = field(default_factory=list)


def sweep(
    sweeper: Sweeper,
    has_time: Callable[[], bool] = lambda: True,
    on_repair: _OnRepair = lambda _repair: None,
) -> Counter[str]:
    """One round: every overdue deadline met, then stuck mails and refunds sent again, then dead executions restarted.

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

    this = _Round(sweeper, has_time, report, _are_refunds_held(sweeper, done))
    others: list[DueRow] = []
    with _worker_threads(sweeper.concurrency) as run_all:

        def run(tasks: Iterable[_Task]) -> None:
            for counted in run_all(tasks):
                done.update(counted)

        for page in _pages(sweeper, has_time):
            run(partial(_process_row, this, row, _meet_deadline) for row in page if row.sort_key == "TIMER")
            others += (row for row in page if row.sort_key != "TIMER")
        run(partial(_process_row, this, row, _effect_of(this, row)) for row in others)
        run(partial(_look_after, this, one) for one in this.unwatched)
    if done["unfinished"] or not has_time():
        done["unfinished"] = 1
    return done


def _are_refunds_held(sweeper: Sweeper, done: Counter[str]) -> bool:
    """Where the switch cannot be read, refunds wait; deadlines do not."""
    try:
        return sweeper.switch.hold() is not None
    except Exception as failure:  # noqa: BLE001 - the clock does not depend on the refunds' switch
        done[f"failed_{type(failure).__name__}"] += 1
        return True


def _pages(sweeper: Sweeper, has_time: Callable[[], bool]) -> Iterator[Sequence[DueRow]]:
    """What is due, oldest first, each row once, until nothing is left or time is over.

    Rows that stay due (those that are not deadlines, until all deadlines are met) are read again with each page, so
    that the page grows beyond them.
    """
    seen: set[DueRow] = set()
    limit = PAGE
    while has_time():
        page = sweeper.timers.due(sweeper.clock.now(), limit=limit)
        fresh = [row for row in page if row not in seen]
        if not any(row.sort_key == "TIMER" for row in fresh):
            if len(page) < limit:
                yield fresh
                return
            limit *= 2
        seen.update(fresh)
        yield fresh


@contextmanager
def _worker_threads(concurrency: int) -> Iterator[Callable[[Iterable[_Task]], Iterable[Counter[str]]]]:
    if concurrency == 1:
        yield lambda tasks: (task() for task in tasks)
        return
    with ThreadPoolExecutor(concurrency) as pool:
        yield lambda tasks: pool.map(lambda task: task(), tasks)


def _effect_of(this: _Round, row: DueRow) -> _Process:
    if row.sort_key == "REFUND":
        return _emit_refund
    if row.sort_key.startswith(_DELIVERY):
        return _ask_for_delivery
    if row.sort_key == "ERASURE":
        return _erase_person
    if not row.sort_key.startswith(_MAIL):
        return _refuse
    is_first = row.dispute_id not in this.asked
    this.asked.add(row.dispute_id)
    return partial(_ask_for_mails, is_first=is_first)


def _process_row(this: _Round, row: DueRow, process: _Process) -> Counter[str]:
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


def _refuse(_this: _Round, row: DueRow, _done: Counter[str]) -> None:
    raise UnreadableRowError(f"{row.dispute_id} {row.sort_key}")


def _report(this: _Round, dispute_id: str, done: Counter[str]) -> None:
    for kind in done:
        if kind not in _NOT_REPORTED and not kind.startswith("postponed_"):
            this.report(Repair(kind, dispute_id))


# Looking at a row, and leaving it alone, repairs nothing; a refund that is given up has been reported already.
_NOT_REPORTED = frozenset({"deadlines", "refunds_held", "refunds_given_up", "unfinished"})


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


def _meet_deadline(this: _Round, row: DueRow, done: Counter[str]) -> None:
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


def _look_after(this: _Round, one: Unwatched) -> Counter[str]:
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


def _ask_for_mails(this: _Round, row: DueRow, done: Counter[str], *, is_first: bool) -> None:
    sweeper = this.sweeper
    if sweeper.breaker is not None and sweeper.breaker.is_open(Service.MAIL_QUEUE):
        raise NotAskedError(Service.MAIL_QUEUE)
    sweeper.timers.check(row)
    if is_first:
        sweeper.queue.enqueue(row.dispute_id)
        done["mails_requeued"] += 1
    # Where the notification function is away, one message a minute would only pile up.
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


def _ask_for_delivery(this: _Round, row: DueRow, done: Counter[str]) -> None:
    """The next attempt to deliver to a webhook; it is looked at again unless the attempt is made."""
    sweeper = this.sweeper
    sweeper.timers.check(row)
    webhook_id = webhook_of_subject(row.dispute_id)
    if webhook_id is not None:
        sweeper.webhooks.enqueue([(webhook_id, row.sort_key.removeprefix(_DELIVERY))])
        done["webhooks_requeued"] += 1
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


def _erase_person(this: _Round, row: DueRow, done: Counter[str]) -> None:
    """R48: what is kept of a person whose time to stop it is over. What is left is the next round's."""
    sweeper, person_id = this.sweeper, person_of_subject(row.dispute_id)
    if sweeper.eraser is None or person_id is None:
        raise UnreadableRowError(f"{row.dispute_id} {row.sort_key}")
    sweeper.timers.check(row)
    outcome = erase_person(sweeper.eraser, person_id, this.has_time)
    if outcome is not Erased.NOTHING:
        done[_ERASED[outcome]] += 1


_ERASED = {
    Erased.ALL: "people_erased",
    Erased.PART: "people_erased_in_part",
    Erased.DELAYED: "erasures_delayed",
}
_PUBLISHED = {
    Published.SENT: "refunds_reemitted",
    Published.HELD_OVER_LEDGER: "refunds_held_over_ledger",
    Published.NOT_OF_CASE: "refunds_not_of_case",
}


def _emit_refund(this: _Round, row: DueRow, done: Counter[str]) -> None:
    """Ask, or call an operator, and only then note it.

    A round that dies in between does so again, under the same attempt and event id; the other way round, an attempt
    would be used up, or a refund given up, without anybody having been notified.
    """
    sweeper = this.sweeper
    if this.held:
        done["refunds_held"] += 1
        return
    now = sweeper.clock.now()
    refund = sweeper.refunds.overdue(row.dispute_id, now)
    if refund is None:
        return
    if needs_operator(refund):
        done["refunds_given_up"] += 1
        this.report(Repair("refunds_given_up", row.dispute_id))
        give_refund_up(sweeper.cases, sweeper.clock, refund)
        return
    published = publish_refund(sweeper.cases, sweeper.orders, sweeper.bus, sweeper.clock, refund)
    done[_PUBLISHED[published]] += 1
    if published is not Published.SENT:
        # Not asked for: a person must look at it, each time that it is due.
        sweeper.timers.postpone(row, now + HELD_CHECK_AFTER)
        return
    if is_unanswered(refund, now):
        done["refunds_unanswered"] += 1
    if refund.status is RefundStatus.HELD:
        refund = replace(refund, status=RefundStatus.REQUESTED)
    # Let go a moment ago, it is due since then.
    sweeper.refunds.note_asked(refund, sweeper.clock.now())
