"""Gives a case time back after an outage, as an operator asks: load, decide, commit, as for every other change."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.given_time import give_time


class Run(Struct, frozen=True):
    """What operators do after one outage. `name` is what no date is moved for twice.

    `statuses`: only a case that is in one of them now. `correlation_id` is the trace of the command, which says who
    gives it and why; it lies beside the entry. `held_since`: operators hold the clock since then.
    """

    name: str
    hours: int
    statuses: Collection[Status]
    correlation_id: str | None = None
    held_since: datetime | None = None


class Gift(StrEnum):
    """What became of a case in a run. LEFT: it is closed, in another status, or its window has ended."""

    MOVED = "MOVED"
    MOVED_BEFORE = "MOVED_BEFORE"
    LEFT = "LEFT"


class Given(Struct, frozen=True):
    """What became of a case, its window's end before and after, and why it was left."""

    gift: Gift
    previous: datetime | None = None
    due: datetime | None = None
    why: str = ""


def give_time_back(cases: CaseStore, clock: Clock, dispute_id: str, run: Run, *, is_trial: bool) -> Given:
    """Move the case's date by one conditional write, anew where another change comes first; of a trial, write nothing.

    ContentionError where others keep changing it; NotFoundError.
    """

    def load() -> Dispute:
        loaded = cases.load(dispute_id)
        if loaded is None:
            raise NotFoundError
        return loaded.case

    def decide(case: Dispute, now: datetime) -> Decision[Given]:
        try:
            change = _change(case, run, now)
        except ConflictError as refused:
            return Decision(Given(Gift.LEFT, why=refused.detail))
        if change is None:
            return Decision(Given(Gift.MOVED_BEFORE, due=case.deadline))
        moved = Given(Gift.MOVED, case.deadline, change.after.deadline)
        return Decision(moved, None if is_trial else change)

    return change_case(cases, clock, load, decide)


def _change(case: Dispute, run: Run, now: datetime) -> Change | None:
    change = give_time(case, run.name, run.hours, now, run.held_since)
    if change is None:
        return None
    if case.status not in run.statuses:
        raise ConflictError(f"This dispute is {case.status} by now.")
    return change.from_call(run.correlation_id)
