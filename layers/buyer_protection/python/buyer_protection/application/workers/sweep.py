"""The sweeper: whatever the execution, the stream or a function failed to do, done within a minute or two.

It reads one index of what is due, oldest first and page after page while time remains, and takes the same roads as
everybody else; where nothing is overdue it writes nothing. What fails is put off, so that it stands in nobody's way.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TypeAlias

from msgspec import structs

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.events import EventBus
from buyer_protection.application.ports.mails import NotificationQueue
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refund_switch import RELEASED, RefundSwitch
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import DueRow, Executions, TimerStore
from buyer_protection.application.schemas.outbound_events import refund_event
from buyer_protection.application.workers.clock import CaseMissingError, close_window
from buyer_protection.application.workers.dispatch import alarm_of
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import TERMINAL
from buyer_protection.domain.refunds import needs_operator
from buyer_protection.domain.windows import CLAIM_OPENED, CONTRACT, Alarm

# Rows in a page, and how many of them each hand has before it asks whether there is time for more.
BATCH = 200
_TURNS = 4
# For so long a row that failed, or a mail that was asked for again, is nobody's business.
RESPITE = timedelta(minutes=5)
# An alarm that failed goes behind the others too, but is due again by the next minute: it is promised within two (Q1).
RESPITE_OF_ALARM = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What sweeping needs. Without `orders` it opens no mediation; `hands` is how many cases it has in hand at once."""

    cases: CaseStore
    timers: TimerStore
    refunds: RefundStore
    executions: Executions
    queue: NotificationQueue
    bus: EventBus
    clock: Clock
    orders: OrderStore | None = None
    switch: RefundSwitch = RELEASED
    hands: int = 1


class UnwatchedError(Exception):
    """Step Functions did not answer, so that nobody may be waiting for the case. `trouble` is what it met."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__(type(trouble).__name__)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, or could not be done, about one row that was due: a word, and the case."""

    kind: str
    dispute_id: str


_Tell: TypeAlias = Callable[[Repair], None]
_Task: TypeAlias = tuple[DueRow, bool]


def sweep(
    sweeper: Sweeper,
    has_time: Callable[[], bool] = lambda: True,
    told: _Tell = lambda _repair: None,
) -> Counter[str]:
    """One round: every overdue deadline met, every dead execution restarted, stuck mails and refunds sent again.

    Returns how much of what was done; `told` hears of every repair, one at a time. One case that fails keeps no other
    back; it is counted under `failed_` and the error's name. `unfinished` is 1 where time was over first: the next
    minute goes on.
    """
    done: Counter[str] = Counter()
    asked: set[str] = set()
    held = _are_refunds_held(sweeper, done)
    one_at_a_time = Lock()

    def tell(repair: Repair) -> None:
        with one_at_a_time:
            told(repair)

    def one(task: _Task) -> Counter[str]:
        return _see_to(sweeper, task, tell, held=held)

    with _working(sweeper.hands, one) as work:
        for few in _in_turns(sweeper, has_time):
            # One message brings all mails of a case.
            tasks = [(row, _is_first(row, asked)) for row in few]
            for counted in work(tasks):
                done.update(counted)
    if not has_time():
        done["unfinished"] = 1
    return done


def _are_refunds_held(sweeper: Sweeper, done: Counter[str]) -> bool:
    """Where nobody can tell, money waits; deadlines do not."""
    try:
        return sweeper.switch.hold() is not None
    except Exception as failure:  # noqa: BLE001 - the clock does not depend on the refunds' switch
        done[f"failed_{type(failure).__name__}"] += 1
        return True


def _in_turns(sweeper: Sweeper, has_time: Callable[[], bool]) -> Iterator[Sequence[DueRow]]:
    """What is due, oldest first, in small portions, each row once, until nothing is left or time is over.

    Rows that stay due (refunds held back) are read again with each page, so that the page grows beyond them.
    """
    seen: set[DueRow] = set()
    limit, portion = BATCH, sweeper.hands * _TURNS
    while has_time():
        page = sweeper.timers.due(sweeper.clock.now(), limit=limit)
        fresh = [row for row in page if row not in seen]
        if not fresh:
            if len(page) < limit:
                return
            limit *= 2
        for start in range(0, len(fresh), portion):
            few = fresh[start : start + portion]
            seen.update(few)
            yield few
            if not has_time():
                return


@contextmanager
def _working(
    hands: int, one: Callable[[_Task], Counter[str]]
) -> Iterator[Callable[[Sequence[_Task]], Iterator[Counter[str]]]]:
    if hands == 1:
        yield lambda tasks: map(one, tasks)
        return
    with ThreadPoolExecutor(hands) as pool:
        yield lambda tasks: pool.map(one, tasks)


def _is_first(row: DueRow, asked: set[str]) -> bool:
    if not row.sort_key.startswith("MAIL"):
        return True
    first = row.dispute_id not in asked
    asked.add(row.dispute_id)
    return first


def _see_to(sweeper: Sweeper, task: _Task, tell: _Tell, *, held: bool) -> Counter[str]:
    row, is_first = task
    done: Counter[str] = Counter()
    try:
        if row.sort_key == "TIMER":
            _meet_deadline(sweeper, row, done)
        elif row.sort_key == "REFUND":
            _emit_refund(sweeper, row, done, tell, held=held)
        else:
            _ask_for_mails(sweeper, row, done, is_first=is_first)
    except Exception as failure:  # noqa: BLE001 - one case's trouble keeps no other back
        done[f"failed_{type(failure).__name__}"] += 1
        _put_off(sweeper, row, done)
    for kind in done:
        if kind not in _NOT_TOLD:
            tell(Repair(kind, row.dispute_id))
    return done


# Looking at a row, and leaving it alone, repairs nothing; a refund that is given up has been told already.
_NOT_TOLD = frozenset({"deadlines", "refunds_held", "refunds_given_up"})


def _put_off(sweeper: Sweeper, row: DueRow, done: Counter[str]) -> None:
    """A poisoned row goes behind the others; where even that fails, it is still there next minute."""
    respite = RESPITE_OF_ALARM if row.sort_key == "TIMER" else RESPITE
    try:
        sweeper.timers.postpone(row, sweeper.clock.now() + respite)
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
    trouble: Exception | None = None
    if not _is_about_to_end(sweeper, before):
        try:
            done.update(restart_if_dead(sweeper, row.dispute_id))
        except UnwatchedError as unwatched:
            trouble = unwatched.trouble
    alarm = Alarm(timer.dispute_id, timer.generation, CONTRACT, timer.status, timer.epoch, 1)
    after = close_window(sweeper.cases, sweeper.clock, alarm)
    done["deadlines"] += 1
    if after.status != timer.status or after.epoch != timer.epoch:
        done["transitions"] += 1
    if (
        timer.status == CLAIM_OPENED == after.status
        and _is_due(sweeper, before)
        and sweeper.orders is not None
    ):
        # The execution has had its time to bring the claim before the team.
        open_mediation(sweeper.cases, sweeper.orders, sweeper.clock, after)
        done["mediations_opened"] += 1
    _keep_due(sweeper, row, before, is_watched=trouble is None)
    if trouble is not None:
        raise trouble


def _keep_due(sweeper: Sweeper, row: DueRow, before: Dispute, *, is_watched: bool) -> None:
    """A case that nobody waits for is looked at again next minute; a row that was only kept due is let go."""
    case = _case(sweeper, row.dispute_id)
    due = windows.due_at(case) if case is not None else None
    if case is None or due is None or due <= sweeper.clock.now():
        return
    if not is_watched:
        sweeper.timers.postpone(structs.replace(row, due_at=due), sweeper.clock.now() + RESPITE_OF_ALARM)
    elif case.version == before.version:
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
    except Exception as trouble:
        raise UnwatchedError(trouble) from trouble


def _ask_for_mails(sweeper: Sweeper, row: DueRow, done: Counter[str], *, is_first: bool) -> None:
    if is_first:
        sweeper.queue.enqueue(row.dispute_id)
        done["mails_requeued"] += 1
    # Where the notification function is away, one message a minute would only pile up.
    sweeper.timers.postpone(row, sweeper.clock.now() + RESPITE)


def _emit_refund(sweeper: Sweeper, row: DueRow, done: Counter[str], tell: _Tell, *, held: bool) -> None:
    """Ask, or call an operator, and only then note it.

    A round that dies in between does so again, under the same attempt and event id; the other way round, an attempt
    would be used up, or a refund given up, without anybody having heard of it.
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
        tell(Repair("refunds_given_up", row.dispute_id))
    else:
        sweeper.bus.publish([refund_event(refund)])
        done["refunds_reemitted"] += 1
    sweeper.refunds.note_asked(refund, now)
