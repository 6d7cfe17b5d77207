"""D4, R44: a decision that is late is mailed to both once, and published; no mail names the date that has passed."""

from datetime import timedelta

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import claim, messages
from buyer_protection.application.schemas.requests import EvidenceQuestionRequest, MessageRequest
from buyer_protection.domain.enums import EventType, EvidenceType, Status
from tests.support.fakes import World
from tests.unit.application.delivering import deliver, dropped
from tests.unit.application.helpers import (
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    decide,
    tick,
    wait_until_due,
    world_in,
)
from tests.unit.application.mail_lives import mails_of, view

BOTH_LATE = {("BUYER", "DECISION_LATE"): 1, ("SELLER", "DECISION_LATE"): 1}


def late() -> World:
    of = world_in(Status.UNDER_REVIEW)
    deliver(of)
    wait_until_due(of)
    return of


def test_d4_both_hear_of_it_once_however_often_the_clock_looks() -> None:
    of = late()
    assert deliver(of) == BOTH_LATE
    for _ in range(5):
        of.clock.at += timedelta(days=1)
        tick(of)
        assert deliver(of) == {}
    overdue = [event for event in of.bus.published if event.type == "DecisionOverdue"]
    assert [event.detail["due_at"] for event in overdue] == [
        next(entry for entry in of.timeline[CASE] if entry.type is EventType.DEADLINE_MISSED).data["due_at"]
    ]


def test_d4_a_decision_that_comes_before_the_mail_leaves_makes_it_pointless() -> None:
    of = late()
    decide(of)
    assert set(deliver(of)) == {("BUYER", "DECIDED"), ("SELLER", "DECIDED")}
    assert {("BUYER", "DECISION_LATE", "CASE_CLOSED"), ("SELLER", "DECISION_LATE", "CASE_CLOSED")} <= dropped(
        of
    )


def test_d4_a_new_evidence_window_makes_the_mail_pointless_and_the_next_date_can_be_late_too() -> None:
    of = late()
    question = EvidenceQuestionRequest(
        "SELLER", [EvidenceType.PROOF_OF_SHIPMENT], of.clock.at + timedelta(days=2), "Which parcel?"
    )
    claim.request_evidence(of.context, call(MANAGER), CASE, question)
    assert ("BUYER", "DECISION_LATE") not in deliver(of)
    assert ("BUYER", "DECISION_LATE", "WINDOW_OVER") in dropped(of)
    wait_until_due(of)
    deliver(of)
    wait_until_due(of)
    assert deliver(of) == BOTH_LATE


def test_d4_no_mail_of_a_late_case_names_the_date_that_has_passed() -> None:
    of = late()
    missed = case_of(of).decision_due_at
    assert missed is not None
    of.clock.at += timedelta(hours=1)
    messages.send_message(of.context, call(SELLER), CASE, MessageRequest("Any news?"))
    *_, late_mail, _, message = mails_of(of.cases.dossier(CASE))
    for mail in (late_mail, message):
        assert (view(of, mail).due_at, view(of, mail).window) == (None, None)
    assert f"{missed:%Y-%m-%d %H:%M:%S} UTC" not in render(view(of, message)).text
