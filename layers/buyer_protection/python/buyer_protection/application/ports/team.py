"""Who is in the Case Management Team at this instant."""

from collections.abc import Sequence
from typing import Protocol


class Team(Protocol):
    """The team as its user pool knows it; a token may be an hour behind."""

    def has_member(self, person_id: str) -> bool:
        """Whether the person with that `sub` is enabled and in the group of the case managers now (R47)."""
        ...

    def members(self) -> Sequence[str]:
        """The `sub` of everybody who is enabled and in that group now."""
        ...
