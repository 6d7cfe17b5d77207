"""What is looked at while something is broken: whether dates are met, and afterwards whether all cases end right."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from botocore.exceptions import ClientError

from tests.e2e.case import TERMINAL, Case
from tests.e2e.checks import check_closed_well, check_sent_once
from tests.e2e.waiting import instant, until, utc_now
from tests.e2e.world import World

ROUND_SECONDS = 5
RULING = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": "Nothing was shown."}


@dataclass
class Watch:
    """What was seen of cases' dates: how many passed and were met, and how late the latest was."""

    cases: Sequence[Case]
    # Of these nobody meets the dates for a while: neither execution nor sweeper. They end right all the same.
    left: Sequence[Case] = ()
    # Cases of before are somebody else's.
    begun: datetime = field(default_factory=utc_now)
    met: int = 0
    latest: float = 0.0
    _dates: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> bool:
        """Read every alarm once; whether none is overdue. What is overdue counts as late as it is now."""
        in_time = True
        for case in self.cases:
            at = case.row("TIMER").get("wake_at")
            date, now = (instant(str(at)) if at else None), utc_now()
            before = self._dates.get(case.dispute_id)
            if before is not None and before != date and before <= now:
                self.met += 1
            if date is not None and date <= now:
                in_time = False
                self.latest = max(self.latest, (now - date).total_seconds())
            if date is None:
                self._dates.pop(case.dispute_id, None)
            else:
                self._dates[case.dispute_id] = date
        return in_time


@contextmanager
def rounds_of_the_sweeper(world: World) -> Iterator[None]:
    """The sweeper comes every few seconds."""

    def sweep() -> None:
        # A round that is under way while its function is pointed elsewhere ends with its process.
        with suppress(AssertionError, ClientError):
            world.sweep()

    with again_and_again(sweep, ROUND_SECONDS):
        yield


@contextmanager
def again_and_again(do: Callable[[], object], seconds: float) -> Iterator[None]:
    """Do it at this distance until the end of the block."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds):
            do()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_watched(case: Case) -> bool:
    """Whether an execution waits for the case, or there is nothing to wait for: it is over, or it waits for the team
    alone, which has missed its date (R24)."""
    if case.status in TERMINAL or not case.row("TIMER").get("wake_at"):
        return True
    runs = case.world.runs(case.dispute_id)
    return bool(runs) and runs[-1].status == "RUNNING"


def unsent(case: Case) -> bool:
    return any(row["status"] == "PENDING" for row in case.outbox())


def check_all_end_right(cases: Sequence[Case]) -> None:
    """Each mail once, each case at a right end: its clock's, the team's, or the buyer's, who cancels."""
    for case in cases:
        until(f"{case.dispute_id} is over", lambda case=case: _ended(case), seconds=30 * case.world.day)
    for case in cases:
        file = case.finished(may_lack_execution=True)
        outcome = file.buyer["outcome"]
        refund = outcome["refund"]["amount_minor"]
        status = file.buyer["status"]
        check_closed_well(file, status=status, outcome=outcome["code"], refund=refund, by_sweeper=True)
        check_sent_once(file)


def _ended(case: Case) -> bool:
    """Whether the case is over; whoever can end it does."""
    match case.status:
        case "NEGOTIATION":
            case.post("buyer", "cancel", {"acknowledge_consequences": True})
        case "UNDER_REVIEW":
            case.post("case_manager", "claim/decision", RULING)
    return case.status in TERMINAL
