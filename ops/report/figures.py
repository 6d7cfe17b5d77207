"""The figures of a period, from the cases themselves. Pure: cases come in, counts go out.

Every case that was opened before the period's end is looked at once. "Opened" counts by `opened_at`, "escalated" by
`escalated_at`, "ended" by `closed_at`: a case may be opened in one period and end in another. Days are UTC. Amounts are
integer minor units, never added over currencies. Durations are days of 86,400 seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from babel.numbers import get_currency_precision

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Status
from buyer_protection.domain.money import Money
from ops.report.spread import Spread
from ops.report.verdicts import Verdicts

DAY: Final = timedelta(days=1)
# Upper bounds in whole units of the currency; what the buyer asked for, whoever wins.
BANDS: Final = (25, 100, 500)
NOBODY: Final = "(nobody)"
NONE: Final = "NONE"


@dataclass(frozen=True, slots=True)
class Period:
    """`[since, until)`, both UTC."""

    since: datetime
    until: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether that instant is in it."""
        return at is not None and self.since <= at < self.until

    def days(self) -> Iterable[date]:
        """Each day of it, the first and the last in part."""
        day = self.since.date()
        while datetime.combine(day, datetime.min.time(), self.since.tzinfo) < self.until:
            yield day
            day += DAY


@dataclass(slots=True)
class Day:
    """What happened on one day."""

    opened: int = 0
    escalated: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    refunded_minor: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Figures:
    """What a period adds up to; `looked_at` is when the cases were read."""

    period: Period
    looked_at: datetime
    opened: int = 0
    opened_by_reason: Counter[str] = field(default_factory=Counter)
    opened_by_status: Counter[str] = field(default_factory=Counter)
    escalated: int = 0
    escalated_by: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    ended_by_outcome: Counter[str] = field(default_factory=Counter)
    refunds_by_status: Counter[str] = field(default_factory=Counter)
    refunds: Counter[str] = field(default_factory=Counter)
    refunded_minor: Counter[str] = field(default_factory=Counter)
    decided_late: int = 0
    overdue_now: int = 0
    days_to_end: Spread = field(default_factory=Spread)
    days_to_decision: Spread = field(default_factory=Spread)
    fairness: dict[str, dict[str, Verdicts]] = field(default_factory=lambda: defaultdict(dict))
    by_day: dict[date, Day] = field(default_factory=dict)
    unreadable: int = 0

    def __post_init__(self) -> None:
        self.by_day = {day: Day() for day in self.period.days()}

    def add(self, case: Dispute) -> None:
        """Count one case, each at most once."""
        if self.period.has(case.opened_at):
            self._opened(case)
        if case.escalated_at is not None and self.period.has(case.escalated_at):
            self.escalated += 1
            self.escalated_by[str(case.escalated_by or NONE)] += 1
            self.by_day[case.escalated_at.date()].escalated += 1
        if case.closed_at is not None and self.period.has(case.closed_at):
            self._ended(case, case.closed_at)
        if is_overdue(case, self.looked_at):
            self.overdue_now += 1

    def _opened(self, case: Dispute) -> None:
        self.opened += 1
        self.opened_by_reason[case.reason] += 1
        self.opened_by_status[case.status] += 1
        self.by_day[case.opened_at.date()].opened += 1

    def _ended(self, case: Dispute, at: datetime) -> None:
        outcome = case.outcome
        if outcome is None:
            raise AssertionError(f"{case.dispute_id} ended without an outcome")
        day = self.by_day[at.date()]
        self.ended += 1
        self.ended_by_outcome[outcome.code] += 1
        day.ended[outcome.code] += 1
        if (days := days_to_end(case)) is not None:
            self.days_to_end.add(days)
        if not outcome.refund.is_zero():
            self.refunds_by_status[str(case.refund_status or NONE)] += 1
            self.refunds[outcome.refund.currency] += 1
            self.refunded_minor[outcome.refund.currency] += outcome.refund.amount_minor
            day.refunded_minor[outcome.refund.currency] += outcome.refund.amount_minor
        if case.status is Status.DECIDED:
            self._decided(case)

    def _decided(self, case: Dispute) -> None:
        if (days := days_to_decision(case)) is not None:
            self.days_to_decision.add(days)
            self.decided_late += is_decided_late(case)
        for group, value in groups_of(case).items():
            self.fairness[group].setdefault(value, Verdicts()).add(case)


def days_to_end(case: Dispute) -> float | None:
    """Days from the opening to the end; None of an open case."""
    return None if case.closed_at is None else (case.closed_at - case.opened_at) / DAY


def days_to_decision(case: Dispute) -> float | None:
    """Days from the escalation to the ruling; None where nothing was ruled, or goods were sent back after it.

    With a return the case ends weeks after the ruling, of whose instant it knows nothing itself.
    """
    if case.status is not Status.DECIDED or case.settlement is not None:
        return None
    if case.escalated_at is None or case.closed_at is None:
        return None
    return (case.closed_at - case.escalated_at) / DAY


def is_decided_late(case: Dispute) -> bool:
    """Whether the ruling came after its date; not of one whose instant is not known."""
    if days_to_decision(case) is None or case.closed_at is None:
        return False
    return _is_over(case.decision_due_at, case.closed_at)


def is_overdue(case: Dispute, at: datetime) -> bool:
    """Whether the ruling is still missing at that instant, and its date has passed."""
    return case.status is Status.UNDER_REVIEW and _is_over(case.decision_due_at, at)


def groups_of(case: Dispute) -> Mapping[str, str]:
    """What a decided claim is compared by. The manager is who has the claim: only they can decide it (R47)."""
    return {
        "all": "all",
        "reason": case.reason,
        "amount": band_of(case.asked),
        "manager": case.assigned_to or NOBODY,
    }


def band_of(asked: Money) -> str:
    """The band of an amount, in whole units of its currency: "USD 25 to 100"; its lower bound is in it."""
    units = asked.amount_minor / 10 ** get_currency_precision(asked.currency)
    below = next((bound for bound in BANDS if units < bound), None)
    if below is None:
        return f"{asked.currency} {BANDS[-1]} and more"
    lower = 0 if below == BANDS[0] else BANDS[BANDS.index(below) - 1]
    return f"{asked.currency} {lower} to {below}"


def of_cases(cases: Iterable[Dispute], period: Period, looked_at: datetime) -> Figures:
    """The figures of these cases, which are all that were opened before the period's end."""
    figures = Figures(period, looked_at)
    for case in cases:
        figures.add(case)
    return figures


def _is_over(due: datetime | None, at: datetime) -> bool:
    return due is not None and due < at
