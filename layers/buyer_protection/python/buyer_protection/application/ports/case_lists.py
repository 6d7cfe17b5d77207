"""The lists of cases: indexes find ids, and one consistent batch reads the cases."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from buyer_protection.application.ports.pages import Page
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status

# What the team's queue holds.
CLAIM_STATUSES = frozenset({Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW})


class UnreadableCase(Struct, frozen=True):
    """A case of which this version cannot read a row: a word that it does not know, an attribute that is missing."""

    dispute_id: str


Listed: TypeAlias = Dispute | UnreadableCase


class ClaimDue(Struct, frozen=True):
    """An open claim as the queue's index knows it."""

    status: Status
    due_at: datetime


class Holding(Struct, frozen=True):
    """An open claim and the member of the team who has it, as the index knows them."""

    dispute_id: str
    assignee: str


class CaseLists(Protocol):
    """Ids are as the indexes have them, a second old at most; the cases are as they are."""

    def page_of_party(
        self,
        role: Role,
        party_id: str,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Listed]:
        """A party's cases, newest first, opened in `[since, until)`: one index query for the ids, one consistent batch
        for the cases."""
        ...

    def page_of_queue(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        statuses: Collection[Status] = CLAIM_STATUSES,
        until: datetime | None = None,
    ) -> Page[Listed]:
        """Open claims in these statuses that are due before `until`, most urgent first, merged over the shards; then
        one consistent batch. Those that have left the queue meanwhile are left out."""
        ...

    def page_of_assignee(
        self, assignee: str | None, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[Listed]:
        """The open claims of one member of the team, or of nobody (None), most urgent first."""
        ...

    def claims_to_take(self, now: datetime, *, at_most: int) -> Iterator[Listed]:
        """Nobody's claims that somebody can take at `now`, most urgent first: those under review however late, others
        until their window ends. Read in batches, as far as one goes on; of what cannot be taken no case is read."""
        ...

    def page_of_all(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Listed]:
        """Every case, closed ones too, newest first, opened in `[since, until)`."""
        ...

    def cases_of_order(self, order_id: str) -> Sequence[Listed]:
        """The disputes about an order, newest first: at most as many as it may ever have."""
        ...

    def claims_due(self) -> Iterator[ClaimDue]:
        """Every open claim, of the index alone, which reads no case."""
        ...

    def claims_of(self, assignee: str | None) -> int:
        """How many open claims a member of the team, or nobody (None), has; of the index alone."""
        ...

    def holdings(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[Sequence[Holding], Mapping[str, Any] | None]:
        """A part of all open claims that somebody has, in no order, and where the next begins; of the index alone."""
        ...
