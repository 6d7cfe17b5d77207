"""The present, new ids and the team, as a test sets them."""

from datetime import datetime
from typing import Final

from buyer_protection.application.ports.team import Member

TEAMS_NAME: Final = "Canary Name-of-the-Team"


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
    """Everybody is a member but those in `left`; `known` are those that a list names, and `called`
    what they are called."""

    def __init__(self) -> None:
        self.left: set[str] = set()
        self.known: set[str] = {"manager-1", "manager-2"}
        self.called: dict[str, str] = {"manager-1": TEAMS_NAME}

    def has_member(self, person_id: str) -> bool:
        """See `Team.has_member`."""
        return person_id not in self.left

    def members(self) -> list[Member]:
        """See `Team.members`."""
        return [Member(one, self.called.get(one)) for one in sorted(self.known - self.left)]

    def names(self) -> dict[str, str]:
        """See `Team.names`."""
        return dict(self.called)
