"""`python -m ops …` over moto: what waits is listed, moved, sent again; every change leaves who and why (D3, F6)."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.switches import (
    PynamoClockSwitch,
    PynamoOpeningSwitch,
    PynamoRefundSwitch,
    PynamoSwitch,
)
from buyer_protection.adapters.dynamodb.tables import MailRow, TimerRow
from buyer_protection.application.mails.delivery import GIVEN_UP
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.domain.enums import Role
from ops import audits, trace
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE
from ops.cases import is_overdue
from ops.target import Target, TargetError
from tests.integration import people
from tests.integration.conftest import REGION
from tests.integration.operators import WHY, Here, Run, bodies_of, runner, traces
from tests.support.builders import OPENED


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


def opened(name: str, **more: Any) -> None:
    PynamoOrderStore().put(people.order(f"o-{name}"))
    PynamoCaseStore().commit(people.opening(f"dp-{name}", order_id=f"o-{name}", **more), now=OPENED)


@pytest.mark.parametrize(
    "words",
    [
        ("queues", "redrive", "stream-failures", *WHY),
        ("queues", "redrive", "inbound", "--why", "  "),
        ("redispatch", "dp-1"),
        ("index-lists",),
        ("order-ends",),
        ("dead-letters", "show", "inbound", "--limit", "-1"),
        ("cases", "list", "--status", "RESOLVED"),
        ("hold",),
        ("queues", "redrive", "inbound"),
        ("dead-letters", "show", "elsewhere"),
        ("mails", "hold"),
        ("audit", "run"),
        ("cases", "list", "--status", "SLEEPING"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        run(*words)
    assert refused.value.code == 2


def test_a_reason_without_anybody_who_gives_it_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPERATOR")
    assert run("queues", "redrive", "inbound", *WHY) == IMPOSSIBLE
    monkeypatch.setenv("OPERATOR", "  ")
    assert run("refunds", "hold", *WHY) == IMPOSSIBLE
    assert capsys.readouterr().err.count("set OPERATOR") == 2
    assert PynamoRefundSwitch().hold() is None


def test_a_command_that_cannot_begin_leaves_no_trace(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    for name in ("late-changes", "uploads"):
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"BuyerProtection-test-{name}")["QueueUrl"])
    assert run("redispatch", "dp-1", *WHY) == IMPOSSIBLE
    assert run("queues", "redrive", "uploads", *WHY) == IMPOSSIBLE
    assert traces() == []


# --- cases ------------------------------------------------------------------------------------------------------------


def test_cases_are_listed_by_status_lateness_and_whether_anybody_waits(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("cases", "list", "--overdue") == DONE
    opened("late")
    assert run("cases", "list") == DONE
    assert run("cases", "list", "--status", "UNDER_REVIEW") == DONE
    capsys.readouterr()
    # It was opened months ago, and nothing has happened.
    assert run("cases", "list", "--overdue") == DIFFERS
    assert capsys.readouterr().out.startswith("dp-late  NEGOTIATION  opened ")
    assert run("cases", "list", "--unwatched") == DIFFERS
    TimerRow(*keys.timer("dp-late")).update(actions=[TimerRow.task_token.set("token")])
    assert run("cases", "list", "--unwatched") == DONE
    assert run("cases", "list", "--overdue", "--since", "2999-01-01T00:00:00Z") == DONE


def test_q1_a_case_is_overdue_once_its_date_passed_two_minutes_ago() -> None:
    case = people.opening("dp-1").after
    due = case.deadline
    assert due is not None
    assert not is_overdue(case, OPENED)
    assert [is_overdue(case, _reminder_or(case, due) + timedelta(seconds=it)) for it in (119, 121)] == [
        False,
        True,
    ]


def _reminder_or(case: Any, due: datetime) -> datetime:
    from buyer_protection.domain.windows import due_at

    return due_at(case) or due


def test_a_case_is_shown_with_its_dates_events_and_rows_and_without_texts(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("one")
    for words, expected in (
        ("show", ["dp-one  NEGOTIATION", "order o-one  version 1", "no execution waits"]),
        ("events", ["1  ", "BUYER  DISPUTE_OPENED"]),
        ("rows", ["FACTS  Facts  opened_at=", "STATE  State", "TIMER  Timer", "TL#00000001  Timeline  at="]),
    ):
        assert run("case", words, "dp-one") == DONE
        printed = capsys.readouterr().out
        for text in expected:
            assert text in printed, printed
        case = PynamoCaseStore().load("dp-one")
        assert case is not None
        assert case.case.description not in printed
    assert run("case", "show", "dp-absent") == IMPOSSIBLE


# --- money ------------------------------------------------------------------------------------------------------------


def test_refunds_are_held_and_released_by_somebody_for_a_reason(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("refunds", "release", *WHY) == DIFFERS
    assert run("refunds", "hold", *WHY, "--dry-run") == DONE
    assert PynamoRefundSwitch().hold() is None
    assert run("refunds", "hold", *WHY) == DONE
    assert run("refunds", "hold", *WHY) == DIFFERS
    assert run("refunds", "held") == DIFFERS
    assert "by on-call-2: a test" in capsys.readouterr().out
    assert run("refunds", "release", "--why", "agrees") == DONE
    assert run("refunds", "held") == DONE
    first, second = traces()
    assert first == ("refunds hold", "on-call-2", "a test")
    assert second[0].endswith("by on-call-2: a test")
    assert second[1:] == ("on-call-2", "agrees")


@pytest.mark.parametrize(
    ("name", "switch"), [("clock", PynamoClockSwitch), ("openings", PynamoOpeningSwitch)]
)
def test_the_clock_and_openings_are_held_and_released_by_somebody_for_a_reason(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, switch: type[PynamoSwitch]
) -> None:
    assert run(name, "held") == DONE
    assert run(name, "hold", *WHY, "--dry-run") == DONE
    assert (switch().hold(), traces()) == (None, [])
    assert run(name, "hold", *WHY) == DONE
    assert run(name, "hold", *WHY) == run(name, "held") == DIFFERS
    assert "by on-call-2: a test" in capsys.readouterr().out
    assert PynamoRefundSwitch().hold() is None
    assert run(name, "release", "--why", "over", "--dry-run") == DONE
    assert switch().hold() is not None
    assert run(name, "release", "--why", "over") == DONE
    assert run(name, "release", "--why", "over") == DIFFERS
    assert [it[0].partition(",")[0] for it in traces()] == [f"{name} hold", f"{name} release"]


def test_openings_that_are_held_are_seen_in_the_read_of_an_order_that_is_for_one(run: Run) -> None:
    orders = PynamoOrderStore()
    orders.put(people.order("o-1"))

    def seen(*, for_opening: bool) -> bool:
        loaded = orders.load("o-1", for_opening=for_opening)
        assert loaded is not None
        return loaded.is_opening_held

    assert not seen(for_opening=True)
    assert run("openings", "hold", *WHY) == DONE
    assert seen(for_opening=True)
    assert not seen(for_opening=False)


def test_who_is_not_the_first_to_hold_or_release_refunds_is_not_said_to_have_done_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as raced:
        raced.setattr(PynamoRefundSwitch, "turn_off", lambda *_: False)
        assert run("refunds", "hold", *WHY) == DIFFERS
    assert run("refunds", "hold", "--why", "w" * 400) == DONE
    held = PynamoRefundSwitch().hold()
    assert held is not None
    assert held.note == "w" * 300
    capsys.readouterr()
    with monkeypatch.context() as raced:
        raced.setattr(PynamoRefundSwitch, "turn_on", lambda *_: False)
        assert run("refunds", "release", *WHY) == DIFFERS
    assert "Released" not in capsys.readouterr().out


def test_a_case_is_shown_with_what_its_order_gave_back(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    opened("one")
    assert run("case", "show", "dp-one") == DONE
    assert "ledger of the order: given back 0 by disputes, 0 elsewhere  paid at the opening " in (
        capsys.readouterr().out
    )


# --- mails ------------------------------------------------------------------------------------------------------------


def test_mails_are_held_and_released_by_the_stages_configuration_set(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = {"BuyerProtection-test-mail": True}

    class Ses:
        def get_configuration_set(self, **named: str) -> Any:
            return {"SendingOptions": {"SendingEnabled": sending[named["ConfigurationSetName"]]}}

        def put_configuration_set_sending_options(self, **named: Any) -> None:
            sending[named["ConfigurationSetName"]] = named["SendingEnabled"]

    ours = Here.client
    monkeypatch.setattr(
        Here,
        "client",
        lambda self, service, *more: Ses() if service == "sesv2" else ours(self, service, *more),
    )
    assert run("mails", "held") == DONE
    assert run("mails", "hold", *WHY, "--dry-run") == DONE
    assert run("mails", "held") == DONE
    assert run("mails", "hold", *WHY) == DONE
    assert run("mails", "hold", *WHY) == DIFFERS
    assert run("mails", "held") == DIFFERS
    assert run("mails", "release", *WHY) == DONE
    assert sending == {"BuyerProtection-test-mail": True}
    assert [it[0] for it in traces()] == ["mails hold", "mails release"]


def _mails() -> tuple[OutboxMail, OutboxMail, OutboxMail]:
    opened("one")
    kind = next(iter(MailKind))
    mails = tuple(OutboxMail("dp-one", number, Role.SELLER, kind) for number in (1, 2, 3))
    box = PynamoOutbox()
    box.add(mails)
    box.settle(mails[0], OPENED, message_id="m-1")
    box.settle(mails[1], OPENED, message_id=None, dropped=GIVEN_UP)
    box.settle(mails[2], OPENED, message_id=None, dropped="CASE_CLOSED")
    one, two, three = mails
    return one, two, three


def test_r23_what_was_given_up_is_sent_again_and_what_was_sent_only_where_it_is_named(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    _mails()
    box = PynamoOutbox()
    assert run("mails", "resend", "dp-one", *WHY, "--dry-run") == DONE
    assert (box.unsent("dp-one"), bodies_of("notifications")) == ([], [])
    assert run("mails", "resend", "dp-one", *WHY) == DONE
    assert [mail.seq for mail in box.unsent("dp-one")] == [2]
    assert bodies_of("notifications") == ['{"case_id": "dp-one"}']
    due = MailRow.get(*keys.mail("dp-one", 2, "SELLER"))
    assert due.due_key == keys.due_key("dp-one")
    assert due.attribute_values.get("dropped") is None
    assert run("mails", "resend", "dp-one", "--seq", "1", "--to", "BUYER", *WHY) == DIFFERS
    assert run("mails", "resend", "dp-one", "--seq", "1", *WHY) == DONE
    assert [mail.seq for mail in box.unsent("dp-one")] == [1, 2]
    assert run("mails", "resend", "dp-one", "dp-two", "--seq", "1", *WHY) == IMPOSSIBLE


def test_r23_a_mail_that_is_being_sent_is_left_alone(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    _mails()
    assert run("mails", "resend", "dp-one", *WHY) == DONE
    (mail,) = PynamoOutbox().unsent("dp-one")
    assert PynamoOutbox().lease(mail, datetime.now(UTC), 60)
    assert run("mails", "resend", "dp-one", *WHY) == DIFFERS
    assert "0 of 1 mails" in capsys.readouterr().out


# --- the audit, and the traces ----------------------------------------------------------------------------------------


class Functions:
    """Lambda, with these answers."""

    def __init__(self, *answers: Any, error: bool = False) -> None:
        self.answers, self.error, self.asked = list(answers), error, 0

    def invoke(self, **named: Any) -> Any:
        assert named == {"FunctionName": "BuyerProtection-test-audit_cases", "Payload": b"{}"}
        self.asked += 1
        said = io.BytesIO(json.dumps(self.answers.pop(0)).encode())
        return {"Payload": said, **({"FunctionError": "Unhandled"} if self.error else {})}


def audit_with(monkeypatch: pytest.MonkeyPatch, functions: Functions) -> None:
    ours = Here.client
    monkeypatch.setattr(
        Here,
        "client",
        lambda self, service, *more: functions if service == "lambda" else ours(self, service, *more),
    )


def test_an_audit_is_run_to_its_end_and_says_what_it_came_to(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    far = {"cases": 100, "disagreements": 0, "ended": False}
    functions = Functions(far, {"cases": 150, "disagreements": 2, "ended": True})
    audit_with(monkeypatch, functions)
    assert run("audit", "run", *WHY, "--dry-run") == DONE
    assert functions.asked == 0
    assert run("audit", "run", *WHY) == DIFFERS
    assert capsys.readouterr().out.splitlines()[-2:] == ["100 cases so far", "150 cases, 2 disagreements"]
    assert traces() == [("audit run: a new pass", "on-call-2", "a test")]


@pytest.mark.parametrize("functions", [Functions({}), Functions({"errorType": "X"}, error=True)])
def test_an_audit_that_cannot_be_run_says_why(
    run: Run, monkeypatch: pytest.MonkeyPatch, functions: Functions
) -> None:
    audit_with(monkeypatch, functions)
    assert run("audit", "run", *WHY) == IMPOSSIBLE
    assert audits.run.__doc__


def test_what_operators_did_is_listed_with_who_and_why(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("refunds", "hold", *WHY)
    capsys.readouterr()
    assert run("trace", "list") == DONE
    first, count = capsys.readouterr().out.splitlines()
    assert first.endswith("on-call-2  refunds hold  a test")
    assert count == "1 commands"
    assert run("trace", "list", "--since", "2999-01-01T00:00:00Z") == DONE
    assert capsys.readouterr().out == "0 commands\n"
    assert trace.operator() == "on-call-2"


def test_a_restored_table_does_not_say_whose_queues_there_are() -> None:
    assert Target("BuyerProtection-prod-cases", REGION).name_of("inbound") == "BuyerProtection-prod-inbound"
    assert Target("restored", REGION, stage="prod").name_of("inbound") == "BuyerProtection-prod-inbound"
    with pytest.raises(TargetError, match="--stage"):
        Target("restored", REGION).name_of("inbound")
