"""What a party is shown of mails that do not arrive: the gravest about an address, whatever order the news come in."""

from itertools import pairwise, permutations

import pytest

from buyer_protection.domain.mail_alert import MailNotice, MailProblem, is_graver, noticed
from tests.support.builders import OPENED, SECOND

DELAYED, NOT_DELIVERED, UNDELIVERABLE, STOPPED = MailProblem


@pytest.mark.parametrize(("less", "more"), list(pairwise(MailProblem)))
def test_each_trouble_is_graver_than_the_one_before_it_and_not_than_itself(
    less: MailProblem, more: MailProblem
) -> None:
    assert is_graver(more, less)
    assert not is_graver(less, more)
    assert not is_graver(less, less)


def test_the_first_notice_is_shown() -> None:
    notice = MailNotice(DELAYED, OPENED, "a")
    assert noticed(None, notice) == notice


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_the_gravest_about_an_address_stays_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    notices = (
        MailNotice(DELAYED, OPENED + 9 * SECOND, "a"),
        MailNotice(UNDELIVERABLE, OPENED, "a"),
        MailNotice(NOT_DELIVERED, OPENED + 5 * SECOND, "a"),
    )
    shown = None
    for number in order:
        shown = noticed(shown, notices[number])
    assert shown == notices[1]


def test_of_equally_grave_ones_the_latest_is_shown() -> None:
    early, late = (MailNotice(NOT_DELIVERED, OPENED + wait * SECOND, "a") for wait in (0, 1))
    assert noticed(early, late) == noticed(late, early) == late


def test_a_notice_about_another_address_takes_the_place_of_any() -> None:
    notice = MailNotice(DELAYED, OPENED, "b")
    assert noticed(MailNotice(STOPPED, OPENED + SECOND, "a"), notice) == notice
