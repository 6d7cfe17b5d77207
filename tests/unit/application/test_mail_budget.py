"""R46: what one can repeat is mailed to another so often a day; the rest is one digest, in time, each event once."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import messages, negotiation
from buyer_protection.application.mails.budget import MAILS_A_DAY, digests, leaves_at
from buyer_protection.application.mails.content import digest_of
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.mail_transport import AddressMark, MailDeferredError, address_id
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.schemas.requests import MessageRequest
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.domain.enums import EventType, Role, Status
from buyer_protection.domain.mail_alert import MailProblem
from buyer_protection.domain.timeline import UPLOADS, Actor, TimelineEntry, next_entry
from tests.support.builders import DAY, OPENED
from tests.support.builders import SELLER as THE_SELLER
from tests.support.fakes import World
from tests.unit.application.delivering import dropped
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    cancel,
    case_of,
    decide,
    evidence,
    mail_delivery,
    offer,
    wait_until_due,
    world_in,
)
from tests.unit.application.mail_lives import mails_of, view
from tests.unit.application.test_sweep import sweeper

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def claim_with(items: int, *, apart: timedelta = timedelta(0)) -> World:
    """A claim in which the seller has just added so many items of evidence, each mailed as it came."""
    of = world_in(Status.CLAIM_EVIDENCE)
    passed(of)
    of.transport.sent.clear()
    for _ in range(items):
        evidence(of, SELLER)
        passed(of)
        of.clock.at += apart
    return of


def passed(of: World) -> None:
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)


def to_buyer(of: World) -> list[str]:
    return [mail["kind"] for mail in of.transport.sent if mail["recipient"] == "BUYER"]


def test_e2_up_to_the_budget_each_mail_leaves_at_once_and_the_next_waits() -> None:
    of = claim_with(MAILS_A_DAY)
    assert to_buyer(of) == ["EVIDENCE_ADDED"] * MAILS_A_DAY
    assert not [row for row in of.mails.values() if row.due_at is not None]
    evidence(of, SELLER)
    passed(of)
    assert to_buyer(of) == ["EVIDENCE_ADDED"] * MAILS_A_DAY
    assert len([row for row in of.mails.values() if row.due_at is not None]) == 1


def test_e2_fifty_items_are_ten_mails_and_a_digest_that_lists_each_of_the_others_once() -> None:
    of = claim_with(50)
    assert len(to_buyer(of)) == MAILS_A_DAY
    began = of.clock.at
    while "DIGEST" not in to_buyer(of):
        of.clock.at += MINUTE
        of.queue.asked.clear()
        sweep(sweeper(of))
        for dispute_id in of.queue.asked:
            deliver_mails(mail_delivery(of), dispute_id)
    assert of.clock.at - began <= HOUR
    assert Counter(to_buyer(of)) == {"EVIDENCE_ADDED": MAILS_A_DAY, "DIGEST": 1}
    text = of.transport.sent[-1]["text"]
    assert text.count("The seller added evidence to the claim on order order-1") == 50 - MAILS_A_DAY
    assert not [row for row in of.mails.values() if row.due_at is not None]
    of.clock.at += DAY
    sweep(sweeper(of))
    deliver_mails(mail_delivery(of), CASE)
    assert to_buyer(of).count("DIGEST") == 1


def test_e2_twenty_offers_with_withdrawals_are_ten_mails_and_what_became_of_the_others_in_one() -> None:
    of = world_in(Status.NEGOTIATION)
    passed(of)
    of.transport.sent.clear()
    for _ in range(20):
        offer(of, SELLER)
        passed(of)
        negotiation.withdraw_offer(of.context, call(SELLER), CASE, f"of-{len(of.offers[CASE])}")
        passed(of)
    assert len(to_buyer(of)) == MAILS_A_DAY
    of.clock.at += HOUR
    passed(of)
    assert to_buyer(of)[MAILS_A_DAY:] == ["DIGEST"]
    text = of.transport.sent[-1]["text"]
    # An offer that is gone is not worth a line of its own; that it was withdrawn is.
    assert (text.count("made you an offer"), text.count("withdrew this offer")) == (0, 15)
    assert ("BUYER", "OFFER_MADE", "NEWER_STEP") in dropped(of)


def test_e2_an_offer_that_still_stands_is_in_the_digest() -> None:
    of = world_in(Status.NEGOTIATION)
    for minor in range(700, 712):
        offer(of, SELLER, minor)
        passed(of)
    of.clock.at += HOUR
    passed(of)
    assert Counter(to_buyer(of))["OFFER_MADE"] == MAILS_A_DAY + 1
    assert "DIGEST" not in to_buyer(of)
    assert "$7.11" in of.transport.sent[-1]["text"]


def test_e2_the_budget_is_of_any_24_hours_and_not_of_a_date() -> None:
    entries = [entry(n + 1, OPENED + n * HOUR) for n in range(40)]
    case = case_of(world_in(Status.CLAIM_EVIDENCE))
    waiting = digests(case, entries, Role.BUYER)
    alone = [one.seq for one in entries if one.seq not in waiting]
    # Ten in the first ten hours; then one more whenever one of them is a day old.
    assert alone == [*range(1, 11), *range(25, 35)]
    assert all(waiting[seq] == OPENED + (seq - 1) * HOUR for seq in waiting)


def entry(
    seq: int,
    at: datetime,
    kind: EventType = EventType.EVIDENCE_ADDED,
    *,
    actor: Actor = THE_SELLER,
    **data: object,
) -> TimelineEntry:
    said = {"evidence_id": f"ev-{seq}", "in_claim": True, **data}
    return next_entry(CASE, seq, "0" * 64, at, actor, kind, said)


def test_e2_files_count_for_their_owner_and_not_for_the_system_that_checked_them() -> None:
    entries = [entry(n, OPENED, actor=UPLOADS, party="SELLER") for n in range(1, 12)]
    entries.append(entry(12, OPENED, actor=UPLOADS, party="BUYER"))
    case = case_of(world_in(Status.CLAIM_EVIDENCE))
    assert set(digests(case, entries, Role.BUYER)) == {11}
    assert set(digests(case, entries, Role.SELLER)) == set()


def test_e2_the_first_return_address_is_a_step_of_the_case_and_the_others_are_repetitions() -> None:
    confirmed = EventType.RETURN_ADDRESS_CONFIRMED
    entries = [entry(n, OPENED) for n in range(1, 11)]
    entries += [entry(n, OPENED, confirmed) for n in (11, 12)]
    case = case_of(world_in(Status.CLAIM_EVIDENCE))
    assert set(digests(case, entries, Role.BUYER)) == {12}


def test_e2_one_side_uses_up_no_budget_of_the_team() -> None:
    of = claim_with(20)
    messages.send_message(of.context, call(MANAGER), CASE, MessageRequest("Is it broken?"))
    passed(of)
    assert to_buyer(of)[-1] == "MESSAGE_WAITING"


def test_e2_the_cases_own_steps_never_count_and_never_wait() -> None:
    of = claim_with(30)
    wait_until_due(of)
    passed(of)
    decide(of)
    passed(of)
    assert [kind for kind in to_buyer(of) if kind in {"UNDER_REVIEW", "DECIDED"}] == [
        "UNDER_REVIEW",
        "DECIDED",
    ]


def test_e2_a_digest_leaves_an_hour_before_the_date_that_it_names() -> None:
    of = claim_with(0)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - HOUR - 10 * MINUTE
    for _ in range(MAILS_A_DAY + 3):
        evidence(of, SELLER)
    passed(of)
    assert "DIGEST" not in to_buyer(of)
    assert leaves_at(case_of(of), of.clock.at) == deadline - HOUR
    of.clock.at = deadline - HOUR
    passed(of)
    assert to_buyer(of)[-1] == "DIGEST"
    # Within the last hour nothing waits.
    evidence(of, SELLER)
    passed(of)
    assert to_buyer(of)[-1] == "EVIDENCE_ADDED"


def test_e2_a_case_that_ends_meanwhile_sends_no_digest() -> None:
    of = claim_with(15)
    cancel(of)
    of.clock.at += HOUR
    passed(of)
    assert Counter(to_buyer(of)) == {"EVIDENCE_ADDED": MAILS_A_DAY, "CANCELLED_BY_BUYER": 1}
    assert ("BUYER", "EVIDENCE_ADDED", "CASE_CLOSED") in dropped(of)
    assert not [row for row in of.mails.values() if row.due_at is not None]


def test_e2_a_digest_to_an_address_that_takes_no_mails_is_dropped_and_shown_to_its_reader() -> None:
    of = claim_with(15)
    of.addresses.marks[address_id("buyer@example.com")] = AddressMark(
        MailProblem.UNDELIVERABLE, of.clock.at, CASE
    )
    of.clock.at += HOUR
    passed(of)
    assert "DIGEST" not in to_buyer(of)
    assert ("BUYER", "EVIDENCE_ADDED", "MAIL_UNDELIVERABLE") in dropped(of)
    assert case_of(of).buyer_notice is not None
    assert not [row for row in of.mails.values() if row.due_at is not None]


def test_e2_a_digest_that_ses_defers_leaves_later_with_each_event_once() -> None:
    of = claim_with(15)
    of.clock.at += HOUR
    of.transport.answers["buyer@example.com"] = MailDeferredError("TooManyRequestsException")
    passed(of)
    assert "DIGEST" not in to_buyer(of)
    of.transport.answers.clear()
    for _ in range(20):
        of.clock.at += MINUTE
        deliver_mails(mail_delivery(of), CASE)
    text = "\n".join(mail["text"] for mail in of.transport.sent if mail["recipient"] == "BUYER")
    assert text.count("The seller added evidence to the claim on order order-1") == 15
    assert not [row for row in of.mails.values() if row.due_at is not None]


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es-MX", "fr-FR", "ru-RU", "ar-KW"])
def test_e2_a_digest_reads_in_six_languages(locale: str) -> None:
    from dataclasses import replace

    of = claim_with(12)
    added = [mail for mail in mails_of(of.cases.dossier(CASE)) if mail.kind is MailKind.EVIDENCE_ADDED]
    views = [replace(view(of, mail), locale=locale) for mail in added]
    digest = digest_of(views)
    assert (digest.kind, len(digest.events)) == (MailKind.DIGEST, 12)
    content = render(digest)
    assert content.text.count("UTC") >= 12
    assert "order-1" in content.subject


def test_e2_the_buyer_is_held_to_the_same() -> None:
    of = world_in(Status.NEGOTIATION)
    for minor in range(700, 715):
        offer(of, BUYER, minor)
        passed(of)
    sent = [mail["kind"] for mail in of.transport.sent if mail["recipient"] == "SELLER"]
    assert sent.count("OFFER_MADE") == MAILS_A_DAY


def test_e2_in_the_last_hour_before_the_date_the_rest_waits_as_well() -> None:
    case = case_of(world_in(Status.CLAIM_EVIDENCE))
    assert case.deadline is not None
    began = case.deadline - HOUR / 2
    assert leaves_at(case, began) == began + HOUR * 0.75
    assert leaves_at(case, case.deadline - 3 * HOUR / 2) == case.deadline - HOUR
