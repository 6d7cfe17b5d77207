"""What an accepted action costs, with the answers that callers really get: one read, one transaction, few units."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.schemas.documents import dispute_document
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import OfferType, Role
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import OPENED, days
from tests.integration.pricing import units_of

CHANGE_GATE = 16
ITEM_GATE = 8
TEXT = "He says that all lamps of this series are red in daylight. " * 3


def idempotency(case: Dispute, reader: Role, now: datetime) -> IdempotencyRecord:
    body = msgspec.json.encode(dispute_document(case, reader, now))
    return IdempotencyRecord(
        "a" * 64, "b" * 64, Answer(200, body, case.version, f"/v1/disputes/{case.dispute_id}")
    )


def opened() -> Dispute:
    return people.opening().after


def talked() -> Dispute:
    """Both sides have a standing proposal: the most that an escalation has to close."""
    return people.counter_offer(opened(), OPENED + days(1)).after


def claimed() -> Dispute:
    return people.mediation_opened(
        people.escalation(talked(), OPENED + days(4)).after, OPENED + days(4)
    ).after


def reviewed() -> Dispute:
    given = people.statement(claimed(), OPENED + days(5)).after
    assert given.evidence_due_at is not None
    return people.taking(people.next_step(given, given.evidence_due_at).after, given.evidence_due_at)


def offer_made(case: Dispute) -> Change:
    return people.counter_offer(case, OPENED + days(2))


ACTIONS: dict[str, tuple[Callable[[], Dispute], Callable[[Dispute], Change], int]] = {
    "open": (lambda: people.opening().before, lambda _: people.opening(), CHANGE_GATE),
    "offer": (opened, offer_made, CHANGE_GATE),
    "counter-offer": (talked, offer_made, CHANGE_GATE),
    "accept": (
        talked,
        lambda case: negotiation.accept_offer(case, people.BUYER, "of-2", OPENED),
        CHANGE_GATE,
    ),
    "accept a return": (
        lambda: people.counter_offer(opened(), OPENED, OfferType.REFUND_WITH_RETURN).after,
        lambda case: negotiation.accept_offer(case, people.BUYER, "of-2", OPENED),
        CHANGE_GATE,
    ),
    "escalate": (talked, lambda case: people.escalation(case, OPENED + days(4)), CHANGE_GATE),
    "escalate with a text": (
        talked,
        lambda case: people.escalation(case, OPENED + days(4), TEXT),
        CHANGE_GATE,
    ),
    "evidence while talking": (
        talked,
        lambda case: people.statement(case, OPENED + days(2), text=TEXT),
        ITEM_GATE,
    ),
    "evidence in the claim": (
        claimed,
        lambda case: people.statement(case, OPENED + days(5), text=TEXT),
        ITEM_GATE,
    ),
    "decide": (reviewed, lambda case: people.decision(case, OPENED + days(12)), CHANGE_GATE),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_stays_within_its_units(
    table: Any, cases: PynamoCaseStore, orders: PynamoOrderStore, action: str
) -> None:
    make, act, gate = ACTIONS[action]
    case = make()
    orders.put(people.order())
    if case.version:
        store(cases, case)
    change = act(case)
    now = change.entry.at
    kept = idempotency(change.after, change.entry.actor.role, now)
    rows = units_of(table, TABLE_NAME, lambda: cases.commit(change, now=now, idempotency=kept))
    total = sum(units for _, units in rows.values())
    print(
        f"\n{action}: {total} units; "
        + ", ".join(f"{row} {size} B = {units}" for row, (size, units) in rows.items())
    )
    assert total <= gate


def store(cases: PynamoCaseStore, case: Dispute) -> None:
    """The case as it stands, with its rows, as an opened case that was led there at once."""
    from buyer_protection.adapters.dynamodb import keys, mapping
    from buyer_protection.adapters.dynamodb.tables import StateRow, TimerRow

    start = people.opening()
    cases.commit(start, now=OPENED)
    if case.offers_by_seller:
        offer = people.counter_offer(start.after, OPENED).new_offer
        assert offer is not None
        mapping.offer_row(case.dispute_id, offer).save()
    StateRow(*keys.state(case.dispute_id), **mapping.state_values(case)).save()
    TimerRow(*keys.timer(case.dispute_id), **mapping.timer_values(case), generation=1).save()
