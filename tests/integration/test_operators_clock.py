"""`python -m ops clock extend` over moto: who gets time, who is left, what is written, and that once is enough."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buyer_protection.adapters.aws.system import SystemClock
from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.switches import PynamoClockSwitch
from buyer_protection.adapters.dynamodb.tables import StateRow, TimerRow
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.switches import Hold
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Status
from buyer_protection.domain.windows import due_at, wake_at
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.operators import WHY, Run, runner, traces
from tests.integration.people import OPENED

EXTEND = ("clock", "extend", "--run", "outage-7", "--hours", "48", *WHY)
NOW = OPENED + timedelta(days=1)


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(SystemClock, "now", lambda _self: NOW)
    return runner(monkeypatch)


def opened(name: str) -> Dispute:
    PynamoOrderStore().put(people.order(f"o-{name}"))
    change = people.opening(f"dp-{name}", order_id=f"o-{name}")
    PynamoCaseStore().commit(change, now=OPENED)
    return change.after


def case_of(name: str) -> Dispute:
    loaded = PynamoCaseStore().load(f"dp-{name}")
    assert loaded is not None
    return loaded.case


def test_every_case_of_a_status_gets_time_by_one_write_each(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [opened(name) for name in ("1", "2")]
    assert run(*EXTEND, "--status", "NEGOTIATION") == DONE
    said = capsys.readouterr().out
    assert said.endswith("2 moved, 0 moved before, 0 left, 0 unreadable\n")
    for case in before:
        after = case_of(case.dispute_id.removeprefix("dp-"))
        assert case.deadline is not None
        assert after.deadline == case.deadline + timedelta(hours=48)
        assert f"{case.dispute_id}: moved from 2026-" in said
        state, timer = StateRow.get(*keys.state(case.dispute_id)), TimerRow.get(*keys.timer(case.dispute_id))
        assert state.deadline == after.deadline
        assert (timer.wake_at, timer.due_at, timer.epoch) == (wake_at(after), due_at(after), case.epoch + 1)
        entry = PynamoCaseStore().timeline(case.dispute_id).items[-1]
        assert (entry.type, entry.person_id) == (EventType.TIME_GIVEN, None)
    assert traces() == [("clock extend --run outage-7 --hours 48 NEGOTIATION", "on-call-2", "a test")]


def test_the_entry_names_the_trace_of_the_command(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    opened("1")
    run(*EXTEND, "dp-1")
    run("trace", "list")
    trace_id = PynamoCaseStore().timeline("dp-1").items[-1].correlation_id
    assert trace_id
    assert f"  {trace_id}  on-call-2  clock extend" in capsys.readouterr().out


def test_the_same_run_again_moves_nothing_and_goes_on_where_it_was_stopped(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("1")
    assert run(*EXTEND, "dp-1") == DONE
    once = case_of("1")
    opened("2")
    capsys.readouterr()
    assert run(*EXTEND, "--status", "NEGOTIATION") == DONE
    assert capsys.readouterr().out.endswith("1 moved, 1 moved before, 0 left, 0 unreadable\n")
    assert case_of("1") == once


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = opened("1")
    assert run(*EXTEND, "--status", "NEGOTIATION", "--dry-run") == DONE
    said = capsys.readouterr().out
    assert said.startswith(
        "would: clock extend --run outage-7 --hours 48 NEGOTIATION\ndp-1: would move from "
    )
    assert said.endswith("1 to move, 0 moved before, 0 left, 0 unreadable\n")
    assert (case_of("1"), traces()) == (before, [])


def test_what_is_closed_or_over_or_not_there_is_left_and_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("over")
    monkeypatch.setattr(SystemClock, "now", lambda _self: OPENED + timedelta(days=15))
    assert run(*EXTEND, "dp-over", "dp-none") == DIFFERS
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "dp-over: left: This window has ended."
    assert said[1].startswith("dp-none: left: ")
    assert case_of("over").times_given == ()
    assert run(*EXTEND, "--status", "NEGOTIATION") == DIFFERS


def test_cases_opened_since_then_get_none(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    opened("1")
    words = (*EXTEND, "--status", "NEGOTIATION", "--opened-before")
    assert run(*words, OPENED.isoformat()) == DONE
    assert case_of("1").times_given == ()
    assert run(*words, (OPENED + timedelta(seconds=1)).isoformat()) == DONE
    assert [it.run for it in case_of("1").times_given] == ["outage-7"]


def test_q32_a_row_that_nobody_can_read_is_named_and_the_others_get_time(
    run: Run, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    opened("1")
    opened("bad")
    pk, sk = keys.state("dp-bad")
    table.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET #status = :word",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":word": {"S": "SLEEPING"}},
    )
    assert run(*EXTEND, "--status", "NEGOTIATION") == DIFFERS
    said = capsys.readouterr().out
    assert "dp-bad: left: unreadable: " in said
    assert said.endswith("1 moved, 0 moved before, 0 left, 1 unreadable\n")
    assert case_of("1").times_given


def test_another_change_that_comes_first_is_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened("1")
    commit, refused = PynamoCaseStore.commit, [ConflictingWriteError()]

    def busy(self: PynamoCaseStore, *given: Any, **named: Any) -> None:
        if refused:
            raise refused.pop()
        commit(self, *given, **named)

    monkeypatch.setattr(PynamoCaseStore, "commit", busy)
    assert run(*EXTEND, "dp-1") == DONE
    assert case_of("1").status is Status.NEGOTIATION
    assert case_of("1").times_given


def test_who_gives_the_command_must_be_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = opened("1")
    monkeypatch.delenv("OPERATOR")
    assert run(*EXTEND, "dp-1") == IMPOSSIBLE
    assert case_of("1") == before


@pytest.mark.parametrize(
    "words",
    [
        ("--run", "outage-7", "--hours", "0", "dp-1"),
        ("--run", "outage-7", "--hours", "721", "dp-1"),
        ("--run", "outage-7", "--hours", "1.5", "dp-1"),
        ("--run", "Outage 7", "--hours", "1", "dp-1"),
        ("--run", "outage-7", "dp-1"),
        ("--hours", "1", "dp-1"),
        ("--run", "outage-7", "--hours", "1", "--status", "UNDER_REVIEW"),
        ("--run", "outage-7", "--hours", "1", "--status", "RESOLVED"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        run("clock", "extend", *words, *WHY)
    assert refused.value.code == 2


def test_arguments_that_contradict_each_other_are_refused(run: Run) -> None:
    assert run(*EXTEND) == IMPOSSIBLE
    assert run(*EXTEND, "dp-1", "--opened-before", datetime.now(UTC).isoformat()) == IMPOSSIBLE
    assert traces() == []


def test_while_the_clock_is_held_dates_that_passed_since_then_are_moved_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened("1")
    assert before.deadline is not None
    since = before.deadline - timedelta(hours=1)
    assert PynamoClockSwitch().turn_off(Hold(since))
    late = before.deadline + timedelta(hours=2)
    monkeypatch.setattr(SystemClock, "now", lambda _self: late)
    assert run(*EXTEND, "dp-1") == DONE
    assert case_of("1").deadline == before.deadline + timedelta(hours=48)
    # Without the hold, what has ended is the clock's.
    opened("2")
    assert PynamoClockSwitch().turn_on(Hold(since))
    assert run(*EXTEND, "dp-2") == DIFFERS
