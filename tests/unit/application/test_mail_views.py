"""Every mail that any life of a case brings, to each of its readers, in every status it can still be sent in: rendered.

Undefined names fail in the templates, so that a missing fact shows here and not in somebody's inbox.
"""

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.mails.content import reason_to_drop, view_of
from buyer_protection.application.ports.mail_view import SPECS, MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.domain.enums import (
    Role,
    Status,
)
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    CASE,
    case_of,
    opened,
    world,
    world_in,
)
from tests.unit.application.mail_lives import LIVES, SITE, deliver, mails_of, stages, view, worth_sending


@pytest.mark.parametrize("name", LIVES)
def test_r23_every_mail_of_every_life_can_be_rendered_as_long_as_it_is_worth_sending(name: str) -> None:
    rendered = 0
    for of in stages(name):
        for mail in mails_of(of.cases.dossier(CASE)):
            if worth_sending(of, mail):
                content = render(view(of, mail))
                assert content.subject
                assert "None" not in content.text
                assert f"{SITE}/disputes/{CASE}" in content.text
                rendered += 1
    assert rendered


def test_r23_the_lives_bring_every_kind_of_mail_to_everybody_it_is_meant_for() -> None:
    seen: set[tuple[MailKind, Role]] = set()
    for name in LIVES:
        for of in stages(name):
            sendable = [m for m in mails_of(of.cases.dossier(CASE)) if worth_sending(of, m)]
            seen |= {(mail.kind, mail.recipient) for mail in sendable}
    # A digest is of no entry of its own (R46), and one mail is about an order (R44).
    others = {MailKind.DIGEST, MailKind.ORDER_UNCOLLECTED}
    single = {kind: spec for kind, spec in SPECS.items() if kind not in others}
    assert seen == {(kind, Role(who)) for kind, spec in single.items() for who in spec.audience}


def test_r30_the_mail_about_a_delivery_names_cancelling_and_until_when_the_reason_can_be_changed() -> None:
    of = world_in(Status.NEGOTIATION)
    deliver(of)
    [mail] = [m for m in mails_of(of.cases.dossier(CASE)) if m.kind is MailKind.DELIVERED]
    facts = view(of, mail)
    assert facts.due_at == of.clock.at + 5 * DAY
    assert (facts.if_missed, facts.recipient) == ("REASON_CHANGE_CLOSES", "BUYER")
    text = render(facts).text.lower()
    assert "cancel" in text
    assert "2026-03-15 13:00:00 utc" in text


def test_r37_advice_is_worded_as_help_in_the_mails() -> None:
    of = world()
    opened(of)
    for mail in mails_of(of.cases.dossier(CASE)):
        assert len(render(view(of, mail)).text.splitlines()) > 10
    buyers, sellers = (render(view(of, m)).text for m in mails_of(of.cases.dossier(CASE)))
    assert buyers != sellers
    assert "The parcel may still come as long as the promised delivery time is not over" in " ".join(
        buyers.split()
    )


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        (
            "return never shipped",
            "read the listing, the reviews of the seller and the promised delivery time",
        ),
        ("cancelled", "An honest and factual review helps other buyers"),
    ],
)
def test_r37_the_mail_that_ends_a_case_advises_the_buyer_for_the_next_order(name: str, advice: str) -> None:
    *_, of = stages(name)
    said = {mail.recipient for mail in mails_of(of.cases.dossier(CASE)) if advice in _flat(of, mail)}

    assert said == {Role.BUYER}


def _flat(of: World, mail: OutboxMail) -> str:
    return " ".join(render(view(of, mail)).text.split()) if worth_sending(of, mail) else ""


def test_r23_a_mail_shows_its_reader_what_is_theirs_to_know_in_their_own_zone() -> None:
    of = world()
    opened(of)
    to_buyer, to_seller = (view(of, mail) for mail in mails_of(of.cases.dossier(CASE)))
    assert (to_buyer.recipient_name, to_buyer.time_zone) == ("Ana", "America/Sao_Paulo")
    assert (to_seller.recipient_name, to_seller.time_zone) == ("Bo", "Asia/Shanghai")
    for facts in (to_buyer, to_seller):
        assert facts.dispute_url == "https://shop.example.com/disputes/dp-1"
        assert facts.item_titles == ("Blue mug", "Tea spoon")
        assert (facts.due_at, facts.if_missed) == (case_of(of).negotiation_due_at, "AUTO_ESCALATE")
        text = render(facts).text
        assert "@example.com" not in text
        assert "Dock Road" not in text


def test_r23_a_mail_about_an_entry_that_is_not_there_is_an_error() -> None:
    of = world()
    opened(of)
    with pytest.raises(LookupError):
        view(of, OutboxMail(CASE, 99, Role.BUYER, MailKind.DISPUTE_OPENED))


@pytest.mark.parametrize("late", [0, 2, 6, 20, 60])
def test_b4_no_mail_of_any_life_names_a_date_that_has_passed_when_it_leaves(late: int) -> None:
    """R50: however long a mail has waited. What it says of the past is the past."""
    promises = ("reason_change_due_at", "can_reopen_until", "escalation_available_at")
    for name in LIVES:
        for of in stages(name):
            now, loaded, dossier = of.clock.at + late * DAY, of.orders.load("order-1"), of.cases.dossier(CASE)
            assert loaded is not None
            assert dossier is not None
            for mail in mails_of(dossier):
                if reason_to_drop(mail, dossier, now) is not None:
                    continue
                facts = view_of(mail, dossier, loaded, SITE, now)
                named = [facts.due_at, *(facts.details.get(promise) for promise in promises)]
                assert all(at is None or at > now for at in named), (name, mail.kind)
