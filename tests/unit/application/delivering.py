"""Letting a case's mails leave, and looking at what left and what did not."""

from collections import Counter

from buyer_protection.application.mails.delivery import deliver_mails
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import CASE, case_of, mail_delivery, tick


def deliver(of: World) -> Counter[tuple[str, str]]:
    """What leaves now, by recipient and kind."""
    of.deliver_stream()
    before = len(of.transport.sent)
    deliver_mails(mail_delivery(of), CASE)
    return Counter((mail["recipient"], mail["kind"]) for mail in of.transport.sent[before:])


def dropped(of: World) -> set[tuple[str, str, str]]:
    """Recipient, kind and reason of what was not worth sending."""
    return {
        (row.mail.recipient.value, row.mail.kind.value, row.dropped)
        for row in of.mails.values()
        if row.dropped
    }


def a_day_before(of: World) -> None:
    """The clock's reminder, a day before the present window ends."""
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline - DAY
    while case_of(of).reminded_until != of.clock.at:
        tick(of)
