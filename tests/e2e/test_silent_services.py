"""Q31 on the deployed stack: Step Functions and SES accept and never answer for ten days of the policy, and no
execution runs any more. Every date is met within 120 seconds, and afterwards all is made good.

How time is scaled: a day of the policy has a few seconds here. Time-outs, breakers and the 120 seconds are those of
every stage; the sweeper, which comes once a minute, is called every few seconds as well, so that it comes several times
within ten such days.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from tests.e2e.case import TERMINAL, Case
from tests.e2e.checks import check_closed_well, check_sent_once
from tests.e2e.pace import patience
from tests.e2e.restarting import ADDRESS, cases_in_every_state
from tests.e2e.silence import silent_services
from tests.e2e.waiting import instant, until, utc_now
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
DAYS = 10
# Q1, Q31.
DEADLINE_SECONDS, EFFECT_SECONDS = 120, 300
ROUND_SECONDS = 5
LOOK_SECONDS = 0.5
RULING = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": "Nothing was shown."}


@dataclass
class Watch:
    """What was seen of cases' dates: how many passed and were met, and how late the latest was."""

    cases: Sequence[Case]
    met: int = 0
    latest: float = 0.0
    _dates: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> bool:
        """Read every alarm once; whether none is overdue. What is overdue counts as late as it is now."""
        in_time = True
        for case in self.cases:
            at = case.row("TIMER").get("wake_at")
            date, now = (instant(str(at)) if at else None), utc_now()
            before = self._dates.get(case.dispute_id)
            if before is not None and before != date and before <= now:
                self.met += 1
            if date is not None and date <= now:
                in_time = False
                self.latest = max(self.latest, (now - date).total_seconds())
            if date is None:
                self._dates.pop(case.dispute_id, None)
            else:
                self._dates[case.dispute_id] = date
        return in_time


@contextmanager
def rounds_of_the_sweeper(world: World) -> Iterator[None]:
    """The sweeper comes every few seconds."""
    over = threading.Event()

    def sweep() -> None:
        while not over.wait(ROUND_SECONDS):
            # A round that is under way while its function is pointed elsewhere ends with its process.
            try:
                world.sweep()
            except (AssertionError, ClientError):
                continue

    thread = threading.Thread(target=sweep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_q31_silent_step_functions_and_ses_delay_no_date_and_everything_is_made_good(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """R15, R22, R23, R24, R36."""
    waiting = cases_in_every_state(world)
    cases = waiting.all()
    with rounds_of_the_sweeper(world):
        with silent_services(world) as silence:
            began = utc_now()
            for case in cases:
                world.stop_execution(case.dispute_id)
            cases += [Case.opened(world), Case.opened(world, "NOT_AS_DESCRIBED")]
            agreed = cases[-1]
            agreed.act("buyer", f"offers/{agreed.offer('seller', 1_000, 'REFUND_WITH_RETURN')}/accept")
            agreed.act("seller", "return/address", ADDRESS)
            waiting.negotiation.escalate()
            watch = Watch(cases)
            _ten_days(world, watch, began)
            lasted = (utc_now() - began).total_seconds()
            asked = {name: silence.asked(name) for name in ("SFN", "SESV2")}
        healed = utc_now()
        until("every case with a date has an execution", lambda: all(map(_is_watched, cases)), EFFECT_SECONDS)
        executions = (utc_now() - healed).total_seconds()
        until("every mail is settled", lambda: not any(map(_unsent, cases)), patience(EFFECT_SECONDS))
        mails = (utc_now() - healed).total_seconds()
    with capsys.disabled():
        print(
            f"\n{len(cases)} cases, silent for {lasted:.0f} s ({lasted / world.day:.1f} policy days of "
            f"{world.day:g} s): {watch.met} dates met, the latest {watch.latest:.1f} s late; asked in vain: "
            f"{asked['SFN']} times Step Functions, {asked['SESV2']} times SES; afterwards each case with a date had an "
            f"execution after {executions:.0f} s, every mail was settled after {mails:.0f} s"
        )
    assert all(asked.values()), asked
    assert watch.met >= len(waiting.all())
    assert watch.latest < DEADLINE_SECONDS
    _all_end_right(cases)


def _ten_days(world: World, watch: Watch, began: datetime) -> None:
    """Look at the cases until ten days are over, and what became due in them is met or has been late for too long."""
    pause = threading.Event()
    while True:
        in_time, now = watch.look(), utc_now()
        over = (now - began).total_seconds() > DAYS * world.day
        if over and (in_time or watch.latest > DEADLINE_SECONDS):
            return
        pause.wait(LOOK_SECONDS)


def _is_watched(case: Case) -> bool:
    """Whether an execution waits for the case, or there is nothing to wait for: it is over, or it waits for the team
    alone, which has missed its date (R24)."""
    if case.status in TERMINAL or not case.row("TIMER").get("wake_at"):
        return True
    runs = case.world.runs(case.dispute_id)
    return bool(runs) and runs[-1].status == "RUNNING"


def _unsent(case: Case) -> bool:
    return any(row["status"] == "PENDING" for row in case.outbox())


def _all_end_right(cases: Sequence[Case]) -> None:
    """Each mail once, each case at a right end: its clock's, the team's, or the buyer's, who cancels."""
    for case in cases:
        until(f"{case.dispute_id} is over", lambda case=case: _ended(case), seconds=30 * case.world.day)
    for case in cases:
        file = case.finished(may_lack_execution=True)
        outcome = file.buyer["outcome"]
        refund = outcome["refund"]["amount_minor"]
        status = file.buyer["status"]
        check_closed_well(file, status=status, outcome=outcome["code"], refund=refund, by_sweeper=True)
        check_sent_once(file)


def _ended(case: Case) -> bool:
    """Whether the case is over; whoever can end it does."""
    match case.status:
        case "NEGOTIATION":
            case.post("buyer", "cancel", {"acknowledge_consequences": True})
        case "UNDER_REVIEW":
            case.post("case_manager", "claim/decision", RULING)
    return case.status in TERMINAL
