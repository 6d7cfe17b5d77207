"""What each list costs with 5,000 cases in the table: calls, and read units by DynamoDB's pricing rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from bench.pricing import read_units
from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_lists import listed_row
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, StateRow
from buyer_protection.application.actions import desk, lists, order_lists
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.schemas.queries import ListQuery, OrdersQuery, QueueQuery
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Status
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from tests.integration import people
from tests.integration.people import OPENED, days
from tests.support.fake_system import FakeTeam, FixedClock, SequentialIds

CASES = 5_000
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
MANAGER = Caller("manager-1", frozenset({"case_manager"}))
BUYER = Caller(people.BUYER.actor_id)


class Cost(NamedTuple):
    calls: int
    units: float


def case_of(number: int) -> Dispute:
    """A case of five hundred buyers; nine claims of ten are somebody's."""
    shape = _SHAPES[_STATUS[number * 37 % 100]]
    opened = OPENED + timedelta(minutes=number)
    buyer = people.BUYER.actor_id if number % 500 == 0 else f"buyer-{number % 500}"
    held = None if number // 100 % 10 == 0 else f"manager-{number // 100 % 10}"
    return replace(
        shape,
        dispute_id=f"dp-{number:05}",
        order_id=f"o-{number}",
        buyer_id=buyer,
        opened_at=opened,
        evidence_due_at=_later(shape.evidence_due_at, number),
        decision_due_at=_later(shape.decision_due_at, number),
        assigned_to=held if mapping.is_queued(shape) else None,
    )


def _later(due: datetime | None, minutes: int) -> datetime | None:
    return None if due is None else due + timedelta(minutes=minutes)


_SHAPES = people.in_every_status()


@pytest.fixture
def full(table: Any) -> Any:
    with Row.batch_write() as batch:
        for number in range(CASES):
            case = case_of(number)
            facts = {name: it for name, it in mapping.facts_values(case).items() if it is not None}
            state = {name: it for name, it in mapping.state_values(case).items() if it is not None}
            batch.save(FactsRow(*keys.facts(case.dispute_id), **facts))
            batch.save(StateRow(*keys.state(case.dispute_id), **state))
        for number in range(0, CASES, 500):
            order = replace(people.order(f"o-{number}"), placed_at=OPENED + days(number))
            batch.save(mapping.order_row(order, OPENED))
            batch.save(listed_row(order))
            batch.save(LedgerRow(*keys.ledger(order.order_id), disputes=(f"dp-{number:05}",)))
    return table


@pytest.mark.verify
def test_h12_each_list_costs_no_more_than_what_it_shows(full: Any) -> None:
    clock = FixedClock(OPENED + days(4))
    context = Context(PynamoCaseStore(), PynamoOrderStore(), clock, SequentialIds(), ALIEXPRESS_CLASSIC)
    team = FakeTeam()

    def listed(caller: Caller = MANAGER, **query: Any) -> Callable[[], object]:
        return lambda: lists.list_disputes(context, Command(caller), ListQuery(page_size=50, **query))

    def queue(**query: Any) -> Callable[[], object]:
        return lambda: lists.get_mediation_queue(context, Command(MANAGER), QueueQuery(page_size=50, **query))

    period = {"opened_from": OPENED + days(1), "opened_until": OPENED + days(2)}
    asked: dict[str, tuple[Callable[[], object], Cost]] = {
        "by order": (listed(order_id="o-500"), Cost(2, 4)),
        "by buyer": (listed(buyer_id="buyer-7"), Cost(2, 22)),
        "a buyer's own": (listed(BUYER), Cost(2, 22)),
        "every case, newest first": (listed(), Cost(5, 112)),
        "claims under review": (listed(status=["UNDER_REVIEW"]), Cost(5, 112)),
        "claims due before": (
            listed(status=["UNDER_REVIEW"], due_before=OPENED + days(30)),
            Cost(5, 112),
        ),
        "decided, of a day": (listed(status=["DECIDED"], **period), Cost(24, 430)),
        "the queue": (queue(), Cost(9, 115)),
        "the queue, of nobody": (queue(assigned_to="none"), Cost(5, 112)),
        "the queue, mine": (queue(assigned_to="me"), Cost(2, 110)),
        "summary": (lambda: desk.get_mediation_summary(context, Command(MANAGER)), Cost(13, 12)),
        "team": (lambda: desk.get_mediation_team(context, team, Command(MANAGER)), Cost(2, 4)),
        "the next claim": (
            lambda: desk.take_next_claim(context, team, Command(MANAGER, "k" * 64)),
            Cost(7, 30),
        ),
        "a buyer's orders": (
            lambda: order_lists.list_orders(context, Command(BUYER), OrdersQuery(page_size=50)),
            Cost(2, 25),
        ),
    }
    over = []
    for name, (ask, at_most) in asked.items():
        cost = _cost(full, ask)
        print(f"{name}: {cost.calls} calls, {cost.units:g} read units")
        if cost.calls > at_most.calls or cost.units > at_most.units:
            over.append((name, cost, at_most))
    assert not over


def _cost(client: Any, ask: Callable[[], object]) -> Cost:
    found: list[float] = []
    asked: list[dict[str, Any]] = []
    events = client.meta.events

    def sent(params: dict[str, Any], **_: Any) -> None:
        asked.append(params)

    def answered(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        found.append(_units(model.name, asked[-1], parsed))

    events.register("provide-client-params.dynamodb", sent)
    events.register("after-call.dynamodb", answered)
    try:
        ask()
    finally:
        events.unregister("provide-client-params.dynamodb", sent)
        events.unregister("after-call.dynamodb", answered)
    return Cost(len(found), sum(found))


def _units(operation: str, parameters: dict[str, Any], answer: dict[str, Any]) -> float:
    if parameters.get("Select") == "COUNT":
        # Entries are read, and not sent: about 160 bytes each.
        return max(0.5, answer["Count"] * 160 / 4096 / 2)
    return read_units(operation, parameters, answer)
