"""`python -m ops …` on the deployed stack: an operator sees what waits, and moves, holds and repeats it (D3, F6).

Mails are held for everybody, so that these tests wait until the stories are over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.domain import timeline
from local import aws
from ops.__main__ import DIFFERS, DONE
from tests.e2e.case import Case
from tests.e2e.conftest import Operate
from tests.e2e.waiting import instant, until, until_clock
from tests.e2e.world import World

pytestmark = pytest.mark.usefixtures("quiet")

WHY = ("--why", "a test")


@pytest.fixture
def operate(operate: Operate) -> Iterator[Operate]:
    """Whatever happens, mails go out again afterwards."""
    yield operate
    for name in ("mails", "clock", "openings"):
        operate(name, "release", *WHY)


def test_f6_what_a_queue_gave_up_is_seen_moved_back_and_dealt_with(
    world: World, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case.opened(world)
    sqs = aws.client(world.workspace, "sqs")
    name = f"{world.stack.table_name.removesuffix('cases')}notifications"
    failed = sqs.get_queue_url(QueueName=f"{name}-failed")["QueueUrl"]
    sqs.send_message(QueueUrl=failed, MessageBody=json.dumps({"case_id": case.dispute_id}))

    assert operate("queues", "list") == DIFFERS
    assert operate("dead-letters", "show", "notifications") == DONE
    assert f"case_id={case.dispute_id}" in capsys.readouterr().out
    until(
        "it is moved back",
        lambda: operate("queues", "redrive", "notifications", *WHY) == DONE and moved(capsys),
    )
    until("nothing waits", lambda: operate("queues", "list") == DONE)
    assert operate("trace", "list") == DONE
    assert "on-call-2  queues redrive notifications" in capsys.readouterr().out


def moved(capsys: pytest.CaptureFixture[str]) -> bool:
    return "1 messages are in notifications again" in capsys.readouterr().out


def test_cases_are_listed_and_shown(
    world: World, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case.opened(world)
    until("an execution waits", lambda: case.row("TIMER").get("task_token"))
    for words, expected in (
        (("cases", "list", "--status", "NEGOTIATION"), f"{case.dispute_id}  NEGOTIATION"),
        (("case", "show", case.dispute_id), "an execution waits"),
        (("case", "events", case.dispute_id), "BUYER  DISPUTE_OPENED"),
        (("case", "rows", case.dispute_id), "TL#00000001  Timeline"),
    ):
        assert operate(*words) == DONE
        assert expected in capsys.readouterr().out


def test_a_report_counts_what_was_opened_on_the_stack(world: World, operate: Operate, tmp_path: Path) -> None:
    before = timeline.instant(datetime.now(UTC))
    Case.opened(world)
    assert operate("report", "--since", before, "--to", str(tmp_path)) == DONE
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    # Other tests open cases meanwhile.
    assert found["opened"]["count"] == sum(found["opened"]["by_status_now"].values()) >= 1
    assert found["opened"]["by_reason"]["NOT_RECEIVED"] >= 1


def test_mails_are_held_released_and_sent_again(world: World, operate: Operate) -> None:
    assert operate("mails", "held") == DONE
    assert operate("mails", "hold", *WHY) == DONE
    assert operate("mails", "held") == DIFFERS
    assert operate("mails", "release", *WHY) == DONE
    case = Case.opened(world)
    first = until("the seller's mail left", lambda: (row := _mail(case)).get("status") == "SENT" and row)
    assert operate("mails", "resend", case.dispute_id, "--seq", "1", "--to", "SELLER", *WHY) == DONE
    # It leaves again, or is dropped as outdated: the case may have gone on.
    again = until(
        "it is dealt with again",
        lambda: (row := _mail(case)).get("settled_at", first["settled_at"]) != first["settled_at"] and row,
    )
    assert (again["attempts"], again["status"] in {"SENT", "DROPPED"}) == (1, True)


def test_while_the_clock_and_openings_are_held_no_step_is_taken_and_no_dispute_opened(
    world: World, operate: Operate
) -> None:
    case, other = Case.opened(world), Case(world)
    case.await_parked("NEGOTIATION")
    other.ship()
    assert operate("clock", "hold", *WHY) == operate("openings", "hold", *WHY) == DONE
    refused = world.client.post("buyer", "/v1/disputes", other.opening(), key="opened-while-held-000001")
    assert (refused.status, refused.code) == (503, "BUSY"), refused
    assert refused.headers["retry-after"] == "60"

    until_clock(instant(case.look()["escalation_available_at"]))
    assert until("the round sees it", lambda: world.sweep().get("deadlines_held"))
    until("the execution has looked, and sleeps on", lambda: _looked(case))
    assert [entry["type"] for entry in case.timeline()] == ["DISPUTE_OPENED"]
    # What people do goes on.
    case.offer("seller", 1_000)

    assert operate("clock", "release", *WHY) == operate("openings", "release", *WHY) == DONE
    world.sweep()
    happened = [entry["type"] for entry in case.timeline()]
    assert happened == ["DISPUTE_OPENED", "OFFER_MADE", "ESCALATION_AVAILABLE"]
    assert (
        world.client.post("buyer", "/v1/disputes", other.opening(), key="opened-while-held-000001").status
        == 201
    )


def _looked(case: Case) -> bool:
    """Whether the execution woke at the date, and waits again."""
    (run,) = case.world.runs(case.dispute_id)
    return run.states.count("AwaitSettlement") >= 2 and bool(case.row("TIMER").get("task_token"))


def _mail(case: Case) -> Any:
    return case.row("MAIL#00000001#SELLER")


def test_an_audit_runs_at_once(operate: Operate, capsys: pytest.CaptureFixture[str]) -> None:
    assert operate("audit", "run", *WHY) in {DONE, DIFFERS}
    assert " disagreements" in capsys.readouterr().out.splitlines()[-1]
