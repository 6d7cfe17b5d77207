"""Q31 on the deployed stack: Step Functions and SES accept and never answer for ten days of the policy, and no
execution runs any more. Every date is met within 120 seconds, and afterwards all is made good.

How time is scaled: a day of the policy has a few seconds here. Time-outs, breakers and the 120 seconds are those of
every stage; the sweeper, which comes once a minute, is called every few seconds as well, so that it comes several times
within ten such days.
"""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from tests.e2e.case import Case
from tests.e2e.pace import patience
from tests.e2e.restarting import ADDRESS, cases_in_every_state
from tests.e2e.silence import silent_services
from tests.e2e.waiting import until, utc_now
from tests.e2e.watching import Watch, check_all_end_right, is_watched, rounds_of_the_sweeper, unsent
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
DAYS = 10
# Q1, Q31.
DEADLINE_SECONDS, EFFECT_SECONDS = 120, 300
LOOK_SECONDS = 0.5


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
        until("every case with a date has an execution", lambda: all(map(is_watched, cases)), EFFECT_SECONDS)
        executions = (utc_now() - healed).total_seconds()
        until("every mail is settled", lambda: not any(map(unsent, cases)), patience(EFFECT_SECONDS))
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
    check_all_end_right(cases)


def _ten_days(world: World, watch: Watch, began: datetime) -> None:
    """Look at the cases until ten days are over, and what became due in them is met or has been late for too long."""
    pause = threading.Event()
    while True:
        in_time, now = watch.look(), utc_now()
        over = (now - began).total_seconds() > DAYS * world.day
        if over and (in_time or watch.latest > DEADLINE_SECONDS):
            return
        pause.wait(LOOK_SECONDS)
