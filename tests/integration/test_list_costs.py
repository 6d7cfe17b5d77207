"""What each list costs with 5,000 cases in the table: calls, and read units by DynamoDB's pricing rule.

`python -m bench.desk` counts the same on a local stack, and takes the time of each call.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bench.full_desk import BARS, OPENED, Cost, Desk, at_most
from bench.pricing import read_units
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.actions import desk, lists, order_lists
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.schemas.queries import ListQuery, OrdersQuery, QueueQuery
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from tests.integration import people
from tests.support.fake_system import FakeTeam, FixedClock, SequentialIds

MANAGER = Caller("manager-1", frozenset({"case_manager"}))
BUYER = Caller(people.BUYER.actor_id)


@pytest.fixture
def full(table: Any) -> Any:
    Desk(BUYER.caller_id, [f"manager-{number}" for number in range(1, 10)]).write()
    return table


@pytest.mark.verify
def test_h12_each_list_costs_no_more_than_what_it_shows(full: Any) -> None:
    clock = FixedClock(OPENED + timedelta(days=4))
    team = FakeTeam()
    stores = PynamoCaseStore(), PynamoOrderStore()
    context = Context(*stores, clock, SequentialIds(), ALIEXPRESS_CLASSIC, team.has_member)

    def listed(caller: Caller = MANAGER, **query: Any) -> Callable[[], object]:
        return lambda: lists.list_disputes(context, Command(caller), ListQuery(page_size=50, **query))

    def queue(**query: Any) -> Callable[[], object]:
        return lambda: lists.get_mediation_queue(context, Command(MANAGER), QueueQuery(page_size=50, **query))

    period = {"opened_from": OPENED + timedelta(days=1), "opened_until": OPENED + timedelta(days=2)}
    soon = OPENED + timedelta(days=30)
    asked: dict[str, Callable[[], object]] = {
        "by order": listed(order_id="o-500"),
        "by buyer": listed(buyer_id="buyer-7"),
        "a buyer's own": listed(BUYER),
        "every case, newest first": listed(),
        "claims under review": listed(status=["UNDER_REVIEW"]),
        "claims due before": listed(status=["UNDER_REVIEW"], due_before=soon),
        "decided, of a day": listed(status=["DECIDED"], **period),
        "the queue": queue(),
        "the queue, of nobody": queue(assigned_to="none"),
        "the queue, mine": queue(assigned_to="me"),
        "summary": lambda: desk.get_mediation_summary(context, team, Command(MANAGER)),
        "team": lambda: desk.get_mediation_team(context, team, Command(MANAGER)),
        "the next claim": lambda: desk.take_next_claim(context, Command(MANAGER, "k" * 64)),
        "a buyer's orders": lambda: order_lists.list_orders(
            context, Command(BUYER), OrdersQuery(page_size=50)
        ),
    }
    assert asked.keys() == BARS.keys()
    over = []
    for name, ask in asked.items():
        cost, bar = _cost(full, ask), at_most(name, len(team.known))
        print(f"{name}: {cost.calls} calls, {cost.units:g} read units")
        if cost.calls > bar.calls or cost.units > bar.units:
            over.append((name, cost, bar))
    assert not over


def _cost(client: Any, ask: Callable[[], object]) -> Cost:
    found: list[float] = []
    # Lists over shards ask several at once, each on a thread of its own.
    asked = threading.local()
    events = client.meta.events

    def sent(params: dict[str, Any], **_: Any) -> None:
        asked.params = params

    def answered(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        found.append(read_units(model.name, asked.params, parsed))

    events.register("provide-client-params.dynamodb", sent)
    events.register("after-call.dynamodb", answered)
    try:
        ask()
    finally:
        events.unregister("provide-client-params.dynamodb", sent)
        events.unregister("after-call.dynamodb", answered)
    return Cost(len(found), sum(found))
