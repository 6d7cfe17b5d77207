"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    pass


class Ids(Protocol):
    """New identifiers."""

    def dispute_id(self) -> str:
        """`dp-` and 26 characters that sort by time."""
        ...

    def team_row_id(self, prefix: str) -> str:
        """`{prefix}-` and 26 characters that sort by time: a row of the team's own."""
        ...

    def salt(self) -> str:
        """32 hexadecimal digits of chance, for a digest that nobody can guess the text of."""
        ...


class Clock(Protocol):
    """The present."""

    def now(self) -> datetime:
        """UTC, truncated to milliseconds, as it is stored."""
        ...
