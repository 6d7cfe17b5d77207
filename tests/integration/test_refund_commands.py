"""`python -m ops refunds`: what an operator must look at is listed, and asked for again in bulk (D3, R44)."""

from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refunds import RefundAnswer, give_up, note_answer
from ops import __main__ as operations
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE, main
from tests.integration import people
from tests.support.builders import OPENED, SELLER

WHY = ("--why", "a test")


class Here:
    """The table that the test has connected to."""

    def connect(self) -> None: ...


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(operations, "_target", lambda _arguments: Here())
    monkeypatch.setenv("OPERATOR", "on-call-2")
    return lambda *words: main(["refunds", *words])


def settled(name: str) -> Dispute:
    cases = PynamoCaseStore()
    PynamoOrderStore().put(people.order(f"o-{name}"))
    opened = people.opening(f"dp-{name}", order_id=f"o-{name}")
    cases.commit(opened, now=OPENED)
    agreed = negotiation.accept_request(opened.after, SELLER, OPENED)
    cases.commit(agreed, now=OPENED)
    return agreed.after


def stopped(name: str) -> Dispute:
    cases, case = PynamoCaseStore(), settled(name)
    assert case.outcome is not None
    failed = note_answer(case, RefundAnswer(RefundStatus.FAILED, case.outcome.refund, OPENED), OPENED)
    assert failed is not None
    cases.commit(failed, now=OPENED)
    given_up = give_up(failed.after, OPENED)
    cases.commit(given_up, now=OPENED)
    return given_up.after


def test_d3_refunds_that_need_an_operator_are_listed_and_asked_for_again_in_bulk(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list") == DONE
    for name in ("one", "two"):
        stopped(name)
    settled("silent")
    capsys.readouterr()
    assert run("list") == DIFFERS
    assert sorted(line.split()[0] for line in capsys.readouterr().out.splitlines()[:-1]) == [
        "dp-one",
        "dp-silent",
        "dp-two",
    ]
    assert run("list", "--given-up", "--since", "2999-01-01T00:00:00Z") == DONE
    assert run("ask-again", "dp-silent", "dp-absent", *WHY) == DIFFERS
    capsys.readouterr()
    assert run("ask-again", "--all", *WHY) == DONE
    said = capsys.readouterr().out
    for name in ("dp-one", "dp-two"):
        assert f"{name}: the sweeper asks for it again" in said
        loaded = PynamoCaseStore().load(name)
        assert loaded is not None
        assert loaded.case.refund_status is RefundStatus.REQUESTED
        due = PynamoRefundStore().overdue(name, (loaded.case.updated_at or OPENED) + timedelta(minutes=1))
        assert due is not None
        assert due.attempt == 2
    assert run("list", "--given-up") == DONE
    assert run("list", "--unanswered") == DIFFERS


def test_all_refunds_are_asked_for_again_only_where_that_is_said(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ((), ("dp-one", "--all"), ("dp-one", "--since", "2026-03-09T00:00:00Z")):
        assert run("ask-again", *words, *WHY) == IMPOSSIBLE
        assert "--all" in capsys.readouterr().err
