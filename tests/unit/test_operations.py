"""Operators' commands: the statement is read strictly, the table can be read, exit codes say what happened."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
from buyer_protection.application.ports.refund_switch import Hold
from buyer_protection.application.workers.reconciliation import Difference, Mismatch, Payment
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.money import Money
from ops import __main__ as operations
from ops import target
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE, main, table_of
from ops.statement import StatementError, read_statement

AT = datetime(2026, 3, 9, 12, tzinfo=UTC)
HEADER = "refund_id,amount_minor,currency,paid_at,reference"
LINE = "rf-dp-1,1299,USD,2026-03-09T12:00:00Z,pay-1"


def test_a_statement_is_read_whatever_order_its_columns_have_and_whatever_else_it_holds() -> None:
    expected = [Payment("rf-dp-1", Money(1299, "USD"), AT, "pay-1")]
    assert read_statement([HEADER, LINE]) == expected
    turned = ["reference,fee,paid_at,currency,amount_minor,refund_id"]
    assert read_statement([*turned, 'pay-1,3,2026-03-09T13:00:00+01:00, USD ,1299,"rf-dp-1"']) == expected
    assert read_statement([HEADER]) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "the header lacks refund_id"),
        (["refund_id,amount_minor,currency,paid_at"], "the header lacks reference"),
        ([HEADER, "rf-dp-1,12.99,USD,2026-03-09T12:00:00Z,pay-1"], "line 2: amount_minor"),
        ([HEADER, LINE, "rf-dp-1,1299,,2026-03-09T12:00:00Z,pay-1"], "line 3: currency is empty"),
        ([HEADER, "rf-dp-1,1299"], "line 2: currency is empty"),
        (
            [HEADER, "rf-dp-1,1299,USD,2026-03-09T12:00:00,pay-1"],
            "line 2: '2026-03-09T12:00:00' is no instant",
        ),
        ([HEADER, "rf-dp-1,1299,USD,yesterday,pay-1"], "line 2: 'yesterday' is no instant"),
        ([HEADER, 'rf-dp-1,1299,USD,"2026'], "unexpected end of data"),
    ],
)
def test_a_malformed_statement_is_refused_with_its_line_and_column(lines: list[str], said: str) -> None:
    with pytest.raises(StatementError, match=said.replace("(", r"\(")):
        read_statement(lines)


def test_the_table_stands_in_columns() -> None:
    found = [
        Difference(Mismatch.NOT_PAID, "rf-dp-1", "1299 USD SUCCEEDED", "none"),
        Difference(Mismatch.LEDGER_DIFFERS, "o-1", "refunds 5", "ledger 7"),
    ]
    assert table_of(found).splitlines() == [
        "difference      refund or order  ours                theirs",
        "--------------  ---------------  ------------------  --------",
        "NOT_PAID        rf-dp-1          1299 USD SUCCEEDED  none",
        "LEDGER_DIFFERS  o-1              refunds 5           ledger 7",
    ]
    assert table_of([]) == ""


class Switch:
    """The refunds' switch of a test."""

    held: Hold | None = None

    def hold(self) -> Hold | None:
        return Switch.held

    def turn_off(self, hold: Hold) -> bool:
        if Switch.held is None:
            Switch.held = hold
            return True
        return False

    def turn_on(self, hold: Hold) -> bool:
        Switch.held = None
        return True


@pytest.fixture
def operate(monkeypatch: pytest.MonkeyPatch) -> Any:
    refund = KeptRefund("rf-dp-1", "o-1", Money(1299, "USD"), RefundStatus.SUCCEEDED, AT)
    monkeypatch.setattr(target, "configure", lambda *_: None)
    monkeypatch.setattr(operations, "PynamoRefundSwitch", Switch)
    monkeypatch.setattr(operations, "read_books", lambda: Books([refund], {"o-1": 1299}))
    monkeypatch.setattr(Switch, "held", None)
    return lambda *words: main(["--table", "cases", *words])


def test_the_switch_is_turned_once_and_says_who_turned_it(
    operate: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPERATOR", "on-call-2")
    assert operate("held") == DONE
    assert operate("release") == DIFFERS
    assert operate("hold", "--note", "the statement differs") == DONE
    capsys.readouterr()
    assert operate("hold") == DIFFERS
    assert operate("held") == DIFFERS
    assert capsys.readouterr().out.count("by on-call-2: the statement differs") == 2
    assert operate("release") == DONE
    assert operate("held") == DONE


def test_the_match_says_by_its_exit_code_whether_all_agrees(
    operate: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = tmp_path / "payments.csv"
    words = ("match", "--statement", str(statement))
    assert operate(*words) == IMPOSSIBLE
    statement.write_text(f"{HEADER}\n{LINE}\n")
    assert operate(*words) == DONE
    assert "1 refunds, 1 ledgers, 1 payments: no differences" in capsys.readouterr().out
    statement.write_text(f"{HEADER}\n")
    assert operate(*words) == DIFFERS
    assert "NOT_PAID    rf-dp-1" in capsys.readouterr().out
    assert operate(*words, "--until", "2026-03-09T12:00:00Z") == DONE
    assert operate(*words, "--since", "2026-03-09T12:00:00Z", "--until", "2026-03-10T00:00:00Z") == DIFFERS
    assert operate(*words, "--since", "midnight") == IMPOSSIBLE
