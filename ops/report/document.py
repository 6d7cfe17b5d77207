"""The figures as documents: JSON for programs, CSV tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from buyer_protection.domain.enums import OutcomeCode
from buyer_protection.domain.timeline import instant
from ops.report.figures import Figures

# The columns of `fairness.csv`, after group and value.
_VERDICTS = (
    "claims",
    "buyer",
    "partial",
    "seller",
    "buyer_percent",
    "partial_percent",
    "seller_percent",
    "granted_percent",
)


def document_of(figures: Figures) -> dict[str, Any]:
    """`report.json`. Every count is there once; nothing in it names a buyer, a seller or an order."""
    return {
        "since": instant(figures.period.since),
        "until": instant(figures.period.until),
        "looked_at": instant(figures.looked_at),
        "opened": {
            "count": figures.opened,
            "by_reason": _sorted(figures.opened_by_reason),
            "by_status_now": _sorted(figures.opened_by_status),
        },
        "escalated": {"count": figures.escalated, "by": _sorted(figures.escalated_by)},
        "ended": {
            "count": figures.ended,
            "by_outcome": _sorted(figures.ended_by_outcome),
            "days": figures.days_to_end.document(),
        },
        "decisions": {
            "days": figures.days_to_decision.document(),
            "late": figures.decided_late,
            "overdue_now": figures.overdue_now,
        },
        "refunds": {
            "count_by_currency": _sorted(figures.refunds),
            "granted_minor": _sorted(figures.refunded_minor),
            "by_status": _sorted(figures.refunds_by_status),
        },
        "fairness": {
            group: {value: found[value].document() for value in sorted(found)}
            for group, found in sorted(figures.fairness.items())
        },
        "by_day": [
            {
                "day": day.isoformat(),
                "opened": it.opened,
                "escalated": it.escalated,
                "ended": _sorted(it.ended),
                "granted_minor": _sorted(it.refunded_minor),
            }
            for day, it in figures.by_day.items()
        ],
        "unreadable": figures.unreadable,
        "publish": published(figures),
    }


def published(figures: Figures) -> dict[str, Any]:
    """What the law asks a marketplace to publish, as far as cases can say it: see docs/reports.md.

    Regulation (EU) 2019/1150, Article 11(4): complaints, their main types, the average time, the outcomes. Regulation
    (EU) 2022/2065, Article 15(1)(d) also asks for the median time. Null is what only the marketplace knows.
    """
    return {
        "complaints": figures.opened,
        "types": _sorted(figures.opened_by_reason),
        "mean_days_to_end": figures.days_to_end.document()["mean"],
        "median_days_to_end": figures.days_to_end.document()["median"],
        "outcomes": _sorted(figures.ended_by_outcome),
        "reversed": None,
        "out_of_court": None,
        "suspensions": None,
    }


def days_csv(figures: Figures) -> str:
    """`days.csv`: one line a day, a column for each outcome and currency of the period."""
    codes = [code.value for code in OutcomeCode]
    currencies = sorted(figures.refunded_minor)
    head = ["day", "opened", "escalated", *codes, *(f"granted_minor_{it}" for it in currencies)]
    return _table(
        head,
        (
            [day.isoformat(), it.opened, it.escalated]
            + [it.ended[code] for code in codes]
            + [it.refunded_minor[currency] for currency in currencies]
            for day, it in figures.by_day.items()
        ),
    )


def fairness_csv(figures: Figures) -> str:
    """`fairness.csv`: one line for each group of decided claims; a share is empty where the claims are too few."""
    rows = (
        [group, value, *(found[value].document()[name] for name in _VERDICTS)]
        for group, found in sorted(figures.fairness.items())
        for value in sorted(found)
    )
    return _table(["group", "value", *_VERDICTS], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return written.getvalue()


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(name): counts[name] for name in sorted(counts)}
