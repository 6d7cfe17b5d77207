"""`python -m ops restore …` over moto: what the table lacks, what was paid, and executions of before (F7)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import boto3
import pytest

from buyer_protection.adapters.aws.system import SystemClock
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.refund_ledgers import read_books
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.adapters.dynamodb.switches import PynamoRefundSwitch
from buyer_protection.application.changes import in_era
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.workers.refunds import Published, publish_refund
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.era import Era
from buyer_protection.domain.negotiation import accept_request
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import is_of
from buyer_protection.domain.timeline import instant
from ops import log_lines
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE
from tests.integration import people
from tests.integration.conftest import REGION
from tests.integration.operators import WHY, Run, runner, traces
from tests.support.builders import OPENED

HEADER = "refund_id,amount_minor,currency,paid_at,reference\n"
ROLE = "arn:aws:iam::123456789012:role/machine"
ERA = Era("2", OPENED)
SINCE = ("--since", instant(OPENED))
# As the logs say it: the number of the newest entry, how many entries, how many mails.
Logged = dict[str, tuple[int, int, int]]


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def machine(aws: None) -> str:
    made = boto3.client("stepfunctions", region_name=REGION).create_state_machine(
        name="BuyerProtection-test-case", definition="{}", roleArn=ROLE
    )
    return str(made["stateMachineArn"])


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    """What the logs know, by case."""
    known: Logged = {}

    def asked(_logs: Any, groups: list[str], query: str, *_period: Any) -> Iterator[dict[str, str]]:
        (group,) = groups
        is_of_mails = group.endswith("-notify_parties")
        assert ('message = "mail"' in query) is is_of_mails
        for name, (newest, entries, mails) in known.items():
            if is_of_mails and mails:
                yield {"dispute_id": name, "many": str(mails)}
            if not is_of_mails and entries:
                yield {"dispute_id": name, "newest": str(newest), "many": str(entries)}

    monkeypatch.setattr(log_lines, "asked", asked)
    return known


def opened(name: str) -> None:
    PynamoOrderStore().put(people.order(f"o-{name}"))
    PynamoCaseStore().commit(people.opening(f"dp-{name}", order_id=f"o-{name}"), now=OPENED)


def settled(name: str, cases: CaseStore | None = None) -> None:
    opened(name)
    now = OPENED + timedelta(hours=1)
    (cases or PynamoCaseStore()).commit(accept_request(case(name), people.SELLER, now), now=now)


def due(name: str) -> Refund:
    found = PynamoRefundStore().overdue(f"dp-{name}", OPENED + timedelta(days=2))
    assert found is not None
    return found


def case(name: str) -> Dispute:
    loaded = PynamoCaseStore().load(f"dp-{name}")
    assert loaded is not None
    return loaded.case


def started(machine: str, *names: str) -> None:
    client = boto3.client("stepfunctions", region_name=REGION)
    for name in names:
        client.start_execution(stateMachineArn=machine, name=f"case-dp-{name}-g1", input="{}")


def running(machine: str) -> set[str]:
    client = boto3.client("stepfunctions", region_name=REGION)
    found = client.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    return {it["name"] for it in found}


def statement(folder: Path, *lines: tuple[str, int]) -> str:
    file = folder / "payments.csv"
    paid_at = instant(OPENED + timedelta(days=1))
    file.write_text(HEADER + "".join(f"{id},{minor},USD,{paid_at},pay-{id}\n" for id, minor in lines))
    return str(file)


def gap(run: Run, folder: Path, *words: str, expects: int = DIFFERS) -> dict[str, Any]:
    lines = folder / "gap.jsonl"
    assert run("restore", "gap", *SINCE, "--lines", str(lines), *words) == expects
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    return {it["dispute_id"]: it for it in found}


def test_f7_the_gap_names_what_executions_logs_and_the_statement_know_and_the_table_does_not(
    run: Run, machine: str, logged: Logged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("same", "older", "paid"):
        opened(name)
    started(machine, "same", "older", "ghost")
    logged.update({"dp-same": (1, 1, 2), "dp-older": (3, 2, 0), "dp-gone": (4, 4, 6)})
    paid = statement(tmp_path, ("rf-dp-paid", 1_999), ("rf-dp-gone", 5), ("elsewhere", 7))
    found = gap(run, tmp_path, "--payments", paid)
    assert {name: it["found"] for name, it in found.items()} == {
        "dp-older": ["OLDER"],
        "dp-paid": ["PAID"],
        "dp-ghost": ["LOST"],
        "dp-gone": ["LOST", "PAID"],
        "elsewhere": ["LOST", "PAID"],
    }
    assert (found["dp-older"]["entries"], found["dp-older"]["entries_seen"]) == (1, 3)
    assert (found["dp-ghost"]["execution"], found["dp-gone"]["mails"]) == ("RUNNING", 6)
    assert found["dp-paid"]["payments"][0]["reference"] == "pay-rf-dp-paid"
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == [
        *("dispute_id", "found", "status", "entries", "entries_seen", "execution", "mails", "paid")
    ]
    assert "5 cases differ, of 6 seen" in out


def test_f7_a_table_that_lacks_nothing_has_no_gap(
    run: Run, machine: str, logged: Logged, tmp_path: Path
) -> None:
    opened("same")
    started(machine, "same")
    logged["dp-same"] = (1, 1, 2)
    assert gap(run, tmp_path, expects=DONE) == {}
    # What was paid before and after the gap is none of it.
    paid = statement(tmp_path, ("rf-dp-same", 1_999))
    late = ("--until", instant(OPENED + timedelta(days=1)))
    assert gap(run, tmp_path, "--payments", paid, *late, expects=DONE) == {}
    assert run("restore", "gap", *SINCE, "--until", instant(OPENED)) == IMPOSSIBLE


def test_f7_r39_what_was_paid_is_entered_once_and_is_not_asked_for_again(
    run: Run, table: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("open")
    settled("asked")
    paid = statement(tmp_path, ("rf-dp-open", 1_999), ("rf-dp-asked", 1_999), ("rf-dp-gone", 5))
    words = ("restore", "payments", *SINCE, "--payments", paid, *WHY)
    assert run("match", "--statement", paid) == DIFFERS
    assert run(*words, "--dry-run") == DONE
    assert (case("open").outcome, case("asked").refund_status) == (None, RefundStatus.REQUESTED)
    assert traces() == []
    for _ in range(2):
        assert run(*words) == DIFFERS
    assert "rf-dp-gone: left: NOT_FOUND" in capsys.readouterr().out
    ended = case("open").outcome
    assert ended is not None
    assert (ended.code, ended.refund.amount_minor) == ("REFUNDED_ELSEWHERE", 0)
    assert case("asked").refund_status is RefundStatus.SUCCEEDED
    assert case("asked").refund_reference == "pay-rf-dp-asked"
    order = PynamoOrderStore().load("o-open")
    assert order is not None
    assert (order.ledger.elsewhere_minor, order.ledger.refunded_minor) == (1_999, 0)
    # The statement agrees but for the case that the table lacks.
    assert run("match", "--statement", paid) == DIFFERS
    assert capsys.readouterr().out.count("UNKNOWN_REFUND") == 1
    assert len(traces()) == 2
    assert PynamoRefundSwitch().hold() is None


def test_f7_case_row_and_books_keep_the_refunds_id_of_the_era(table: Any) -> None:
    settled("anew", in_era(PynamoCaseStore(), ERA))
    assert case("anew").refund_id == "rf-dp-anew-era-2"
    assert [it.refund_id for it in read_books().refunds] == ["rf-dp-anew-era-2"]
    assert is_of(case("anew"), due("anew")), "it would never be asked for"


def test_f7_r39_a_case_that_settled_again_before_the_payment_was_entered_asks_for_nothing(
    run: Run, tmp_path: Path
) -> None:
    settled("anew", in_era(PynamoCaseStore(), ERA))
    paid = statement(tmp_path, ("rf-dp-anew", 1_999))
    assert run("restore", "payments", *SINCE, "--payments", paid, *WHY) == DONE
    bus = Mock()
    cases, orders = PynamoCaseStore(), PynamoOrderStore()
    assert publish_refund(cases, orders, bus, SystemClock(), due("anew")) is Published.HELD_OVER_LEDGER
    assert bus.publish.call_args_list == []
    assert case("anew").refund_status is RefundStatus.HELD
    assert run("match", "--statement", paid) == DONE


def test_f7_executions_of_before_are_ended_and_those_since_are_not(
    run: Run, machine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("kept")
    started(machine, "kept", "ghost")
    words = ("restore", "stop", *WHY)
    assert run(*words, "--before", instant(OPENED)) == DONE
    assert run(*words, "--before", "2999-01-01T00:00:00Z", "--dry-run") == DONE
    assert running(machine) == {"case-dp-kept-g1", "case-dp-ghost-g1"}
    assert traces() == []
    assert run(*words, "--before", "2999-01-01T00:00:00Z", "--lost") == DONE
    assert running(machine) == {"case-dp-kept-g1"}
    assert run(*words, "--before", "2999-01-01T00:00:00Z") == DONE
    assert running(machine) == set()
    out = capsys.readouterr().out
    assert "dp-ghost  g1  CaseMissing" in out
    assert "dp-kept  g1  TableRestored" in out
    assert [command for command, _, _ in traces()] == [
        "restore stop, 1 executions, 1 of lost cases",
        "restore stop, 1 executions, 0 of lost cases",
    ]
