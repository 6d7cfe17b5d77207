"""The lists of cases in DynamoDB (port `CaseLists`): which index answers which list is docs/decisions/0053."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.indexes import ByBuyer, ByDue, ByQueue, BySeller
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.side_by_side import side_by_side
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, StateRow
from buyer_protection.application.ports.case_lists import (
    CLAIM_STATUSES,
    ClaimDue,
    Holding,
    Listed,
    UnreadableCase,
)
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.pages import Page
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.timeline import instant, parse_instant

_FIRST, _LAST = "0", "~"
_PLACE = ("queue_due", "dispute_id")
# Claims that are read at once for whoever takes the next: the first can mostly be taken.
_AT_ONCE = 10
_MILLISECOND = timedelta(milliseconds=1)


class SortedIndex(NamedTuple):
    """An index whose entries are in shards, by instant."""

    index_name: str
    hash_name: str
    range_name: str
    instant: Any


BY_QUEUE = SortedIndex(ByQueue.Meta.index_name, "queue_key", "queue_due", ByQueue.queue_due)
_BY_DUE = SortedIndex(ByDue.Meta.index_name, "due_key", "due_at", ByDue.due_at)


class PynamoCaseLists:
    """Every index only finds ids; a consistent read says what the case is."""

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
        """See `CaseLists.page_of_party`. The page's key is a place in the party's own list, whoever made it up."""
        index, hash_key = (
            (ByBuyer, keys.buyer_key(party_id))
            if role is Role.BUYER
            else (BySeller, keys.seller_key(party_id))
        )
        places = opened_keys_of(index, hash_key, limit + 1, start, since=since, until=until)
        listed = [(place.split("#", 1)[1], {"opened_key": place}) for place in places[:limit]]
        return _page(listed, has_more=len(places) > limit)

    def page_of_queue(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        statuses: Collection[Status] = CLAIM_STATUSES,
        until: datetime | None = None,
    ) -> Page[Listed]:
        """See `CaseLists.page_of_queue`."""
        page = _merged(BY_QUEUE, keys.queue_keys(statuses), limit, start, until=until)
        return _only(page, lambda case: mapping.is_queued(case) and case.status in statuses)

    def page_of_assignee(
        self, assignee: str | None, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[Listed]:
        """See `CaseLists.page_of_assignee`."""
        page = _merged(_BY_DUE, keys.assignee_keys(assignee), limit, start)
        return _only(page, lambda case: mapping.is_queued(case) and case.assigned_to == assignee)

    def claims_to_take(self, now: datetime, *, at_most: int) -> Iterator[Listed]:
        """See `CaseLists.claims_to_take`. While no clock is late, the first entries are all that is asked for."""
        places = places_of(_BY_DUE, keys.assignee_keys(None), at_most, None)[:at_most]
        if places and places[0][0] <= instant(now):
            ended = now + _MILLISECOND
            later = places_of(_BY_DUE, keys.assignee_keys(None), at_most, None, since=ended)
            places = [*_reviews_due(ended), *later]
        for first in range(0, min(len(places), at_most), _AT_ONCE):
            found = _cases(dispute_id for _, dispute_id in places[first : first + _AT_ONCE])
            for one in found.values():
                if isinstance(one, UnreadableCase) or (
                    one is not None and mapping.is_queued(one) and one.assigned_to is None
                ):
                    yield one

    def page_of_all(
        self,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Listed]:
        """See `CaseLists.page_of_all`."""
        return _merged(BY_QUEUE, keys.opened_keys(), limit, start, since=since, until=until, forward=False)

    def cases_of_order(self, order_id: str) -> Sequence[Listed]:
        """See `CaseLists.cases_of_order`. Ledgers of before name only those that hold the order or settled it."""
        key = keys.ledger(order_id)
        row = Row.fetch([key]).get(key)
        if not isinstance(row, LedgerRow):
            return []
        known = row.attribute_values.get
        named = {*(known("disputes") or ()), *(one.dispute_id for one in known("settlements") or ())}
        named |= {one for one in (known("active_dispute_id"), known("finished_by")) if one is not None}
        found = [listed for listed in _cases(sorted(named)).values() if listed is not None]
        return sorted(found, key=_opening, reverse=True)

    def claims_due(self) -> Iterator[ClaimDue]:
        """See `CaseLists.claims_due`."""
        of_shards = [(status, shard) for status in CLAIM_STATUSES for shard in keys.queue_keys([status])]
        for found in side_by_side(lambda it: list(_claims_of_shard(*it)), of_shards):
            yield from found

    def claims_of(self, assignee: str | None) -> int:
        """See `CaseLists.claims_of`."""
        return sum(
            side_by_side(lambda key: Row.counted(ByDue.Meta.index_name, key), keys.assignee_keys(assignee))
        )

    def holdings(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[Sequence[Holding], Mapping[str, Any] | None]:
        """See `CaseLists.holdings`."""
        entries, further = Row.scanned_entries(ByDue.Meta.index_name, limit=limit, start=start)
        held = [
            Holding(keys.id_of(entry["pk"]), keys.id_of(entry["due_key"]))
            for entry in entries
            if entry["due_key"].startswith(keys.ASSIGNEE_PREFIX)
        ]
        return held, further


def _reviews_due(before: datetime) -> list[tuple[str, str]]:
    """The entries of nobody's claims under review that are due before then, by the keys of two indexes alone."""
    reviews = places_of(BY_QUEUE, keys.queue_keys([Status.UNDER_REVIEW]), _WHOLE_PAGE, None, until=before)
    late = {dispute_id for _, dispute_id in reviews}
    nobodys = places_of(_BY_DUE, keys.assignee_keys(None), _WHOLE_PAGE, None, until=before) if late else []
    return [place for place in nobodys if place[1] in late]


def _claims_of_shard(status: Status, shard: str) -> Iterator[ClaimDue]:
    for entry in Row.indexed(ByQueue.Meta.index_name, shard, limit=_WHOLE_PAGE):
        with suppress(ValueError):
            yield ClaimDue(status, parse_instant(entry["queue_due"]))


def opened_keys_of(
    index: type[ByBuyer] | type[BySeller],
    hash_key: str,
    count: int,
    start: Mapping[str, Any] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[str]:
    """The first entries of a party behind `start`, newest first, in `[since, until)`: each an instant and an id."""
    # What begins at `until` lies above it: an entry has more behind its instant.
    first = instant(since) if since else _FIRST
    last = min(str(start["opened_key"]) if start else _LAST, instant(until) if until else _LAST)
    if first > last:
        return []
    within = index.opened_key.between(first, last)
    found = Row.indexed(index.Meta.index_name, hash_key, within, limit=count + 1, forward=False)
    return list(islice((key for entry in found if (key := entry["opened_key"]) != last), count))


# The most entries that one answer holds: a page of an index is a megabyte.
_WHOLE_PAGE = 10_000


def _merged(
    index: SortedIndex,
    shards: Sequence[str],
    limit: int,
    start: Mapping[str, Any] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    forward: bool = True,
) -> Page[Listed]:
    places = places_of(index, shards, limit + 1, start, since=since, until=until, forward=forward)
    listed = [(place[1], dict(zip(_PLACE, place, strict=True))) for place in places[:limit]]
    return _page(listed, has_more=len(places) > limit)


def places_of(
    index: SortedIndex,
    shards: Sequence[str],
    count: int,
    start: Mapping[str, Any] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    forward: bool = True,
) -> list[tuple[str, str]]:
    """The first entries of all shards together behind `start`, by (instant, id), in `[since, until)`."""
    behind = (str(start["queue_due"]), str(start["dispute_id"])) if start else None
    first = max(instant(since) if since else "", behind[0] if behind and forward else "")
    last = min(instant(until) if until else _LAST, behind[0] if behind and not forward else _LAST)

    def is_in(place: tuple[str, str]) -> bool:
        if (until is not None and place[0] >= instant(until)) or (
            since is not None and place[0] < instant(since)
        ):
            return False
        return behind is None or (place > behind if forward else place < behind)

    within = _range(index.instant, first, last)
    found = side_by_side(lambda shard: _of_shard(index, shard, within, is_in, count, forward), shards)
    return sorted(chain.from_iterable(found), reverse=not forward)


def _range(key: Any, first: str, last: str) -> Any:
    if last == _LAST:
        return key >= parse_instant(first) if first else None
    if not first:
        return key <= parse_instant(last)
    # Nothing lies between two bounds that are crossed, and DynamoDB refuses to look.
    return key.between(parse_instant(min(first, last)), parse_instant(last))


def _of_shard(
    index: SortedIndex, shard: str, within: Any, is_in: Any, count: int, forward: bool
) -> list[tuple[str, str]]:
    """So many entries of a shard, and all others of the last one's instant: those come in no order."""
    found: list[tuple[str, str]] = []
    # One more than is asked for says whether the last one's instant has others, mostly in the same answer.
    for entry in Row.indexed(index.index_name, shard, within, limit=count + 1, forward=forward):
        place = entry[index.range_name], keys.id_of(entry["pk"])
        if len(found) >= count and place[0] != found[-1][0]:
            break
        if is_in(place):
            found.append(place)
    return found


def _page(listed: Sequence[tuple[str, Mapping[str, Any]]], *, has_more: bool) -> Page[Listed]:
    cases = _cases(dispute_id for dispute_id, _ in listed)
    found = [(case, place) for dispute_id, place in listed if (case := cases[dispute_id]) is not None]
    next_key = listed[-1][1] if has_more else None
    return Page([case for case, _ in found], next_key, [place for _, place in found])


def _only(page: Page[Listed], is_wanted: Any) -> Page[Listed]:
    """What the index still has and the case is no more, left out; what cannot be read is left in."""
    kept = [
        (one, place)
        for one, place in zip(page.items, page.places, strict=True)
        if isinstance(one, UnreadableCase) or is_wanted(one)
    ]
    return Page([one for one, _ in kept], page.next_key, [place for _, place in kept])


def _cases(dispute_ids: Iterable[str]) -> dict[str, Listed | None]:
    """The cases by id, by one consistent batch of a hundred rows after the other; None where there is none."""
    ordered = list(dispute_ids)
    wanted = [key for one in ordered for key in (keys.facts(one), keys.state(one))]
    items = Row.fetch_items(wanted) if wanted else {}
    return {one: _case(one, items.get(keys.facts(one)), items.get(keys.state(one))) for one in ordered}


def _case(dispute_id: str, facts: Any, state: Any) -> Listed | None:
    if facts is None or state is None:
        return None
    try:
        return mapping.dispute_of(FactsRow.from_raw_data(facts), StateRow.from_raw_data(state))
    except UNREADABLE:
        return UnreadableCase(dispute_id)


def _opening(listed: Listed) -> tuple[str, str]:
    opened = instant(listed.opened_at) if isinstance(listed, Dispute) else _LAST
    return opened, listed.dispute_id
