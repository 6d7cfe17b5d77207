"""What happens to a transaction on a bad day: lost answers, busy rows, throttling."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from buyer_protection.adapters.dynamodb import keys, transaction
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.tables import LedgerRow, OfferRow, TimerRow
from buyer_protection.application.ports import retries
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import TrackingStatus
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from tests.integration import people
from tests.integration.people import DISPUTE_ID, OPENED, ORDER_ID, days

LOST = ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
RECEIPT = IdempotencyRecord("a" * 64, "b" * 64, Answer(200, b"{}"))


def canceled(*codes: str) -> ClientError:
    reasons = [{"Code": code, "Message": code} for code in codes]
    return ClientError(
        {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons},
        "TransactWriteItems",
    )


def failing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "TransactWriteItems")


@pytest.fixture
def wire(table: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Make the next transactions fail in this way, before or after they were written; answers the tokens sent."""
    # However slow the machine is, the budget is used up by pauses alone.
    monkeypatch.setattr(retries, "time", SimpleNamespace(sleep=lambda _: None, monotonic=lambda: 0.0))
    send = table._make_api_call

    def fail(*errors: Exception, written: bool = False) -> list[str]:
        pending, tokens = list(errors), []

        def call(operation: str, arguments: dict[str, Any]) -> Any:
            if operation != "TransactWriteItems":
                return send(operation, arguments)
            tokens.append(arguments["ClientRequestToken"])
            if not pending:
                return send(operation, arguments)
            if written:
                send(operation, arguments)
            raise pending.pop(0)

        monkeypatch.setattr(table, "_make_api_call", call)
        return tokens

    return fail


def offer(cases: PynamoCaseStore) -> Change:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    return people.counter_offer(opened.after, OPENED + days(1))


def test_a_lost_answer_is_a_success(cases: PynamoCaseStore, wire: Callable[..., list[str]]) -> None:
    change = offer(cases)
    tokens = wire(LOST, written=True)
    cases.commit(change, now=OPENED + days(1), idempotency=RECEIPT)
    loaded = cases.load(DISPUTE_ID, idempotency_id=RECEIPT.idempotency_id)
    assert loaded is not None
    assert (loaded.case, loaded.idempotency) == (change.after, RECEIPT)
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_a_lost_opening_is_a_success(cases: PynamoCaseStore, wire: Callable[..., list[str]]) -> None:
    wire(LOST, written=True)
    cases.commit(people.opening(), now=OPENED, idempotency=RECEIPT)
    assert cases.load(DISPUTE_ID) is not None


def test_a_lost_report_is_new_all_the_same(orders: PynamoOrderStore, wire: Callable[..., list[str]]) -> None:
    wire(LOST, written=True)
    report = TrackingReport("e-1", "s-1", TrackingStatus.IN_TRANSIT, OPENED, OPENED)
    assert orders.record_tracking(
        people.tracked(report, OrderLedger(ORDER_ID), ParcelTracking(report.status, OPENED))
    )


@pytest.mark.parametrize(
    "error",
    [
        canceled("None", "TransactionConflict", "None"),
        canceled("ThrottlingError", "None"),
        canceled("ProvisionedThroughputExceeded"),
        failing("TransactionInProgressException"),
        failing("ThrottlingException"),
        EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    ],
)
def test_a_passing_fault_is_tried_again(
    cases: PynamoCaseStore, wire: Callable[..., list[str]], error: Exception
) -> None:
    change = offer(cases)
    tokens = wire(error, error)
    cases.commit(change, now=OPENED + days(1))
    assert len(tokens) == 3


def test_rows_that_stay_busy_are_a_conflict(cases: PynamoCaseStore, wire: Callable[..., list[str]]) -> None:
    change = offer(cases)
    tokens = wire(*[canceled("TransactionConflict")] * 1_000)
    with pytest.raises(ConflictingWriteError):
        cases.commit(change, now=OPENED + days(1))
    assert 5 < len(tokens) < 100
    assert len(set(tokens)) == 1


def test_a_fault_that_stays_is_raised_once_the_budget_is_used_up(
    cases: PynamoCaseStore, wire: Callable[..., list[str]]
) -> None:
    change = offer(cases)
    tokens = wire(*[failing("ThrottlingException")] * 1_000)
    with pytest.raises(ClientError), retries.function_ends_in(retries.RESERVE_SECONDS):
        cases.commit(change, now=OPENED + days(1))
    assert len(tokens) == 1


@pytest.mark.parametrize("error", [failing("ValidationException"), canceled("ValidationError", "None")])
def test_our_own_mistake_is_not_tried_again(
    cases: PynamoCaseStore, wire: Callable[..., list[str]], error: Exception
) -> None:
    change = offer(cases)
    tokens = wire(error)
    with pytest.raises(ClientError):
        cases.commit(change, now=OPENED + days(1))
    assert len(tokens) == 1


def test_a_refusal_names_its_rows_whatever_is_put_or_updated_first(table: Any) -> None:
    work = transaction.Transaction()
    work.update(TimerRow, keys.timer("dp-1"), {"epoch": 2}, TimerRow.epoch == 1)
    work.put_new(OfferRow(*keys.offer("dp-1", 1), **_an_offer()))
    work.update(LedgerRow, keys.ledger("o-1"), {"finished_by": "shop"}, LedgerRow.active_dispute_id == "dp-1")
    work.put_new(OfferRow(*keys.offer("dp-1", 2), **_an_offer()))
    with pytest.raises(transaction.RefusedError) as refusal:
        work.commit()
    assert refusal.value.rows == {keys.timer("dp-1"), keys.ledger("o-1")}


def test_items_go_out_in_the_order_in_which_they_were_added(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(table, "_make_api_call", lambda _operation, arguments: sent.append(arguments))
    work = transaction.Transaction()
    work.update(TimerRow, keys.timer("dp-1"), {"epoch": 2})
    work.put_new(OfferRow(*keys.offer("dp-1", 1), **_an_offer()))
    work.update(LedgerRow, keys.ledger("o-1"), {"finished_by": "shop"})
    work.commit()
    (request,) = sent
    assert [next(iter(item)) for item in request["TransactItems"]] == ["Update", "Put", "Update"]
    assert request["ClientRequestToken"] == work.command_id


def test_a_row_is_written_once_in_a_transaction() -> None:
    work = transaction.Transaction()
    work.update(TimerRow, keys.timer("dp-1"), {"epoch": 2})
    with pytest.raises(AssertionError, match="twice"):
        work.update(TimerRow, keys.timer("dp-1"), {"epoch": 3})


def _an_offer() -> dict[str, Any]:
    made = people.opening().new_offer
    assert made is not None
    names = ("offer_id", "made_by", "type", "refund", "note", "made_at", "status")
    return {name: getattr(made, name) for name in names}
