"""Who is in the Case Management Team at this instant."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class Member(NamedTuple):
    """Somebody of the team: their `sub`, and what they are called; None where the pool has no name."""

    member_id: str
    name: str | None = None


class Team(Protocol):
    """The team as its user pool knows it; a token may be an hour behind."""

    def has_member(self, person_id: str) -> bool:
        """Whether the person with that `sub` is enabled and in the group of the case managers now (R47)."""
        ...

    def members(self) -> Sequence[Member]:
        """Everybody who is enabled and in that group now, by id."""
        ...

    def names(self) -> Mapping[str, str]:
        """What those of the group are called, by `sub`, the disabled ones too: their work stays theirs.

        For showing it alone: it may be five minutes old, and is empty where the pool does not answer.
        """
        ...
