"""Every kind of mail, delayed into every later status: it advises what is taken, and its dates are ahead (R50)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import negotiation
from buyer_protection.application.mails.content import digest_of, reason_to_drop, view_of
from buyer_protection.application.ports.mail_view import MailKind, MailView
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.domain.enums import TERMINAL, Reason, Role, Status, TrackingStatus
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy
from tests.support.fakes import World
from tests.unit.application.advised import Reading, untaken
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    address_confirmed,
    call,
    case_of,
    decide,
    escalate,
    evidence,
    offer,
    opened,
    shipped_back,
    wait_until_due,
    world,
)
from tests.unit.application.mail_lives import (
    BOTH_GIVE,
    LIVES,
    SITE,
    agree_on_return,
    ask,
    change_reason,
    complain,
    complete,
    extend,
    mails_of,
    remind,
    report,
    split,
    talk,
    upload_something_else,
    write,
)
from tests.unit.application.refund_steps import give_back

Step = Callable[[World], object]
SECOND = timedelta(seconds=1)
# Everything that people can do again is met at its limit soon.
TIGHT = replace(ALIEXPRESS_CLASSIC, max_offers_per_party=1, max_evidence_per_party=1, max_messages=1)
TIGHTER = replace(TIGHT, max_offers_per_party=2, max_evidence_per_party=2, max_evidence_requests=1)

_BEGIN: tuple[Step, ...] = (
    write(BUYER, SELLER),
    talk,
    upload_something_else,
    split,
    report("sh-1"),
    report("sh-2"),
    change_reason,
    remind,
    give_back(3),
)
_CLAIM: tuple[Step, ...] = (
    escalate,
    lambda of: offer(of, SELLER, 500),
    extend,
    *BOTH_GIVE,
    upload_something_else,
    write(MANAGER),
    complete,
    wait_until_due,
    ask("BUYER"),
    BOTH_GIVE[0],
    wait_until_due,
    ask("SELLER"),
    wait_until_due,
)
_RETURN: tuple[Step, ...] = (
    give_back(900),
    address_confirmed,
    address_confirmed,
    remind,
    shipped_back,
    report(f"return-{CASE}"),
    remind,
    report(f"return-{CASE}", TrackingStatus.DELIVERY_CORRECTED),
    complain,
    BOTH_GIVE[0],
    wait_until_due,
    ask("BUYER"),
    wait_until_due,
    wait_until_due,
    decide,
)


def decline_last(of: World) -> None:
    negotiation.decline_offer(of.context, call(BUYER), CASE, f"of-{len(of.offers[CASE])}")


def withdraw_last(of: World) -> None:
    negotiation.withdraw_offer(of.context, call(SELLER), CASE, f"of-{len(of.offers[CASE])}")


LONG: dict[str, tuple[Reason, tuple[Step, ...]]] = {
    "decided return": (
        Reason.NOT_RECEIVED,
        (*_BEGIN, *_CLAIM, lambda of: decide(of, with_return=True), *_RETURN),
    ),
    "agreed return": (Reason.NOT_RECEIVED, (*_BEGIN, agree_on_return, *_RETURN)),
    "nobody gives evidence": (
        Reason.NOT_RECEIVED,
        (*_BEGIN[:6], wait_until_due, extend, remind, wait_until_due),
    ),
    "nobody acknowledges": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, address_confirmed, shipped_back, remind, wait_until_due, remind, wait_until_due),
    ),
    "offers come to nothing": (
        Reason.NOT_RECEIVED,
        (
            lambda of: offer(of, BUYER, 900),
            lambda of: offer(of, SELLER, 400),
            decline_last,
            lambda of: offer(of, SELLER, 500),
            withdraw_last,
            remind,
        ),
    ),
    "received, and reviewed": (Reason.NOT_RECEIVED, (*_BEGIN[:6], remind, *_CLAIM, decide)),
}
ALL = LIVES | LONG


def stages(name: str, policy: Policy) -> Iterator[World]:
    """The world after each step of that life; what a limit refuses is left out."""
    reason, steps = ALL[name]
    of = world()
    of.policy = policy
    of.context = replace(of.context, policy=policy)
    opened(of, reason)
    yield of
    for step in steps:
        of.clock.at += timedelta(minutes=7)
        try:
            step(of)
        except (DisputeError, AssertionError, KeyError):
            assert policy is not ALIEXPRESS_CLASSIC, step
        yield of


def instants(of: World, name: str) -> list[datetime]:
    """Now; in the long lives also around the end of the window, as the clock may be late."""
    now, end = of.clock.at, case_of(of).deadline
    return [now] if name not in LONG or end is None or end < now else [now, end - SECOND, end]


def sendable(of: World, now: datetime) -> Iterator[tuple[OutboxMail, MailView]]:
    dossier, loaded = of.cases.dossier(CASE), of.orders.load("order-1")
    assert dossier is not None
    assert loaded is not None
    for mail in mails_of(dossier):
        if reason_to_drop(mail, dossier, now) is None:
            yield mail, view_of(mail, dossier, loaded, SITE, now)


def past_dates(view: MailView, now: datetime) -> list[str]:
    """The dates that it names as if they were ahead."""
    named = {"due_at": view.due_at, **view.details}
    return [
        name
        for name, value in named.items()
        if isinstance(value, datetime) and value <= now and name != "delivered_at"
    ]


def faults(of: World, now: datetime) -> Iterator[str]:
    case = case_of(of)
    for mail, view in sendable(of, now):
        reading = Reading(case, mail.recipient, now)
        about = (f"{mail.kind} to {mail.recipient} in {case.status}", now)
        yield from (f"{about}: {line}" for line in untaken(render(view), reading))
        yield from (f"{about}: {name} has passed" for name in past_dates(view, now))


CASES = [
    *((name, ALIEXPRESS_CLASSIC) for name in ALL),
    *((name, policy) for name in LONG for policy in (TIGHT, TIGHTER)),
]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("name", "policy"), CASES)
def test_r50_whenever_a_mail_leaves_it_advises_what_would_be_taken_and_names_dates_that_are_ahead(
    name: str, policy: Policy
) -> None:
    found = [fault for of in stages(name, policy) for now in instants(of, name) for fault in faults(of, now)]
    assert found == []


def later_statuses() -> dict[MailKind, set[Status]]:
    """The open statuses that each kind of mail is seen waiting in, dropped or not."""
    seen: dict[MailKind, set[Status]] = {}
    for name in ALL:
        for of in stages(name, ALIEXPRESS_CLASSIC):
            for mail in mails_of(of.cases.dossier(CASE)):
                seen.setdefault(mail.kind, set()).add(case_of(of).status)
    return seen


_OPEN = set(Status) - TERMINAL
_FROM_CLAIM = _OPEN - {Status.NEGOTIATION}
_FROM_RETURN = {Status.AWAITING_RETURN, Status.RETURN_SHIPPED, Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW}
_FROM_SHIPPED = _FROM_RETURN - {Status.AWAITING_RETURN}
WAITS_IN: dict[MailKind, set[Status]] = {
    MailKind.DISPUTE_OPENED: _OPEN,
    MailKind.OFFER_MADE: _OPEN,
    MailKind.OFFER_DECLINED: _OPEN,
    MailKind.OFFER_WITHDRAWN: _OPEN,
    MailKind.MAY_ESCALATE: _OPEN,
    MailKind.REMINDER_NEGOTIATION: _OPEN,
    MailKind.EVIDENCE_REFUSED: _OPEN,
    MailKind.REASON_CHANGED: _OPEN,
    MailKind.DELIVERED: _OPEN,
    MailKind.PARCEL_DELIVERED: _OPEN,
    MailKind.REFUNDABLE_CHANGED: _OPEN,
    MailKind.MESSAGE_WAITING: _OPEN,
    MailKind.ESCALATED: _FROM_CLAIM,
    MailKind.EVIDENCE_WINDOW_SET: _FROM_CLAIM,
    MailKind.EVIDENCE_ADDED: _FROM_CLAIM,
    MailKind.EVIDENCE_REQUESTED: _FROM_CLAIM,
    MailKind.UNDER_REVIEW: _FROM_CLAIM,
    MailKind.OFFER_ACCEPTED: _FROM_RETURN,
    MailKind.DECIDED: _FROM_RETURN,
    MailKind.RETURN_ADDRESS_CONFIRMED: _FROM_RETURN,
    MailKind.REMINDER_RETURN_SHIPMENT: _FROM_RETURN,
    MailKind.RETURN_SHIPPED: _FROM_SHIPPED,
    MailKind.RETURN_DELIVERED: _FROM_SHIPPED,
    MailKind.REMINDER_RETURN_RECEIPT: _FROM_SHIPPED,
    MailKind.RETURN_PROBLEM: {Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW},
}


def test_r50_the_lives_delay_every_kind_of_mail_into_every_status_that_can_follow_it() -> None:
    seen = later_statuses()
    missing = {kind: statuses - seen[kind] for kind, statuses in WAITS_IN.items()}
    assert {kind: lacks for kind, lacks in missing.items() if lacks} == {}


def test_r46_r50_a_digest_says_what_its_events_say_and_advises_no_more() -> None:
    of = next(iter(stages("settled", ALIEXPRESS_CLASSIC)))
    talk(of)
    evidence(of, SELLER)
    views = [view for mail, view in sendable(of, of.clock.at) if mail.recipient is Role.BUYER]
    content = render(digest_of(views))
    assert list(untaken(content, Reading(case_of(of), Role.BUYER, of.clock.at))) == []
