"""The lists of cases over the in-memory world (port `CaseLists`)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from buyer_protection.application.ports.case_lists import (
    CLAIM_STATUSES,
    ClaimDue,
    Holding,
    Listed,
    UnreadableCase,
)
from buyer_protection.application.ports.pages import Page
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.timeline import instant

if TYPE_CHECKING:
    from tests.support.fakes import World

Place = Mapping[str, str]


class MemoryCaseLists:
    """Cases in `unreadable` are what no version can read."""

    world: "World"

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
        def place(case: Dispute) -> Place:
            return {"opened_key": f"{instant(case.opened_at)}#{case.dispute_id}"}

        theirs = [
            case
            for case in self._opened_in(since, until)
            if party_id == (case.buyer_id if role is Role.BUYER else case.seller_id)
        ]
        return self._page(theirs, place, limit, start, is_newest_first=True)

    def page_of_queue(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        statuses: Collection[Status] = CLAIM_STATUSES,
        until: datetime | None = None,
    ) -> Page[Listed]:
        found = [case for case in self._claims() if case.status in statuses]
        due = [case for case in found if until is None or _due(case) < instant(until)]
        return self._page(due, _by_due, limit, start)

    def page_of_assignee(
        self, assignee: str | None, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[Listed]:
        return self._page(self._held_by(assignee), _by_due, limit, start)

    def claims_to_take(self, now: datetime, *, at_most: int) -> Iterator[Listed]:
        free = [
            case
            for case in sorted(self._held_by(None), key=lambda it: tuple(_by_due(it).values()))
            if case.status is Status.UNDER_REVIEW or _due(case) > instant(now)
        ]
        return map(self._listed, free[:at_most])

    def page_of_all(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Listed]:
        def place(case: Dispute) -> Place:
            return {"queue_due": instant(case.opened_at), "dispute_id": case.dispute_id}

        return self._page(self._opened_in(since, until), place, limit, start, is_newest_first=True)

    def cases_of_order(self, order_id: str) -> Sequence[Listed]:
        about = [case for case in self.world.cases_kept.values() if case.order_id == order_id]
        newest_first = sorted(about, key=lambda case: (case.opened_at, case.dispute_id), reverse=True)
        return [self._listed(case) for case in newest_first]

    def claims_due(self) -> Iterator[ClaimDue]:
        for case in self._claims():
            assert case.window is not None
            due = case.window.due(case)
            assert due is not None
            yield ClaimDue(case.status, due)

    def claims_of(self, assignee: str | None) -> int:
        return len(self._held_by(assignee))

    def holdings(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[Sequence[Holding], Mapping[str, Any] | None]:
        held = [Holding(case.dispute_id, case.assigned_to) for case in self._claims() if case.assigned_to]
        first = start["at"] if start else 0
        further = {"at": first + limit} if len(held) > first + limit else None
        return held[first : first + limit], further

    def _claims(self) -> list[Dispute]:
        return [case for case in self.world.cases_kept.values() if case.window and case.window.is_queued]

    def _held_by(self, assignee: str | None) -> list[Dispute]:
        return [case for case in self._claims() if case.assigned_to == assignee]

    def _opened_in(self, since: datetime | None, until: datetime | None) -> list[Dispute]:
        return [
            case
            for case in self.world.cases_kept.values()
            if (since is None or case.opened_at >= since) and (until is None or case.opened_at < until)
        ]

    def _listed(self, case: Dispute) -> Listed:
        return UnreadableCase(case.dispute_id) if case.dispute_id in self.world.unreadable else case

    def _page(
        self,
        cases: Sequence[Dispute],
        place_of: Callable[[Dispute], Place],
        limit: int,
        start: Mapping[str, Any] | None,
        *,
        is_newest_first: bool = False,
    ) -> Page[Listed]:
        def key(case: Dispute) -> tuple[str, ...]:
            return tuple(place_of(case).values())

        behind = tuple(start.values()) if start else None
        ordered = [
            case
            for case in sorted(cases, key=key, reverse=is_newest_first)
            if behind is None or (key(case) < behind if is_newest_first else key(case) > behind)
        ]
        places = [place_of(case) for case in ordered[:limit]]
        items = [self._listed(case) for case in ordered[:limit]]
        return Page(items, places[-1] if len(ordered) > limit else None, places)


def _by_due(case: Dispute) -> Place:
    return {"queue_due": _due(case), "dispute_id": case.dispute_id}


def _due(case: Dispute) -> str:
    due = case.window.due(case) if case.window else None
    return instant(due or case.opened_at)
