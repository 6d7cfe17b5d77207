"""The clock's road (R15, R22, R24, R36): early, late, twice, and beside a person at the same instant."""

from collections.abc import Callable
from datetime import datetime

import pytest

from buyer_protection.application.actions import claim, negotiation
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.schemas.requests import EvidenceWindowRequest
from buyer_protection.application.workers.clock import CaseMissingError, close_window, next_alarm
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.errors import ConflictError, ContentionError, DisputeError
from buyer_protection.domain.timeline import first_break
from buyer_protection.domain.windows import Alarm
from tests.support.builders import DAY, OPENED, SECOND
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    cancel,
    case_of,
    escalate,
    evidence,
    offer,
    opened,
    tick,
    wait_until_due,
    world,
    world_in,
)

WINDOWED = [Status.NEGOTIATION, Status.CLAIM_EVIDENCE, Status.AWAITING_RETURN, Status.RETURN_SHIPPED]


def due(of: World) -> datetime:
    deadline = case_of(of).deadline
    assert deadline is not None
    return deadline


@pytest.mark.parametrize("status", [*WINDOWED, Status.UNDER_REVIEW])
def test_r15_waking_early_changes_no_status_and_says_how_long_to_sleep(status: Status) -> None:
    of = world_in(status)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - SECOND
    alarm = tick(of)
    assert case_of(of).status is status
    assert (alarm.seconds, alarm.epoch, alarm.dispute_id, alarm.generation) == (1, case_of(of).epoch, CASE, 1)


@pytest.mark.parametrize("status", [*WINDOWED, Status.UNDER_REVIEW])
def test_r15_waking_twice_or_late_does_once_what_is_due(status: Status) -> None:
    of = world_in(status)
    first = wait_until_due(of)
    writes, case = of.writes, case_of(of)
    assert (tick(of), tick(of)) == (first, first)
    assert (of.writes, case_of(of)) == (writes, case)
    assert first_break(of.timeline[CASE]) is None or status is Status.RETURN_SHIPPED


def test_r15_a_clock_that_slept_through_everything_catches_up_in_one_call() -> None:
    of = world()
    opened(of)
    of.clock.at = OPENED + 15 * DAY
    assert tick(of).status == "CLAIM_OPENED"
    of.clock.at = OPENED + 400 * DAY
    assert tick(of).status == "CANCELLED"
    kinds = [entry.type.value for entry in of.timeline[CASE]]
    assert kinds == ["DISPUTE_OPENED", "ESCALATED", "CANCELLED"]


def test_r24_a_review_nobody_decides_is_noted_once_and_looked_at_again_in_a_month() -> None:
    of = world_in(Status.UNDER_REVIEW)
    alarm = wait_until_due(of)
    assert (alarm.status, alarm.seconds) == ("UNDER_REVIEW", 30 * 86_400)
    assert [e.type.value for e in of.timeline[CASE]].count("DEADLINE_MISSED") == 1
    of.clock.at += 30 * DAY
    writes = of.writes
    tick(of)
    assert of.writes == writes


def test_r15_an_alarm_for_a_case_that_is_not_there_is_somebodys_mistake() -> None:
    of = world()
    with pytest.raises(CaseMissingError):
        close_window(of.cases, of.clock, Alarm("dp-9", 1, 1, "NEGOTIATION", 1, 1))


def test_r15_an_alarm_of_an_old_epoch_and_another_generation_decides_nothing_by_itself() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    alarm = close_window(of.cases, of.clock, Alarm(CASE, 7, 1, "NEGOTIATION", 1, 1))
    assert (alarm.generation, alarm.status, alarm.epoch) == (7, "CLAIM_OPENED", 2)
    assert case_of(of).status is Status.CLAIM_EVIDENCE


def again_in(of: World) -> Callable[[], None]:
    """Somebody else comes first, every time."""

    def again() -> None:
        of.before_commit = again
        raise ConflictingWriteError

    return again


Act = Callable[[World], object]
RACES: dict[str, tuple[Status, Act]] = {
    "escalate": (Status.NEGOTIATION, escalate),
    "accept": (Status.NEGOTIATION, lambda w: negotiation.accept_request(w.context, call(SELLER), CASE)),
    "cancel": (Status.NEGOTIATION, cancel),
    "offer": (Status.NEGOTIATION, lambda w: offer(w, SELLER, 500)),
    "evidence": (Status.CLAIM_EVIDENCE, lambda w: evidence(w, SELLER)),
    "extend": (
        Status.CLAIM_EVIDENCE,
        lambda w: claim.set_evidence_window(
            w.context, call(MANAGER), CASE, EvidenceWindowRequest(w.clock.at + 5 * DAY)
        ),
    ),
}


@pytest.mark.parametrize("name", RACES)
def test_r15_at_the_due_instant_the_clock_wins_against_a_person_who_comes_first(name: str) -> None:
    status, act = RACES[name]
    of = world_in(status)
    of.clock.at = due(of)
    with pytest.raises(ConflictError) as refused:
        act(of)
    assert refused.value.code == "TOO_LATE"
    assert case_of(of).status is status
    tick(of)
    assert case_of(of).status is not status


@pytest.mark.parametrize("name", RACES)
def test_r15_a_person_who_read_before_the_due_instant_and_writes_after_the_clock_loses(name: str) -> None:
    status, act = RACES[name]
    of = world_in(status)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - SECOND
    tick(of)

    def the_clock_first() -> None:
        of.clock.at = deadline
        tick(of)

    of.before_commit = the_clock_first
    before = case_of(of).version
    try:
        act(of)
    except DisputeError:
        lost = True
    else:
        lost = False
    case = case_of(of)
    assert (
        case.escalated_by is Role.SYSTEM if status is Status.NEGOTIATION else case.status is Status.CANCELLED
    )
    # What is still allowed in the new status may follow; what is not was refused and wrote nothing.
    assert case.version == before + (1 if lost else 2)
    assert first_break(of.timeline[CASE]) is None


@pytest.mark.parametrize("name", RACES)
def test_r15_a_clock_that_read_before_a_person_wrote_decides_anew(name: str) -> None:
    status, act = RACES[name]
    of = world_in(status)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - SECOND
    tick(of)

    def the_person_first() -> None:
        of.clock.at = deadline - SECOND
        act(of)
        of.clock.at = deadline

    of.clock.at = deadline
    of.before_commit = the_person_first
    tick(of)
    entries = [entry.type.value for entry in of.timeline[CASE]]
    ended = {
        "escalate": "ESCALATED",
        "accept": "OFFER_ACCEPTED",
        "cancel": "CANCELLED",
        "extend": "EVIDENCE_WINDOW_SET",
    }
    last = {"offer": "ESCALATED", "evidence": "REVIEW_STARTED"} | ended
    assert entries[-1] == last[name]
    assert first_break(of.timeline[CASE]) is None


def test_r15_who_is_always_beaten_gives_up_without_having_changed_anything() -> None:
    of = world_in(Status.NEGOTIATION)
    of.clock.at = due(of)
    version = case_of(of).version

    of.before_commit = again_in(of)
    with pytest.raises(ContentionError):
        tick(of)
    assert case_of(of).version == version
    of = world_in(Status.CLAIM_EVIDENCE)
    of.before_commit = again_in(of)
    with pytest.raises(ContentionError):
        open_mediation(of.cases, of.orders, of.clock, next_alarm(case_of(of), 1, of.clock.at))
    assert not of.briefs


def test_r23_opening_the_mediation_twice_is_once_and_keeps_the_brief() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    asked = next_alarm(case_of(of), 1, of.clock.at)
    assert asked.status == "CLAIM_OPENED"
    first = open_mediation(of.cases, of.orders, of.clock, asked)
    assert (first.status, first.epoch) == ("CLAIM_EVIDENCE", asked.epoch)
    writes = of.writes
    assert open_mediation(of.cases, of.orders, of.clock, asked) == first
    assert of.writes == writes
    assert case_of(of).mediation_opened_at == of.clock.at
    assert of.briefs[CASE]["suggestion"]["outcome"] == "BUYER_FAVOUR"
    entry = of.timeline[CASE][-1]
    assert (entry.type.value, entry.actor.actor_id) == ("MEDIATION_OPENED", "mediation")
    # R45: what it suggests lies with the brief alone.
    assert dict(entry.data) == {}


def test_r23_a_mediation_beside_somebody_elses_change_is_opened_all_the_same() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    of.before_commit = lambda: evidence(of, BUYER)
    open_mediation(of.cases, of.orders, of.clock, next_alarm(case_of(of), 1, of.clock.at))
    assert case_of(of).mediation_opened_at is not None
    assert of.briefs[CASE]["evidence"]["buyer"][0]["evidence_id"] == "ev-1"


def test_r23_a_claim_that_is_over_before_the_mediation_came_needs_none() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    asked = next_alarm(case_of(of), 1, of.clock.at)
    cancel(of)
    assert open_mediation(of.cases, of.orders, of.clock, asked).status == "CANCELLED"
    assert not of.briefs
    with pytest.raises(CaseMissingError):
        open_mediation(of.cases, of.orders, of.clock, Alarm("dp-9", 1, 1, "CLAIM_OPENED", 1, 1))
