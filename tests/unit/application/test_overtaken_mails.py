"""No mail advises a step that loses money, and none says what a later step has made untrue (C10, R50)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import claim, negotiation, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.mails.content import reason_to_drop, view_of
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.mail_view import MailKind, MailView
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.schemas.requests import ChangeReasonRequest, EvidenceWindowRequest
from buyer_protection.domain.enums import Action, EventType, OfferType, Reason, Role, Status, SubReason
from tests.support.builders import PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
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
    assert (seen.recipient, seen.details["review_waits"]) == (Role.SELLER, True)
    assert Action.ADD_EVIDENCE in seen.steps
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


def views_of(of: World, kind: MailKind) -> list[MailView]:
    dossier, order = of.cases.dossier(CASE), of.orders.load("order-1")
    assert dossier is not None
    assert order is not None
    return [view_of(mail, dossier, order, "https://s.example", of.clock.at) for mail in mails_of(of, kind)]


def texts_of(of: World, kind: MailKind) -> list[str]:
    """What is sent, each on one line, its subject first."""
    contents = [render(view) for view in views_of(of, kind)]
    return [" ".join(f"{content.subject} {content.text}".split()) for content in contents]


@pytest.mark.parametrize(
    ("status", "may_offer"),
    [(Status.NEGOTIATION, True), (Status.CLAIM_EVIDENCE, True), (Status.AWAITING_RETURN, False)],
)
def test_r50_a_mail_about_a_changed_amount_advises_an_offer_where_one_would_be_taken(
    status: Status, may_offer: bool
) -> None:
    of = world_in(status)
    give_back(300)(of)
    seen = [Action.MAKE_OFFER in it.steps for it in views_of(of, MailKind.REFUNDABLE_CHANGED)]
    assert seen == [may_offer] * 2


def test_r50_a_request_that_was_withdrawn_is_not_advised_to_be_accepted() -> None:
    of = world_in(Status.NEGOTIATION)
    negotiation.withdraw_offer(of.context, call(BUYER), CASE, "of-1")
    parcels.change_reason(of.context, call(BUYER), CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED))
    (seen,) = views_of(of, MailKind.REASON_CHANGED)
    assert Action.MAKE_OFFER in seen.steps
    assert Action.ACCEPT_REQUEST not in seen.steps


def test_r50_an_opening_that_is_mailed_after_the_escalation_speaks_of_the_claim_no_longer_of_time_to_agree() -> (
    None
):
    of = world_in(Status.CLAIM_EVIDENCE)
    buyers, sellers = texts_of(of, MailKind.DISPUTE_OPENED)
    assert buyers.startswith("Your dispute is open (order order-1)")
    for said in (buyers, sellers):
        assert "The case has moved on since then." in said
        assert "now have time to agree" not in said
        assert "Most cases settle when the seller answers soon" not in said


@pytest.mark.parametrize("kind", [MailKind.OFFER_ACCEPTED, MailKind.DECIDED])
def test_r23_r50_a_return_that_is_posted_is_not_asked_for_again(kind: MailKind) -> None:
    is_ruled = kind is MailKind.DECIDED
    of = world_in(Status.UNDER_REVIEW if is_ruled else Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    if is_ruled:
        decide(of, with_return=True)
    else:
        offer(of, SELLER, 900, OfferType.REFUND_WITH_RETURN)
        negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    assert "confirm the return address (order" in texts_of(of, kind)[1]
    address_confirmed(of)
    # The seller has done it; the buyer can.
    assert "confirm the return address (order" not in texts_of(of, kind)[1]
    assert "Send the goods to the confirmed address" in texts_of(of, kind)[0]
    shipped_back(of)
    assert [dropped(of, mail) for mail in mails_of(of, kind)] == [None, None]
    for said in texts_of(of, kind):
        assert "send the goods back" not in said
        assert "Confirm the address" not in said
        assert "Register the shipment" not in said


def return_agreed(of: World) -> None:
    offer(of, SELLER, 900, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, f"of-{len(of.offers[CASE])}")


@pytest.mark.parametrize("kind", [MailKind.OFFER_DECLINED, MailKind.OFFER_WITHDRAWN])
def test_r50_what_became_of_an_offer_is_no_news_once_a_return_is_agreed(kind: MailKind) -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    offer(of, SELLER, 800)
    (decline_it if kind is MailKind.OFFER_DECLINED else withdraw_it)(of)
    (mail,) = mails_of(of, kind)
    assert dropped(of, mail) is None
    return_agreed(of)
    assert dropped(of, mail) == "NEWER_STEP"
    address_confirmed(of)
    shipped_back(of)
    wait_until_due(of)
    # The evidence about a return is no bargaining.
    assert case_of(of).status is Status.CLAIM_EVIDENCE
    assert dropped(of, mail) == "NEWER_STEP"


def test_r50_a_new_date_does_not_name_an_earlier_one_that_has_passed() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    end = case_of(of).deadline
    assert end is not None
    asked = EvidenceWindowRequest(end + timedelta(days=2))
    claim.set_evidence_window(of.context, call(MANAGER), CASE, asked)
    assert all(
        "It takes the place of the earlier one" in said for said in texts_of(of, MailKind.EVIDENCE_WINDOW_SET)
    )
    of.clock.at = end
    seen = texts_of(of, MailKind.EVIDENCE_WINDOW_SET)
    assert len(seen) == 2
    assert not any("It takes the place of the earlier one" in said for said in seen)


def test_r27_r50_a_correction_that_was_followed_by_another_word_on_the_reason_is_not_mailed() -> None:
    of = world_in(Status.NEGOTIATION)

    def change(reason: Reason, sub_reason: SubReason) -> None:
        of.clock.at += timedelta(minutes=1)
        asked = ChangeReasonRequest(reason, sub_reason)
        parcels.change_reason(of.context, call(BUYER), CASE, asked)

    change(Reason.NOT_RECEIVED, SubReason.IN_TRANSIT)
    change(Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED)
    change(Reason.NOT_AS_DESCRIBED, SubReason.DIFFERENT)
    found = [dropped(of, mail) for mail in mails_of(of, MailKind.REASON_CHANGED)]
    # That the reason changed is never lost.
    assert found == ["NEWER_STEP", None, None]


ONCE_BOTH = "once both sides have, the review begins at once"


def test_r22_r50_where_nobody_gave_evidence_no_mail_says_that_the_review_would_begin() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    for said in texts_of(of, MailKind.ESCALATED):
        assert "nothing more to add" not in said
        assert "the claim is cancelled" in said
    evidence(of, SELLER)
    assert all(ONCE_BOTH in said for said in texts_of(of, MailKind.ESCALATED))
    giving.complete_evidence(of.context, call(SELLER), CASE)
    buyers, sellers = texts_of(of, MailKind.ESCALATED)
    assert ONCE_BOTH in buyers
    assert ONCE_BOTH not in sellers


@pytest.mark.parametrize("kind", [MailKind.RETURN_ADDRESS_CONFIRMED, MailKind.RETURN_SHIPPED])
def test_r39_r50_a_return_for_which_less_is_paid_than_was_agreed_says_so(kind: MailKind) -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    return_agreed(of)
    give_back(PAID - 700)(of)
    left = case_of(of).grantable.amount_minor
    assert left == 700
    address_confirmed(of)
    if kind is MailKind.RETURN_SHIPPED:
        shipped_back(of)
    less = f"Instead of $9.00, ${left / 100:.2f} is paid: no more is left to refund for this order."
    for said in texts_of(of, kind):
        assert f"The refund of ${left / 100:.2f} is due once they have arrived." in said
        assert less in said
    assert all(less in said for said in texts_of(of, MailKind.REFUNDABLE_CHANGED))
    assert all(less in said for said in texts_of(of, MailKind.OFFER_ACCEPTED))


def test_r39_a_return_for_which_all_is_paid_says_nothing_of_less() -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    return_agreed(of)
    address_confirmed(of)
    for said in texts_of(of, MailKind.RETURN_ADDRESS_CONFIRMED):
        assert "The refund of $9.00 is due once they have arrived." in said
        assert "Instead of" not in said
