"""What the team sees of its own work: counts, members, nothing of a case."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import Status


class MediationSummary(Struct, frozen=True):
    """The open claims, counted; a count may be a minute old.

    as_of: the server's instant. open: all of them. overdue: whose window's end has passed. due_today: whose window ends
    later on this day (UTC). mine: the caller's. unassigned: nobody's. by_status: how many are in each claim status.
    """

    as_of: At
    open: int
    overdue: int
    due_today: int
    mine: int
    unassigned: int
    by_status: Mapping[Status, int]


class MemberDocument(Struct, frozen=True):
    """A present member of the team.

    member_id: the person's id, as in `assigned_to`. open_claims: how many claims they have.
    """

    member_id: str
    open_claims: int


class TeamDocument(Struct, frozen=True):
    """Who is in the team at this instant, by id.

    as_of: the server's instant. items: one for each member.
    """

    as_of: At
    items: Sequence[MemberDocument]
