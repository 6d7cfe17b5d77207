"""R47: who takes the next claim reads no case that cannot be taken, however many there are."""

from dataclasses import replace
from typing import Any

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, StateRow
from buyer_protection.domain.dispute import Dispute
from tests.integration import people
from tests.integration.people import OPENED, days


def rows_of(case: Dispute) -> list[Row]:
    """What lists read of a case."""
    facts = {name: it for name, it in mapping.facts_values(case).items() if it is not None}
    state = {name: it for name, it in mapping.state_values(case).items() if it is not None}
    return [FactsRow(*keys.facts(case.dispute_id), **facts), StateRow(*keys.state(case.dispute_id), **state)]


def test_r47_the_next_claim_costs_the_same_whatever_cannot_be_taken(table: Any) -> None:
    cases = PynamoCaseStore()
    escalated = people.escalation(people.opening("dp-0").after, OPENED + days(4)).after
    with Row.batch_write() as batch:
        for number in range(200):
            due = OPENED + days(5 + number / 1000)
            for row in rows_of(replace(escalated, dispute_id=f"dp-{number:03}", evidence_due_at=due)):
                batch.save(row)
    asked: list[str] = []
    events = Row.connection().client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

    now = OPENED + days(5.1955)
    assert next(cases.claims_to_take(now, at_most=50)).dispute_id == "dp-196"
    # Four shards each of the first entries, of late reviews, and of what is not due; then a batch of cases.
    assert (asked.count("Query"), asked.count("BatchGetItem")) == (12, 1)

    asked.clear()
    assert next(cases.claims_to_take(OPENED + days(4), at_most=50)).dispute_id == "dp-000"
    assert (asked.count("Query"), asked.count("BatchGetItem")) == (4, 1)
    left = [one.dispute_id for one in cases.claims_to_take(now, at_most=50)]
    assert left == ["dp-196", "dp-197", "dp-198", "dp-199"]
