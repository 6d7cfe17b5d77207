"""The nightly audit over moto: a healthy table has no findings, what is changed by hand is found."""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.audit_store import PynamoAuditStore
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.operations_store import PynamoOperationsStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.tables import StateRow, TimerRow
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.beside import Look
from buyer_protection.application.workers import audit as auditing
from buyer_protection.application.workers.audit import Auditor, Disagreement, audit, disagreements
from buyer_protection.composition import container
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Status
from buyer_protection.domain.rulings import WaitingRuling
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import OPENED, SELLER
from tests.integration.test_sweeper import At
from tests.support.api_events import CONTEXT, ENVIRONMENT
from tests.support.in_process import handler_of

D = Disagreement
# Two hours after the last change, and before the next one is due.
LATER = OPENED + timedelta(hours=2)


def follow_up(cases: PynamoCaseStore, dispute_id: str) -> None:
    """What stream, machine and mails do: tokens parked, mails written and sent."""
    outbox = PynamoOutbox()
    for entry in cases.timeline(dispute_id).items:
        outbox.add(mails_for(entry))
    for mail in outbox.unsent(dispute_id):
        outbox.settle(mail, OPENED, message_id="m")
    TimerRow(*keys.timer(dispute_id)).update(actions=[TimerRow.task_token.set("token")])


def healthy(cases: PynamoCaseStore, number: int, *, agreed: bool = False) -> Dispute:
    change = people.opening(f"dp-{number}", order_id=f"o-{number}")
    cases.commit(change, now=OPENED)
    if agreed:
        change = negotiation.accept_request(change.after, SELLER, OPENED)
        cases.commit(change, now=OPENED)
    follow_up(cases, f"dp-{number}")
    return change.after


def store_text(table: Any, key: keys.Key, name: str, text: str | None) -> None:
    """A row changed by hand; None removes the attribute."""
    expression = (
        {"UpdateExpression": "REMOVE #n"}
        if text is None
        else {
            "UpdateExpression": "SET #n = :t",
            "ExpressionAttributeValues": {":t": {"S": text}},
        }
    )
    table.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}},
        ExpressionAttributeNames={"#n": name},
        **expression,
    )


def remove(table: Any, key: keys.Key) -> None:
    table.delete_item(TableName=TABLE_NAME, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})


def set_number(table: Any, key: keys.Key, name: str, number: int) -> None:
    table.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}},
        UpdateExpression="SET #n = :t",
        ExpressionAttributeNames={"#n": name},
        ExpressionAttributeValues={":t": {"N": str(number)}},
    )


def plant(table: Any) -> dict[str, Disagreement]:
    """Something wrong with dp-1 to dp-14, each in its own way; dp-15 is left as it is."""
    remove(table, keys.state("dp-1"))
    store_text(table, keys.state("dp-2"), "status", "NO_SUCH_STATUS")
    store_text(table, keys.timeline("dp-3", 1), "data", '{"order_id":"o-4"}')
    set_number(table, keys.state("dp-4"), "version", 9)
    remove(table, keys.timer("dp-5"))
    set_number(table, keys.timer("dp-6"), "epoch", 3)
    store_text(table, keys.timer("dp-7"), "task_token", None)
    remove(table, keys.refund("dp-8"))
    store_text(table, keys.refund("dp-9"), "amount", "1 USD")
    store_text(table, keys.refund("dp-10"), "due_key", None)
    set_number(table, keys.ledger("o-11"), "refunded_minor", 1)
    remove(table, keys.mail("dp-12", 1, "BUYER"))
    store_text(table, keys.mail("dp-13", 1, "BUYER"), "status", "PENDING")
    named = StateRow.waiting_ruling.set(WaitingRuling("dc-1", "m-1"))
    StateRow(*keys.state("dp-14")).update(actions=[named])
    return {
        "dp-1": D.CASE_INCOMPLETE,
        "dp-2": D.CASE_UNREADABLE,
        "dp-3": D.TIMELINE_BROKEN,
        "dp-4": D.TIMELINE_DIFFERS,
        "dp-5": D.TIMER_MISSING,
        "dp-6": D.TIMER_DIFFERS,
        "dp-7": D.NOBODY_WAITS,
        "dp-8": D.REFUND_MISSING,
        "dp-9": D.REFUND_DIFFERS,
        "dp-10": D.REFUND_GIVEN_UP,
        "dp-11": D.LEDGER_DIFFERS,
        "dp-12": D.MAIL_MISSING,
        "dp-13": D.MAIL_STUCK,
        "dp-14": D.RULING_DIFFERS,
    }


@pytest.fixture
def fifteen(cases: PynamoCaseStore) -> PynamoCaseStore:
    for number in range(1, 16):
        healthy(cases, number, agreed=number in {8, 9, 10, 11, 15})
    return cases


def found(now: Any = LATER) -> list[tuple[str, Disagreement]]:
    reported: list[tuple[str, Disagreement]] = []
    auditor = Auditor(PynamoAuditStore(), At(now))
    while True:
        far = audit(auditor, lambda *one: reported.append(one))
        assert far is not None
        if far.ended_at is not None:
            assert far.cases == 15
            return reported


def test_a_healthy_table_has_no_findings_and_each_planted_disagreement_is_found(
    fifteen: PynamoCaseStore, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found() == []
    planted = plant(table)
    remove(table, keys.AUDIT)
    monkeypatch.setattr(auditing, "PAGE", 4)
    assert sorted(found()) == sorted(planted.items())


@pytest.mark.parametrize("status", Status)
def test_a_case_in_any_status_reads_back_as_the_domain_left_it(table: Any, status: Status) -> None:
    from buyer_protection.adapters.dynamodb import mapping
    from buyer_protection.adapters.dynamodb.tables import FactsRow, StateRow

    case = people.in_every_status()[status]
    for row, key, values in (
        (FactsRow, keys.facts(case.dispute_id), mapping.facts_values(case)),
        (StateRow, keys.state(case.dispute_id), mapping.state_values(case)),
        (TimerRow, keys.timer(case.dispute_id), {**mapping.timer_values(case), "generation": 1}),
    ):
        row(*key, **{name: value for name, value in values.items() if value is not None}).save()
    records = PynamoAuditStore().records(case.dispute_id)
    assert records.case == case
    assert D.TIMER_DIFFERS not in set(disagreements(records, LATER))


def test_r45_operators_read_the_looks_at_a_case_as_ids(cases: PynamoCaseStore) -> None:
    healthy(cases, 1)
    looks = [Look("dp-1", f"lk-{n}", "m-1", f"buyer-{n}", LATER) for n in (1, 2)]
    for look in looks:
        cases.keep_beside(look, now=LATER)
    kept = PynamoOperationsStore().case_rows("dp-1")
    assert kept is not None
    assert kept.looks == looks
    assert [row.instants for row in kept.rows if row.kind == "Look"] == [{"seen_at": LATER}] * 2
    assert list(disagreements(kept.records, LATER)) == []


@pytest.fixture
def handler(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    container.get().auditor = Auditor(PynamoAuditStore(), At(LATER))
    yield handler_of("audit_cases")
    container.get.cache_clear()


def metrics(text: str) -> list[dict[str, Any]]:
    return [found for line in text.splitlines() if (found := json.loads(line)).get("action") == "audit"]


def test_the_handler_counts_each_finding_goes_on_where_time_was_over_and_repairs_nothing(
    fifteen: PynamoCaseStore,
    table: Any,
    handler: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auditing, "PAGE", 6)
    planted, answers = plant(table), []
    before = rows(table)
    for _ in range(3):
        left = iter([295_000, 290_000, 29_000])
        context = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda it=left: next(it))
        answers.append(handler({}, context))
    assert [(answer["cases"], answer["ended"]) for answer in answers] == [(6, False), (12, False), (15, True)]
    lines = metrics(capsys.readouterr().out)
    kinds = [(one["dispute_id"], one["outcome"]) for one in lines if "dispute_id" in one]
    expected = [(case, kind.value) for case, kind in planted.items()]
    assert sorted(kinds) == sorted(expected + [(case, "DISAGREES") for case in planted])
    (ended,) = (one for one in lines if one["outcome"] == "ENDED")
    assert (ended["cases"], ended["disagreements"]) == (15, 14)
    own = (keys.AUDIT, keys.LAST_AUDIT)
    assert {key: item for key, item in rows(table).items() if key not in own} == before
    counted = PynamoOperationsStore().overview().last_audit
    assert counted is not None
    assert (counted.cases, sum(n for name, n in counted.counts.items() if name.startswith("open."))) == (
        15,
        8,
    )
    assert handler({}, CONTEXT) == {}


def rows(table: Any) -> dict[keys.Key, Any]:
    items = table.scan(TableName=TABLE_NAME)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
