"""A test lets time pass for one case, on stages with `emulated` alone: from the opening to the end without waiting."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import moved_clock
from buyer_protection.application.actions.moved_clock import MoveClockRequest
from buyer_protection.application.workers import clock
from buyer_protection.domain import moved_clock as rule
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from buyer_protection.domain.windows import CONTRACT, Alarm
from tests.support.builders import DAY, case_in
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, SHOP, call, doc, world_in

OPEN = [status for status in Status if not case_in(status).is_closed]


def moved(of: World, **request: Any) -> dict[str, Any]:
    return doc(moved_clock.move_test_clock(of.context, call(SHOP), CASE, MoveClockRequest(**request)))


def wakes(of: World) -> Dispute:
    """What its execution does where it is awake."""
    clock.close_window(of.context.cases, of.context.clock, Alarm(CASE, 1, CONTRACT, "NEGOTIATION", 1, 1))
    loaded = of.context.cases.load(CASE)
    assert loaded is not None
    return loaded.case


def test_fifteen_days_pass_and_the_case_escalates_by_itself() -> None:
    of = world_in(Status.NEGOTIATION)
    before = of.context.cases.load(CASE)
    assert before is not None
    assert wakes(of).status is Status.NEGOTIATION

    assert moved(of, advance=15 * DAY)["status"] == "NEGOTIATION"
    after = wakes(of)

    assert after.status is Status.CLAIM_EVIDENCE
    assert after.escalated_at == of.clock.at
    assert after.epoch > before.case.epoch


def test_a_case_moves_to_an_instant_that_it_shows() -> None:
    of = world_in(Status.NEGOTIATION)
    loaded = of.context.cases.load(CASE)
    assert loaded is not None

    shown = moved(of, to=loaded.case.negotiation_due_at)

    assert datetime.fromisoformat(shown["negotiation_due_at"]) == of.clock.at


def test_a_day_is_the_policys_however_long_it_is() -> None:
    case = case_in(Status.NEGOTIATION)
    short = replace(case, policy=replace(case.policy, day_seconds=4))
    of = world_in(Status.NEGOTIATION)
    of.cases_kept[CASE] = short

    shown = moved(of, advance=2 * DAY)

    assert datetime.fromisoformat(shown["opened_at"]) == case.opened_at - timedelta(seconds=8)


@pytest.mark.parametrize("status", OPEN)
def test_every_instant_of_the_case_moves_and_its_timeline_holds(status: Status) -> None:
    case, span = case_in(status), 3 * DAY
    now = (case.updated_at or case.opened_at) + timedelta(hours=1)
    change = rule.move_clock(case, span, now)

    assert change.entry.type is EventType.CLOCK_MOVED
    assert change.entry.data == {"advanced_ms": span // timedelta(milliseconds=1)}
    assert (change.entry.seq, change.entry.prev_hash) == (case.timeline_seq + 1, case.timeline_hash)
    assert change.after.timeline_hash == change.entry.hash
    assert change.after.status is case.status
    for field in fields(Dispute):
        kept, at = getattr(case, field.name), getattr(change.after, field.name)
        if isinstance(kept, datetime) and field.name not in ("updated_at", "reminded_until"):
            assert at == kept - span, field.name


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_r25_the_clock_of_a_closed_case_has_stopped(status: Status) -> None:
    with pytest.raises(ConflictError) as refused:
        moved(world_in(status), advance=DAY)
    assert refused.value.code == "DISPUTE_CLOSED"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"advance": DAY, "to": datetime.fromisoformat("2026-03-20T12:00:00Z")},
        {"advance": timedelta()},
        {"advance": -DAY},
        {"advance": 400 * DAY},
        {"to": datetime.fromisoformat("2001-01-01T00:00:00Z")},
    ],
)
def test_time_passes_forwards_by_one_of_the_two(request_: dict[str, Any]) -> None:
    of = world_in(Status.NEGOTIATION)
    writes = of.writes
    with pytest.raises(InvalidRequestError):
        moved(of, **request_)
    assert of.writes == writes


@pytest.mark.parametrize("caller", [BUYER, SELLER, MANAGER])
def test_nobody_but_the_backend_moves_a_clock(caller: Any) -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(ForbiddenError):
        moved_clock.move_test_clock(of.context, call(caller), CASE, MoveClockRequest(advance=DAY))


def test_a_case_that_there_is_not_has_no_clock() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(NotFoundError):
        moved_clock.move_test_clock(of.context, call(SHOP), "dp-404", MoveClockRequest(advance=DAY))
