"""The middle and the far end of durations."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


@dataclass(slots=True)
class Spread:
    """Durations in days: how many, the median, their mean, and what nine of ten stay below."""

    values: list[float] = field(default_factory=list)

    def add(self, days: float) -> None:
        """One more."""
        self.values.append(days)

    @property
    def median(self) -> float | None:
        """None where there is none."""
        return statistics.median(self.values) if self.values else None

    @property
    def mean(self) -> float | None:
        """None where there is none."""
        return statistics.fmean(self.values) if self.values else None

    @property
    def nine_of_ten(self) -> float | None:
        """The ninth decile: the smallest duration that at least nine of ten do not exceed."""
        if not self.values:
            return None
        ordered = sorted(self.values)
        return ordered[-(-9 * len(ordered) // 10) - 1]

    def document(self) -> dict[str, float | int | None]:
        """For JSON, to a hundredth of a day."""
        figures = {"median": self.median, "mean": self.mean, "nine_of_ten": self.nine_of_ten}
        rounded = {name: None if it is None else round(it, 2) for name, it in figures.items()}
        return {"count": len(self.values), **rounded}
