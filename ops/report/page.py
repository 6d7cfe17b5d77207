"""The figures as a page that needs nothing else, and its charts as SVG files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ops.report.document import document_of
from ops.report.figures import Figures

WIDTH, HEIGHT, LABEL = 720, 180, 190
_MOST_BARS: Final = 62
_WEEK: Final = timedelta(days=7)
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins and how long it is, in user units of the drawing."""

    label: str
    value: int
    start: float
    length: float


def page_of(figures: Figures) -> str:
    """`report.html`."""
    return _TEMPLATES.get_template("report.html").render(it=document_of(figures), charts=charts_of(figures))


def charts_of(figures: Figures) -> dict[str, str]:
    """SVG drawings by file name. Each names its figures in words too (`title` of each bar)."""
    return {
        "opened.svg": columns("Opened, by the day or the week", _opened(figures)),
        "outcomes.svg": rows("How cases ended", figures.ended_by_outcome),
        "reasons.svg": rows("Why cases were opened", figures.opened_by_reason),
    }


def columns(title: str, values: Mapping[str, int]) -> str:
    """Upright bars from left to right."""
    step = WIDTH / max(len(values), 1)
    most = max(values.values(), default=0) or 1
    bars = [
        Bar(label, value, number * step, HEIGHT * value / most)
        for number, (label, value) in enumerate(values.items())
    ]
    return _TEMPLATES.get_template("columns.svg").render(
        title=title, bars=bars, most=most, step=step, width=WIDTH, height=HEIGHT
    )


def rows(title: str, counts: Mapping[str, int]) -> str:
    """Bars that lie, the longest first, each with its number."""
    most = max(counts.values(), default=0) or 1
    ordered = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    bars = [
        Bar(str(label), value, 22.0 * number, (WIDTH - LABEL - 60) * value / most)
        for number, (label, value) in enumerate(ordered)
    ]
    return _TEMPLATES.get_template("rows.svg").render(title=title, bars=bars, width=WIDTH, label=LABEL)


def _opened(figures: Figures) -> Mapping[str, int]:
    """By day; by week, which begins on Monday, where there would be too many bars."""
    by_day = {day: it.opened for day, it in figures.by_day.items()}
    if len(by_day) <= _MOST_BARS:
        return {day.isoformat(): count for day, count in by_day.items()}
    weeks: Counter[date] = Counter()
    for day, count in by_day.items():
        weeks[day - timedelta(days=day.weekday())] += count
    return dict(_labelled(weeks.items()))


def _labelled(weeks: Iterable[tuple[date, int]]) -> Iterable[tuple[str, int]]:
    return (
        (f"{day.isoformat()} to {(day + _WEEK - timedelta(days=1)).isoformat()}", it) for day, it in weeks
    )
