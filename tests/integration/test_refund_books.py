"""Our side of the three-way match, read from the table and held against a statement (moto)."""

from datetime import timedelta
from typing import Any

from buyer_protection.adapters.dynamodb.attributes import RecordAttribute
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.refund_ledgers import read_books
from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
from buyer_protection.application.workers.reconciliation import Mismatch, Payment, match
from buyer_protection.domain import negotiation, parcels
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundKind, RefundStatus
from buyer_protection.domain.ledger import RefundElsewhere
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.refund_request import ReturnedPayment
from buyer_protection.domain.refunds import RefundAnswer, note_answer
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import BUYER, OPENED, PAID, SELLER, days

SUCCEEDED, FAILED, REQUESTED = RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.REQUESTED
PAID_AT = OPENED + timedelta(minutes=7)


def settled(cases: PynamoCaseStore, number: int, order_id: str = "", opened_before: int = 0) -> Dispute:
    order_id = order_id or f"o-{number}"
    read = OrderLedger(order_id, disputes_opened=opened_before, version=2 * opened_before)
    change = people.opening(f"dp-{number}", read, order_id=order_id)
    cases.commit(change, now=OPENED)
    agreed = negotiation.accept_request(change.after, SELLER, OPENED)
    cases.commit(agreed, now=OPENED)
    return agreed.after


def answered(cases: PynamoCaseStore, case: Dispute, status: RefundStatus) -> None:
    change = note_answer(case, RefundAnswer(status, PAID, PAID_AT, "pay-1"), OPENED + days(1))
    assert change is not None
    cases.commit(change, now=OPENED + days(1))


def test_every_refund_and_every_ledger_that_counts_one_is_read_and_nothing_else(
    cases: PynamoCaseStore, orders: PynamoOrderStore, table: Any
) -> None:
    assert read_books() == Books([], {})
    orders.put(people.order("o-1"))
    answered(cases, settled(cases, 1), SUCCEEDED)
    answered(cases, settled(cases, 2), FAILED)
    settled(cases, 3)
    # The first dispute of this order was cancelled; the second brings the money.
    first = people.opening("dp-4", order_id="o-4")
    cases.commit(first, now=OPENED)
    cancelled = parcels.cancel(first.after, BUYER, acknowledge_consequences=True, now=OPENED)
    cases.commit(cancelled, now=OPENED)
    settled(cases, 5, "o-4", opened_before=1)
    books = read_books()
    assert sorted(books.refunds, key=lambda one: one.refund_id) == [
        KeptRefund("rf-dp-1", "o-1", PAID, SUCCEEDED, PAID_AT),
        KeptRefund("rf-dp-2", "o-2", PAID, FAILED),
        KeptRefund("rf-dp-3", "o-3", PAID, REQUESTED),
        KeptRefund("rf-dp-5", "o-4", PAID, REQUESTED),
    ]
    assert books.ledgers == dict.fromkeys(("o-1", "o-2", "o-3", "o-4"), PAID.amount_minor)
    statement = [Payment("rf-dp-1", PAID, PAID_AT, "pay-1")]
    assert match(books, statement, PAID_AT, PAID_AT + days(1)) == []
    assert [one.kind for one in match(books, [], PAID_AT)] == [Mismatch.NOT_PAID]
    # A ledger changed by hand.
    table.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": "ORDER#o-3"}, "sk": {"S": "LEDGER"}},
        UpdateExpression="SET refunded_minor = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    (found,) = match(read_books(), statement)
    assert (found.kind, found.about) == (Mismatch.LEDGER_DIFFERS, "o-3")


def test_r44_what_was_kept_before_each_return_was_counted_is_read_as_the_first() -> None:
    at = '"2026-01-02T00:00:00Z"'
    kept = f'{{"reference":"pay-1","paid_at":{at},"returned_at":{at},"attempts":2}}'
    gone = RecordAttribute[ReturnedPayment](ReturnedPayment).deserialize(kept)
    assert (gone.references, gone.attempts, gone.last_attempt) == (("pay-1",), 2, 2)
    amount = '{"amount_minor":1000,"currency":"USD"}'
    kept = f'{{"refund_id":"h-1","kind":"GOODWILL","amount":{amount},"occurred_at":{at},"is_ours":true}}'
    given = RecordAttribute[RefundElsewhere](RefundElsewhere).deserialize(kept)
    assert (given.kind, given.is_ours, given.payment) == (RefundKind.GOODWILL, True, 1)
