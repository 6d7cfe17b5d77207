"""The era of a table that was restored to an earlier instant: a part of every id that is made from then on.

Between the instant that was restored and the restore, entries and refunds were made under ids that follow from the
case alone. What happens instead, once the table stands as it was, must not repeat them: consumers drop what they know,
and the payment system takes a refund's id for the refund that it paid (docs/restore.md).
"""

from datetime import datetime
from typing import NamedTuple

_MARK = "-era-"


class Era(NamedTuple):
    """`name` is a number or short word, another one after each restore; `since` the instant that was restored."""

    name: str
    since: datetime

    def mark(self, made_id: str, at: datetime) -> str:
        """The id of what happened at that instant; what happened before the era keeps the id that it has."""
        return made_id if at < self.since else f"{made_id}{_MARK}{self.name}"


def without_era(marked_id: str) -> str:
    """The id as it would be on a table that was never restored."""
    return marked_id.partition(_MARK)[0]


def era_of(marked_id: str) -> str:
    """The name of the era that marked the id; empty where none did."""
    return marked_id.partition(_MARK)[2]
