"""The contract of what the workers use: refunds, alarms."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.timers import TimerState
from buyer_protection.domain import negotiation, refunds
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import ReturnedPayment
from buyer_protection.domain.refunds import RefundAnswer
from buyer_protection.domain.windows import wake_at
from tests.contracts.ports import Ports
from tests.contracts.scenes import HOUR, MINUTE, MS, agreed, books, due_of, opened, stored
from tests.integration import people
from tests.integration.people import OPENED, PAID, SELLER, days

SECOND = timedelta(seconds=1)


class RefundsContract:
    def test_d2_a_refund_without_an_answer_is_asked_for_again_ever_more_seldom(self, ports: Ports) -> None:
        case = opened(ports)
        change = agreed(ports, case, OPENED)
        assert due_of(ports, case, OPENED + HOUR - MS) == []
        assert due_of(ports, case, OPENED + HOUR) == ["REFUND"]
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR - MS) is None
        # Whoever only reads uses nothing up. A repetition has a number of its own.
        found = [ports.refunds.overdue(case.dispute_id, OPENED + HOUR) for _ in range(2)]
        assert change.refund is not None
        second = replace(change.refund, attempt=2)
        assert found == [second, second]
        assert ports.refunds.note_asked(second, OPENED + HOUR)
        assert ports.refunds.overdue(case.dispute_id, OPENED + 3 * HOUR - MS) is None
        assert due_of(ports, case, OPENED + 3 * HOUR - MS) == []
        assert due_of(ports, case, OPENED + 3 * HOUR) == ["REFUND"]
        assert ports.refunds.overdue(case.dispute_id, OPENED + 3 * HOUR) == replace(second, attempt=3)
        self._answer(ports, change.after, RefundStatus.SUCCEEDED, OPENED + 2 * HOUR)
        assert due_of(ports, case, OPENED + days(9)) == []
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None

    def test_d3_a_refund_that_fails_is_tried_for_three_days_and_no_more(self, ports: Ports) -> None:
        case = opened(ports)
        at = OPENED
        failed = self._answer(ports, agreed(ports, case, at).after, RefundStatus.FAILED, at)
        attempts, pauses = [], []
        for _ in range(40):
            due = at + (pauses[-1] if pauses else MINUTE)
            assert ports.refunds.overdue(case.dispute_id, due - MS) is None
            at = due
            found = ports.refunds.overdue(case.dispute_id, at)
            assert found is not None
            assert found.first_retry == (2 if attempts else None)
            if refunds.needs_operator(found):
                break
            attempts.append(found.attempt)
            pauses.append(refunds.pause_after(found))
            assert ports.refunds.note_asked(found, at)
        assert attempts == list(range(2, 17))
        assert pauses == [*(2**n * MINUTE for n in range(10)), *[12 * HOUR] * 5]
        assert days(3) <= at - OPENED < days(3) + 12 * HOUR
        given_up = refunds.give_up(failed, at)
        ports.cases.commit(given_up, now=at)
        assert due_of(ports, case, at + days(9)) == []
        assert ports.refunds.overdue(case.dispute_id, at + days(9)) is None
        self._answer(ports, given_up.after, RefundStatus.SUCCEEDED, at)
        assert stored(ports, case).refund_status is RefundStatus.SUCCEEDED

    def test_r44_what_an_operator_asks_for_again_is_due_at_once(self, ports: Ports) -> None:
        case = opened(ports)
        at = OPENED
        failed = self._answer(ports, agreed(ports, case, at).after, RefundStatus.FAILED, at)
        given_up = refunds.give_up(failed, at + days(4))
        ports.cases.commit(given_up, now=at + days(4))
        again = refunds.ask_again(given_up.after, ports.refunds.attempts(case.dispute_id), at + days(5))
        assert again is not None
        ports.cases.commit(again, now=at + days(5))
        found = ports.refunds.overdue(case.dispute_id, at + days(5))
        assert found is not None
        assert (found.attempt, found.first_retry, found.status) == (2, None, RefundStatus.REQUESTED)
        assert ports.refunds.note_asked(found, at + days(5))
        assert ports.refunds.attempts(case.dispute_id) == 2
        assert ports.refunds.attempts("dp-absent") == 0

    def test_r44_a_payment_that_came_back_is_kept_with_the_attempts_before_it(self, ports: Ports) -> None:
        case = opened(ports)
        paid = self._answer(ports, agreed(ports, case, OPENED).after, RefundStatus.SUCCEEDED, OPENED)
        returned = self._answer(ports, paid, RefundStatus.FAILED, OPENED + HOUR)
        attempts = ports.refunds.attempts(case.dispute_id)
        again = refunds.ask_again(returned, attempts, OPENED + 2 * HOUR)
        assert again is not None
        ports.cases.commit(again, now=OPENED + 2 * HOUR)
        assert stored(ports, case).refund_returned == ReturnedPayment("", OPENED, OPENED + HOUR, 1)

    def test_r44_each_payment_that_came_back_is_kept_and_the_attempt_that_was_paid(
        self, ports: Ports
    ) -> None:
        case = opened(ports)
        now = agreed(ports, case, OPENED).after
        for number, reference in enumerate(("pay-1", "pay-2", "pay-3"), 1):
            at = OPENED + number * days(1)
            word = refunds.RefundAnswer(RefundStatus.SUCCEEDED, PAID, at, reference, number)
            paid = refunds.note_answer(now, word, at)
            assert paid is not None
            ports.cases.commit(paid, now=at)
            assert stored(ports, case).refund_paid_attempt == number
            returned = self._answer(ports, paid.after, RefundStatus.FAILED, at + HOUR)
            again = refunds.ask_again(returned, number, at + 2 * HOUR)
            assert again is not None
            ports.cases.commit(again, now=at + 2 * HOUR)
            now = stored(ports, case)
        at = OPENED + 3 * days(1)
        kept = ReturnedPayment("pay-3", at, at + HOUR, 3, ("pay-1", "pay-2"), 2)
        assert now.refund_returned == kept

    def test_r44_the_ledger_counts_what_is_paid_and_no_more_once_it_came_back(self, ports: Ports) -> None:
        case = opened(ports)
        paid = self._answer(ports, agreed(ports, case, OPENED).after, RefundStatus.SUCCEEDED, OPENED)
        assert self._paid_minor(ports, case) == PAID.amount_minor
        returned = self._answer(ports, paid, RefundStatus.FAILED, OPENED + HOUR)
        assert (self._paid_minor(ports, case), returned.refund_status) == (0, RefundStatus.RETURNED)
        assert due_of(ports, case, OPENED + days(9)) == []
        self._answer(ports, returned, RefundStatus.SUCCEEDED, OPENED + 2 * HOUR)
        assert self._paid_minor(ports, case) == PAID.amount_minor
        assert stored(ports, case).version == paid.version

    def _paid_minor(self, ports: Ports, case: Dispute) -> int:
        return books(ports, case).paid_minor

    def test_r39_the_ledger_knows_whose_refund_is_held_and_until_when(self, ports: Ports) -> None:
        case = agreed(ports, opened(ports), OPENED).after
        read = books(ports, case)
        held = replace(refunds.hold(case, OPENED), ledger_read=read)
        ports.cases.commit(held, now=OPENED)
        assert books(ports, case) == replace(read, held=(case.dispute_id,))
        paid = self._answer(ports, held.after, RefundStatus.SUCCEEDED, OPENED + HOUR)
        assert (books(ports, case).held, self._paid_minor(ports, case)) == ((), PAID.amount_minor)
        assert stored(ports, case) == paid

    def test_r39_a_held_refund_takes_only_the_room_that_its_ledger_still_says_is_there(
        self, ports: Ports
    ) -> None:
        case = agreed(ports, opened(ports), OPENED).after
        read = books(ports, case)
        newer = replace(read, version=read.version + 1)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(replace(refunds.hold(case, OPENED), ledger_read=newer), now=OPENED)
        held = replace(refunds.hold(case, OPENED), ledger_read=read)
        ports.cases.commit(held, now=OPENED)
        read = books(ports, case)
        # Another one that was held when this was decided has left meanwhile.
        both = replace(read, held=(case.dispute_id, "dp-zzz"))
        release = refunds.release(held.after, OPENED + HOUR)
        for stale in (both, newer):
            with pytest.raises(ConflictingWriteError):
                ports.cases.commit(replace(release, ledger_read=stale), now=OPENED + HOUR)
        ports.cases.commit(replace(release, ledger_read=read), now=OPENED + HOUR)
        assert (books(ports, case).held, stored(ports, case).refund_status) == ((), RefundStatus.REQUESTED)

    def test_q1_of_two_who_ask_for_a_refund_one_notes_it(self, ports: Ports) -> None:
        case = opened(ports)
        self._answer(ports, agreed(ports, case, OPENED).after, RefundStatus.FAILED, OPENED)
        found = ports.refunds.overdue(case.dispute_id, OPENED + HOUR)
        assert found is not None
        assert ports.refunds.note_asked(found, OPENED + HOUR)
        assert not ports.refunds.note_asked(found, OPENED + HOUR)
        assert not ports.refunds.note_asked(found, OPENED + HOUR + MINUTE)
        again = ports.refunds.overdue(case.dispute_id, OPENED + 2 * HOUR)
        assert (found.attempt, again.attempt if again else None) == (2, 3)
        absent = replace(found, dispute_id=ports.dispute_id())
        assert not ports.refunds.note_asked(absent, OPENED + HOUR)

    def test_q1_a_refund_that_was_put_off_is_asked_for_under_the_same_attempt(self, ports: Ports) -> None:
        case = opened(ports)
        self._answer(ports, agreed(ports, case, OPENED).after, RefundStatus.FAILED, OPENED)
        found = ports.refunds.overdue(case.dispute_id, OPENED + HOUR)
        (row,) = (
            one for one in ports.timers.due(OPENED + HOUR, limit=500) if one.dispute_id == case.dispute_id
        )
        assert ports.timers.postpone(row, OPENED + HOUR + MINUTE)
        assert found is not None
        assert not ports.refunds.note_asked(found, OPENED + HOUR)
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR + MINUTE - MS) is None
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR + MINUTE) == found
        assert ports.refunds.note_asked(found, OPENED + HOUR + MINUTE)
        assert not ports.timers.postpone(row, OPENED + days(1))

    @pytest.mark.parametrize("status", [RefundStatus.FAILED, RefundStatus.SUCCEEDED])
    def test_q1_an_answer_that_came_while_a_refund_was_asked_for_stays(
        self, ports: Ports, status: RefundStatus
    ) -> None:
        case = opened(ports)
        change = agreed(ports, case, OPENED)
        found = ports.refunds.overdue(case.dispute_id, OPENED + HOUR)
        assert found is not None
        assert change.refund == replace(found, attempt=1)
        self._answer(ports, change.after, status, OPENED + HOUR)
        # Even to a clock by which the answered refund would be due again.
        assert not ports.refunds.note_asked(found, OPENED + days(1))
        assert stored(ports, case).refund_status is status
        next_one = ports.refunds.overdue(case.dispute_id, OPENED + 2 * HOUR)
        failed = replace(found, status=status, attempt=2)
        expected = failed if status is RefundStatus.FAILED else None
        assert next_one == expected

    def test_a_refund_names_the_call_that_it_follows_from_however_often_it_is_asked_for(
        self, ports: Ports
    ) -> None:
        case = opened(ports)
        change = negotiation.accept_request(case, SELLER, OPENED).from_call("call-1")
        ports.cases.commit(change, now=OPENED)
        found = ports.refunds.overdue(case.dispute_id, OPENED + HOUR)
        assert found is not None
        assert found.correlation_id == "call-1"

    def _answer(self, ports: Ports, case: Dispute, status: RefundStatus, at: datetime) -> Dispute:
        change = refunds.note_answer(case, RefundAnswer(status, PAID, at), at)
        assert change is not None
        ports.cases.commit(change, now=at)
        return change.after


class TimersContract:
    def test_q1_an_alarm_follows_its_case_and_only_a_new_epoch_takes_the_token(self, ports: Ports) -> None:
        case = opened(ports)
        assert ports.timers.timer(case.dispute_id) == TimerState(
            case.dispute_id, 1, "NEGOTIATION", 1, wake_at(case)
        )
        ports.park(case.dispute_id, "token")
        reminded = people.next_step(case, OPENED + days(3))
        ports.cases.commit(reminded, now=OPENED + days(3))
        asleep = TimerState(case.dispute_id, 1, "NEGOTIATION", 1, wake_at(reminded.after), "token")
        assert ports.timers.timer(case.dispute_id) == asleep
        claim = people.escalation(reminded.after, OPENED + days(4))
        ports.cases.commit(claim, now=OPENED + days(4))
        woken = TimerState(case.dispute_id, 1, "CLAIM_OPENED", 2, wake_at(claim.after))
        assert ports.timers.timer(case.dispute_id) == woken

    def test_a_date_names_the_call_that_it_came_from_until_another_step_moves_it(self, ports: Ports) -> None:
        case = opened(ports)
        claim = people.escalation(case, OPENED + days(4)).from_call("call-1")
        ports.cases.commit(claim, now=OPENED + days(4))
        moved = ports.timers.timer(case.dispute_id)
        assert moved is not None
        assert moved.correlation_id == "call-1"
        reminded = people.next_step(claim.after, OPENED + days(10))
        ports.cases.commit(reminded, now=OPENED + days(10))
        assert ports.timers.timer(case.dispute_id) == structs.replace(moved, wake_at=wake_at(reminded.after))
        ended = people.next_step(reminded.after, OPENED + days(11))
        ports.cases.commit(ended, now=OPENED + days(11))
        after = ports.timers.timer(case.dispute_id)
        assert after is not None
        assert (after.epoch, after.correlation_id) == (moved.epoch + 1, None)

    def test_q1_a_generation_is_raised_once(self, ports: Ports) -> None:
        case = opened(ports)
        ports.park(case.dispute_id, "token of the dead")
        found = ports.timers.timer(case.dispute_id)
        assert found is not None
        raised = ports.timers.next_generation(found)
        assert raised == TimerState(case.dispute_id, 2, "NEGOTIATION", 1, found.wake_at)
        assert ports.timers.timer(case.dispute_id) == raised
        assert ports.timers.next_generation(found) is None
        assert ports.timers.next_generation(structs.replace(found, dispute_id=ports.dispute_id())) is None

    def test_q1_what_is_due_comes_oldest_first_and_not_before_its_instant(self, ports: Ports) -> None:
        cases = []
        for number in range(6):
            change = people.opening(
                ports.dispute_id(), order_id=ports.order_id(), now=OPENED + number * MINUTE
            )
            ports.cases.commit(change, now=OPENED)
            cases.append(change.after)
        first = wake_at(cases[0])
        assert first is not None
        ours = {case.dispute_id for case in cases}
        assert [row for row in ports.timers.due(first - MS, limit=500) if row.dispute_id in ours] == []
        found = [row for row in ports.timers.due(first + HOUR, limit=500) if row.dispute_id in ours]
        assert [row.dispute_id for row in found] == [case.dispute_id for case in cases]
        assert [row.due_at for row in found] == [wake_at(case) for case in cases]
        assert len(ports.timers.due(first + HOUR, limit=3)) == 3
