"""Each mail once, and only while it is worth reading: reminders, endings, messages, and what a late mail says
(R5, R15, R22, R23, R25, R36).
"""

from collections import Counter
from datetime import timedelta

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import claim, negotiation
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.schemas.requests import EvidenceWindowRequest
from buyer_protection.domain.enums import Action, OfferType, Reason, Role, Status
from tests.support.builders import DAY
from tests.unit.application.delivering import a_day_before, deliver, dropped
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    acknowledged,
    address_confirmed,
    call,
    cancel,
    case_of,
    evidence,
    offer,
    return_delivered,
    return_shipped,
    tick,
    wait_until_due,
    world_in,
)
from tests.unit.application.mail_lives import mails_of, read, view, write

# --- reminders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "whom"),
    [
        (Status.NEGOTIATION, "REMINDER_NEGOTIATION", {"SELLER"}),
        (Status.CLAIM_EVIDENCE, "REMINDER_EVIDENCE", {"BUYER", "SELLER"}),
        (Status.AWAITING_RETURN, "REMINDER_RETURN_SHIPMENT", {"SELLER"}),
        (Status.RETURN_SHIPPED, "REMINDER_RETURN_RECEIPT", {"SELLER"}),
    ],
)
def test_r23_a_reminder_leaves_a_day_before_the_date_once_to_who_must_act(
    status: Status, kind: str, whom: set[str]
) -> None:
    of = world_in(status)
    deliver(of)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - DAY - timedelta(milliseconds=1)
    for _ in range(3):
        tick(of)
    assert not {key for key in deliver(of) if key[1] == kind}
    for _ in range(3):
        of.clock.at = max(of.clock.at, deadline - DAY)
        tick(of)
        of.clock.at += timedelta(hours=1)
    assert {key: n for key, n in deliver(of).items() if key[1] == kind} == dict.fromkeys(
        ((who, kind) for who in whom), 1
    )


def test_r22_who_gave_evidence_after_the_clock_looked_is_not_reminded_of_it() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    deliver(of)
    a_day_before(of)
    evidence(of, BUYER)
    sent = deliver(of)
    assert sent[("SELLER", "REMINDER_EVIDENCE")] == 1
    assert ("BUYER", "REMINDER_EVIDENCE") not in sent
    assert ("BUYER", "REMINDER_EVIDENCE", "DONE_ALREADY") in dropped(of)


def test_r15_who_answered_after_the_clock_looked_is_not_reminded_to_answer() -> None:
    of = world_in(Status.NEGOTIATION)
    deliver(of)
    a_day_before(of)
    offer(of, SELLER)
    assert deliver(of) == Counter({("BUYER", "MAY_ESCALATE"): 1, ("BUYER", "OFFER_MADE"): 1})
    assert ("SELLER", "REMINDER_NEGOTIATION", "DONE_ALREADY") in dropped(of)


def test_r22_a_reminder_of_a_date_that_the_team_has_moved_is_dropped() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    deliver(of)
    a_day_before(of)
    claim.set_evidence_window(of.context, call(MANAGER), CASE, EvidenceWindowRequest(of.clock.at + 5 * DAY))
    assert deliver(of) == Counter({(who, "EVIDENCE_WINDOW_SET"): 1 for who in ("BUYER", "SELLER")})
    assert {reason for _, kind, reason in dropped(of) if kind == "REMINDER_EVIDENCE"} == {"WINDOW_OVER"}
    # The new date has a reminder of its own.
    a_day_before(of)
    assert deliver(of) == Counter({(who, "REMINDER_EVIDENCE"): 1 for who in ("BUYER", "SELLER")})


def test_r22_of_two_new_dates_only_the_one_that_holds_is_mailed() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    deliver(of)
    for days in (5, 6):
        claim.set_evidence_window(
            of.context, call(MANAGER), CASE, EvidenceWindowRequest(of.clock.at + days * DAY)
        )
    assert deliver(of) == Counter({(who, "EVIDENCE_WINDOW_SET"): 1 for who in ("BUYER", "SELLER")})


def test_r23_a_reminder_that_would_arrive_after_its_date_is_dropped() -> None:
    """The date has passed and the clock has not acted yet: "nearly over" would be wrong."""
    of = world_in(Status.CLAIM_EVIDENCE)
    deliver(of)
    a_day_before(of)
    of.clock.at += DAY
    assert deliver(of) == Counter()
    assert {reason for _, kind, reason in dropped(of) if kind == "REMINDER_EVIDENCE"} == {"WINDOW_OVER"}


def test_r36_the_seller_who_confirmed_the_address_is_not_reminded_of_it() -> None:
    of = world_in(Status.AWAITING_RETURN)
    deliver(of)
    a_day_before(of)
    address_confirmed(of)
    sent = deliver(of)
    assert ("SELLER", "REMINDER_RETURN_SHIPMENT") not in sent
    assert sent[("BUYER", "RETURN_ADDRESS_CONFIRMED")] == 1


def test_r36_the_seller_is_informed_that_the_return_has_arrived_while_it_matters() -> None:
    of = world_in(Status.AWAITING_RETURN)
    return_shipped(of)
    deliver(of)
    return_delivered(of, "r-1")
    return_delivered(of, "r-2")
    assert deliver(of) == Counter({("SELLER", "RETURN_DELIVERED"): 1})
    late = world_in(Status.RETURN_SHIPPED)
    wait_until_due(late)
    deliver(late)
    return_delivered(late)
    assert deliver(late) == Counter()
    assert ("SELLER", "RETURN_DELIVERED", "WINDOW_OVER") in dropped(late)


# --- once, and nothing after the end -------------------------------------------------------------------------------


def test_r25_an_agreement_that_was_not_the_end_is_not_mailed_after_the_end() -> None:
    """A mail that asks to send the goods back, held up until the return was over, would be wrong."""
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    deliver(of)
    offer(of, SELLER, 900, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    return_shipped(of)
    acknowledged(of)
    assert deliver(of) == Counter({(who, "RETURN_CLOSED"): 1 for who in ("BUYER", "SELLER")})
    assert {(kind, reason) for _, kind, reason in dropped(of)} >= {("OFFER_ACCEPTED", "CASE_CLOSED")}


def test_r25_what_ended_the_case_is_mailed_to_both_and_nothing_else_is() -> None:
    for end in (cancel, lambda w: negotiation.accept_request(w.context, call(SELLER), CASE)):
        of = world_in(Status.NEGOTIATION)
        offer(of, SELLER)
        end(of)
        sent = deliver(of)
        assert sum(sent.values()) == 2
        assert {who for who, _ in sent} == {"BUYER", "SELLER"}
        assert deliver(of) == Counter()


def test_r5_one_mail_about_messages_until_they_are_read() -> None:
    of = world_in(Status.NEGOTIATION)
    deliver(of)
    for _ in range(3):
        write(BUYER)(of)
    assert deliver(of) == Counter({("SELLER", "MESSAGE_WAITING"): 1})
    read(of)
    write(BUYER)(of)
    assert deliver(of) == Counter({("SELLER", "MESSAGE_WAITING"): 1})


# --- what a late mail says -----------------------------------------------------------------------------------------


def test_r22_a_mail_about_a_claim_that_is_late_speaks_of_the_review_and_asks_for_no_evidence() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    evidence(of, SELLER)
    wait_until_due(of)
    [mail] = [
        m for m in mails_of(of.cases.dossier(CASE)) if (m.kind, m.recipient) == _to_buyer(MailKind.ESCALATED)
    ]
    facts = view(of, mail)
    assert (facts.due_at, facts.window, Action.ADD_EVIDENCE in facts.steps) == (
        case_of(of).decision_due_at,
        "DECISION",
        False,
    )
    text = render(facts).text
    assert "DECISION EXPECTED BY" in text
    assert "Add evidence" not in text
    assert "Give your evidence" not in render(facts).subject


def test_r15_a_mail_about_an_offer_that_has_lapsed_does_not_offer_to_accept_it() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER)
    wait_until_due(of)
    [mail] = [m for m in mails_of(of.cases.dossier(CASE)) if m.kind is MailKind.OFFER_MADE]
    text = render(view(of, mail)).text
    assert "Accept it" not in text
    assert "It can no longer be accepted." in text


def test_r36_a_review_of_a_return_says_so() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    wait_until_due(of)
    wait_until_due(of)
    [mail] = [
        m
        for m in mails_of(of.cases.dossier(CASE))
        if (m.kind, m.recipient) == _to_buyer(MailKind.UNDER_REVIEW)
    ]
    text = render(view(of, mail)).text
    assert "now reviews the return on order" in text
    assert "cancel the dispute" not in text


def _to_buyer(kind: MailKind) -> tuple[MailKind, Role]:
    return kind, Role.BUYER
