"""The operators' switches: each takes effect at once and needs no deployment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Hold:
    """Something is held since then; `by` and `note` are the operator's own words, for the other operators."""

    since: datetime
    by: str = ""
    note: str = ""


class Switch(Protocol):
    """Whether refunds are asked for (`RefundRequested`), whether windows end, whether disputes are opened."""

    def hold(self) -> Hold | None:
        """The hold there is now, by a consistent read; None where everything goes on."""
        ...


class _AlwaysReleased:
    def hold(self) -> Hold | None:
        return None


# For whoever works without operators: everything goes on.
RELEASED: Final[Switch] = _AlwaysReleased()
