"""A second deployment under way: other versions of all functions, cases in flight, and people who go on calling."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local import stack
from local.client import ANONYMOUS
from tests.e2e.case import Case
from tests.e2e.checks import check_closed_well, check_sent_once
from tests.e2e.pace import DAY_SECONDS
from tests.e2e.warming import warm_up
from tests.e2e.world import World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
ORIGIN = "http://localhost:3000"
OK = "OK"


@contextmanager
def calling(world: World, path: str, answers: Counter[str]) -> Iterator[None]:
    """Somebody reads the case without a pause until the end of the block. Counts OK, and what else was answered."""
    over = threading.Event()

    def call() -> None:
        while not over.is_set():
            answer = world.client.get("buyer", path)
            answers[OK if answer.status == 200 else f"{answer.status} {answer.body}"] += 1

    caller = threading.Thread(target=call)
    caller.start()
    try:
        yield
    finally:
        over.set()
        caller.join()


def test_cases_in_flight_and_people_who_call_do_not_notice_a_deployment(world: World) -> None:
    left_alone, cancelled, accepted = (Case.opened(world) for _ in range(3))
    for case in (left_alone, cancelled, accepted):
        case.await_parked("NEGOTIATION")
    before = versions(world)
    answers: Counter[str] = Counter()

    with calling(world, left_alone.path, answers):
        # Another setting of every function, which is another version of each.
        info = stack.up(
            world.workspace, day_seconds=DAY_SECONDS, origins=(ORIGIN,), report=lambda _line: None
        )

    assert info.api_url == world.stack.api_url
    assert set(answers) == {OK}, answers
    assert answers[OK] > 10
    after = versions(world)
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)
    asked = world.client.call(ANONYMOUS, "OPTIONS", left_alone.path, headers={"origin": ORIGIN})
    assert asked.headers["access-control-allow-origin"] == ORIGIN

    cancelled.act("buyer", "cancel", {"acknowledge_consequences": True})
    accepted.act("seller", "accept-request")
    for case, status, outcome, refund in (
        (cancelled, "CANCELLED", "CANCELLED_BY_BUYER", 0),
        (accepted, "RESOLVED", "AGREED_FULL_REFUND", 5_000),
        (left_alone, "CANCELLED", "CANCELLED_NO_EVIDENCE", 0),
    ):
        file = case.finished()
        check_closed_well(file, status=status, outcome=outcome, refund=refund)
        check_sent_once(file)
    # For the tests that follow on this stack.
    warm_up(world)


def versions(world: World) -> dict[str, str]:
    """The version that callers get, by the function's name."""
    pages = world.functions.get_paginator("list_functions").paginate()
    names = [it["FunctionName"] for page in pages for it in page["Functions"]]
    return {
        name: str(alias["FunctionVersion"])
        for name in names
        for alias in world.functions.list_aliases(FunctionName=name)["Aliases"]
    }
