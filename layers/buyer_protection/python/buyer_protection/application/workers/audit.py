"""The nightly audit: compares all rows of every case, reports what disagrees, and repairs nothing.

Whatever it finds should not exist: a fault of ours, a row changed by hand, or something that the sweeper cannot see.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.audit import AuditPass, AuditStore, CaseRecords
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.workers.archive import (
    Archived,
    Archivist,
    archive_case,
    is_to_follow_hold,
    is_worth_archiving,
)
from buyer_protection.application.workers.census import census_of
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus, Status
from buyer_protection.domain.refunds import is_unanswered
from buyer_protection.domain.replay import replay, snapshot_of
from buyer_protection.domain.rulings import RulingStatus
from buyer_protection.domain.timeline import UNVERSIONED, first_break
from buyer_protection.domain.windows import alarm_status, due_at, wake_at

PAGE = 100
# What follows from a change does so within seconds; what has not by now does not.
PATIENCE = timedelta(hours=1)
# A row is postponed by minutes at most: a deadline that is later than this is not being met.
LATE = timedelta(minutes=10)
# A pass begins anew once the last one is this old: every night, whenever in the night that one began.
EVERY = timedelta(hours=20)
# A newer version may write mails about what older ones did not: only what happened since is asked for.
RECENT = timedelta(days=3)
_LOOKS = 3


class Disagreement(StrEnum):
    """What can be wrong with a case. The names are the metric's outcomes: never rename one."""

    CASE_INCOMPLETE = "CASE_INCOMPLETE"
    CASE_UNREADABLE = "CASE_UNREADABLE"
    TIMELINE_BROKEN = "TIMELINE_BROKEN"
    TIMELINE_DIFFERS = "TIMELINE_DIFFERS"
    STATE_DIFFERS = "STATE_DIFFERS"
    TIMER_MISSING = "TIMER_MISSING"
    TIMER_DIFFERS = "TIMER_DIFFERS"
    DEADLINE_LATE = "DEADLINE_LATE"
    NOBODY_WAITS = "NOBODY_WAITS"
    REFUND_MISSING = "REFUND_MISSING"
    REFUND_UNEXPECTED = "REFUND_UNEXPECTED"
    REFUND_DIFFERS = "REFUND_DIFFERS"
    REFUND_GIVEN_UP = "REFUND_GIVEN_UP"
    REFUND_RETURNED = "REFUND_RETURNED"
    REFUND_UNANSWERED = "REFUND_UNANSWERED"
    LEDGER_DIFFERS = "LEDGER_DIFFERS"
    MAIL_MISSING = "MAIL_MISSING"
    MAIL_STUCK = "MAIL_STUCK"
    RULING_DIFFERS = "RULING_DIFFERS"
    NOT_ARCHIVED = "NOT_ARCHIVED"


@dataclass(frozen=True, slots=True)
class Auditor:
    """What auditing needs. What is right and old enough goes to the archive, where there is one (R48)."""

    records: AuditStore
    clock: Clock
    archivist: Archivist | None = None


def audit(
    auditor: Auditor,
    on_disagreement: Callable[[str, Disagreement], None],
    has_time: Callable[[], bool] = lambda: True,
    on_archived: Callable[[str, Archived], None] = lambda *_: None,
) -> AuditPass | None:
    """Go on with the pass that is under way, or begin the night's own, until it is through or time is over.

    `on_disagreement` is called with the dispute id and each disagreement, `on_archived` with what became of each case
    that the archive was asked about. Returns how far the pass has come; None
    where there was nothing to do: the night's pass is through, or another audit is at work.
    """
    store, now = auditor.records, auditor.clock.now()
    before = store.last_pass()
    if before is not None and before.ended_at is not None and now < before.began_at + EVERY:
        return None
    current = before if before is not None and before.ended_at is None else AuditPass(now)
    while has_time():
        page = store.page_of_cases(limit=PAGE, start=current.next_key)
        found, census = 0, Counter(current.counts)
        for dispute_id in page.items:
            for kind in _seen_of(auditor, dispute_id, census, on_archived):
                on_disagreement(dispute_id, kind)
                found += 1
        ended = auditor.clock.now() if page.next_key is None else None
        counts = current.cases + len(page.items), current.disagreements + found
        further = AuditPass(current.began_at, ended, page.next_key, *counts, dict(census))
        if not store.keep_pass(further, before):
            return None
        before = current = further
        if ended is not None:
            break
    return current


def _seen_of(
    auditor: Auditor, dispute_id: str, census: Counter[str], on_archived: Callable[[str, Archived], None]
) -> list[Disagreement]:
    """What is wrong with the case, which is counted in `census` as it was seen last; archived where nothing is, and a
    legal hold on what is archived is followed in any case."""
    try:
        seen, found = _confirmed(auditor, dispute_id)
        census.update(census_of(seen, auditor.clock.now(), nobody_waits=Disagreement.NOBODY_WAITS in found))
    except Exception:  # noqa: BLE001 - a row that nobody can read is a finding, and ends the night for no other case
        return [Disagreement.CASE_UNREADABLE]
    of = is_to_follow_hold if found else is_worth_archiving
    if auditor.archivist is not None and of(auditor.archivist, seen):
        try:
            on_archived(dispute_id, archive_case(auditor.archivist, dispute_id))
        except ConflictingWriteError:
            # It changes just now; nothing has left the table.
            on_archived(dispute_id, Archived.NOT_YET)
        except Exception:  # noqa: BLE001 - as above: it stays in the table, and is the next night's again
            return [Disagreement.NOT_ARCHIVED]
    return found


def _confirmed(auditor: Auditor, dispute_id: str) -> tuple[CaseRecords, list[Disagreement]]:
    """What two looks at the same version agree on: a query may see half of a change that is just being committed."""
    last = None
    for _ in range(_LOOKS):
        seen = auditor.records.records(dispute_id)
        found = list(disagreements(seen, auditor.clock.now()))
        if not found or (last is not None and _version(seen) == _version(last)):
            return seen, found
        last = seen
    if last is None:
        raise AssertionError("each case is looked at")
    # It changes faster than it can be looked at twice; it is in use, and the next night's.
    return last, []


def _version(records: CaseRecords) -> tuple[int, int] | None:
    case = records.case
    return None if case is None else (case.version, case.timeline_seq)


def disagreements(records: CaseRecords, now: datetime) -> Iterator[Disagreement]:
    """Everything that is wrong with a case, each kind once."""
    case = records.case
    if case is None:
        yield Disagreement.CASE_INCOMPLETE
        return
    if records.archived is None:
        # It was looked at before it was archived, and what was read back from there once more.
        yield from _in_timeline(records, case)
    yield from _in_timer(records, case, now)
    yield from _in_refund(records, case, now)
    if _ledger_differs(records, case):
        yield Disagreement.LEDGER_DIFFERS
    if records.archived is None:
        yield from _in_outbox(records, now)
    if _ruling_differs(records, case):
        yield Disagreement.RULING_DIFFERS


def _in_timeline(records: CaseRecords, case: Dispute) -> Iterator[Disagreement]:
    entries = records.timeline
    if first_break(entries) is not None:
        yield Disagreement.TIMELINE_BROKEN
    last_hash = entries[-1].hash if entries else None
    # In cases of before, these moved the version too.
    quiet = sum(entry.type in UNVERSIONED for entry in entries)
    is_counted = len(entries) == case.timeline_seq and case.version <= len(entries) <= case.version + quiet
    if not is_counted or last_hash != case.timeline_hash:
        yield Disagreement.TIMELINE_DIFFERS
    if replace(replay(entries), is_ruled=False) != snapshot_of(case):
        yield Disagreement.STATE_DIFFERS


def _in_timer(records: CaseRecords, case: Dispute, now: datetime) -> Iterator[Disagreement]:
    timer, wake = records.timer, wake_at(case)
    if timer is None:
        yield Disagreement.TIMER_MISSING
        return
    kept = timer.status, timer.epoch, timer.wake_at
    # It is in the index exactly while something is due. The sweeper may have postponed it, or looks at it before it is
    # due, since nobody watches over it (`workers/watch.py`): then it does so, and moves it on.
    place, due = records.timer_due_at, due_at(case)
    misplaced = (place is None) != (due is None)
    if place is not None and due is not None:
        misplaced |= place < min(due, now - LATE)
    if kept != (alarm_status(case), case.epoch, wake) or misplaced:
        yield Disagreement.TIMER_DIFFERS
    if wake is not None and wake < now - LATE:
        yield Disagreement.DEADLINE_LATE
    elif not case.is_closed and timer.task_token is None and _is_settled_down(case, now):
        yield Disagreement.NOBODY_WAITS


def _is_settled_down(case: Dispute, now: datetime) -> bool:
    return case.updated_at is not None and case.updated_at < now - PATIENCE


def _in_refund(records: CaseRecords, case: Dispute, now: datetime) -> Iterator[Disagreement]:
    refund = records.refund
    owed = case.outcome.refund if case.outcome is not None and not case.outcome.refund.is_zero() else None
    if owed is None or refund is None:
        if owed is not None:
            yield Disagreement.REFUND_MISSING
        if refund is not None:
            yield Disagreement.REFUND_UNEXPECTED
        return
    kept = refund.amount, refund.order_id, refund.status
    paid = case.refund_status is RefundStatus.SUCCEEDED
    if kept != (owed, case.order_id, case.refund_status) or (paid and records.refund_due_at is not None):
        yield Disagreement.REFUND_DIFFERS
    elif refund.status is RefundStatus.RETURNED:
        # Nobody asks for the money any more: reported every night until somebody has paid, as is the next.
        yield Disagreement.REFUND_RETURNED
    elif not paid and records.refund_due_at is None:
        yield Disagreement.REFUND_GIVEN_UP
    elif is_unanswered(refund, now):
        yield Disagreement.REFUND_UNANSWERED


def _ledger_differs(records: CaseRecords, case: Dispute) -> bool:
    ledger = records.ledger
    if ledger is None:
        return True
    # What disputes of before settlements were kept gave back, is in the sum alone.
    settled = sum(sum(settlement.refund.values()) for settlement in ledger.settlements)
    if not 0 <= ledger.refunded_minor - settled <= case.order_paid.amount_minor:
        return True
    if (case.refund_status is RefundStatus.HELD) is not (case.dispute_id in ledger.held):
        return True
    if not case.is_closed:
        return ledger.active_dispute_id != case.dispute_id or ledger.finished_at is not None
    if ledger.active_dispute_id == case.dispute_id:
        return True
    if case.status is Status.CANCELLED or case.outcome is None:
        return False
    # Other disputes of the order may have brought money too; the sum is the three-way match's to hold.
    if ledger.refunded_minor < case.outcome.refund.amount_minor:
        return True
    is_finished = bool(case.undisputed) or ledger.finished_by == case.dispute_id
    if case.ledger_version is None:
        return not is_finished
    # Units that were added since reopen the order (R40), and raise the ledger's version.
    is_last = ledger.version == case.ledger_version + 1
    is_kept = any(settlement.dispute_id == case.dispute_id for settlement in ledger.settlements)
    return not is_kept or (is_last and not is_finished)


def _ruling_differs(records: CaseRecords, case: Dispute) -> bool:
    """Whether the case names a ruling as waiting that is not kept, is of another maker, or waits no more (R47).

    A row that waits and that no case names is no fault: what voids a ruling does not know its row.
    """
    marker = case.waiting_ruling
    if marker is None:
        return False
    named = [kept for kept in records.rulings if kept.decision_id == marker.decision_id]
    is_kept = [(kept.made_by, kept.status) for kept in named] == [(marker.made_by, RulingStatus.WAITING)]
    return not is_kept or case.status is not Status.UNDER_REVIEW


def _in_outbox(records: CaseRecords, now: datetime) -> Iterator[Disagreement]:
    kept = {(mail.seq, mail.recipient) for mail in records.mails}
    since = {entry.seq: entry for entry in records.timeline if entry.at < now - PATIENCE}
    recent = [entry for entry in since.values() if entry.at > now - RECENT]
    if any((mail.seq, mail.recipient) not in kept for entry in recent for mail in mails_for(entry)):
        yield Disagreement.MAIL_MISSING
    if any(mail.is_due and mail.seq in since for mail in records.mails):
        yield Disagreement.MAIL_STUCK
