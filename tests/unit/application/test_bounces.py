"""Bounces and complaints mark the address and are shown on the case, to its reader alone (design 4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.mails.bounces import (
    BounceHandler,
    MailEvent,
    MailEventKind,
    Outcome,
    contact_of,
    process_mail_event,
)
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.mail_transport import address_id
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.mail_alert import MailNotice, MailProblem, noticed
from buyer_protection.domain.order import Order
from buyer_protection.domain.timeline import instant
from tests.support.builders import DAY, OPENED
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    case_of,
    mail_delivery,
    offer,
    put_order_again,
    seen,
    tick,
    world_in,
)

TO_BUYER, TO_SELLER = "buyer@example.com", "seller@example.com"
LATER = OPENED + DAY


def bounce_handler(of: World) -> BounceHandler:
    return BounceHandler(of.cases, of.orders, of.addresses)


def event(
    kind: MailEventKind,
    recipient: Role = Role.BUYER,
    address: str = TO_BUYER,
    at: datetime = LATER,
    dispute_id: str = CASE,
) -> MailEvent:
    return MailEvent(kind, dispute_id, recipient, address, at)


def notices(of: World) -> list[dict[str, str]]:
    found: list[dict[str, str]] = seen(of, BUYER)["notices"]
    return found


def moved(of: World, email: str) -> Order:
    order = of.orders_kept[case_of(of).order_id]
    return replace(order, buyer=replace(order.buyer, email=email))


@pytest.mark.parametrize(
    ("kind", "shown", "marks"),
    [
        (MailEventKind.HARD_BOUNCE, "MAIL_UNDELIVERABLE", True),
        (MailEventKind.SOFT_BOUNCE, "MAIL_NOT_DELIVERED", False),
        (MailEventKind.COMPLAINT, "MAIL_STOPPED", True),
        (MailEventKind.REJECT, "MAIL_NOT_DELIVERED", False),
        (MailEventKind.RENDERING_FAILURE, "MAIL_NOT_DELIVERED", False),
        (MailEventKind.DELIVERY_DELAY, "MAIL_DELAYED", False),
    ],
)
def test_each_problem_is_shown_to_its_reader_alone_and_only_the_lasting_ones_mark_the_address(
    kind: MailEventKind, shown: str, marks: bool
) -> None:
    of = world_in(Status.NEGOTIATION)
    before = case_of(of)
    assert process_mail_event(bounce_handler(of), event(kind)) is Outcome.RECORDED
    assert notices(of) == [{"code": shown, "at": instant(LATER)}]
    assert seen(of, SELLER)["notices"] == seen(of, MANAGER)["notices"] == []
    assert (of.addresses.mark_of(address_id(TO_BUYER)) is not None) is marks
    after = case_of(of)
    assert (after.version, after.timeline_seq, after.epoch) == (
        before.version,
        before.timeline_seq,
        before.epoch,
    )


def test_a_complaint_that_was_taken_back_is_none() -> None:
    of = world_in(Status.NEGOTIATION)
    assert process_mail_event(bounce_handler(of), event(MailEventKind.NOT_SPAM)) is Outcome.KNOWN
    assert notices(of) == []
    assert not of.addresses.marks


def test_the_same_event_again_changes_nothing() -> None:
    of = world_in(Status.NEGOTIATION)
    process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE))
    marks, writes = dict(of.addresses.marks), of.writes
    for _ in range(3):
        assert process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE)) is Outcome.KNOWN
    assert (of.addresses.marks, of.writes) == (marks, writes)


def test_events_in_any_order_end_in_the_same_notice_and_mark() -> None:
    events = [
        event(MailEventKind.DELIVERY_DELAY, at=LATER),
        event(MailEventKind.SOFT_BOUNCE, at=LATER + timedelta(hours=1)),
        event(MailEventKind.HARD_BOUNCE, at=LATER + timedelta(hours=2)),
        event(MailEventKind.COMPLAINT, at=LATER - timedelta(hours=1)),
    ]
    ends = set()
    for order in permutations(events):
        of = world_in(Status.NEGOTIATION)
        for one in order:
            process_mail_event(bounce_handler(of), one)
        mark = of.addresses.mark_of(address_id(TO_BUYER))
        assert mark is not None
        ends.add((case_of(of).buyer_notice, mark.trouble, mark.at))
    assert len(ends) == 1
    ((notice, trouble, _),) = ends
    assert notice is not None
    assert notice.trouble is trouble is MailProblem.STOPPED


@given(
    st.lists(
        st.builds(
            MailNotice,
            st.sampled_from(MailProblem),
            st.integers(0, 1000).map(lambda hours: OPENED + timedelta(hours=hours)),
            st.just("a"),
        ),
        min_size=1,
    ),
    st.randoms(),
)
def test_what_is_shown_does_not_depend_on_the_order_of_events_nor_on_repeats(
    notices: list[MailNotice], dice: object
) -> None:
    def end(events: list[MailNotice]) -> MailNotice | None:
        kept: MailNotice | None = None
        for one in events:
            kept = noticed(kept, one)
        return kept

    shuffled = notices + notices
    dice.shuffle(shuffled)
    assert end(shuffled) == end(notices)


def test_mails_after_a_hard_bounce_are_dropped_until_the_shop_sends_another_address() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE))
    offer(of, SELLER, 500)
    of.deliver_stream()
    assert deliver_mails(mail_delivery(of), CASE) == 0
    assert {row.dropped for row in of.mails.values()} == {None, "MAIL_UNDELIVERABLE"}

    put_order_again(of, moved(of, "ana@example.com"))
    assert notices(of) == []
    offer(of, SELLER, 600)
    of.deliver_stream()
    assert deliver_mails(mail_delivery(of), CASE) == 1
    assert of.transport.sent[-1]["to"] == "ana@example.com"


def test_an_upsert_with_the_same_address_leaves_notice_and_mark() -> None:
    of = world_in(Status.NEGOTIATION)
    process_mail_event(bounce_handler(of), event(MailEventKind.COMPLAINT))
    put_order_again(of, moved(of, "Buyer@EXAMPLE.com"))
    assert [notice["code"] for notice in notices(of)] == ["MAIL_STOPPED"]
    assert of.addresses.mark_of(address_id(TO_BUYER)) is not None


def test_a_bounce_of_an_address_that_the_party_no_longer_has_is_not_shown() -> None:
    of = world_in(Status.NEGOTIATION)
    put_order_again(of, moved(of, "ana@example.com"))
    assert process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE)) is Outcome.ADDRESS_CHANGED
    assert notices(of) == []
    assert of.addresses.mark_of(address_id(TO_BUYER)) is not None


def test_an_address_in_another_script_is_known_by_what_the_mail_was_sent_to() -> None:
    of = world_in(Status.NEGOTIATION)
    put_order_again(of, moved(of, "ana@Bücher.example"))
    bounce = event(MailEventKind.HARD_BOUNCE, address="ana@xn--bcher-kva.example")
    assert process_mail_event(bounce_handler(of), bounce) is Outcome.RECORDED
    assert [notice["code"] for notice in notices(of)] == ["MAIL_UNDELIVERABLE"]


def test_an_event_about_no_case_of_ours_marks_the_address_and_is_no_failure() -> None:
    of = world_in(Status.NEGOTIATION)
    unknown = event(MailEventKind.HARD_BOUNCE, dispute_id="dp-unknown")
    assert process_mail_event(bounce_handler(of), unknown) is Outcome.NO_SUCH_CASE
    assert of.addresses.mark_of(address_id(TO_BUYER)) is not None


def test_who_loses_the_race_for_the_notice_looks_again() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: process_mail_event(bounce_handler(of), event(MailEventKind.COMPLAINT))
    assert process_mail_event(bounce_handler(of), event(MailEventKind.SOFT_BOUNCE)) is Outcome.KNOWN
    assert [notice["code"] for notice in notices(of)] == ["MAIL_STOPPED"]


def test_a_notice_that_arrives_during_a_change_of_the_case_stays() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE))
    offer(of, SELLER, 500)
    assert [notice["code"] for notice in notices(of)] == ["MAIL_UNDELIVERABLE"]


def test_the_notice_is_still_shown_when_the_case_has_moved_on() -> None:
    of = world_in(Status.NEGOTIATION)
    process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE))
    of.clock.at = case_of(of).opened_at + 15 * DAY
    tick(of)
    assert case_of(of).status is Status.CLAIM_EVIDENCE
    assert [notice["code"] for notice in notices(of)] == ["MAIL_UNDELIVERABLE"]


def test_no_address_is_in_what_is_kept_or_shown() -> None:
    of = world_in(Status.NEGOTIATION)
    process_mail_event(bounce_handler(of), event(MailEventKind.HARD_BOUNCE))
    assert "example.com" not in f"{of.addresses.marks} {case_of(of)}"
    assert "example.com" not in str(seen(of, BUYER))


def test_nobody_but_the_orders_two_parties_has_an_address_here() -> None:
    of = world_in(Status.NEGOTIATION)
    order = of.orders_kept[case_of(of).order_id]
    assert contact_of(order, Role.BUYER) is order.buyer
    assert contact_of(order, Role.SELLER) is order.seller
    for role in set(Role) - {Role.BUYER, Role.SELLER}:
        with pytest.raises(AssertionError):
            contact_of(order, role)


def test_an_outdated_notice_is_not_overwritten() -> None:
    of = world_in(Status.NEGOTIATION)
    notice = MailNotice(MailProblem.DELAYED, LATER, address_id(TO_BUYER))
    assert of.cases.replace_notice(CASE, Role.BUYER, None, notice)
    assert not of.cases.replace_notice(CASE, Role.BUYER, None, notice)
