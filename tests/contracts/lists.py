"""What every store's lists must do: order, pages that lose and repeat nothing, who has a claim, what leaves a list.

A table may be shared, so that each test looks for its own cases among whatever a list holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from buyer_protection.application.ports.case_lists import Holding, Listed
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.pages import Page
from buyer_protection.domain import parcels
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status
from tests.contracts.ports import Ports
from tests.contracts.scenes import HOUR, MS, agreed, claimed, opened, stored
from tests.integration import people
from tests.integration.people import BUYER, OPENED, SELLER, days

Fetch = Callable[[int, Mapping[str, Any] | None], Page[Any]]


def ids(fetch: Fetch, ours: list[Dispute], limit: int) -> list[str]:
    """Those of ours that the list holds, page after page, in its order; each place leads on behind its item."""
    wanted = {case.dispute_id for case in ours}
    found: list[str] = []
    start: Mapping[str, Any] | None = None
    while True:
        page = fetch(limit, start)
        assert len(page.items) == len(page.places) <= limit
        found += [one.dispute_id for one in page.items]
        start = page.next_key
        if start is None:
            break
        assert not page.places or page.places[-1] == start
    assert len(found) == len(set(found))
    return [one for one in found if one in wanted]


def given_to(ports: Ports, case: Dispute, assignee: str | None, previous: str | None = None) -> None:
    ports.cases.keep_assignment(
        Assignment(case.dispute_id, "manager-1", assignee, previous), now=OPENED + days(4) + HOUR
    )


class ListsContract:
    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_r24_every_case_is_found_newest_first_whatever_its_status(self, ports: Ports, limit: int) -> None:
        talking, claim, closed = opened(ports), claimed(ports), opened(ports)
        agreed(ports, closed)
        ours = [talking, claim, closed]

        def fetch(count: int, start: Mapping[str, Any] | None) -> Page[Listed]:
            return ports.cases.page_of_all(limit=count, start=start, since=OPENED, until=OPENED + MS)

        assert ids(fetch, ours, limit) == sorted((case.dispute_id for case in ours), reverse=True)
        later = ports.cases.page_of_all(limit=50, start=None, since=OPENED + MS)
        earlier = ports.cases.page_of_all(limit=50, start=None, until=OPENED)
        listed = [*later.items, *earlier.items]
        assert not {case.dispute_id for case in ours} & {one.dispute_id for one in listed}

    @pytest.mark.parametrize("limit", [1, 50])
    def test_r01_a_partys_cases_are_found_by_when_they_were_opened(self, ports: Ports, limit: int) -> None:
        ours = [opened(ports) for _ in range(3)]
        for role, actor in ((Role.BUYER, BUYER), (Role.SELLER, SELLER)):

            def fetch(
                count: int, start: Mapping[str, Any] | None, role: Role = role, party: str = actor.actor_id
            ) -> Page[Listed]:
                until = OPENED + MS
                return ports.cases.page_of_party(
                    role, party, limit=count, start=start, since=OPENED, until=until
                )

            assert ids(fetch, ours, limit) == sorted((case.dispute_id for case in ours), reverse=True)
            before = ports.cases.page_of_party(role, actor.actor_id, limit=50, start=None, until=OPENED)
            assert not {case.dispute_id for case in ours} & {one.dispute_id for one in before.items}

    @pytest.mark.parametrize("limit", [1, 50])
    def test_r24_claims_are_found_by_status_and_due_instant(self, ports: Ports, limit: int) -> None:
        first, second = claimed(ports), claimed(ports)
        given = people.statement(second, OPENED + days(5))
        ports.cases.commit(given, now=OPENED + days(5))
        due = given.after.evidence_due_at
        assert due is not None
        reviewed = people.next_step(given.after, due)
        ports.cases.commit(reviewed, now=due)
        ours = [first, second]

        def queue(**of: Any) -> list[str]:
            return ids(
                lambda count, start: ports.cases.page_of_queue(limit=count, start=start, **of), ours, limit
            )

        assert queue() == [first.dispute_id, second.dispute_id]
        assert queue(statuses=[Status.CLAIM_EVIDENCE]) == [first.dispute_id]
        assert queue(statuses=[Status.UNDER_REVIEW]) == [second.dispute_id]
        assert queue(until=due) == []
        assert queue(until=due + MS) == [first.dispute_id]
        counted = [one for one in ports.cases.claims_due() if one.status is Status.UNDER_REVIEW]
        assert reviewed.after.decision_due_at in {one.due_at for one in counted}

    def test_r47_who_has_a_claim_and_nobodys_are_found_by_themselves(self, ports: Ports) -> None:
        mine, theirs, nobodys = claimed(ports), claimed(ports), claimed(ports)
        me, other = f"m-{mine.dispute_id}", f"m-{theirs.dispute_id}"
        ours = [mine, theirs, nobodys]
        given_to(ports, mine, me)
        given_to(ports, theirs, other)

        def held(assignee: str | None) -> list[str]:
            return ids(
                lambda count, start: ports.cases.page_of_assignee(assignee, limit=count, start=start), ours, 2
            )

        assert (held(me), held(other)) == ([mine.dispute_id], [theirs.dispute_id])
        assert held(None) == [nobodys.dispute_id]
        assert (ports.cases.claims_of(me), ports.cases.claims_of("m-of-none")) == (1, 0)
        assert ports.cases.claims_of(None) >= 1
        holdings, start = [], None
        while True:
            found, start = ports.cases.holdings(limit=1, start=start)
            holdings += found
            if start is None:
                break
        assert Holding(mine.dispute_id, me) in holdings
        assert nobodys.dispute_id not in {one.dispute_id for one in holdings}
        given_to(ports, mine, None, previous=me)
        assert held(me) == []
        assert held(None) == [nobodys.dispute_id, mine.dispute_id] or held(None) == [
            mine.dispute_id,
            nobodys.dispute_id,
        ]
        assert stored(ports, mine) == replace(mine, assigned_to=None)

    def test_r47_who_takes_the_next_claim_is_given_none_whose_window_has_ended(self, ports: Ports) -> None:
        ended, late, open_still = claimed(ports), claimed(ports), claimed(ports)
        given = people.statement(late, OPENED + days(5))
        ports.cases.commit(given, now=OPENED + days(5))
        due = given.after.evidence_due_at
        assert due is not None
        reviewed = people.next_step(given.after, due).after
        ports.cases.commit(people.next_step(given.after, due), now=due)
        ours = {ended.dispute_id, late.dispute_id, open_still.dispute_id}

        def free(now: datetime) -> list[str]:
            found = ports.cases.claims_to_take(now, at_most=10_000)
            return [one.dispute_id for one in found if one.dispute_id in ours]

        assert due == ended.evidence_due_at
        assert set(free(due - MS)) == ours
        assert free(due - MS)[-1] == late.dispute_id
        # At the end of their windows the clock alone moves those in evidence; a late decision is still to be made.
        assert free(due) == [late.dispute_id]
        assert reviewed.decision_due_at is not None
        assert free(reviewed.decision_due_at + days(1)) == [late.dispute_id]
        given_to(ports, late, "m-1")
        assert free(reviewed.decision_due_at + days(1)) == []

    def test_r47_a_claim_stays_its_assignees_through_the_review_and_leaves_with_its_end(
        self, ports: Ports
    ) -> None:
        claim = claimed(ports)
        me = f"m-{claim.dispute_id}"
        # The change was read before the claim was given to somebody, and is committed after it.
        given = people.statement(claim, OPENED + days(5))
        given_to(ports, claim, me)
        ports.cases.commit(given, now=OPENED + days(5))
        due = given.after.evidence_due_at
        assert due is not None
        reviewed = people.next_step(given.after, due)
        ports.cases.commit(reviewed, now=due)
        page = ports.cases.page_of_assignee(me, limit=5, start=None)
        assert [one.dispute_id for one in page.items] == [claim.dispute_id]
        assert page.places[0]["queue_due"] > f"{due:%Y-%m-%d}"
        ended = parcels.cancel(reviewed.after, BUYER, acknowledge_consequences=True, now=due + HOUR)
        ports.cases.commit(ended, now=due + HOUR)
        assert ports.cases.page_of_assignee(me, limit=5, start=None).items == []
        assert ports.cases.claims_of(me) == 0

    def test_r01_every_dispute_about_an_order_is_found_by_the_order(self, ports: Ports) -> None:
        order_id = ports.order_id()
        first = opened(ports, order_id)
        left = parcels.cancel(first, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
        ports.cases.commit(left, now=OPENED + HOUR)
        second = opened(ports, order_id)
        found = ports.cases.cases_of_order(order_id)
        assert [one.dispute_id for one in found] == sorted(
            [first.dispute_id, second.dispute_id], reverse=True
        )
        assert ports.cases.cases_of_order("o-of-none") == []

    def test_q1_a_receipt_is_found_without_its_case(self, ports: Ports) -> None:
        from tests.contracts.scenes import idempotency

        kept, claim = idempotency(ports), claimed(ports)
        assert ports.cases.idempotency_record(kept.idempotency_id) is None
        step = Assignment(claim.dispute_id, "manager-1", "manager-1", None)
        ports.cases.keep_assignment(step, now=OPENED + days(5), idempotency=kept)
        assert ports.cases.idempotency_record(kept.idempotency_id) == kept

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_r01_a_partys_orders_are_found_the_last_placed_first(self, ports: Ports, limit: int) -> None:
        party = f"p-{ports.dispute_id()}"
        names = [ports.order_id() for _ in range(3)]
        for number, name in enumerate(names):
            made = replace(people.order(name), buyer_id=party, seller_id=f"{party}-s")
            ports.orders.put(replace(made, placed_at=made.placed_at + HOUR * (number // 2)), OPENED)
        newest_first = [names[2], *sorted(names[:2], reverse=True)]
        for role, party_id in ((Role.BUYER, party), (Role.SELLER, f"{party}-s")):
            found: list[str] = []
            start: Mapping[str, Any] | None = None
            while True:
                page = ports.orders.page_of_party(role, party_id, limit=limit, start=start)
                found += [getattr(one, "order", one).order_id for one in page.items]
                start = page.next_key
                if start is None:
                    break
            assert found == newest_first
        assert ports.orders.page_of_party(Role.BUYER, f"{party}-s", limit=5, start=None).items == []
