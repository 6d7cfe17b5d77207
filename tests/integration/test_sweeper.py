"""The sweeper over moto: everything that is stuck at once, and every write counted (Q5)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.audit_store import PynamoAuditStore
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.switches import PynamoRefundSwitch
from buyer_protection.adapters.dynamodb.tables import TimerRow
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.switches import Hold
from buyer_protection.application.ports.timers import DueRow
from buyer_protection.application.workers import sweep_round
from buyer_protection.application.workers.audit import Disagreement, disagreements
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import RETRY_DELAY, Sweeper
from buyer_protection.domain import negotiation
from buyer_protection.domain.enums import RefundStatus, Role, Status
from buyer_protection.domain.refunds import RefundAnswer, note_answer
from buyer_protection.domain.windows import MEDIATION_GRACE
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import DISPUTE_ID, OPENED, SELLER, days
from tests.support.fake_webhooks import FakeWebhookQueue
from tests.support.fake_workers import FakeBus, FakeExecutions, FakeQueue

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
HOUR = timedelta(hours=1)


@dataclass
class At:
    """A clock that stands where it is put."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Counting:
    """Every writing call to the table, by name, refused ones too: a condition that fails costs as well."""

    calls: Counter[str] = field(default_factory=Counter)

    def watch(self, client: Any) -> None:
        for name in WRITES:
            client.meta.events.register(f"provide-client-params.dynamodb.{name}", self._count(name))

    def _count(self, name: str) -> Callable[..., None]:
        def count(**_: Any) -> None:
            self.calls[name] += 1

        return count


@pytest.fixture
def writes(table: Any) -> Counter[str]:
    counting = Counting()
    counting.watch(table)
    return counting.calls


@pytest.fixture
def sweeper(table: Any) -> Sweeper:
    return Sweeper(
        PynamoCaseStore(),
        PynamoTimerStore(),
        PynamoRefundStore(),
        FakeExecutions(),
        FakeQueue(),
        FakeBus(),
        At(OPENED),
        PynamoOrderStore(),
        FakeWebhookQueue(),
        PynamoRefundSwitch(),
    )


def at(sweeper: Sweeper, now: datetime) -> Sweeper:
    return replace(sweeper, clock=At(now))


def opened(sweeper: Sweeper, name: str) -> Any:
    change = people.opening(f"dp-{name}", order_id=f"o-{name}")
    sweeper.cases.commit(change, now=OPENED)
    assert sweeper.orders is not None
    sweeper.orders.put(people.order(f"o-{name}"))
    return change.after


def everything_stuck(sweeper: Sweeper) -> datetime:
    """Overdue windows of every kind, a claim nobody opened, mails nobody fetched, refunds nobody answered."""
    for name in ("late-1", "late-2", "late-3"):
        opened(sweeper, name)
    claim = people.escalation(opened(sweeper, "claim"), OPENED + days(4))
    sweeper.cases.commit(claim, now=OPENED + days(4))
    for name in ("paid-1", "failed"):
        agreed = negotiation.accept_request(opened(sweeper, name), SELLER, OPENED)
        sweeper.cases.commit(agreed, now=OPENED)
    answer = RefundAnswer(RefundStatus.FAILED, agreed.refund.amount, OPENED, "CARD")
    failed = note_answer(agreed.after, answer, OPENED)
    assert failed is not None
    sweeper.cases.commit(failed, now=OPENED)
    mails = [
        OutboxMail("dp-late-1", seq, role, MailKind.DISPUTE_OPENED)
        for seq in (1, 2)
        for role in (Role.BUYER, Role.SELLER)
    ]
    PynamoOutbox().add(mails)
    PynamoOutbox().leave_to_sweeper(mails, OPENED)
    return OPENED + days(15)


def status(sweeper: Sweeper, name: str) -> Status:
    loaded = sweeper.cases.load(f"dp-{name}")
    assert loaded is not None
    return loaded.case.status


def test_q5_ten_rounds_in_a_row_write_nothing_after_the_first(sweeper: Sweeper, writes: Counter[str]) -> None:
    now = everything_stuck(sweeper)
    writes.clear()
    first = sweep(at(sweeper, now))
    assert first == {
        "deadlines": 4,
        "transitions": 4,
        "started": 3,
        "refunds_reemitted": 2,
        "refunds_unanswered": 1,
        "mails_requeued": 1,
    }
    assert writes.total() > 0
    writes.clear()
    asked, published = list(sweeper.queue.asked), list(sweeper.bus.published)
    for _ in range(9):
        assert not +sweep(at(sweeper, now))
    assert not writes
    assert (sweeper.queue.asked, sweeper.bus.published) == (asked, published)


def test_q5_ten_rounds_a_minute_apart_write_only_what_became_due_meanwhile(
    sweeper: Sweeper, writes: Counter[str]
) -> None:
    now = everything_stuck(sweeper)
    sweep(at(sweeper, now))
    writes.clear()
    done: Counter[str] = Counter()
    for minute in range(1, 11):
        done.update(sweep(at(sweeper, now + timedelta(minutes=minute))))
    # Three new claims are opened after their grace: a transaction each. Four mails are put off twice more. The refund
    # that failed is asked for again after one, two and four minutes more. Each new claim is looked after once, since
    # the sweeper's own step may have left its execution behind: a write each.
    assert +done == {
        "deadlines": 3,
        "mediations_opened": 3,
        "mails_requeued": 2,
        "refunds_reemitted": 3,
    }
    assert writes == {"TransactWriteItems": 3, "UpdateItem": 14}


# What follows from the stream, which nobody reads here, and a payment system that says nothing.
EXPECTED = {
    Disagreement.NOBODY_WAITS,
    Disagreement.MAIL_MISSING,
    Disagreement.MAIL_STUCK,
    Disagreement.REFUND_UNANSWERED,
}


def test_q5_after_the_sweepers_work_every_case_is_as_if_nothing_had_been_down(sweeper: Sweeper) -> None:
    now = everything_stuck(sweeper)
    sweep(at(sweeper, now))
    sweep(at(sweeper, now + MEDIATION_GRACE))
    assert [status(sweeper, f"late-{n}") for n in (1, 2, 3)] == [Status.CLAIM_EVIDENCE] * 3
    store = PynamoAuditStore()
    for name in ("late-1", "late-2", "late-3", "claim", "paid-1", "failed"):
        found = list(disagreements(store.records(f"dp-{name}"), now + MEDIATION_GRACE))
        # No machine parks tokens and no stream writes mails here.
        assert set(found) <= EXPECTED


def test_q5_a_claim_that_nobody_opened_is_found_in_minutes_and_not_at_its_first_reminder(
    sweeper: Sweeper,
) -> None:
    at_claim = OPENED + days(4)
    sweeper.cases.commit(people.escalation(opened(sweeper, "claim"), at_claim), now=at_claim)
    timers = PynamoTimerStore()
    assert timers.due(at_claim + MEDIATION_GRACE - timedelta(milliseconds=1), limit=9) == []
    assert sweep(at(sweeper, at_claim + MEDIATION_GRACE))["mediations_opened"] == 1
    # Open before the team, it is due again at its reminder, as its clock says.
    assert timers.due(at_claim + days(5), limit=9) == []
    assert len(timers.due(at_claim + days(6), limit=9)) == 1


def test_q5_poison_at_the_head_of_the_index_starves_nobody(
    sweeper: Sweeper, writes: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_round, "PAGE", 4)
    for number in range(12):
        opened(sweeper, f"n-{number}")
    now = OPENED + days(15)
    poisoned = [row.dispute_id for row in PynamoTimerStore().due(now, limit=8)]
    for dispute_id in poisoned:
        # A row that no code can read.
        Row.connection().client.update_item(
            TableName=TABLE_NAME,
            Key={"pk": {"S": keys.case_pk(dispute_id)}, "sk": {"S": keys.STATE}},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "NO_SUCH_STATUS"}},
        )
    done = sweep(at(sweeper, now))
    assert done["transitions"] == 4
    assert sum(n for name, n in done.items() if name.startswith("failed_")) == 8
    writes.clear()
    for _ in range(9):
        assert not sweep(at(sweeper, now))
    assert not writes
    assert len(PynamoTimerStore().due(now + RETRY_DELAY, limit=99)) == 8 + 4


def test_a_row_is_put_off_only_as_it_was_read(sweeper: Sweeper) -> None:
    sweeper.cases.commit(people.opening(), now=OPENED)
    timers = PynamoTimerStore()
    (row,) = timers.due(OPENED + days(3), limit=9)
    assert timers.postpone(row, OPENED + days(4))
    assert not timers.postpone(row, OPENED + days(5))
    assert timers.due(OPENED + days(4) - timedelta(milliseconds=1), limit=9) == []
    assert timers.due(OPENED + days(4), limit=9) == [structs.replace(row, due_at=OPENED + days(4))]
    assert not timers.postpone(DueRow("dp-absent", "TIMER", OPENED), OPENED)
    assert PynamoTimerStore().timer("dp-absent") is None


def test_a_row_that_was_put_off_moves_with_its_case(sweeper: Sweeper) -> None:
    first = people.opening()
    sweeper.cases.commit(first, now=OPENED)
    timers = PynamoTimerStore()
    (row,) = timers.due(OPENED + days(3), limit=9)
    timers.postpone(row, OPENED + days(3) + RETRY_DELAY)
    sweeper.cases.commit(people.escalation(first.after, OPENED + days(3)), now=OPENED + days(3))
    assert [r.due_at for r in timers.due(OPENED + days(30), limit=9)] == [OPENED + days(3) + MEDIATION_GRACE]


def test_a_mail_that_is_sent_meanwhile_is_not_put_back_into_the_index(sweeper: Sweeper) -> None:
    outbox, mail = PynamoOutbox(), OutboxMail(DISPUTE_ID, 1, Role.BUYER, MailKind.DISPUTE_OPENED)
    outbox.add([mail])
    outbox.leave_to_sweeper([mail], OPENED)
    (row,) = PynamoTimerStore().due(OPENED + HOUR, limit=9)
    outbox.settle(mail, OPENED, message_id="m-1")
    assert not PynamoTimerStore().postpone(row, OPENED + HOUR)
    assert PynamoTimerStore().due(OPENED + days(1), limit=9) == []


def test_a_refund_held_back_costs_no_write_and_goes_out_when_released(
    sweeper: Sweeper, writes: Counter[str]
) -> None:
    agreed = negotiation.accept_request(opened(sweeper, "one"), SELLER, OPENED)
    sweeper.cases.commit(agreed, now=OPENED)
    switch, hold = PynamoRefundSwitch(), Hold(OPENED, "op-1", "statement differs")
    assert switch.hold() is None
    assert switch.turn_off(hold)
    assert not switch.turn_off(Hold(OPENED + HOUR))
    assert switch.hold() == hold
    writes.clear()
    for hour in range(1, 11):
        assert sweep(at(sweeper, OPENED + hour * HOUR)) == {"refunds_held": 1}
    assert not writes
    assert not switch.turn_on(Hold(OPENED + HOUR))
    assert switch.turn_on(hold)
    assert not switch.turn_on(hold)
    assert sweep(at(sweeper, OPENED + 11 * HOUR))["refunds_reemitted"] == 1
    assert [event.event_id for event in sweeper.bus.published] == ["rf-dp-one-RefundRequested-2"]


def test_a_timer_row_without_its_case_is_reported_and_stands_in_nobodys_way(sweeper: Sweeper) -> None:
    TimerRow(
        *keys.timer("dp-orphan"),
        generation=1,
        epoch=1,
        status="NEGOTIATION",
        due_key=keys.due_key("dp-orphan"),
        due_at=OPENED,
    ).save()
    opened(sweeper, "one")
    done = sweep(at(sweeper, OPENED + days(15)))
    assert (done["failed_CaseMissingError"], done["transitions"]) == (1, 1)
