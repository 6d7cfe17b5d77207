"""The present, new ids and the team, as a test sets them."""

from datetime import datetime


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class SequentialIds:
    """dp-1, dp-2 …"""

    def __init__(self) -> None:
        self._last, self._team, self._salts = 0, 0, 0

    def dispute_id(self) -> str:
        self._last += 1
        return f"dp-{self._last}"

    def team_row_id(self, prefix: str) -> str:
        self._team += 1
        return f"{prefix}-{self._team:026d}"

    def salt(self) -> str:
        self._salts += 1
        return f"5a17{self._salts:028x}"


class FakeTeam:
    """Everybody is a member but those in `left`; `known` are those that a list names."""

    def __init__(self) -> None:
        self.left: set[str] = set()
        self.known: set[str] = {"manager-1", "manager-2"}

    def has_member(self, person_id: str) -> bool:
        """See `Team.has_member`."""
        return person_id not in self.left

    def members(self) -> list[str]:
        """See `Team.members`."""
        return sorted(self.known - self.left)
