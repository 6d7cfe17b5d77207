"""Who is in the Case Management Team at this instant."""

from typing import Protocol


class Team(Protocol):
    """The team as its user pool knows it; a token may be an hour behind."""

    def has_member(self, person_id: str) -> bool:
        """Whether the person with that `sub` is enabled and in the group of the case managers now (R47)."""
        ...
