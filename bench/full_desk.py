"""A desk of 5,000 cases: its rows as the adapters write them, and what each list may cost there (decision 0053)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, overload

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.order_lists import listed_row
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, StateRow
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Status
from tests.integration import people

CASES = 5_000
BUYERS = 500
OPENED = people.OPENED
# Of every hundred: where the case stands, and how many of them.
_MIX = (
    (Status.NEGOTIATION, 30),
    (Status.CLAIM_EVIDENCE, 6),
    (Status.UNDER_REVIEW, 4),
    (Status.AWAITING_RETURN, 2),
    (Status.RESOLVED, 38),
    (Status.DECIDED, 10),
    (Status.CANCELLED, 10),
)
_STATUS = [status for status, count in _MIX for _ in range(count)]


class Cost(NamedTuple):
    """DynamoDB calls, and read units by the pricing rule."""

    calls: int
    units: float


# What each costs at most with 5,000 cases, 50 a page; the team, for each of its members.
BARS: Mapping[str, Cost] = MappingProxyType(
    {
        "by order": Cost(2, 4),
        "by buyer": Cost(2, 22),
        "a buyer's own": Cost(2, 22),
        "every case, newest first": Cost(5, 112),
        "claims under review": Cost(5, 112),
        "claims due before": Cost(5, 112),
        "decided, of a day": Cost(24, 430),
        "the queue": Cost(9, 115),
        "the queue, of nobody": Cost(5, 112),
        "the queue, mine": Cost(2, 110),
        "summary": Cost(13, 12),
        "team": Cost(1, 2),
        "the next claim": Cost(7, 30),
        "a buyer's orders": Cost(2, 25),
    }
)


def at_most(name: str, members: int) -> Cost:
    """The bound of `BARS` in a team of so many."""
    bar = BARS[name]
    return Cost(bar.calls * members, bar.units * members) if name == "team" else bar


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose cases they are: `buyer` has every five-hundredth, each of the nine `members` a tenth of the claims.

    The first was opened at `start`, each other a minute after the one before.
    """

    buyer: str
    members: Sequence[str]
    cases: int = CASES
    start: datetime = OPENED

    def case(self, number: int) -> Dispute:
        """One case, of one of five hundred buyers."""
        shape = _SHAPES[_STATUS[number * 37 % 100]]
        turn = number // 100 % 10
        held = None if turn == 0 else self.members[turn - 1]
        return replace(
            shape,
            dispute_id=f"dp-{number:05}",
            order_id=f"o-{number}",
            buyer_id=self.buyer if number % BUYERS == 0 else f"buyer-{number % BUYERS}",
            opened_at=self._at(OPENED, number),
            evidence_due_at=self._at(shape.evidence_due_at, number),
            decision_due_at=self._at(shape.decision_due_at, number),
            assigned_to=held if mapping.is_queued(shape) else None,
        )

    def rows(self) -> Iterator[Row]:
        """What the table holds of them for lists: two rows a case, and the orders of `buyer`."""
        for number in range(self.cases):
            case = self.case(number)
            facts = {name: it for name, it in mapping.facts_values(case).items() if it is not None}
            state = {name: it for name, it in mapping.state_values(case).items() if it is not None}
            yield FactsRow(*keys.facts(case.dispute_id), **facts)
            yield StateRow(*keys.state(case.dispute_id), **state)
        for number in range(0, self.cases, BUYERS):
            placed = OPENED + people.days(number)
            order = replace(people.order(f"o-{number}"), buyer_id=self.buyer, placed_at=placed)
            yield mapping.order_row(order, OPENED)
            yield listed_row(order)
            yield LedgerRow(*keys.ledger(order.order_id), disputes=(f"dp-{number:05}",))

    @overload
    def _at(self, at: datetime, minutes: int) -> datetime: ...
    @overload
    def _at(self, at: datetime | None, minutes: int) -> datetime | None: ...
    def _at(self, at: datetime | None, minutes: int) -> datetime | None:
        return None if at is None else at + (self.start - OPENED) + timedelta(minutes=minutes)

    def write(self) -> None:
        """Put all of them into the table that the adapters are set to."""
        with Row.batch_write() as batch:
            for row in self.rows():
                batch.save(row)


_SHAPES = people.in_every_status()
