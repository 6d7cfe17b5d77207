"""No mail advises a step that loses money, and none says what a later step has made untrue (C10, R50)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions import negotiation, parcels
from buyer_protection.application.mails.content import reason_to_drop, view_of
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.schemas.requests import ChangeReasonRequest
from buyer_protection.domain.enums import EventType, Reason, Role, Status
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    address_confirmed,
    call,
    case_of,
    decide,
    evidence,
    offer,
    shipped_back,
    wait_until_due,
    world_in,
)
from tests.unit.application.refund_steps import give_back

Step = Callable[[World], object]


def mails_of(of: World, kind: MailKind) -> list[OutboxMail]:
    return [mail for entry in of.timeline[CASE] for mail in mails_for(entry) if mail.kind is kind]


def dropped(of: World, mail: OutboxMail) -> str | None:
    dossier = of.cases.dossier(CASE)
    assert dossier is not None
    return reason_to_drop(mail, dossier, of.clock.at)


def replace_it(of: World) -> None:
    offer(of, SELLER, 900)


def withdraw_it(of: World) -> None:
    negotiation.withdraw_offer(of.context, call(SELLER), CASE, "of-2")


def decline_it(of: World) -> None:
    negotiation.decline_offer(of.context, call(BUYER), CASE, "of-2")


@pytest.mark.parametrize("step", [replace_it, withdraw_it, decline_it, wait_until_due])
def test_c10_r50_an_offer_that_no_longer_stands_is_not_written_about(step: Step) -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 800)
    (mail,) = mails_of(of, MailKind.OFFER_MADE)
    assert dropped(of, mail) is None
    of.clock.at += timedelta(minutes=3)
    step(of)
    assert dropped(of, mail) == "NEWER_STEP"
    newer = [one for one in mails_of(of, MailKind.OFFER_MADE) if one.seq != mail.seq]
    assert all(dropped(of, one) is None for one in newer)


def reviewed(of: World) -> list[OutboxMail]:
    found = mails_of(of, MailKind.UNDER_REVIEW)
    assert [dropped(of, mail) for mail in found] == [None, None]
    return found


def test_c10_r50_a_review_that_is_over_is_not_written_about_while_a_return_is_awaited() -> None:
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    found = reviewed(of)
    decide(of, with_return=True)
    assert case_of(of).status is Status.AWAITING_RETURN
    assert [dropped(of, mail) for mail in found] == ["NEWER_STEP"] * 2


def test_c10_r43_r50_a_review_that_went_back_to_the_evidence_is_not_written_about() -> None:
    of = world_in(Status.UNDER_REVIEW)
    found = reviewed(of)
    parcels.change_reason(of.context, call(BUYER), CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED))
    assert [dropped(of, mail) for mail in found] == ["NEWER_STEP"] * 2
    (mail,) = mails_of(of, MailKind.REASON_CHANGED)
    dossier, order = of.cases.dossier(CASE), of.orders.load("order-1")
    assert dossier is not None
    assert order is not None
    seen = view_of(mail, dossier, order, "https://shop.example.com")
    assert (seen.recipient, seen.details["review_waits"], seen.may_add_evidence) == (Role.SELLER, True, True)
    assert seen.due_at == case_of(of).deadline


def test_c10_r42_r50_only_the_last_address_is_written_about_and_only_until_the_goods_are_posted() -> None:
    of = world_in(Status.AWAITING_RETURN)
    address_confirmed(of)
    first = mails_of(of, MailKind.RETURN_ADDRESS_CONFIRMED)
    assert [dropped(of, mail) for mail in first] == [None, None]
    address_confirmed(of)
    second = mails_of(of, MailKind.RETURN_ADDRESS_CONFIRMED)[2:]
    assert [dropped(of, mail) for mail in (*first, *second)] == ["NEWER_STEP", "NEWER_STEP", None, None]
    shipped_back(of)
    assert [dropped(of, mail) for mail in second] == ["NEWER_STEP"] * 2
    shipped = mails_of(of, MailKind.RETURN_SHIPPED)
    assert [dropped(of, mail) for mail in shipped] == [None, None]
    wait_until_due(of)
    assert [dropped(of, mail) for mail in shipped] == ["NEWER_STEP"] * 2


def test_c10_r23_what_must_be_written_about_is_never_overtaken() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    evidence(of, SELLER)
    wait_until_due(of)
    for kind in (MailKind.ESCALATED, MailKind.DISPUTE_OPENED):
        assert [dropped(of, mail) for mail in mails_of(of, kind)] == [None, None]


def test_c3_r43_r50_a_mail_names_the_date_that_its_reader_can_count_on() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    end = case_of(of).deadline
    giving.complete_evidence(of.context, call(BUYER), CASE)
    evidence(of, SELLER)
    mail = mails_of(of, MailKind.EVIDENCE_ADDED)[-1]
    dossier, order = of.cases.dossier(CASE), of.orders.load("order-1")
    assert dossier is not None
    assert order is not None
    seen = view_of(mail, dossier, order, "https://shop.example.com")
    assert seen.recipient is Role.BUYER
    assert seen.due_at == case_of(of).buyer_reply_until
    assert case_of(of).deadline == end
    # What the date says holds also once the seller has nothing more to add.
    giving.complete_evidence(of.context, call(SELLER), CASE)
    assert case_of(of).deadline == seen.due_at
    assert [entry.type for entry in of.timeline[CASE]].count(EventType.REVIEW_STARTED) == 0


def details_of(of: World, kind: MailKind) -> list[dict[str, object]]:
    dossier, order = of.cases.dossier(CASE), of.orders.load("order-1")
    assert dossier is not None
    assert order is not None
    return [dict(view_of(mail, dossier, order, "https://s.example").details) for mail in mails_of(of, kind)]


@pytest.mark.parametrize(
    ("status", "may_offer"),
    [(Status.NEGOTIATION, True), (Status.CLAIM_EVIDENCE, True), (Status.AWAITING_RETURN, False)],
)
def test_r50_a_mail_about_a_changed_amount_advises_an_offer_where_one_would_be_taken(
    status: Status, may_offer: bool
) -> None:
    of = world_in(status)
    give_back(300)(of)
    assert [it["may_offer"] for it in details_of(of, MailKind.REFUNDABLE_CHANGED)] == [may_offer] * 2


def test_r50_a_request_that_was_withdrawn_is_not_advised_to_be_accepted() -> None:
    of = world_in(Status.NEGOTIATION)
    negotiation.withdraw_offer(of.context, call(BUYER), CASE, "of-1")
    parcels.change_reason(of.context, call(BUYER), CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED))
    (seen,) = details_of(of, MailKind.REASON_CHANGED)
    assert (seen["may_offer"], seen["may_accept_request"]) == (True, False)
