"""The operators' switch for refunds: it takes effect at once and needs no deployment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Hold:
    """Refunds are held back since then; `by` and `note` are the operator's own words, for the other operators."""

    since: datetime
    by: str = ""
    note: str = ""


class RefundSwitch(Protocol):
    """Whether `RefundRequested` may go out."""

    def hold(self) -> Hold | None:
        """The hold there is now, by a consistent read; None where refunds go out."""
        ...


class _AlwaysReleased:
    def hold(self) -> Hold | None:
        return None


# For whoever works without operators: refunds go out.
RELEASED: Final[RefundSwitch] = _AlwaysReleased()
