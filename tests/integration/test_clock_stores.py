"""TIMER, MAIL and REFUND rows over moto, and what the table's stream says of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from msgspec import structs

from buyer_protection.adapters.dynamodb import keys, stream_records
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.adapters.dynamodb.tables import TimerRow
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.ports.events import OrderEnded
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.application.ports.timers import DueRow, TimerMove, TimerState
from buyer_protection.domain import negotiation, parcels
from buyer_protection.domain.enums import Role, TrackingStatus
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import wake_at
from tests.integration import people
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.people import BUYER, DISPUTE_ID, OPENED, ORDER_ID, SELLER, days

TO_BUYER = OutboxMail(DISPUTE_ID, 1, Role.BUYER, MailKind.DISPUTE_OPENED)
TO_SELLER = OutboxMail(DISPUTE_ID, 1, Role.SELLER, MailKind.DISPUTE_OPENED)


@pytest.fixture
def timers(table: Any) -> PynamoTimerStore:
    return PynamoTimerStore()


@pytest.fixture
def outbox(table: Any) -> PynamoOutbox:
    return PynamoOutbox()


def park(token: str) -> None:
    """What a waiting state of the machine does."""
    TimerRow(*keys.timer(DISPUTE_ID)).update(actions=[TimerRow.task_token.set(token)])


def known(timers: PynamoTimerStore) -> TimerState:
    timer = timers.timer(DISPUTE_ID)
    assert timer is not None
    return timer


def test_a_new_case_has_its_alarm(cases: PynamoCaseStore, timers: PynamoTimerStore) -> None:
    assert timers.timer(DISPUTE_ID) is None
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    assert known(timers) == TimerState(DISPUTE_ID, 1, "NEGOTIATION", 1, wake_at(opened.after))


def test_only_a_new_epoch_takes_the_token(cases: PynamoCaseStore, timers: PynamoTimerStore) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    park("token")
    reminded = people.next_step(opened.after, OPENED + days(3))
    cases.commit(reminded, now=OPENED + days(3))
    assert known(timers) == TimerState(DISPUTE_ID, 1, "NEGOTIATION", 1, wake_at(reminded.after), "token")
    escalated = people.escalation(reminded.after, OPENED + days(4))
    cases.commit(escalated, now=OPENED + days(4))
    assert known(timers) == TimerState(DISPUTE_ID, 1, "CLAIM_OPENED", 2, wake_at(escalated.after))
    mediated = people.mediation_opened(escalated.after, OPENED + days(4))
    cases.commit(mediated, now=OPENED + days(4))
    assert known(timers).status == "CLAIM_EVIDENCE"


def test_an_offer_leaves_the_alarm_alone(cases: PynamoCaseStore, timers: PynamoTimerStore) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    park("token")
    before = known(timers)
    cases.commit(people.counter_offer(opened.after, OPENED + days(1)), now=OPENED + days(1))
    assert known(timers) == before


def test_what_is_due_comes_oldest_first_over_all_shards(
    cases: PynamoCaseStore, timers: PynamoTimerStore
) -> None:
    expected = []
    for number in range(20):
        change = people.opening(f"dp-{number}", now=OPENED + days(number / 10), order_id=f"o-{number}")
        cases.commit(change, now=OPENED)
        due = wake_at(change.after)
        assert due is not None
        expected.append(DueRow(f"dp-{number}", "TIMER", due))
    assert timers.due(OPENED + days(3) - timedelta(milliseconds=1), limit=50) == []
    assert timers.due(OPENED + days(3), limit=50) == expected[:1]
    assert timers.due(OPENED + days(30), limit=50) == expected
    assert timers.due(OPENED + days(30), limit=7) == expected[:7]


def test_a_closed_case_is_never_due(cases: PynamoCaseStore, timers: PynamoTimerStore) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    cancelled = parcels.cancel(opened.after, BUYER, acknowledge_consequences=True, now=OPENED)
    cases.commit(cancelled, now=OPENED)
    assert timers.due(OPENED + days(90), limit=9) == []


def test_a_generation_is_raised_once(cases: PynamoCaseStore, timers: PynamoTimerStore) -> None:
    cases.commit(people.opening(), now=OPENED)
    park("token of the dead")
    found = known(timers)
    raised = timers.next_generation(found)
    assert raised == TimerState(DISPUTE_ID, 2, "NEGOTIATION", 1, found.wake_at)
    assert raised == known(timers)
    assert timers.next_generation(found) is None


def test_a_mail_is_written_leased_and_sent_once(outbox: PynamoOutbox, timers: PynamoTimerStore) -> None:
    now = OPENED
    outbox.add([TO_BUYER, TO_SELLER])
    outbox.add([TO_BUYER])
    assert outbox.unsent(DISPUTE_ID) == [TO_BUYER, TO_SELLER]
    assert timers.due(now + days(1), limit=9) == []
    outbox.leave_to_sweeper([TO_BUYER, TO_SELLER], now)
    assert timers.due(now, limit=9) == []
    assert [row.sort_key for row in timers.due(now + timedelta(minutes=2), limit=9)] == [
        "MAIL#00000001#BUYER",
        "MAIL#00000001#SELLER",
    ]
    assert outbox.lease(TO_BUYER, now, 60)
    assert not outbox.lease(TO_BUYER, now + timedelta(seconds=59), 60)
    assert outbox.lease(TO_BUYER, now + timedelta(seconds=60), 60)
    assert [mail.attempts for mail in outbox.unsent(DISPUTE_ID)] == [2, 0]
    outbox.settle(TO_BUYER, now, message_id="m-1")
    outbox.settle(TO_SELLER, now, message_id=None, dropped="ADDRESS_BOUNCES")
    assert outbox.unsent(DISPUTE_ID) == []
    assert not outbox.lease(TO_BUYER, now + days(1), 60)
    assert timers.due(now + days(1), limit=9) == []
    outbox.add([TO_BUYER])
    assert outbox.unsent(DISPUTE_ID) == []


def test_a_leased_mail_is_due_again_only_after_its_lease(
    outbox: PynamoOutbox, timers: PynamoTimerStore
) -> None:
    outbox.add([TO_BUYER])
    assert outbox.lease(TO_BUYER, OPENED, 60)
    assert timers.due(OPENED + days(1), limit=9) == []
    (tried,) = outbox.unsent(DISPUTE_ID)
    assert outbox.lease(tried, OPENED + timedelta(minutes=2), 300)
    assert timers.due(OPENED + timedelta(minutes=6), limit=9) == []
    assert len(timers.due(OPENED + timedelta(minutes=7), limit=9)) == 1


def test_a_mail_that_was_never_written_is_not_leased(outbox: PynamoOutbox) -> None:
    assert not outbox.lease(TO_BUYER, OPENED, 60)
    outbox.settle(TO_BUYER, OPENED, message_id="m-1")
    assert outbox.unsent(DISPUTE_ID) == []


def test_d2_an_unanswered_refund_is_asked_for_again_under_the_next_attempt(
    cases: PynamoCaseStore, timers: PynamoTimerStore
) -> None:
    refunds = PynamoRefundStore()
    assert refunds.overdue(DISPUTE_ID, OPENED) is None
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    agreed = negotiation.accept_request(opened.after, SELLER, OPENED)
    cases.commit(agreed, now=OPENED)
    hour = timedelta(hours=1)
    assert [row.sort_key for row in timers.due(OPENED + hour, limit=9)] == ["REFUND"]
    assert refunds.overdue(DISPUTE_ID, OPENED) is None
    assert agreed.refund is not None
    second = replace(agreed.refund, attempt=2)
    assert refunds.overdue(DISPUTE_ID, OPENED + hour) == second
    assert refunds.note_asked(second, OPENED + hour)
    assert not refunds.note_asked(second, OPENED + 9 * hour)
    assert [refunds.overdue(DISPUTE_ID, OPENED + hour) for _ in range(9)] == [None] * 9
    assert refunds.overdue(DISPUTE_ID, OPENED + 3 * hour) == replace(second, attempt=3)


def test_the_stream_carries_every_change(cases: PynamoCaseStore) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    park("token")
    agreed = negotiation.accept_request(opened.after, SELLER, OPENED + days(1))
    cases.commit(agreed, now=OPENED + days(1))
    parsed = [item for record in stream() if (item := stream_records.parse(record)) is not None]
    assert [item for item in parsed if isinstance(item, TimelineEntry)] == [opened.entry, agreed.entry]
    moves = [item for item in parsed if isinstance(item, TimerMove)]
    epochs = [(move.old.epoch if move.old else None, move.new.epoch) for move in moves]
    assert epochs == [(None, 1), (1, 1), (1, 2)]
    woken = moves[-1].old
    assert woken is not None
    assert woken.task_token == "token"
    assert moves[-1].new == TimerState(DISPUTE_ID, 1, "RESOLVED", 2, None)
    assert [item for item in parsed if isinstance(item, Refund)] == [agreed.refund]


def test_a_removed_row_says_nothing() -> None:
    change = {"Keys": {"pk": {"S": "CASE#dp-1"}, "sk": {"S": "TIMER"}}, "OldImage": {}}
    assert stream_records.parse({"eventName": "REMOVE", "dynamodb": change}) is None


def test_b6_the_stream_says_that_an_order_was_finished_and_once(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    orders.put(people.order())
    expired = TrackingReport("e-1", "s-1", TrackingStatus.COLLECTION_EXPIRED, OPENED, OPENED)
    seen = ParcelTracking(expired.status, OPENED)
    orders.record_tracking(
        people.tracked(expired, OrderLedger(ORDER_ID), seen, finished_by="COLLECTION_EXPIRED")
    )
    later = structs.replace(expired, event_id="e-2", occurred_at=OPENED + days(1))
    found = orders.load(ORDER_ID)
    assert found is not None
    orders.record_tracking(people.tracked(later, found.ledger, replace(seen, occurred_at=later.occurred_at)))
    parsed = [item for record in stream() if (item := stream_records.parse(record)) is not None]
    assert parsed == [OrderEnded(ORDER_ID, OPENED, "COLLECTION_EXPIRED")]


def test_b6_a_dispute_that_finishes_its_order_says_so_of_the_order(
    cases: PynamoCaseStore, orders: PynamoOrderStore
) -> None:
    opened = people.opening()
    cases.commit(opened, now=OPENED)
    cases.commit(negotiation.accept_request(opened.after, SELLER, OPENED + days(1)), now=OPENED + days(1))
    parsed = [stream_records.parse(record) for record in stream()]
    ended = [item for item in parsed if isinstance(item, OrderEnded)]
    assert ended == [OrderEnded(ORDER_ID, OPENED + days(1), DISPUTE_ID)]


def stream() -> list[dict[str, Any]]:
    client = boto3.client("dynamodbstreams", region_name=REGION)
    arn = client.list_streams(TableName=TABLE_NAME)["Streams"][0]["StreamArn"]
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found: list[dict[str, Any]] = client.get_records(ShardIterator=start["ShardIterator"])["Records"]
    return found
