"""Who is written to about what, once, and never when it is no longer worth reading (R15, R22, R23, R28, R30, R36).

The whole matrix stands in docs/mails.md; the lives in mail_lives bring about every row of it.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from buyer_protection.application.actions import negotiation
from buyer_protection.application.mails.content import reason_to_drop
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.domain.enums import EventType, Role, Status
from buyer_protection.domain.timeline import CLOCK, next_entry
from tests.support.builders import DAY, OPENED
from tests.unit.application.delivering import deliver
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    call,
    case_of,
    decide,
    evidence,
    offer,
    opened,
    tick,
    world,
)
from tests.unit.application.mail_lives import LIVES, mails_of, stages

PAGE = Path(__file__).parents[3] / "docs" / "mails.md"
SILENT = {
    # What a person did, and only they need to know of; what the clock and the payment system do among themselves.
    EventType.EVIDENCE_SUBMITTED,
    EventType.EVIDENCE_FILE_VERIFIED,
    EventType.EVIDENCE_WITHDRAWN,
    EventType.MESSAGES_READ,
    EventType.MEDIATION_OPENED,
    EventType.ASSIGNED,
    EventType.REFUND_FAILED,
    EventType.REFUND_RELEASED,
    EventType.DELIVERY_CORRECTED,
    EventType.UPLOADS_AWAITED,
    # A test's own.
    EventType.CLOCK_MOVED,
}


def rows() -> dict[tuple[str, str], tuple[str, str, str]]:
    """The page's table: (entry, mail) and what it says of buyer, seller and dropping."""
    found = re.findall(
        r"^\| ([A-Z_]+) \| ([A-Z_]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
    )
    return {(entry, kind): (buyer, seller, dropped) for entry, kind, buyer, seller, dropped in found}


def seen_in_all_lives() -> dict[tuple[str, str], set[Role]]:
    seen: dict[tuple[str, str], set[Role]] = {}
    for name in LIVES:
        *_, last = stages(name)
        dossier = last.cases.dossier(CASE)
        assert dossier is not None
        for entry in dossier.timeline:
            for mail in mails_for(entry):
                seen.setdefault((entry.type.value, mail.kind.value), set()).add(mail.recipient)
    return seen


def test_r23_the_page_about_mails_says_who_gets_what() -> None:
    seen = seen_in_all_lives()
    assert set(rows()) == set(seen)
    for key, (buyer, seller, _) in rows().items():
        assert (buyer != "-") == (Role.BUYER in seen[key]), key
        assert (seller != "-") == (Role.SELLER in seen[key]), key


def test_r23_what_nobody_is_written_to_about_is_named() -> None:
    mailed = {entry for entry, _ in seen_in_all_lives()}
    assert {kind.value for kind in SILENT} == {kind.value for kind in EventType} - mailed
    for kind in SILENT:
        entry = next_entry(CASE, 1, "0" * 64, OPENED, CLOCK, kind, {})
        assert list(mails_for(entry)) == []


def test_r23_the_page_about_mails_says_why_one_is_dropped() -> None:
    """Each reason that the lives bring about stands on the page, beside its kind."""
    happened: set[tuple[str, str]] = set()
    for name in LIVES:
        worlds = stages(name)
        for of in worlds:
            dossier = of.cases.dossier(CASE)
            assert dossier is not None
            for mail in mails_of(dossier):
                reason = reason_to_drop(mail, dossier, of.clock.at)
                if reason:
                    happened.add((mail.kind.value, reason))
    named = {
        (kind, reason)
        for (_, kind), (_, _, dropped) in rows().items()
        for reason in re.findall(r"[A-Z]+_[A-Z]+", dropped)
    }
    # Some need a mail that is late in one certain way; the tests below bring these about one by one.
    rare = {(kind, reason) for kind, reason in named if reason in {"DONE_ALREADY", "WINDOW_OVER"}}
    assert happened <= named
    assert named - rare <= happened


@pytest.mark.parametrize("name", LIVES)
def test_q14_every_mail_of_every_life_goes_to_its_party_and_once(name: str) -> None:
    """R23, Q14: recipients come from the order's two parties, whatever is written in the case."""
    last = None
    for of in stages(name):
        deliver(of)
        deliver(of)
        last = of
    assert last is not None
    addresses = {"BUYER": "buyer@example.com", "SELLER": "seller@example.com"}
    assert last.transport.sent
    assert all(mail["to"] == addresses[mail["recipient"]] for mail in last.transport.sent)
    keys = Counter((mail["seq"], mail["recipient"]) for mail in last.transport.sent)
    assert set(keys.values()) == {1}


# --- how many ------------------------------------------------------------------------------------------------------


def test_r23_a_settled_case_brings_seven_mails() -> None:
    of = world()
    opened(of)
    sent = deliver(of)
    for step in (
        lambda: offer(of, SELLER),
        lambda: negotiation.decline_offer(of.context, call(BUYER), CASE, "of-2"),
        lambda: offer(of, SELLER, 2000),
        lambda: negotiation.accept_offer(of.context, call(BUYER), CASE, "of-3"),
    ):
        of.clock.at += DAY / 2
        step()
        sent += deliver(of)
    assert sent == Counter(
        {
            ("BUYER", "DISPUTE_OPENED"): 1,
            ("SELLER", "DISPUTE_OPENED"): 1,
            ("BUYER", "OFFER_MADE"): 2,
            ("SELLER", "OFFER_DECLINED"): 1,
            ("BUYER", "OFFER_ACCEPTED"): 1,
            ("SELLER", "OFFER_ACCEPTED"): 1,
        }
    )
    assert sum(sent.values()) == 7


def test_r23_a_contested_case_that_the_clock_escalates_brings_twelve_mails() -> None:
    of = world()
    opened(of)
    sent = deliver(of)
    while case_of(of).status is Status.NEGOTIATION:
        of.clock.at = of.timers.timer(CASE).wake_at
        tick(of)
        sent += deliver(of)
    evidence(of, BUYER)
    sent += deliver(of)
    while case_of(of).status is Status.CLAIM_EVIDENCE:
        of.clock.at = of.timers.timer(CASE).wake_at
        tick(of)
        sent += deliver(of)
    decide(of)
    sent += deliver(of)
    both = dict.fromkeys(
        (
            (who, kind)
            for who in ("BUYER", "SELLER")
            for kind in ("DISPUTE_OPENED", "ESCALATED", "UNDER_REVIEW")
        ),
        1,
    )
    assert sent == Counter(
        both
        | {("BUYER", "DECIDED"): 1, ("SELLER", "DECIDED"): 1, ("BUYER", "MAY_ESCALATE"): 1}
        | {
            ("SELLER", "REMINDER_NEGOTIATION"): 1,
            ("SELLER", "EVIDENCE_ADDED"): 1,
            ("SELLER", "REMINDER_EVIDENCE"): 1,
        }
    )
    assert sum(sent.values()) == 12
