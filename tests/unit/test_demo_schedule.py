"""The demo's scheduler: scripts side by side, each going on at the instants it asks for."""

import threading
from datetime import datetime, timedelta

import pytest

from local.demo.schedule import Scheduler, Script, utc_now

SOON = timedelta(milliseconds=20)


def test_scripts_go_on_at_their_instants_and_in_that_order() -> None:
    seen: list[str] = []
    asked: list[datetime] = []

    def script(name: str, delay: timedelta) -> Script:
        until = utc_now() + delay
        asked.append(until)
        yield until
        assert utc_now() >= until
        seen.append(name)

    failures = Scheduler(workers=2).run({"late": script("late", 3 * SOON), "early": script("early", SOON)})
    assert failures == {}
    assert seen == ["early", "late"]


def test_a_script_that_fails_keeps_no_other_back() -> None:
    seen: list[str] = []

    def failing() -> Script:
        yield utc_now()
        raise LookupError("nothing there")

    def working() -> Script:
        yield utc_now() + SOON
        seen.append("done")

    failures = Scheduler(workers=1).run({"bad": failing(), "good": working()})
    assert seen == ["done"]
    assert [type(failure) for failure in failures.values()] == [LookupError]


def test_no_more_than_the_workers_act_at_the_same_time() -> None:
    lock, acting, most = threading.Lock(), 0, 0

    def script() -> Script:
        nonlocal acting, most
        for _ in range(3):
            with lock:
                acting += 1
                most = max(most, acting)
            threading.Event().wait(0.003)
            with lock:
                acting -= 1
            yield utc_now()

    Scheduler(workers=3).run({str(number): script() for number in range(12)})
    assert 1 <= most <= 3


def test_an_interrupt_leaves_the_waiting_scripts() -> None:
    def sleeper() -> Script:
        yield utc_now() + timedelta(hours=1)

    waits: list[str] = []

    class Interrupting(Scheduler):
        def _start_next(self, pool: object) -> bool:
            if waits:
                raise KeyboardInterrupt
            return super()._start_next(pool)  # type: ignore[arg-type]

    scheduler = Interrupting(workers=1, on_wait=lambda name, _until: waits.append(name))
    with pytest.raises(KeyboardInterrupt):
        scheduler.run({"sleeper": sleeper()})
