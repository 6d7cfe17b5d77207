"""What the sweeper does about rows that are due beside deadlines: mails, deliveries, refunds, erasures."""

from collections import Counter
from dataclasses import replace
from functools import partial

from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.mails import (
    person_of_subject,
    webhook_of_subject,
)
from buyer_protection.application.ports.timers import (
    DueRow,
)
from buyer_protection.application.workers.breaker import NotAskedError, Service
from buyer_protection.application.workers.erasure import Erased, erase_person
from buyer_protection.application.workers.refunds import Published, give_refund_up, publish_refund
from buyer_protection.application.workers.sweep_round import (
    RETRY_DELAY,
    Process,
    Repair,
    Round,
)
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refunds import HELD_CHECK_AFTER, is_unanswered, needs_operator

_DELIVERY, _MAIL = "DELIVERY#", "MAIL#"


def effect_of(this: Round, row: DueRow) -> Process:
    if row.sort_key == "REFUND":
        return _emit_refund
    if row.sort_key.startswith(_DELIVERY):
        return _ask_for_delivery
    if row.sort_key == "ERASURE":
        return _erase_person
    if not row.sort_key.startswith(_MAIL):
        return _refuse
    is_first = row.dispute_id not in this.asked
    this.asked.add(row.dispute_id)
    return partial(_ask_for_mails, is_first=is_first)


def _refuse(_this: Round, row: DueRow, _done: Counter[str]) -> None:
    raise UnreadableRowError(f"{row.dispute_id} {row.sort_key}")


def _ask_for_mails(this: Round, row: DueRow, done: Counter[str], *, is_first: bool) -> None:
    sweeper = this.sweeper
    if sweeper.breaker is not None and sweeper.breaker.is_open(Service.MAIL_QUEUE):
        raise NotAskedError(Service.MAIL_QUEUE)
    sweeper.timers.check(row)
    if is_first:
        sweeper.queue.enqueue(row.dispute_id)
        done["mails_requeued"] += 1
    # Where the notification function is away, one message a minute would only pile up.
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


def _ask_for_delivery(this: Round, row: DueRow, done: Counter[str]) -> None:
    """The next attempt to deliver to a webhook; it is looked at again unless the attempt is made."""
    sweeper = this.sweeper
    sweeper.timers.check(row)
    webhook_id = webhook_of_subject(row.dispute_id)
    if webhook_id is not None:
        sweeper.webhooks.enqueue([(webhook_id, row.sort_key.removeprefix(_DELIVERY))])
        done["webhooks_requeued"] += 1
    sweeper.timers.postpone(row, sweeper.clock.now() + RETRY_DELAY)


def _erase_person(this: Round, row: DueRow, done: Counter[str]) -> None:
    """R48: what is kept of a person whose time to stop it is over. What is left is the next round's."""
    sweeper, person_id = this.sweeper, person_of_subject(row.dispute_id)
    if sweeper.eraser is None or person_id is None:
        raise UnreadableRowError(f"{row.dispute_id} {row.sort_key}")
    sweeper.timers.check(row)
    outcome = erase_person(sweeper.eraser, person_id, this.has_time)
    if outcome is not Erased.NOTHING:
        done[_ERASED[outcome]] += 1


_ERASED = {
    Erased.ALL: "people_erased",
    Erased.PART: "people_erased_in_part",
    Erased.DELAYED: "erasures_delayed",
}
_PUBLISHED = {
    Published.SENT: "refunds_reemitted",
    Published.HELD_OVER_LEDGER: "refunds_held_over_ledger",
    Published.NOT_OF_CASE: "refunds_not_of_case",
}


def _emit_refund(this: Round, row: DueRow, done: Counter[str]) -> None:
    """Ask, or call an operator, and only then note it.

    A round that dies in between does so again, under the same attempt and event id; the other way round, an attempt
    would be used up, or a refund given up, without anybody having been notified.
    """
    sweeper = this.sweeper
    if this.held:
        done["refunds_held"] += 1
        return
    now = sweeper.clock.now()
    refund = sweeper.refunds.overdue(row.dispute_id, now)
    if refund is None:
        return
    if needs_operator(refund):
        done["refunds_given_up"] += 1
        this.report(Repair("refunds_given_up", row.dispute_id))
        give_refund_up(sweeper.cases, sweeper.clock, refund)
        return
    published = publish_refund(sweeper.cases, sweeper.orders, sweeper.bus, sweeper.clock, refund)
    done[_PUBLISHED[published]] += 1
    if published is not Published.SENT:
        # Not asked for: a person must look at it, each time that it is due.
        sweeper.timers.postpone(row, now + HELD_CHECK_AFTER)
        return
    if is_unanswered(refund, now):
        done["refunds_unanswered"] += 1
    if refund.status is RefundStatus.HELD:
        refund = replace(refund, status=RefundStatus.REQUESTED)
    # Let go a moment ago, it is due since then.
    sweeper.refunds.note_asked(refund, sweeper.clock.now())
