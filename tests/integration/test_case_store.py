"""The case store over moto: each method of the port, each condition, and who wins."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from buyer_protection.adapters.dynamodb import mapping
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.domain import negotiation, parcels
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OfferStatus, Role, Status
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, OrderLedger
from buyer_protection.domain.timeline import first_break
from tests.integration import people
from tests.integration.people import BUYER, DISPUTE_ID, OPENED, ORDER_ID, SELLER, days

RECEIPT = IdempotencyRecord("a" * 64, "b" * 64, Answer(201, b'{"dispute_id":"dp-1"}', 1, "/v1/disputes/dp-1"))
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def opened(cases: PynamoCaseStore, orders: PynamoOrderStore) -> Dispute:
    orders.put(people.order())
    change = people.opening()
    cases.commit(change, now=OPENED, idempotency=RECEIPT)
    return change.after


def ledger(orders: PynamoOrderStore) -> OrderLedger:
    loaded = orders.load(ORDER_ID)
    assert loaded is not None
    return loaded.ledger


def test_an_opened_case_is_read_back_with_its_receipt(cases: PynamoCaseStore, opened: Dispute) -> None:
    loaded = cases.load(DISPUTE_ID, idempotency_id=RECEIPT.idempotency_id)
    assert loaded is not None
    assert loaded.case == opened
    assert loaded.idempotency == RECEIPT
    assert loaded.evidence is None


def test_an_unknown_case_is_none(cases: PynamoCaseStore) -> None:
    assert cases.load(DISPUTE_ID, idempotency_id="c" * 64) is None
    assert cases.dossier(DISPUTE_ID) is None


def test_opening_holds_the_order_that_had_no_ledger(orders: PynamoOrderStore, opened: Dispute) -> None:
    assert ledger(orders) == OrderLedger(ORDER_ID, DISPUTE_ID, 1, version=1, currency="USD")


def test_opening_works_before_the_order_was_ever_disputed_or_tracked(cases: PynamoCaseStore) -> None:
    cases.commit(people.opening(), now=OPENED)
    assert cases.load(DISPUTE_ID) is not None


def test_the_second_opening_loses(cases: PynamoCaseStore, orders: PynamoOrderStore, opened: Dispute) -> None:
    stale = people.opening("dp-01jp2n8k7q0000000000000002")
    with pytest.raises(OrderHeldError):
        cases.commit(stale, now=OPENED)
    assert cases.load(stale.after.dispute_id) is None
    assert ledger(orders).active_dispute_id == DISPUTE_ID


def test_opening_again_with_the_same_command_says_so(cases: PynamoCaseStore, opened: Dispute) -> None:
    again = people.opening("dp-01jp2n8k7q0000000000000002")
    with pytest.raises(IdempotencyRecordExistsError):
        cases.commit(again, now=OPENED, idempotency=RECEIPT)


def test_a_case_whole_life_survives_the_table(cases: PynamoCaseStore, orders: PynamoOrderStore) -> None:
    orders.put(people.order())
    last = None
    for last, now in people.contested():
        cases.commit(last, now=now, brief={"answers": [1, "two"]} if last.after.mediation_opened_at else None)
        loaded = cases.load(DISPUTE_ID)
        assert loaded is not None
        assert loaded.case == last.after
    assert last is not None
    dossier = cases.dossier(DISPUTE_ID)
    assert dossier is not None
    assert dossier.case == last.after
    assert first_break(dossier.timeline) is None
    assert len(dossier.timeline) == last.after.timeline_seq
    assert [offer.status for offer in dossier.offers] == [OfferStatus.LAPSED, OfferStatus.DECLINED]
    assert [item.evidence_id for item in dossier.evidence] == ["ev-1"]
    assert dossier.brief == {"answers": [1, "two"]}
    assert dossier.offers == cases.offers(DISPUTE_ID)
    assert dossier.evidence == cases.evidence(DISPUTE_ID)
    finished = ledger(orders)
    assert finished.active_dispute_id is None
    assert (finished.refunded_minor, finished.finished_by) == (1200, DISPUTE_ID)
    assert finished.finished_at == last.after.closed_at


def test_asked_for_evidence_comes_by_id(cases: PynamoCaseStore, opened: Dispute) -> None:
    change = people.statement(opened, OPENED + days(1))
    cases.commit(change, now=OPENED + days(1))
    loaded = cases.load(DISPUTE_ID, evidence_ids=["ev-1", "ev-1", "ev-7", "nonsense"])
    assert loaded is not None
    assert loaded.evidence == {"ev-1": change.new_evidence}


def test_a_stale_version_loses_and_writes_nothing(cases: PynamoCaseStore, opened: Dispute) -> None:
    first = people.counter_offer(opened, OPENED + days(1))
    second = people.statement(opened, OPENED + days(1))
    cases.commit(first, now=OPENED + days(1))
    with pytest.raises(ConflictingWriteError):
        cases.commit(second, now=OPENED + days(1))
    assert cases.evidence(DISPUTE_ID) == []
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert loaded.case == first.after


def test_a_known_receipt_is_distinguished_from_a_conflict(cases: PynamoCaseStore, opened: Dispute) -> None:
    idempotency = structs.replace(RECEIPT, idempotency_id="d" * 64)
    change = people.counter_offer(opened, OPENED + days(1))
    cases.commit(change, now=OPENED + days(1), idempotency=idempotency)
    with pytest.raises(IdempotencyRecordExistsError):
        cases.commit(change, now=OPENED + days(1), idempotency=idempotency)
    again = people.counter_offer(change.after, OPENED + days(1))
    with pytest.raises(IdempotencyRecordExistsError):
        cases.commit(again, now=OPENED + days(1), idempotency=idempotency)


def test_at_the_end_of_a_window_the_clock_wins_and_before_it_the_person(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    due = opened.negotiation_due_at
    late = people.counter_offer(opened, due - MILLISECOND)
    with pytest.raises(ConflictingWriteError):
        cases.commit(late, now=due)
    ended = people.next_step(opened, due)
    with pytest.raises(ConflictingWriteError):
        cases.commit(ended, now=due - MILLISECOND)
    cases.commit(ended, now=due)
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert loaded.case.status is Status.CLAIM_EVIDENCE


def test_a_reminder_needs_no_window(cases: PynamoCaseStore, opened: Dispute) -> None:
    at = opened.escalation_available_at
    cases.commit(people.next_step(opened, at), now=at)


def test_a_late_decision_is_taken(cases: PynamoCaseStore, orders: PynamoOrderStore) -> None:
    for change, now in people.contested():
        if change.after.status is Status.DECIDED:
            due = change.before.decision_due_at
            assert due is not None
            missed = people.next_step(change.before, due)
            cases.commit(missed, now=due)
            taken = people.taking(missed.after, due)
            cases.commit(people.decision(taken, due + days(1)), now=due + days(1))
        else:
            cases.commit(change, now=now)
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert loaded.case.status is Status.DECIDED


def test_a_refund_above_what_was_paid_is_refused(cases: PynamoCaseStore, opened: Dispute) -> None:
    change = negotiation.accept_request(opened, SELLER, OPENED + days(1))
    assert change.refund is not None
    greedy = replace(change, refund=replace(change.refund, amount=Money(2000, "USD")))
    with pytest.raises(RefundExceedsPaidError):
        cases.commit(greedy, now=OPENED + days(1))
    cases.commit(change, now=OPENED + days(1))


def test_cancelling_gives_the_order_back_and_the_third_dispute_is_the_last(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    orders.put(people.order())
    for number in range(1, 4):
        change = people.opening(f"dp-{number}", ledger(orders))
        cases.commit(change, now=OPENED)
        cancelled = parcels.cancel(change.after, BUYER, acknowledge_consequences=True, now=OPENED)
        cases.commit(cancelled, now=OPENED)
        free = OrderLedger(ORDER_ID, None, number, version=2 * number, currency="USD")
        assert ledger(orders) == free
    with pytest.raises(OrderHeldError):
        cases.commit(people.opening("dp-4"), now=OPENED)


def test_a_finished_order_is_not_disputed_anew(cases: PynamoCaseStore, opened: Dispute) -> None:
    cases.commit(negotiation.accept_request(opened, SELLER, OPENED), now=OPENED)
    with pytest.raises(OrderHeldError):
        cases.commit(people.opening("dp-2"), now=OPENED)


def test_what_a_settled_dispute_left_out_is_disputed_next(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    orders.put(people.order())
    lamp = DisputedItem("i-1", 1)
    first = people.opening(items=[lamp], refund=Money(1499, "USD"))
    cases.commit(first, now=OPENED)
    cases.commit(negotiation.accept_request(first.after, SELLER, OPENED), now=OPENED)
    left = ledger(orders)
    assert (left.version, left.settled, left.given_back) == (2, {"i-1": 1}, {"i-1": 1499})
    second = people.opening("dp-2", left, refund=Money(500, "USD"))
    assert [(item.item_id, item.quantity) for item in second.after.items] == [("i-2", 2)]
    cases.commit(second, now=OPENED)
    cases.commit(negotiation.accept_request(second.after, SELLER, OPENED), now=OPENED)
    done = ledger(orders)
    assert (done.finished_by, done.refunded_minor, done.disputes_opened) == ("dp-2", 1999, 2)


def test_an_opening_decided_on_an_older_ledger_loses(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    orders.put(people.order())
    first = people.opening(items=[DisputedItem("i-1", 1)], refund=Money(1499, "USD"))
    cases.commit(first, now=OPENED)
    cases.commit(negotiation.accept_request(first.after, SELLER, OPENED), now=OPENED)
    with pytest.raises(OrderHeldError):
        cases.commit(people.opening("dp-2", refund=Money(500, "USD")), now=OPENED)


def test_the_timeline_is_paged(cases: PynamoCaseStore, orders: PynamoOrderStore) -> None:
    for change, now in people.contested():
        cases.commit(change, now=now)
    seen, after_seq = [], 0
    while True:
        page = cases.timeline(DISPUTE_ID, after_seq=after_seq, limit=4)
        seen += page.items
        if page.next_key is None:
            break
        after_seq = page.next_key["after_seq"]
    assert [entry.seq for entry in seen] == list(range(1, 12))
    assert cases.timeline(DISPUTE_ID, after_seq=11).items == []


def test_a_party_pages_through_own_cases_newest_first(cases: PynamoCaseStore) -> None:
    expected = []
    for number in range(5):
        change = people.opening(f"dp-{number}", now=OPENED + days(number), order_id=f"o-{number}")
        cases.commit(change, now=OPENED)
        expected.insert(0, change.after)
    for role, actor in ((Role.BUYER, BUYER), (Role.SELLER, SELLER)):
        first = cases.page_of_party(role, actor.actor_id, limit=3, start=None)
        rest = cases.page_of_party(role, actor.actor_id, limit=3, start=first.next_key)
        assert [*first.items, *rest.items] == expected
        assert (len(first.items), rest.next_key) == (3, None)
    assert cases.page_of_party(Role.BUYER, SELLER.actor_id, limit=3, start=None).items == []


def test_the_queue_is_merged_over_its_shards_most_urgent_first(cases: PynamoCaseStore) -> None:
    at = OPENED + days(4)
    for number in range(7):
        change = people.opening(f"dp-{number}", order_id=f"o-{number}")
        cases.commit(change, now=OPENED)
        # Two of them at the same instant.
        now = at + days(0.1 * min(number, 5))
        cases.commit(people.escalation(change.after, now), now=now)
    cases.commit(people.opening("dp-still-talking", order_id="o-9"), now=OPENED)
    seen: list[str] = []
    start = None
    while True:
        page = cases.page_of_queue(limit=2, start=start)
        seen += [case.dispute_id for case in page.items]
        start = page.next_key
        if start is None:
            break
    assert seen == [f"dp-{number}" for number in range(7)]


def test_a_decided_case_leaves_the_queue(cases: PynamoCaseStore) -> None:
    for change, now in people.contested():
        cases.commit(change, now=now)
    assert cases.page_of_queue(limit=5, start=None).items == []


@pytest.mark.parametrize("status", Status)
def test_a_case_in_every_status_is_read_back(table: object, cases: PynamoCaseStore, status: Status) -> None:
    from buyer_protection.adapters.dynamodb import keys
    from buyer_protection.adapters.dynamodb.tables import FactsRow, StateRow

    case = people.in_every_status()[status]
    FactsRow(*keys.facts(case.dispute_id), **mapping.facts_values(case)).save()
    StateRow(*keys.state(case.dispute_id), **mapping.state_values(case)).save()
    loaded = cases.load(case.dispute_id)
    assert loaded is not None
    assert loaded.case == case
