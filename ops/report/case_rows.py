"""A case as one row for analysts: ids of nobody, no texts, codes, amounts and instants. One table says it all.

Nothing in a row names a buyer, a seller, an order, a case or a member of the team: a copy of it outside of the stage
needs no erasing (R48). What the figures count is computed by the functions that they use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.era import era_of
from ops.report.figures import DAY, days_to_decision, days_to_end, is_decided_late, is_overdue

# Higher where a column goes or gets another type or meaning; not where one is added.
VERSION: Final = 1

Value: TypeAlias = bool | float | int | str | datetime | list[str] | None


class Kind(Enum):
    """The type of a column; CODE is one word of an enumeration, INSTANT a millisecond in UTC."""

    CODE = "string"
    CODES = "list of strings"
    COUNT = "64-bit integer"
    DAYS = "64-bit float"
    FLAG = "boolean"
    INSTANT = "timestamp"


class Column(NamedTuple):
    """`value` gives it of a case as it was at an instant; None only where `is_optional`."""

    name: str
    kind: Kind
    meaning: str
    value: Callable[[Dispute, datetime], Value]
    is_optional: bool = True


def _of_outcome(value: Callable[[Outcome], Value]) -> Callable[[Dispute, datetime], Value]:
    return lambda case, _: None if case.outcome is None else value(case.outcome)


COLUMNS: Final = (
    Column("opened_at", Kind.INSTANT, "when it was opened", lambda it, _: it.opened_at, is_optional=False),
    Column("status", Kind.CODE, "where the case stands", lambda it, _: it.status.value, is_optional=False),
    Column(
        "stage", Kind.CODE, "NEGOTIATION, CLAIM or CLOSED", lambda it, _: it.stage.value, is_optional=False
    ),
    Column(
        "reason",
        Kind.CODE,
        "why the buyer asks for a refund, as it is now",
        lambda it, _: it.reason.value,
        is_optional=False,
    ),
    Column(
        "sub_reason",
        Kind.CODE,
        "the finer reason, as it is now",
        lambda it, _: it.sub_reason and it.sub_reason.value,
    ),
    Column(
        "currency", Kind.CODE, "of every amount", lambda it, _: it.max_refundable.currency, is_optional=False
    ),
    Column(
        "order_paid_minor",
        Kind.COUNT,
        "what was paid for the whole order",
        lambda it, _: it.order_paid.amount_minor,
        is_optional=False,
    ),
    Column(
        "disputed_paid_minor",
        Kind.COUNT,
        "what was paid for what it is about, before anything was given back",
        lambda it, _: it.max_refundable.amount_minor,
        is_optional=False,
    ),
    Column(
        "requested_minor",
        Kind.COUNT,
        "what the opening asked for",
        lambda it, _: it.requested_refund.amount_minor,
        is_optional=False,
    ),
    Column(
        "asked_minor",
        Kind.COUNT,
        "what the buyer asked for last (R24)",
        lambda it, _: it.asked.amount_minor,
        is_optional=False,
    ),
    Column("escalated_at", Kind.INSTANT, "when it became a claim", lambda it, _: it.escalated_at),
    Column(
        "escalated_by",
        Kind.CODE,
        "who escalated; SYSTEM: the clock",
        lambda it, _: it.escalated_by and it.escalated_by.value,
    ),
    Column(
        "claim_reason",
        Kind.CODE,
        "why it was escalated (R20)",
        lambda it, _: it.claim_reason and it.claim_reason.value,
    ),
    Column(
        "decision_due_at",
        Kind.INSTANT,
        "when the ruling is, or was, due (R24)",
        lambda it, _: it.decision_due_at,
    ),
    Column(
        "decision_overdue",
        Kind.FLAG,
        "whether that date has passed without a ruling",
        is_overdue,
        is_optional=False,
    ),
    Column(
        "decided_late",
        Kind.FLAG,
        "whether the ruling came after that date",
        lambda it, _: is_decided_late(it),
        is_optional=False,
    ),
    Column(
        "days_to_decision",
        Kind.DAYS,
        "from the escalation to the ruling; null where goods were sent back after it",
        lambda it, _: days_to_decision(it),
    ),
    Column("closed_at", Kind.INSTANT, "when it ended", lambda it, _: it.closed_at),
    Column("days_to_end", Kind.DAYS, "from the opening to the end", lambda it, _: days_to_end(it)),
    Column("outcome", Kind.CODE, "how it ended", _of_outcome(lambda it: it.code.value)),
    Column(
        "decision_reasons",
        Kind.CODES,
        "why it was decided so (R24)",
        _of_outcome(lambda it: list(it.reasons)),
    ),
    Column(
        "return_required",
        Kind.FLAG,
        "whether the goods had to come back",
        _of_outcome(lambda it: it.return_required),
    ),
    Column(
        "granted_minor",
        Kind.COUNT,
        "what the case ended with",
        _of_outcome(lambda it: it.refund.amount_minor),
    ),
    Column(
        "refund_status",
        Kind.CODE,
        "what became of that money, as it is stored",
        lambda it, _: it.refund_status and it.refund_status.value,
    ),
    Column("refund_paid_at", Kind.INSTANT, "when it was paid", lambda it, _: it.refund_paid_at),
    Column(
        "era",
        Kind.CODE,
        "the era of the refund, where the table had been restored before",
        lambda it, _: era_of(it.refund_id) or None,
    ),
)


def rows_of(cases: Iterable[Dispute], looked_at: datetime) -> list[dict[str, Value]]:
    """The rows of cases that were read at that instant, in their order."""
    return [{column.name: column.value(case, looked_at) for column in COLUMNS} for case in cases]


def by_day(cases: Iterable[Dispute], since: date | None, until: date) -> Iterator[tuple[date, list[Dispute]]]:
    """Each day of `[since, until)` with what was opened on it, newest first as the cases must be; empty days too.

    Without `since` the first day is that of the oldest case; none where there is no case.
    """
    day, found = until - DAY, list[Dispute]()
    for case in cases:
        if case.opened_at.date() > day:
            raise AssertionError(f"{case.dispute_id} does not come newest first")
        while case.opened_at.date() < day:
            yield day, found
            day, found = day - DAY, []
        found.append(case)
    if since is None and not found:
        return
    while since is None or day >= since:
        yield day, found
        if since is None:
            return
        day, found = day - DAY, []
