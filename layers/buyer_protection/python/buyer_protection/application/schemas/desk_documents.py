"""What the team sees of its own work: counts, members, nothing of a case."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import Status


class ColleagueDocument(Struct, frozen=True):
    """What somebody of the team is called, for the team alone.

    member_id: the person's id, as in `assigned_to`. display_name: the attribute `name` of the team's user pool.
    """

    member_id: str
    display_name: str


class MediationSummary(Struct, frozen=True):
    """The open claims, counted; a count may be a minute old.

    as_of: the server's instant. open: all of them. overdue: whose window's end has passed. due_today: whose window ends
    later on this day (UTC). mine: the caller's. unassigned: nobody's. by_status: how many are in each claim status.
    members: everybody of the team who has a name; it may be five minutes old.
    """

    as_of: At
    open: int
    overdue: int
    due_today: int
    mine: int
    unassigned: int
    by_status: Mapping[Status, int]
    members: Sequence[ColleagueDocument]


class MemberDocument(Struct, frozen=True):
    """A present member of the team.

    member_id: the person's id, as in `assigned_to`. open_claims: how many claims they have.
    display_name: what they are called; null where the team's user pool has no name.
    """

    member_id: str
    open_claims: int
    display_name: str | None


class TeamDocument(Struct, frozen=True):
    """Who is in the team at this instant, by id.

    as_of: the server's instant. items: one for each member.
    """

    as_of: At
    items: Sequence[MemberDocument]


def colleagues(names: Mapping[str, str]) -> list[ColleagueDocument]:
    """The names of the team, by id."""
    return [ColleagueDocument(*one) for one in sorted(names.items())]
