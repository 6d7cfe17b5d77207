"""`python -m ops …` over rows that nobody can read: each command names them and goes on, or ends in one line (Q32)."""

from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import TimerRow
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from ops import __main__ as operations
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE, main
from ops.target import Target
from tests.integration import people, poisoned
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.people import OPENED, SELLER

WHY = ("--why", "a test")
CASES = ("FACTS", "STATE", "TIMER", "TL", "good-1")
Said = Callable[..., tuple[int, str, str]]


class Here(Target):
    def connect(self) -> None: ...

    def retry_queue(self) -> str:
        return self.queue("late-changes")


@pytest.fixture
def say(table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command: its exit code, what it printed, and what it said went wrong."""
    monkeypatch.setenv("OPERATOR", "on-call-2")
    here = Here(TABLE_NAME, REGION, stage="test")
    monkeypatch.setattr(operations, "_target", lambda _arguments: here)
    for name in ("late-changes", "notifications"):
        here.client("sqs").create_queue(QueueName=here.name_of(name))
    for name in CASES:
        PynamoOrderStore().put(people.order(poisoned.order_of(name)))
        opened = people.opening(poisoned.dispute_of(name), order_id=poisoned.order_of(name))
        PynamoCaseStore().commit(opened, now=OPENED)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def _planted(table: Any, kind: str) -> None:
    pk, sk = poisoned.KEYS[kind]
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    item = table.get_item(TableName=TABLE_NAME, Key=key)["Item"]
    own = [name for name in poisoned.MODELS[kind].get_attributes() if name in item and name not in _COMMON]
    table.put_item(TableName=TABLE_NAME, Item={**item, own[0]: {"L": []}})


_COMMON = {*Row.get_attributes(), *poisoned._INDEXED}


def test_q32_case_rows_names_the_row_that_nobody_can_read_and_lists_the_others(say: Said, table: Any) -> None:
    whole = len(say("case", "rows", "dp-good-1")[1].splitlines())
    for kind in ("FACTS", "STATE", "TIMER", "TL"):
        _planted(table, kind)
        dispute_id, (_, sk) = poisoned.dispute_of(kind), poisoned.KEYS[kind]
        code, said, err = say("case", "rows", dispute_id)
        (line,) = [it for it in said.splitlines() if it.startswith(f"{sk}  ")]
        assert (code, err) == (DIFFERS, "")
        assert line.startswith(f"{sk}  Unreadable  unknown ")
        assert len(said.splitlines()) == whole
        for word in ("show", "events"):
            code, said, err = say("case", word, dispute_id)
            assert (code, err) == (DIFFERS, "")
            assert f"unreadable: {sk}  unknown " in said
    assert say("case", "rows", "dp-good-1")[0] == DONE


def test_q32_case_rows_says_what_a_row_lacks_and_names_kinds_of_newer_versions(say: Said, table: Any) -> None:
    pk, sk = keys.state("dp-good-1")
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    item = table.get_item(TableName=TABLE_NAME, Key=key)["Item"]
    table.put_item(TableName=TABLE_NAME, Item={name: it for name, it in item.items() if name != "status"})
    table.put_item(TableName=TABLE_NAME, Item={**key, "sk": {"S": "NEW"}, "kind": {"S": "NEWER"}})
    code, said, _ = say("case", "rows", "dp-good-1")
    assert code == DIFFERS
    assert "STATE  Unreadable  without status" in said
    assert "NEW  Unreadable  its kind is unknown" in said


def test_q32_cases_whose_timer_cannot_be_read_are_listed_as_unwatched(say: Said, table: Any) -> None:
    _planted(table, "TIMER")
    TimerRow(*keys.timer("dp-good-1")).update(actions=[TimerRow.task_token.set("token")])
    code, said, err = say("cases", "list", "--unwatched")
    assert (code, err) == (DIFFERS, "")
    assert "dp-TIMER  " in said
    assert "dp-good-1" not in said


def test_q32_one_trace_that_cannot_be_read_hides_no_other(say: Said, table: Any) -> None:
    assert say("refunds", "hold", *WHY)[0] == DONE
    poisoned.poison(table, "COMMAND")
    code, said, err = say("trace", "list")
    assert (code, err) == (DIFFERS, "")
    assert "on-call-2  refunds hold  a test" in said
    assert f"unreadable: {keys.COMMANDS} 2026-03-01T00:00:00.000Z#bad: " in said


def test_q32_redispatch_leaves_a_case_that_cannot_be_read_and_goes_on(say: Said, table: Any) -> None:
    _planted(table, "TL")
    code, said, _ = say("redispatch", "dp-TL", "dp-good-1", "--since", "2026-01-01T00:00:00Z", *WHY)
    assert code == DIFFERS
    assert "dp-TL: left: unreadable: CASE#dp-TL TL#00000001: " in said
    assert "dp-good-1: 1 records since" in said


def test_q32_refunds_that_cannot_be_read_are_named_beside_the_others(say: Said, table: Any) -> None:
    agreed = negotiation.accept_request(_case("good-1"), SELLER, OPENED)
    PynamoCaseStore().commit(agreed, now=OPENED)
    poisoned.poison(table, "REFUND")
    code, said, err = say("refunds", "list")
    assert (code, err) == (DIFFERS, "")
    assert f"unreadable: {' '.join(keys.refund('dp-REFUND'))}: " in said
    assert "dp-good-1  REQUESTED" in said
    code, said, _ = say("refunds", "ask-again", "--all", *WHY)
    assert code == DIFFERS
    assert "unreadable: " in said


def test_q32_mails_of_a_case_are_sent_beside_one_that_cannot_be_read(say: Said, table: Any) -> None:
    box = PynamoOutbox()
    box.add([OutboxMail("dp-MAIL", 1, role, MailKind.DISPUTE_OPENED) for role in (Role.BUYER, Role.SELLER)])
    poisoned.poison(table, "MAIL")
    code, said, _ = say("mails", "resend", "dp-MAIL", *WHY)
    assert code == DIFFERS
    assert "dp-MAIL: left: unreadable: " in said
    assert "dp-MAIL: 1 of 1 mails are sent again" in said


def _case(name: str) -> Dispute:
    loaded = PynamoCaseStore().load(poisoned.dispute_of(name))
    assert loaded is not None
    return loaded.case


def test_q32_a_command_whose_only_row_cannot_be_read_ends_in_one_line(say: Said, table: Any) -> None:
    for kind, words in (
        ("HOLD", ("refunds", "held")),
        ("HOLD", ("refunds", "hold", *WHY)),
        ("HOLD", ("refunds", "release", *WHY)),
        ("AUDIT", ("audit", "run", *WHY)),
    ):
        poisoned.poison(table, kind)
        code, said, err = say(*words)
        assert (code, said) == (DIFFERS, "")
        (line,) = err.splitlines()
        assert line.startswith(f"error: unreadable: {' '.join(poisoned.KEYS[kind])}: without ")


def test_what_is_given_and_no_text_ends_in_one_line(say: Said) -> None:
    for words in (("case", "show", "dp-\udcff"), ("cases", "list", "--since", "0001-01-01T00:00:00+14:00")):
        code, said, err = say(*words)
        assert (code, said) == (IMPOSSIBLE, "")
        (line,) = err.splitlines()
        assert line.startswith("error: ")
