"""Time given back on the stack: after `ops clock extend` a case ends at the new date, not at the old one, and both
parties are informed once, in their languages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local.client import Mail
from ops.__main__ import DONE
from tests.e2e.case import Case
from tests.e2e.conftest import Operate
from tests.e2e.waiting import instant, until, until_clock, utc_now
from tests.e2e.world import World

pytestmark = pytest.mark.verify

# Four days of the policy: the negotiation has fifteen.
HOURS = 96
ASLEEP = "AwaitSettlement"
WHY = ("--why", "the API was down")
SUBJECTS = {"buyer": "Você tem mais tempo", "seller": "You have more time"}


def test_a_case_ends_at_the_date_that_it_was_given_and_both_parties_know_it(
    world: World, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case.opened(world)
    case.await_parked("NEGOTIATION")
    old = instant(case.look()["negotiation_due_at"])
    new = old + timedelta(seconds=world.day * HOURS / 24)
    extend = ("clock", "extend", case.dispute_id, "--run", "outage-7", "--hours", str(HOURS), *WHY)

    assert operate(*extend, "--dry-run") == DONE
    assert instant(case.look()["negotiation_due_at"]) == old
    assert operate(*extend) == DONE
    assert operate(*extend) == DONE
    assert "1 moved before" in capsys.readouterr().out
    assert instant(case.look("seller")["negotiation_due_at"]) == new

    _waits_past(case, old)
    case.await_status("CLAIM_EVIDENCE")
    timeline = case.timeline()
    (given,) = [entry for entry in timeline if entry["type"] == "TIME_GIVEN"]
    (escalated,) = [entry for entry in timeline if entry["type"] == "ESCALATED"]
    assert (given["actor"]["id"], given["data"]["run"]) == ("operator", "outage-7")
    assert (instant(given["data"]["due_at"]), instant(given["data"]["previous_due_at"])) == (new, old)
    assert escalated["data"]["escalated_by"] == "SYSTEM"
    assert instant(escalated["at"]) >= new
    case.await_parked("CLAIM_EVIDENCE")
    _was_woken(world, case, instant(given["at"]), old, new)
    for party, subject in SUBJECTS.items():
        (mail,) = until(f"the mail to the {party}", lambda party=party: _mails(world, case, party))
        assert subject in mail.subject
        assert f"{new:%Y-%m-%d %H:%M:%S} UTC" in mail.text


def _waits_past(case: Case, old: datetime) -> None:
    """Two days of the policy after the old date nobody has ended the window: no execution, and no sweeper either."""
    until_clock(old + timedelta(seconds=case.world.day))
    case.world.sweep()
    until_clock(old + timedelta(seconds=2 * case.world.day))
    assert case.status == "NEGOTIATION", utc_now()
    assert case.row("TIMER")["task_token"]


def _was_woken(world: World, case: Case, given_at: datetime, old: datetime, new: datetime) -> None:
    """The history: one execution, woken by the change from its sleep until the old date, asleep until the new one."""
    (run,) = world.runs(case.dispute_id)
    entered = _entered(world, case, run.generation)
    assert any(name == ASLEEP and given_at <= at < old for name, at in entered)
    assert {name for name, at in entered if at < new} <= {"CloseWindow", "Route", ASLEEP, "NotifyParties"}
    assert any(name == "AwaitEvidence" and at >= new for name, at in entered)


def _entered(world: World, case: Case, generation: int) -> list[tuple[str, datetime]]:
    """Each state that the case's execution entered, and when."""
    arn = world.execution_arn(case.dispute_id, generation)
    pages = world.machine.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"] if "stateEnteredEventDetails" in event]
    return [(event["stateEnteredEventDetails"]["name"], event["timestamp"]) for event in events]


def _mails(world: World, case: Case, party: str) -> list[Mail]:
    return [mail for mail in world.mails_to(case.address(party)) if SUBJECTS[party] in mail.subject]
