"""Operators' commands: the statement is read strictly, the table can be read, exit codes say what happened."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
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


def test_a_statement_with_instants_out_of_range_or_no_utf_8_is_refused(tmp_path: Path) -> None:
    for instant in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"):
        with pytest.raises(StatementError, match=r"line 2: .* is no instant"):
            read_statement([HEADER, f"rf-dp-1,1299,USD,{instant},pay-1"])
    file = tmp_path / "payments.csv"
    file.write_bytes(f"{HEADER}\n".encode() + b"rf-\xff,1299,USD,2026-03-09T12:00:00Z,pay-1\n")
    with file.open(encoding="utf-8", newline="") as lines, pytest.raises(StatementError, match="UTF-8"):
        read_statement(lines)


def test_arguments_that_contradict_each_other_are_refused(
    operate: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = str(tmp_path / "payments.csv")
    later, sooner = "2026-03-10T00:00:00Z", "2026-03-09T00:00:00Z"
    assert operate("match", "--statement", statement, "--since", later, "--until", sooner) == IMPOSSIBLE
    assert "--until is not after --since" in capsys.readouterr().err
    assert main(["--stage", "prod", "--port", "4566", "queues", "list"]) == IMPOSSIBLE
    assert "--port" in capsys.readouterr().err
    assert main(["redispatch", "dp-1", "--queue", "https://queue", "--why", "a test"]) == IMPOSSIBLE
    assert "--queue" in capsys.readouterr().err


@pytest.mark.parametrize("kept", ["[]", "null", "5", "\udcff", '{"table_name": 1'])
def test_a_stack_whose_file_is_broken_is_no_stack(tmp_path: Path, kept: str) -> None:
    (tmp_path / "stack.json").write_bytes(kept.encode("utf-8", "surrogateescape"))
    with pytest.raises(target.TargetError, match="no stack of"):
        target.on_this_machine(target.LOCAL_PORT, tmp_path)


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


@pytest.fixture
def operate(monkeypatch: pytest.MonkeyPatch) -> Any:
    refund = KeptRefund("rf-dp-1", "o-1", Money(1299, "USD"), RefundStatus.SUCCEEDED, AT)
    monkeypatch.setattr(target, "configure", lambda *_: None)
    monkeypatch.setattr(operations, "read_books", lambda: Books([refund], {"o-1": 1299}))
    return lambda *words: main(["--table", "cases", *words])


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
