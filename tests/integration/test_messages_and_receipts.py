"""The thread, changed evidence, a return and the buyer's receipt over moto: each row, each condition, who wins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
)
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import LoadedOrder, TrackingReport
from buyer_protection.domain import claim, evidence, messages, parcels, returns
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.eligibility import finish_by_receipt
from buyer_protection.domain.enums import (
    EvidenceStatus,
    EvidenceType,
    ReturnCondition,
    Role,
    Status,
    TrackingStatus,
)
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import first_break
from tests.integration import people
from tests.integration.people import BUYER, DISPUTE_ID, MANAGER, OPENED, ORDER_ID, SELLER, days

RECEIPT = IdempotencyRecord("e" * 64, "b" * 64, Answer(200, b'{"completed":true}'))
T1 = OPENED + days(1)
SECOND = timedelta(seconds=1)
NOBODY = OrderLedger(ORDER_ID)


@pytest.fixture
def opened(cases: PynamoCaseStore, orders: PynamoOrderStore) -> Dispute:
    orders.put(people.order())
    change = people.opening()
    cases.commit(change, now=OPENED)
    return change.after


def kept(cases: PynamoCaseStore) -> Dispute:
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    return loaded.case


def loaded(orders: PynamoOrderStore) -> LoadedOrder:
    found = orders.load(ORDER_ID, idempotency_id=RECEIPT.idempotency_id)
    assert found is not None
    return found


def finished(before: OrderLedger = NOBODY) -> OrderLedger:
    return finish_by_receipt(people.order(), before, ALIEXPRESS_CLASSIC, T1)


def test_r05_messages_are_read_back_page_by_page_oldest_first(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    case, written = opened, []
    for number in range(12):
        actor = (BUYER, SELLER, MANAGER)[number % 3]
        change = messages.send_message(case, actor, f"Où est-il? {number}", T1 + number * SECOND)
        cases.commit(change, now=T1)
        assert change.new_message is not None
        written.append(change.new_message)
        case = change.after
    seen: list[Message] = []
    after = 0
    while True:
        page = cases.messages(DISPUTE_ID, after=after, limit=5)
        seen += page.items
        if page.next_key is None:
            break
        after = page.next_key["after"]
    assert seen == written
    assert cases.messages(DISPUTE_ID, after=12).items == []
    assert cases.messages("dp-404").items == []
    dossier = cases.dossier(DISPUTE_ID)
    assert dossier is not None
    assert dossier.messages == written
    assert dossier.case == case


def test_r05_a_page_that_ends_the_thread_names_no_other(cases: PynamoCaseStore, opened: Dispute) -> None:
    change = messages.send_message(opened, BUYER, "Hello.", T1)
    cases.commit(change, now=T1)
    assert cases.messages(DISPUTE_ID, limit=1).next_key is None


def test_r05_who_has_unread_messages_survives_the_table(cases: PynamoCaseStore, opened: Dispute) -> None:
    written = messages.send_message(opened, BUYER, "Hello.", T1)
    cases.commit(written, now=T1)
    assert kept(cases) == written.after
    assert (kept(cases).seller_has_unread, kept(cases).buyer_has_unread, kept(cases).messages) == (
        True,
        False,
        1,
    )
    read = messages.mark_read(kept(cases), SELLER, "ms-1", T1)
    assert read is not None
    cases.commit(read, now=T1)
    assert kept(cases) == read.after
    with pytest.raises(ConflictingWriteError):
        cases.commit(read, now=T1)


def test_r05_a_message_written_beside_another_change_is_not_kept(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    cases.commit(people.counter_offer(opened, T1), now=T1)
    with pytest.raises(ConflictingWriteError):
        cases.commit(messages.send_message(opened, BUYER, "Hello.", T1), now=T1)
    assert cases.messages(DISPUTE_ID).items == []


def test_r26_a_withdrawn_item_keeps_its_row_and_counts_no_more(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    given = people.statement(opened, T1)
    cases.commit(given, now=T1)
    change = evidence.withdraw_evidence(given.after, BUYER, given.new_evidence, T1 + SECOND)
    cases.commit(change, now=T1 + SECOND)
    [item] = cases.evidence(DISPUTE_ID)
    assert item == change.changed_evidence
    assert (item.status, item.withdrawn_at, item.counts) == (EvidenceStatus.WITHDRAWN, T1 + SECOND, False)
    assert (kept(cases).evidence_by_buyer, kept(cases).evidence_items) == (0, 1)
    found = cases.load(DISPUTE_ID, evidence_ids=["ev-1"])
    assert found is not None
    assert found.evidence == {"ev-1": item}
    assert [entry.type for entry in cases.timeline(DISPUTE_ID).items][-2:] == [
        "EVIDENCE_ADDED",
        "EVIDENCE_WITHDRAWN",
    ]


def returning_case(cases: PynamoCaseStore, opened: Dispute) -> Dispute:
    """A partial refund of 12.00 against a return, decided; then address and shipment, each committed."""
    case, at = opened, OPENED + days(4)
    for change, now in (
        (people.escalation(case, at), at),
        (people.statement(people.escalation(case, at).after, at + SECOND), at + SECOND),
    ):
        cases.commit(change, now=now)
        case = change.after
    for actor in (BUYER, SELLER):
        change = evidence.complete_evidence(case, actor, at + 2 * SECOND)
        cases.commit(change, now=at + 2 * SECOND)
        case = change.after
    now = at + days(1)
    question = EvidenceQuestion(Role.SELLER, (EvidenceType.PHOTO,), now + days(2), "Which plug?")
    cases.keep_assignment(Assignment(DISPUTE_ID, MANAGER.actor_id, MANAGER.actor_id, None), now=now)
    case = claim.assign(case, MANAGER, MANAGER.actor_id, now)
    assert kept(cases) == case
    asked = claim.request_evidence(case, MANAGER, question, now)
    cases.commit(asked, now=now)
    case = asked.after
    assert kept(cases) == case
    due = now + days(2)
    review = people.next_step(replace(case, reminded_until=due), due)
    cases.commit(review, now=due)
    case = review.after
    decided = people.decision(case, due + SECOND, with_return=True)
    cases.commit(decided, now=due + SECOND)
    sent = due + days(1)
    address = returns.confirm_address(decided.after, SELLER, ("9 Quay", "2000 CN"), sent)
    cases.commit(address, now=sent)
    assert kept(cases) == address.after
    goods = ReturnParcel("Carrier", "RT-1", sent - SECOND)
    shipped = returns.register_shipment(address.after, BUYER, goods, sent)
    cases.commit(shipped, now=sent)
    assert kept(cases) == shipped.after
    return shipped.after


def test_r36_a_return_survives_the_table_and_its_acknowledgement_pays_and_finishes_the_order(
    cases: PynamoCaseStore, orders: PynamoOrderStore, opened: Dispute
) -> None:
    case = returning_case(cases, opened)
    assert case.return_receipt_due_at is not None
    now = case.return_receipt_due_at - days(9)
    said = Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ())
    change = returns.acknowledge(case, SELLER, said, frozenset(), now)
    cases.commit(change, now=now)
    assert kept(cases) == change.after
    ledger = loaded(orders).ledger
    assert (ledger.refunded_minor, ledger.finished_by, ledger.active_dispute_id) == (1200, DISPUTE_ID, None)
    dossier = cases.dossier(DISPUTE_ID)
    assert dossier is not None
    assert first_break(dossier.timeline) is None


def test_r36_the_carriers_word_comes_within_the_window_and_the_clock_pays_at_its_end(
    cases: PynamoCaseStore, orders: PynamoOrderStore, opened: Dispute
) -> None:
    case = returning_case(cases, opened)
    due = case.return_receipt_due_at
    assert due is not None
    delivered = returns.register_return_delivery(case, due - days(5), due - days(4))
    assert delivered is not None
    cases.commit(delivered, now=due - days(4), idempotency=RECEIPT)
    assert kept(cases) == delivered.after
    ended = people.next_step(replace(delivered.after, reminded_until=due), due)
    with pytest.raises(ConflictingWriteError):
        cases.commit(ended, now=due - SECOND)
    cases.commit(ended, now=due)
    assert kept(cases).status is Status.DECIDED
    assert loaded(orders).ledger.refunded_minor == 1200


def test_r36_at_the_end_of_the_window_the_seller_comes_too_late(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    case = returning_case(cases, opened)
    due = case.return_receipt_due_at
    assert due is not None
    said = Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ())
    change = returns.acknowledge(case, SELLER, said, frozenset(), due - SECOND)
    with pytest.raises(ConflictingWriteError):
        cases.commit(change, now=due)
    assert kept(cases).status is Status.RETURN_SHIPPED


def test_r36_a_return_that_is_not_in_order_is_in_the_teams_queue(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    case = returning_case(cases, opened)
    assert cases.page_of_queue(limit=5, start=None).items == []
    now = (case.updated_at or OPENED) + days(1)
    given = people.statement(case, now, SELLER)
    cases.commit(given, now=now)
    said = Acknowledgement(ReturnCondition.DAMAGED, "Broken.", ("ev-2",))
    change = returns.acknowledge(given.after, SELLER, said, frozenset({"ev-2"}), now)
    cases.commit(change, now=now)
    assert cases.page_of_queue(limit=5, start=None).items == [change.after]


def test_r03_a_receipt_finishes_an_order_that_nobody_disputed_or_tracked(orders: PynamoOrderStore) -> None:
    orders.put(people.order())
    orders.finish(NOBODY, finished(), idempotency=RECEIPT)
    assert loaded(orders) == LoadedOrder(people.order(), finished(), RECEIPT)


def test_r03_a_receipt_leaves_what_was_tracked_and_counted(
    cases: PynamoCaseStore, orders: PynamoOrderStore, opened: Dispute
) -> None:
    cases.commit(parcels.cancel(opened, BUYER, acknowledge_consequences=True, now=OPENED), now=OPENED)
    report = TrackingReport("e-1", "s-1", TrackingStatus.DELIVERED, T1, T1)
    tracking = ParcelTracking(TrackingStatus.DELIVERED, T1, T1)
    orders.record_tracking(people.tracked(report, loaded(orders).ledger, tracking))
    before = loaded(orders).ledger
    orders.finish(before, finished(before), idempotency=RECEIPT)
    assert loaded(orders).ledger == finished(before)
    assert (finished(before).disputes_opened, finished(before).tracking) == (1, {"s-1": tracking})


def test_r02_after_a_receipt_nothing_is_opened_and_nothing_is_finished_again(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    orders.put(people.order())
    orders.finish(NOBODY, finished())
    with pytest.raises(OrderHeldError):
        cases.commit(people.opening(), now=T1)
    with pytest.raises(ConflictingWriteError):
        orders.finish(NOBODY, finished())
    assert loaded(orders).ledger == finished()


def test_r03_the_same_receipt_twice_says_so(orders: PynamoOrderStore) -> None:
    orders.put(people.order())
    orders.finish(NOBODY, finished(), idempotency=RECEIPT)
    with pytest.raises(IdempotencyRecordExistsError):
        orders.finish(NOBODY, finished(), idempotency=RECEIPT)


def test_r13_a_dispute_in_between_is_a_conflict_and_keeps_the_order_open(
    orders: PynamoOrderStore, opened: Dispute
) -> None:
    with pytest.raises(ConflictingWriteError):
        orders.finish(NOBODY, finished(), idempotency=RECEIPT)
    found = loaded(orders)
    assert (found.ledger.finished_at, found.ledger.active_dispute_id, found.idempotency) == (
        None,
        opened.dispute_id,
        None,
    )
