"""Events of the shop, answers to refunds and sellers' counters, over moto: rows, conditions and whole handlers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.seller_metrics import PynamoSellerMetrics
from buyer_protection.adapters.dynamodb.tables import RefundRow
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.sellers import Counted, SellerCounter, SellerTotals
from buyer_protection.composition import container
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refunds import RefundAnswer, note_answer
from tests.integration import people
from tests.integration.people import DISPUTE_ID, OPENED, SELLER, days
from tests.integration.test_handlers import OPENING, at, order_body
from tests.support.api_events import CONTEXT, ENVIRONMENT, document, person
from tests.support.in_process import call, handler_of

HOUR = timedelta(hours=1)
SUCCEEDED, FAILED = RefundStatus.SUCCEEDED, RefundStatus.FAILED


def settled(cases: PynamoCaseStore) -> Dispute:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    agreed = negotiation.accept_request(opened.after, SELLER, OPENED)
    cases.commit(agreed, now=OPENED)
    return agreed.after


def answered(cases: PynamoCaseStore, case: Dispute, status: RefundStatus, hours: int = 0) -> Dispute:
    now = OPENED + hours * HOUR
    assert case.outcome is not None
    change = note_answer(case, RefundAnswer(status, case.outcome.refund, now), now)
    assert change is not None
    cases.commit(change, now=now)
    return change.after


def refund_row() -> RefundRow:
    row = Row.fetch([keys.refund(DISPUTE_ID)])[keys.refund(DISPUTE_ID)]
    assert isinstance(row, RefundRow)
    return row


# --- refunds ------------------------------------------------------------------------------------------------


def test_r25_a_success_ends_the_asking_and_is_the_cases_last_entry(cases: PynamoCaseStore) -> None:
    case = answered(cases, settled(cases), SUCCEEDED)
    row = refund_row()
    assert (row.status, row.due_key, row.due_at) == (SUCCEEDED, None, None)
    loaded = cases.load(DISPUTE_ID)
    assert loaded is not None
    assert loaded.case == case
    assert [entry.type.value for entry in cases.timeline(DISPUTE_ID).items][-1] == "REFUND_SUCCEEDED"
    timers = PynamoTimerStore()
    assert timers.due(OPENED + days(90), limit=9) == []
    assert PynamoRefundStore().overdue(DISPUTE_ID, OPENED + days(90)) is None


def test_d3_a_failure_is_due_again_and_each_attempt_is_counted(cases: PynamoCaseStore) -> None:
    case = answered(cases, settled(cases), FAILED)
    refunds, attempts = PynamoRefundStore(), []
    for hour in range(1, 48):
        at = OPENED + hour * HOUR
        for _ in range(3):
            found = refunds.overdue(DISPUTE_ID, at)
            if found is not None and refunds.note_asked(found, at):
                attempts.append((hour, found.attempt))
    # A minute or more after the failure, then ever more seldom; it is looked at every hour here.
    seldom = [(9, 9), (12, 10), (17, 11), (26, 12), (38, 13)]
    assert attempts == [*((hour, hour + 1) for hour in range(1, 8)), *seldom]
    assert (refund_row().first_retry, refund_row().status) == (2, FAILED)
    answered(cases, case, SUCCEEDED, hours=99)
    assert (refund_row().status, refund_row().due_key, refund_row().first_retry) == (SUCCEEDED, None, None)


def test_r25_of_two_answers_at_once_one_is_noted(cases: PynamoCaseStore) -> None:
    case = settled(cases)
    answered(cases, case, SUCCEEDED)
    with pytest.raises(ConflictingWriteError):
        answered(cases, case, FAILED)
    assert refund_row().status is SUCCEEDED


# --- orders and counters ------------------------------------------------------------------------------------


def test_an_order_counts_once_for_its_seller(orders: PynamoOrderStore) -> None:
    metrics = PynamoSellerMetrics()
    order = people.order()
    assert [orders.put(order) for _ in range(3)] == [True, False, False]
    assert metrics.totals(order.seller_id) == SellerTotals(orders=1)
    for number in range(20):
        orders.put(replace(order, order_id=f"o-{number}"))
    assert metrics.totals(order.seller_id) == SellerTotals(orders=21)
    assert metrics.totals("nobody") == SellerTotals()


def test_a_sellers_counters_say_what_kind_of_row_they_are(orders: PynamoOrderStore) -> None:
    order = people.order()
    orders.put(order)
    key = keys.metrics(order.seller_id, order.order_id)
    row = Row.fetch([key])[key]
    assert (type(row).__name__, row.schema_version) == ("MetricsRow", 1)


def test_r24_a_case_counts_once_under_each_name(table: Any) -> None:
    metrics = PynamoSellerMetrics()
    today, disputes = OPENED.date(), SellerCounter.DISPUTES
    for counter in (disputes, SellerCounter.ESCALATED, SellerCounter.LOST):
        for _ in range(3):
            metrics.count("seller-1", "dp-1", Counted(counter, {counter: 1}, today), OPENED)
    metrics.count("seller-1", "dp-2", Counted(disputes, {disputes: 1}, today + days(1)), OPENED)
    metrics.count("seller-2", "dp-3", Counted(disputes, {disputes: 1}, today), OPENED)
    first, second = SellerTotals(disputes=1, escalated=1, lost=1), SellerTotals(disputes=1)
    assert metrics.totals("seller-1") == first.plus(second)
    assert metrics.daily("seller-1", today) == {today: first, today + days(1): second}
    assert metrics.daily("seller-1", today + days(1)) == {today + days(1): second}
    assert metrics.daily("seller-1", today + days(2)) == {}


def test_e3_an_order_counts_for_the_day_on_which_it_was_placed(orders: PynamoOrderStore) -> None:
    order = people.order()
    orders.put(order)
    placed = order.placed_at.date()
    assert PynamoSellerMetrics().daily(order.seller_id, placed) == {placed: SellerTotals(orders=1)}


# --- whole handlers -----------------------------------------------------------------------------------------


@pytest.fixture
def environment(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    yield
    container.get.cache_clear()


def message(name: str, detail: object, number: int = 1) -> dict[str, str]:
    """What the queue holds of an event: EventBridge's envelope as a message's body."""
    envelope = {
        "version": "0",
        "id": f"6a7e8feb-b491-4cf7-a9f1-bf370{number:07d}",
        "detail-type": name,
        "source": "shop",
        "time": at(0),
        "detail": detail,
    }
    return {"messageId": f"m-{number}", "body": json.dumps(envelope)}


def receive(*messages: dict[str, str]) -> list[str]:
    """The ids of the messages that are given back to the queue."""
    handler = handler_of("receive_events")
    answer = handler({"Records": list(messages)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_the_shops_events_do_what_its_calls_do(environment: None) -> None:
    tracking = {
        "order_id": "A-1",
        "event_id": "e-1",
        "shipment_id": "s-1",
        "status": "IN_TRANSIT",
        "occurred_at": at(-2),
    }
    early, order = message("TrackingUpdated", tracking), {"order_id": "A-1", "order": order_body()}
    assert receive(early) == ["m-1"]
    assert receive(message("OrderUpserted", order), early, early) == []
    opened = document(call("open_dispute", person("buyer-1"), OPENING))
    assert opened["status"] == "NEGOTIATION"
    seen = document(call("get_seller_metrics", person("staff", "seller:seller-1"), seller_id="seller-1"))
    assert (seen["orders"], seen["dispute_rate"]) == (1, 0.0)
    assert call("get_seller_metrics", person("buyer-1"), seller_id="seller-1")["statusCode"] == 404


def test_a_refund_is_answered_over_the_bus(environment: None, capsys: pytest.CaptureFixture[str]) -> None:
    receive(message("OrderUpserted", {"order_id": "A-1", "order": order_body()}))
    opened = document(call("open_dispute", person("buyer-1"), OPENING))
    dispute_id = opened["dispute_id"]
    granted = call("accept_request", person("seller-1"), {}, dispute_id=dispute_id)
    assert document(granted)["refund"]["status"] == "REQUESTED"
    answer = {
        "refund_id": f"rf-{dispute_id}",
        "amount_minor": 2000,
        "currency": "USD",
        "occurred_at": at(0),
    }
    wrong = {**answer, "amount_minor": 1999}
    messages = [
        message("RefundSucceeded", wrong, 1),
        message("RefundFailed", {**answer, "reason": "CARD_EXPIRED"}, 2),
        message("RefundSucceeded", {**answer, "reference": "pay-1"}, 3),
        message("RefundSucceeded", answer, 4),
        message("RefundFailed", answer, 5),
        message("RefundSucceeded", {**answer, "reference": "pay-2"}, 6),
        message("RefundSucceeded", {**answer, "refund_id": "rf-dp-absent"}, 7),
        message("RefundSucceeded", {**answer, "currency": "dollars"}, 8),
    ]
    capsys.readouterr()
    assert receive(*messages) == ["m-1", "m-6", "m-7", "m-8"]
    assert refused(capsys.readouterr().out) == [
        ("m-1", "REFUND_AMOUNT_DIFFERS"),
        ("m-6", "REFUND_PAID_TWICE"),
        ("m-7", "NOT_FOUND"),
        ("m-8", "VALIDATION_FAILED"),
    ]
    seen = document(call("get_dispute", person("seller-1"), dispute_id=dispute_id))
    assert (seen["status"], seen["refund"]["status"]) == ("RESOLVED", "PAID")
    assert seen["outcome"]["refund"]["amount_minor"] == 2000


def refused(printed: str) -> list[tuple[str, str]]:
    """What was counted for an operator to look at: which message, and why."""
    metrics = [json.loads(line) for line in printed.splitlines()]
    return [
        (one["message_id"], one["code"])
        for one in metrics
        if (one.get("action"), one.get("outcome")) == ("refund", "ANSWER_REFUSED")
    ]


@pytest.mark.parametrize(
    ("name", "detail", "code"),
    [
        ("OrderDeleted", {}, "NOT_ALLOWED"),
        ("OrderUpserted", [], "WRONG_TYPE"),
        ("OrderUpserted", {"order_id": "A-1", "order": {"ana@example.com": 1}}, "REQUIRED"),
        ("TrackingUpdated", {"order_id": "A 1", "ana": "ana@example.com"}, "INVALID_FORMAT"),
        ("RefundSucceeded", {"refund_id": "rf-1", "amount_minor": "ana@example.com"}, "WRONG_TYPE"),
    ],
)
def test_a_malformed_event_is_given_back_and_logged_by_ids_and_codes_only(
    environment: None,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    name: str,
    detail: object,
    code: str,
) -> None:
    assert receive(message(name, detail)) == ["m-1"]
    logged = capsys.readouterr().out + str([vars(record) for record in caplog.records])
    assert "VALIDATION_FAILED" in logged
    assert "6a7e8feb-b491" in logged
    assert code in logged
    assert "ana@example.com" not in logged


def test_h11_members_that_we_do_not_know_are_the_senders_own_at_every_depth(environment: None) -> None:
    order = order_body()
    order |= {"loyalty": {"points": 7}, "buyer": {**order["buyer"], "nickname": "Ana"}}
    order["items"] = [{**item, "colour": "red", "tags": [{"a": 1}]} for item in order["items"]]
    detail = {"order_id": "A-1", "order": order, "trace": "x"}
    assert receive(message("OrderUpserted", detail)) == []


@pytest.mark.parametrize("body", ["", "[]", "{", '{"a": 1, "a": 2}', '{"detail-type": "OrderUpserted"}'])
def test_a_body_that_is_no_event_is_given_back(environment: None, body: str) -> None:
    assert receive({"messageId": "m-1", "body": body}) == ["m-1"]
