"""Medians, ratios and verdicts, and the table of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

NOT_MEASURED = "NOT MEASURED"
_LONGEST_REASON = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table.

    `figure` is what is compared with `gate` and `aim` (all three in `unit`, less is better; None where nobody set one,
    and for a figure that could not be measured: `ours` then says why);
    `ours` and `reference` say in words what it was computed from; `detail` is for the JSON file only.
    """

    id: str
    what: str
    ours: str
    reference: str
    figure: float | None
    unit: str
    gate: float | None = None
    aim: float | None = None
    detail: str = ""

    @property
    def verdict(self) -> str:
        """`holds, aim met`, `holds`, `MISSES by ...`, NOT_MEASURED, or `-` where there is no gate."""
        if self.figure is None:
            return NOT_MEASURED
        if self.gate is None:
            return "-"
        # What is printed is what is judged: nobody sees a third decimal.
        figure = round(self.figure, 2)
        if figure > self.gate:
            return f"MISSES by {_number(round(figure - self.gate, 2))} ({figure / self.gate - 1:+.0%})"
        return "holds, aim met" if self.aim is not None and figure <= self.aim else "holds"

    def to_dict(self) -> dict[str, Any]:
        """As `.local/bench.json` keeps it."""
        return {**asdict(self), "verdict": self.verdict}


def not_measured(id: str, what: str, why: BaseException | str) -> Line:
    """The row of a figure that could not be measured, with the first line of why."""
    text = why if isinstance(why, str) else f"{type(why).__name__}: {why}"
    reason = text.strip().splitlines()[0] if text.strip() else "no reason given"
    return Line(id, what, f"not measured: {reason[:_LONGEST_REASON]}", "-", None, "", detail=text)


def missing(lines: Sequence[Line]) -> list[str]:
    """What was not measured: `id what` of each such line."""
    return [f"{line.id} {line.what}" for line in lines if line.figure is None]


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` from 0 to 1. ValueError without values or for another share."""
    if not values or not 0 <= share <= 1:
        raise ValueError("a percentile needs values, and a share from 0 to 1")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def paired_ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """The median of the ratios of values taken one right after the other: what disturbs one disturbs its twin."""
    return median(mine / theirs for mine, theirs in zip(ours, reference, strict=True))


def milliseconds(seconds: Sequence[float]) -> str:
    """`median ms (p10 to p90)`."""
    low, middle, high = percentile(seconds, 0.1), median(seconds), percentile(seconds, 0.9)
    return f"{middle * 1000:.1f} ms ({low * 1000:.1f} to {high * 1000:.1f})"


def render(lines: Sequence[Line]) -> str:
    """The table as text, one line a row, columns as wide as they must be."""
    head = ("id", "what", "ours", "reference", "figure", "gate", "aim", "verdict")
    rows = [head, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]])


def _cells(line: Line) -> tuple[str, ...]:
    limits = ("-" if limit is None else _number(limit) for limit in (line.gate, line.aim))
    figure = "-" if line.figure is None else f"{_number(line.figure)} {line.unit}".strip()
    return (line.id, line.what, line.ours, line.reference, figure, *limits, line.verdict)


def _number(value: float) -> str:
    return f"{value:.2f}" if value != int(value) else f"{int(value)}"
