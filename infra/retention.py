"""How long a stage keeps closed cases, and the contacts of orders (R48): in days of the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

# What `runtime/settings.py` takes.
_LONGEST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Retention:
    """A closed case leaves the table for the archive after `archive_after_days`, and the archive after
    `case_retention_days`, both from its closing on. An order that was never disputed leaves `order_retention_days`
    after its completion."""

    archive_after_days: int = 90
    case_retention_days: int = 1_095
    order_retention_days: int = 180

    def __post_init__(self) -> None:
        for one in fields(self):
            if not 1 <= getattr(self, one.name) <= _LONGEST_DAYS:
                raise ValueError(f"{one.name} is a number of days from 1 to {_LONGEST_DAYS}")
        if self.case_retention_days <= self.archive_after_days:
            raise ValueError("case_retention_days must be above archive_after_days")


def from_context(read: Callable[[str], object], of_stage: Retention) -> Retention:
    """What a stage keeps, with what the context overrides. ValueError for what is not allowed."""
    given = {one.name: value for one in fields(of_stage) if (value := read(one.name)) is not None}
    return replace(of_stage, **{name: int(str(value)) for name, value in given.items()})
