"""The contract of the outbox: mails written, leased, settled, left to the sweeper."""

from dataclasses import replace
from datetime import timedelta

from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail, subject_of_order
from buyer_protection.application.ports.timers import DueRow
from buyer_protection.domain.enums import Role
from buyer_protection.domain.windows import wake_at
from tests.contracts.ports import Ports
from tests.contracts.scenes import HOUR, MINUTE, MS, due_of, opened
from tests.integration import people
from tests.integration.people import OPENED, days

SECOND = timedelta(seconds=1)


class OutboxContract:
    def test_q1_a_mail_is_written_leased_and_settled_once(self, ports: Ports) -> None:
        case = opened(ports)
        both = [
            OutboxMail(case.dispute_id, 1, role, MailKind.DISPUTE_OPENED)
            for role in (Role.SELLER, Role.BUYER)
        ]
        ports.outbox.add(both)
        ports.outbox.add(both)
        to_buyer, to_seller = ports.outbox.unsent(case.dispute_id)
        assert (to_buyer.recipient, to_seller.recipient) == (Role.BUYER, Role.SELLER)
        assert ports.outbox.lease(to_buyer, OPENED, 60)
        assert not ports.outbox.lease(to_buyer, OPENED + timedelta(seconds=59), 60)
        assert ports.outbox.lease(to_buyer, OPENED + MINUTE, 60)
        assert [mail.attempts for mail in ports.outbox.unsent(case.dispute_id)] == [2, 0]
        ports.outbox.settle(to_buyer, OPENED, message_id="m-1")
        ports.outbox.settle(to_seller, OPENED, message_id=None, dropped="CASE_CLOSED")
        assert list(ports.outbox.unsent(case.dispute_id)) == []
        assert not ports.outbox.lease(to_buyer, OPENED + HOUR, 60)
        assert due_of(ports, case, OPENED + days(1)) == []
        ports.outbox.add(both)
        ports.outbox.settle(to_buyer, OPENED, message_id=None, dropped="WINDOW_OVER")
        assert list(ports.outbox.unsent(case.dispute_id)) == []

    def test_i14_a_mail_is_in_no_index_while_a_message_of_the_queue_stands_for_it(self, ports: Ports) -> None:
        case = opened(ports)
        ports.outbox.add([OutboxMail(case.dispute_id, 1, Role.BUYER, MailKind.DISPUTE_OPENED)])
        (mail,) = ports.outbox.unsent(case.dispute_id)
        assert (mail.is_watched, due_of(ports, case, OPENED + HOUR)) == (False, [])
        assert ports.outbox.lease(mail, OPENED, 60)
        assert due_of(ports, case, OPENED + HOUR) == []
        # Whoever took it has died: from the second attempt on the sweeper knows of it.
        (mail,) = ports.outbox.unsent(case.dispute_id)
        assert ports.outbox.lease(mail, OPENED + MINUTE, 60)
        assert due_of(ports, case, OPENED + 2 * MINUTE - MS) == []
        assert due_of(ports, case, OPENED + 2 * MINUTE) == ["MAIL#00000001#BUYER"]
        assert [mail.is_watched for mail in ports.outbox.unsent(case.dispute_id)] == [True]
        ports.outbox.settle(mail, OPENED + MINUTE, message_id="m-1")
        assert due_of(ports, case, OPENED + HOUR) == []

    def test_i14_what_the_queue_does_not_take_is_left_to_the_sweeper_once(self, ports: Ports) -> None:
        case = opened(ports)
        mail = OutboxMail(case.dispute_id, 1, Role.BUYER, MailKind.DISPUTE_OPENED)
        ports.outbox.leave_to_sweeper([mail], OPENED)
        assert list(ports.outbox.unsent(case.dispute_id)) == []
        ports.outbox.add([mail])
        ports.outbox.leave_to_sweeper([mail], OPENED)
        ports.outbox.leave_to_sweeper([mail], OPENED + HOUR)
        assert due_of(ports, case, OPENED + 2 * MINUTE - MS) == []
        assert due_of(ports, case, OPENED + 2 * MINUTE) == ["MAIL#00000001#BUYER"]
        ports.outbox.settle(mail, OPENED, message_id="m-1")
        ports.outbox.leave_to_sweeper([mail], OPENED)
        assert due_of(ports, case, OPENED + HOUR) == []

    def test_i14_a_mail_that_somebody_else_holds_is_the_sweepers_when_they_die(self, ports: Ports) -> None:
        case = opened(ports)
        ports.outbox.add([OutboxMail(case.dispute_id, 1, Role.BUYER, MailKind.DISPUTE_OPENED)])
        (mail,) = ports.outbox.unsent(case.dispute_id)
        assert ports.outbox.lease(mail, OPENED, 60)
        assert not ports.outbox.lease(mail, OPENED + 30 * SECOND, 60)
        assert due_of(ports, case, OPENED + 90 * SECOND - MS) == []
        assert due_of(ports, case, OPENED + 90 * SECOND) == ["MAIL#00000001#BUYER"]
        # What the sweeper knows of stays where it is.
        (mail,) = ports.outbox.unsent(case.dispute_id)
        assert not ports.outbox.lease(mail, OPENED + 45 * SECOND, 60)
        assert due_of(ports, case, OPENED + 90 * SECOND) == ["MAIL#00000001#BUYER"]

    def test_q32_a_row_that_nobody_reads_is_put_aside_ever_longer_until_somebody_moves_it(
        self, ports: Ports
    ) -> None:
        case = opened(ports)
        mail = OutboxMail(case.dispute_id, 1, Role.BUYER, MailKind.DISPUTE_OPENED)
        ports.outbox.add([mail])
        ports.outbox.hold(mail, OPENED)
        at, pauses = OPENED, []
        for _ in range(6):
            (row,) = [it for it in ports.timers.due(at, limit=500) if it.dispute_id == case.dispute_id]
            ports.timers.check(row)
            assert ports.timers.put_aside(row, at, MINUTE, 10 * MINUTE)
            assert not ports.timers.put_aside(row, at, MINUTE, 10 * MINUTE)
            later = ports.timers.due(at + HOUR, limit=500)
            (after,) = [it for it in later if (it.dispute_id, it.sort_key) == (case.dispute_id, row.sort_key)]
            pauses.append((after.due_at - at) / MINUTE)
            at = after.due_at
        assert pauses == [1, 1, 2, 4, 8, 10]
        ports.outbox.hold(mail, at + MINUTE)
        (row,) = [it for it in ports.timers.due(at + MINUTE, limit=500) if it.dispute_id == case.dispute_id]
        assert ports.timers.put_aside(row, at + MINUTE, MINUTE, 10 * MINUTE)
        assert due_of(ports, case, at + 2 * MINUTE) == ["MAIL#00000001#BUYER"]

    def test_q5_a_change_of_the_sweepers_leaves_the_case_due_until_somebody_has_looked(
        self, ports: Ports
    ) -> None:
        case = opened(ports)
        due = wake_at(case)
        assert due is not None
        change = replace(people.next_step(case, due), look_again_at=due + MINUTE)
        ports.cases.commit(change, now=due)
        following = wake_at(change.after)
        assert following is not None
        assert following > due + MINUTE
        assert due_of(ports, case, due + MINUTE - MS) == []
        assert due_of(ports, case, due + MINUTE) == ["TIMER"]
        row = DueRow(case.dispute_id, "TIMER", due + MINUTE)
        assert ports.timers.postpone(row, following)
        assert due_of(ports, case, following - MS) == []
        assert due_of(ports, case, following) == ["TIMER"]

    def test_q5_no_look_comes_behind_the_cases_own_date(self, ports: Ports) -> None:
        case = opened(ports)
        due = wake_at(case)
        assert due is not None
        change = replace(people.next_step(case, due), look_again_at=due + days(99))
        ports.cases.commit(change, now=due)
        following = wake_at(change.after)
        assert following is not None
        assert due_of(ports, case, following) == ["TIMER"]

    def test_e2_a_mail_that_is_held_is_nobodys_until_its_time_and_due_right_then(self, ports: Ports) -> None:
        case = opened(ports)
        mail = OutboxMail(case.dispute_id, 1, Role.BUYER, MailKind.OFFER_MADE)
        ports.outbox.add([mail])
        assert ports.outbox.lease(mail, OPENED, 60)
        ports.outbox.hold(mail, OPENED + HOUR)
        assert not ports.outbox.lease(mail, OPENED + HOUR - MS, 60)
        assert due_of(ports, case, OPENED + HOUR - MS) == []
        assert due_of(ports, case, OPENED + HOUR) == ["MAIL#00000001#BUYER"]
        assert ports.outbox.lease(mail, OPENED + HOUR, 60)
        ports.outbox.settle(mail, OPENED + HOUR, message_id="m-1")
        ports.outbox.hold(mail, OPENED + 2 * HOUR)
        assert due_of(ports, case, OPENED + days(1)) == []

    def test_q1_a_mail_that_was_never_written_is_nobodys(self, ports: Ports) -> None:
        mail = OutboxMail(ports.dispute_id(), 1, Role.BUYER, MailKind.DISPUTE_OPENED)
        assert not ports.outbox.lease(mail, OPENED, 60)
        ports.outbox.settle(mail, OPENED, message_id="m-1")
        assert list(ports.outbox.unsent(mail.dispute_id)) == []

    def test_a_mail_keeps_the_name_of_the_call_that_it_follows_from(self, ports: Ports) -> None:
        named = OutboxMail(
            ports.dispute_id(), 1, Role.BUYER, MailKind.DISPUTE_OPENED, correlation_id="call-1"
        )
        ports.outbox.add([named])
        assert [mail.correlation_id for mail in ports.outbox.unsent(named.dispute_id)] == ["call-1"]

    def test_b6_a_mail_about_an_order_waits_under_its_order(self, ports: Ports) -> None:
        case = opened(ports)
        subject = subject_of_order(case.order_id)
        mail = OutboxMail(subject, 3, Role.BUYER, MailKind.ORDER_UNCOLLECTED)
        ports.outbox.add([mail])
        assert list(ports.outbox.unsent(subject)) == [mail]
        assert list(ports.outbox.unsent(case.dispute_id)) == []
        ports.outbox.leave_to_sweeper([mail], OPENED)
        (row,) = [row for row in ports.timers.due(OPENED + HOUR, limit=500) if row.dispute_id == subject]
        assert row.sort_key == "MAIL#00000003#BUYER"
        assert ports.timers.postpone(row, OPENED + days(1))
        assert not ports.timers.postpone(row, OPENED + days(2))
        assert ports.outbox.lease(mail, OPENED, 60)
        ports.outbox.settle(mail, OPENED, message_id="m-1")
        assert list(ports.outbox.unsent(subject)) == []
