"""The sweeper: whatever the execution, the stream or a function failed to do, done within a minute or two.

It reads one index of what is due, oldest first and page after page while time remains, and uses the same use cases as
everybody else; where nothing is overdue it writes nothing. A row that fails is postponed, so that it delays no other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock
from typing import TypeAlias

from msgspec import structs

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.mails import NotificationQueue, webhook_of_subject
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refund_switch import RELEASED, RefundSwitch
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import DueRow, Executions, TimerStore
from buyer_protection.application.ports.webhooks import WebhookQueue
from buyer_protection.application.workers.clock import CaseMissingError, close_window
from buyer_protection.application.workers.dispatch import alarm_of
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.application.workers.refunds import Published, give_refund_up, publish_refund
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import TERMINAL, RefundStatus
from buyer_protection.domain.refunds import HELD_CHECK_AFTER, is_unanswered, needs_operator
from buyer_protection.domain.windows import CLAIM_OPENED, CONTRACT, Alarm

# Rows of a page of the index.
PAGE = 200
# Rows per worker thread in a batch; after each batch the sweeper checks whether there is time for more.
_ROWS_PER_THREAD = 4
_DELIVERY = "DELIVERY#"
# When a row that failed, or a mail that was asked for again, is due again.
RETRY_DELAY = timedelta(minutes=5)
# An alarm that failed goes behind the others too, but is due again by the next minute: it is promised within two (Q1).
ALARM_RETRY_DELAY = timedelta(seconds=45)


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


class UnwatchedError(Exception):
    """Step Functions did not answer, so that nobody may be waiting for the case. `failure` is what went wrong."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(type(failure).__name__)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, or could not be done, about one row that was due: its kind, and the case."""

    kind: str
    dispute_id: str


_OnRepair: TypeAlias = Callable[[Repair], None]
_Task: TypeAlias = tuple[DueRow, bool]


def sweep(
    sweeper: Sweeper,
    has_time: Callable[[], bool] = lambda: True,
    on_repair: _OnRepair = lambda _repair: None,
) -> Counter[str]:
    """One round: every overdue deadline met, every dead execution restarted, stuck mails and refunds sent again.

    Returns how much of what was done; `on_repair` is called with every repair, one at a time. One case that fails
    delays no other; it is counted under `failed_` and the error's name. `unfinished` is 1 where time was over first:
    the next minute goes on.
    """
    done: Counter[str] = Counter()
    asked: set[str] = set()
    held = _are_refunds_held(sweeper, done)
    one_at_a_time = Lock()

    def report(repair: Repair) -> None:
        with one_at_a_time:
            on_repair(repair)

    def process(task: _Task) -> Counter[str]:
        return _process_row(sweeper, task, report, held=held)

    with _worker_threads(sweeper.concurrency, process) as process_all:
        for batch in _batches(sweeper, has_time):
            # One message brings all mails of a case.
            tasks = [(row, _is_first(row, asked)) for row in batch]
            for counted in process_all(tasks):
                done.update(counted)
    if not has_time():
        done["unfinished"] = 1
    return done


def _are_refunds_held(sweeper: Sweeper, done: Counter[str]) -> bool:
    """Where the switch cannot be read, refunds wait; deadlines do not."""
    try:
        return sweeper.switch.hold() is not None
    except Exception as failure:  # noqa: BLE001 - the clock does not depend on the refunds' switch
        done[f"failed_{type(failure).__name__}"] += 1
        return True


def _batches(sweeper: Sweeper, has_time: Callable[[], bool]) -> Iterator[Sequence[DueRow]]:
    """What is due, oldest first, in small batches, each row once, until nothing is left or time is over.

    Rows that stay due (refunds held back) are read again with each page, so that the page grows beyond them.
    """
    seen: set[DueRow] = set()
    limit, size = PAGE, sweeper.concurrency * _ROWS_PER_THREAD
    while has_time():
        page = sweeper.timers.due(sweeper.clock.now(), limit=limit)
        fresh = [row for row in page if row not in seen]
        if not fresh:
            if len(page) < limit:
                return
            limit *= 2
        for start in range(0, len(fresh), size):
            batch = fresh[start : start + size]
            seen.update(batch)
            yield batch
            if not has_time():
                return


@contextmanager
def _worker_threads(
    concurrency: int, process: Callable[[_Task], Counter[str]]
) -> Iterator[Callable[[Sequence[_Task]], Iterator[Counter[str]]]]:
    if concurrency == 1:
        yield lambda tasks: map(process, tasks)
        return
    with ThreadPoolExecutor(concurrency) as pool:
        yield lambda tasks: pool.map(process, tasks)


def _is_first(row: DueRow, asked: set[str]) -> bool:
    if not row.sort_key.startswith("MAIL"):
        return True
    first = row.dispute_id not in asked
    asked.add(row.dispute_id)
    return first


def _process_row(sweeper: Sweeper, task: _Task, report: _OnRepair, *, held: bool) -> Counter[str]:
    row, is_first = task
    done: Counter[str] = Counter()
    try:
        if row.sort_key == "TIMER":
            _meet_deadline(sweeper, row, done)
        elif row.sort_key == "REFUND":
            _emit_refund(sweeper, row, done, report, held=held)
        elif row.sort_key.startswith(_DELIVERY):
            _ask_for_delivery(sweeper, row, done)
        else:
            _ask_for_mails(sweeper, row, done, is_first=is_first)
    except Exception as failure:  # noqa: BLE001 - one case that fails delays no other
        done[f"failed_{type(failure).__name__}"] += 1
        _postpone_failed(sweeper, row, done)
    for kind in done:
        if kind not in _NOT_REPORTED:
            report(Repair(kind, row.dispute_id))
    return done


# Looking at a row, and leaving it alone, repairs nothing; a refund that is given up has been reported already.
_NOT_REPORTED = frozenset({"deadlines", "refunds_held", "refunds_given_up"})


def _postpone_failed(sweeper: Sweeper, row: DueRow, done: Counter[str]) -> None:
    """A row that failed goes behind the others; where even that fails, it is still there next minute."""
    delay = ALARM_RETRY_DELAY if row.sort_key == "TIMER" else RETRY_DELAY
    try:
        sweeper.timers.postpone(row, sweeper.clock.now() + delay)
    except Exception as failure:  # noqa: BLE001 - the store is away: nothing else can be done about this row now
        done[f"failed_{type(failure).__name__}"] += 1


def _meet_deadline(sweeper: Sweeper, row: DueRow, done: Counter[str]) -> None:
    """R15, R22, R24, R36 without any execution; and see that an execution watches over what comes next.

    The execution comes first: once the deadline is met the row is not due any more, and a round that died in between
    would leave an open case that nobody waits for. Where Step Functions is away, the deadline is met all the same.
    """
    timer, before = sweeper.timers.timer(row.dispute_id), _case(sweeper, row.dispute_id)
    if timer is None:
        return
    if before is None:
        raise CaseMissingError(row.dispute_id)
    failure: Exception | None = None
    if not _is_about_to_end(sweeper, before):
        try:
            done.update(restart_if_dead(sweeper, row.dispute_id))
        except UnwatchedError as unwatched:
            failure = unwatched.failure
    alarm = Alarm(timer.dispute_id, timer.generation, CONTRACT, timer.status, timer.epoch, 1)
    after = close_window(sweeper.cases, sweeper.clock, alarm)
    done["deadlines"] += 1
    if after.status != timer.status or after.epoch != timer.epoch:
        done["transitions"] += 1
    if timer.status == CLAIM_OPENED == after.status and _is_due(sweeper, before):
        # The execution has had its time to bring the claim before the team.
        open_mediation(sweeper.cases, sweeper.orders, sweeper.clock, after)
        done["mediations_opened"] += 1
    _keep_due(sweeper, row, before, is_watched=failure is None)
    if failure is not None:
        raise failure


def _keep_due(sweeper: Sweeper, row: DueRow, before: Dispute, *, is_watched: bool) -> None:
    """A case that nobody waits for is looked at again next minute; a row that was only kept due is postponed."""
    case = _case(sweeper, row.dispute_id)
    due = windows.due_at(case) if case is not None else None
    if case is None or due is None or due <= sweeper.clock.now():
        return
    if not is_watched:
        sweeper.timers.postpone(structs.replace(row, due_at=due), sweeper.clock.now() + ALARM_RETRY_DELAY)
    elif case.timeline_seq == before.timeline_seq:
        sweeper.timers.postpone(row, due)


def _case(sweeper: Sweeper, dispute_id: str) -> Dispute | None:
    loaded = sweeper.cases.load(dispute_id)
    return None if loaded is None else loaded.case


def _is_due(sweeper: Sweeper, case: Dispute) -> bool:
    due = windows.due_at(case)
    return due is not None and due <= sweeper.clock.now()


def _is_about_to_end(sweeper: Sweeper, case: Dispute) -> bool:
    """Whether the step that is due closes the case, so that no execution is needed any more."""
    change = windows.close_window(case, sweeper.clock.now())
    return change is not None and change.after.is_closed


def restart_if_dead(sweeper: Sweeper, dispute_id: str) -> Counter[str]:
    """See that an execution runs for an open case: the one whose start was lost, or the dead one's next generation.

    A generation is raised only over one that has been: however often starting fails, one number is used up. Raises
    UnwatchedError where Step Functions is away.
    """
    timer = sweeper.timers.timer(dispute_id)
    if timer is None or timer.status in TERMINAL:
        return Counter()
    with _step_functions():
        if sweeper.executions.is_running(dispute_id, timer.generation):
            return Counter()
        if sweeper.executions.start(alarm_of(sweeper.clock, timer)):
            return Counter(started=1)
    # Whoever raised the generation, it is started here too: it may be our own success whose answer was lost.
    raised = sweeper.timers.next_generation(timer) or sweeper.timers.timer(dispute_id)
    if raised is None or raised.generation == timer.generation:
        return Counter()
    with _step_functions():
        sweeper.executions.start(alarm_of(sweeper.clock, raised))
    return Counter(restarted=1)


@contextmanager
def _step_functions() -> Iterator[None]:
    try:
        yield
    except Exception as failure:
        raise UnwatchedError(failure) from failure


def _ask_for_mails(sweeper: Sweeper, row: DueRow, done: Counter[str], *, is_first: bool) -> None:
    if is_first:
        sweeper.queue.enqueue(row.dispute_id)
        done["mails_requeued"] += 1
    # Where the notification function is away, one message a minute would only pile up.
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


def _ask_for_delivery(sweeper: Sweeper, row: DueRow, done: Counter[str]) -> None:
    """The next attempt to deliver to a webhook; it is looked at again unless the attempt is made."""
    webhook_id = webhook_of_subject(row.dispute_id)
    if webhook_id is not None:
        sweeper.webhooks.enqueue([(webhook_id, row.sort_key.removeprefix(_DELIVERY))])
        done["webhooks_requeued"] += 1
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


_PUBLISHED = {
    Published.SENT: "refunds_reemitted",
    Published.HELD_OVER_LEDGER: "refunds_held_over_ledger",
    Published.NOT_OF_CASE: "refunds_not_of_case",
}


def _emit_refund(sweeper: Sweeper, row: DueRow, done: Counter[str], report: _OnRepair, *, held: bool) -> None:
    """Ask, or call an operator, and only then note it.

    A round that dies in between does so again, under the same attempt and event id; the other way round, an attempt
    would be used up, or a refund given up, without anybody having been notified.
    """
    if held:
        done["refunds_held"] += 1
        return
    now = sweeper.clock.now()
    refund = sweeper.refunds.overdue(row.dispute_id, now)
    if refund is None:
        return
    if needs_operator(refund):
        done["refunds_given_up"] += 1
        report(Repair("refunds_given_up", row.dispute_id))
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
