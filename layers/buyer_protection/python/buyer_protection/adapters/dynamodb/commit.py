"""What a change writes: the one transaction that every change of a case is, for people and clock alike."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb import keys, ledger_counts, mapping
from buyer_protection.adapters.dynamodb.keys import Key
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import (
    AssignmentRow,
    BriefRow,
    FactsRow,
    LedgerRow,
    OfferRow,
    OrderRow,
    RefundRow,
    StateRow,
    TimerRow,
)
from buyer_protection.adapters.dynamodb.team_tables import RulingRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import OfferStatus, Status
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.numbers import offer_number
from buyer_protection.domain.opening import OPENING_OFFER_ID, opening_offer
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.settlement import exceeds_left
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.windows import due_at


class Write(NamedTuple):
    """A change with the instant it is committed at and what comes along with it."""

    change: Change
    now: datetime
    idempotency: IdempotencyRecord | None = None
    brief: Mapping[str, Any] | None = None


def commit(write: Write) -> None:
    """Write everything, or nothing and say why. A change that a lost answer hid is a success (see `took_effect`)."""
    if exceeds_left(write.change):
        raise RefundExceedsPaidError
    transaction = Transaction()
    if write.change.is_opening:
        _add_opening(transaction, write.change, _answered(write.idempotency))
    else:
        add_change(transaction, write.change, write.now, _answered(write.idempotency))
        _add_release(transaction, write.change)
    if write.idempotency is not None:
        transaction.put_new(mapping.idempotency_row(write.idempotency, write.now))
    if write.brief is not None:
        dispute_id = write.change.after.dispute_id
        transaction.put(BriefRow(*keys.brief(dispute_id), content=dict(write.brief)))
    try:
        transaction.commit()
    except RefusedError as refusal:
        if not took_effect(keys.state(write.change.after.dispute_id), transaction):
            raise _reason(write, refusal.rows) from refusal


def commit_assignment(assignment: Assignment, now: datetime, idempotency: IdempotencyRecord | None) -> None:
    """See `CaseStore.keep_assignment`: STATE keeps who has the claim, a row of its own the step to it."""
    transaction, one = Transaction(), assignment
    holder = StateRow.assigned_to
    unchanged = holder.does_not_exist() if one.previous is None else holder == one.previous
    is_claim = StateRow.status.is_in(Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW)
    state = keys.state(one.dispute_id)
    held = {"assigned_to": one.assignee, "due_key": keys.assignee_key(one.dispute_id, one.assignee)}
    transaction.update(StateRow, state, held, unchanged & is_claim)
    step_id = transaction.command_id if idempotency is None else idempotency.idempotency_id
    key = keys.assignment(one.dispute_id, instant(now), step_id)
    step = AssignmentRow(*key, at=now, by=one.by, assignee=one.assignee, previous=one.previous)
    transaction.put_new(step)
    if idempotency is not None:
        transaction.put_new(mapping.idempotency_row(idempotency, now))
    try:
        transaction.commit()
    except RefusedError as refusal:
        if Row.fetch([key]):
            return
        if idempotency is not None and keys.idempotency(idempotency.idempotency_id) in refusal.rows:
            raise IdempotencyRecordExistsError from refusal
        raise ConflictingWriteError from refusal


def took_effect(key: Key, transaction: Transaction) -> bool:
    """Whether the row was last written by this very transaction: its first answer was lost, its success was not."""
    row = Row.fetch([key]).get(key)
    return row is not None and getattr(row, "last_command_id", None) == transaction.command_id


def _guard(change: Change, now: datetime) -> Condition | None:
    match change.guard:
        case Guard.BEFORE_DEADLINE:
            return StateRow.deadline > now
        case Guard.AFTER_DEADLINE:
            return StateRow.deadline <= now
        case Guard.NONE:
            return None


def _answered(idempotency: IdempotencyRecord | None) -> str | None:
    return None if idempotency is None else idempotency.idempotency_id


def _add_opening(transaction: Transaction, change: Change, answered: str | None) -> None:
    case, read = change.after, change.ledger_read
    if read is None:
        raise AssertionError("a dispute is opened on what the order's ledger says")
    timer = {**mapping.timer_values(case), "generation": 1, "correlation_id": change.entry.correlation_id}
    transaction.put_new(FactsRow(*keys.facts(case.dispute_id), **_filled(mapping.facts_values(case))))
    state = {**mapping.state_values(case), "last_command_id": transaction.command_id}
    transaction.put_new(StateRow(*keys.state(case.dispute_id), **_filled(state)))
    transaction.put_new(TimerRow(*keys.timer(case.dispute_id), **_filled(timer)))
    _add_rows(transaction, change, answered)
    if change.order_revision:
        # What was opened is what the order still says; from now on it stays as long as its cases (R48).
        as_read = OrderRow.revision == change.order_revision
        transaction.update(OrderRow, keys.order(case.order_id), {"expires_at": None}, as_read)
    elif change.order_revision is not None:
        # Of before revisions were counted, and orders had an end.
        transaction.check(OrderRow, keys.order(case.order_id), revision_is(change.order_revision))
    never_opened = LedgerRow.disputes_opened.does_not_exist()
    free = (
        LedgerRow.active_dispute_id.does_not_exist()
        & LedgerRow.finished_at.does_not_exist()
        # Nobody opened, and perhaps settled, a dispute since: what can be disputed and how often is as it was read.
        & (LedgerRow.disputes_opened == read.disputes_opened if read.disputes_opened else never_opened)
        & version_is(read.version)
        # What the case knows of its parcels is what their carriers have said.
        & tracking_is(read)
    )
    transaction.update(
        LedgerRow,
        keys.ledger(case.order_id),
        {
            "active_dispute_id": case.dispute_id,
            "currency": case.max_refundable.currency,
            "updated_at": change.entry.at,
        },
        free,
        # From here on the sum of refunds is there to be compared with, if only as zero.
        add={"disputes_opened": 1, "refunded_minor": 0, "version": 1, "disputes": (case.dispute_id,)},
        may_make_it=True,
    )


def add_change(transaction: Transaction, change: Change, now: datetime, answered: str | None = None) -> None:
    """The rows of the case itself: STATE under its version and the guard, and whatever else the change touched."""
    before, after = change.before, change.after
    state = mapping.state_changes(before, after)
    if OfferStatus.LAPSED in (change.closed_offers or {}).values() and not change.lapses_singly:
        state["lapsed_at"] = change.entry.at
    current, guard = StateRow.version == before.version, _guard(change, now)
    if change.voids_ruling:
        # Whether one was read or not: it may have begun to wait since, which moves no version (R47).
        state["waiting_ruling"] = None
    if change.ruling is not None:
        # Nothing has voided it, and nobody else has settled it.
        current &= StateRow.waiting_ruling == before.waiting_ruling
        transaction.put_over(
            RulingRow(*keys.ruling(after.dispute_id, change.ruling.decision_id), ruling=change.ruling)
        )
    transaction.update(
        StateRow,
        keys.state(after.dispute_id),
        {**state, "last_command_id": transaction.command_id},
        current if guard is None else current & guard,
    )
    facts = mapping.facts_changes(before, after)
    if facts:
        transaction.update(FactsRow, keys.facts(after.dispute_id), facts, FactsRow.pk.exists())
    timer = mapping.changed(mapping.timer_values(before), mapping.timer_values(after))
    due = due_at(after)
    if due is not None and change.look_again_at is not None:
        timer["due_at"] = min(due, change.look_again_at)
    if timer:
        if after.epoch > before.epoch:
            # Whoever waits with this token is woken by the stream's reader, which finds it in the old image.
            timer["task_token"] = None
            timer["correlation_id"] = change.entry.correlation_id
        transaction.update(TimerRow, keys.timer(after.dispute_id), timer, TimerRow.pk.exists())
    if change.refund is None and after.refund_status is not before.refund_status:
        _add_refund_status(transaction, change)
    _add_rows(transaction, change, answered)


def _add_refund_status(transaction: Transaction, change: Change) -> None:
    """What became of the refund since the closing, which wrote its row whole; the ledger counts what is paid (R44), and
    knows what is held (R39)."""
    before, after = change.before, change.after
    as_read = RefundRow.status == before.refund_status
    values = mapping.refund_values(after, change.entry)
    transaction.update(RefundRow, keys.refund(after.dispute_id), values, as_read)
    counted = ledger_counts.counted_of(change)
    if counted.add or counted.take:
        key, room = keys.ledger(after.order_id), _room_is(change)
        values = {"updated_at": change.entry.at}
        transaction.update(LedgerRow, key, values, room, add=counted.add, take=counted.take)


def _room_is(change: Change) -> Condition:
    """R39: what a refund was held or released on is still so: nothing else was given back, and no other refund that was
    held has taken the room."""
    condition: Condition = LedgerRow.pk.exists()
    read = change.ledger_read
    if read is None:
        return condition
    condition &= version_is(read.version)
    for other in read.held:
        if other != change.after.dispute_id:
            condition &= LedgerRow.held.contains(other)
    return condition


def _add_rows(transaction: Transaction, change: Change, answered: str | None) -> None:
    """`answered`: which answer is kept of the call, so that an erasure finds the copies in it (R48)."""
    dispute_id = change.after.dispute_id
    for entry in change.entries:
        row = mapping.timeline_row(entry)
        row.idempotency_id = answered if entry is change.entry else None
        transaction.put_new(row)
    if change.new_offer is not None and not change.is_opening:
        transaction.put_new(mapping.offer_row(dispute_id, change.new_offer))
    if change.new_evidence is not None:
        transaction.put_new(mapping.evidence_row(dispute_id, change.new_evidence))
    if change.changed_evidence is not None:
        changed = mapping.evidence_row(dispute_id, change.changed_evidence)
        transaction.put_over(changed)
    if change.new_message is not None:
        transaction.put_new(mapping.message_row(dispute_id, change.new_message))
    for offer_id, status in (change.closed_offers or {}).items():
        if status is not OfferStatus.LAPSED or change.lapses_singly:
            _close_offer(transaction, change, offer_id, status)


def _close_offer(transaction: Transaction, change: Change, offer_id: str, status: OfferStatus) -> None:
    dispute_id, at = change.after.dispute_id, change.entry.at
    if offer_id == OPENING_OFFER_ID:
        # FACTS holds the opening request until it is closed. Only now does it need a row of its own, for its status.
        closed_request = replace(opening_offer(change.before), status=status, closed_at=at)
        transaction.put(mapping.offer_row(dispute_id, closed_request))
        return
    key = keys.offer(dispute_id, offer_number(offer_id))
    transaction.update(OfferRow, key, {"status": status, "closed_at": at}, OfferRow.pk.exists())


def _add_release(transaction: Transaction, change: Change) -> None:
    """A closed case gives its order back (R13) or finishes it (R25), and asks for the refund it ended with."""
    case, refund = change.after, change.refund
    if refund is not None:
        transaction.put_new(mapping.refund_row(refund))
    if not (change.finishes_order or change.releases_order):
        return
    ended = ledger_counts.ending_of(change)
    condition = LedgerRow.active_dispute_id == case.dispute_id
    if case.ledger_version is not None:
        condition &= version_is(case.ledger_version)
    elif refund is not None:
        # Opened before the ledger had a version.
        room = case.order_paid - refund.amount
        condition &= LedgerRow.refunded_minor <= room.amount_minor
    values = {**ended.values, "updated_at": change.entry.at}
    transaction.update(LedgerRow, keys.ledger(case.order_id), values, condition, add=ended.add)


def version_is(version: int) -> Condition:
    """The ledger is as it was read: nothing that bears on money came in between (R39)."""
    return _counts(LedgerRow.version, version)


def tracking_is(ledger: OrderLedger) -> Condition:
    """No parcel was reported on since the ledger was read."""
    tracking, known = LedgerRow.tracking, dict(ledger.tracking)
    return tracking == known if known else tracking.does_not_exist()


def revision_is(revision: int) -> Condition:
    """The order is as it was read."""
    return _counts(OrderRow.revision, revision)


def _counts(attribute: Attribute[Any], number: int) -> Condition:
    """Rows of before it was counted have none."""
    equal: Condition = attribute == number
    return equal if number else attribute.does_not_exist() | equal


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _reason(write: Write, refused: Iterable[Key]) -> Exception:
    """The most telling refusal: the same command first, then another's change, then the order's ledger."""
    rows, change = frozenset(refused), write.change
    if write.idempotency is not None and keys.idempotency(write.idempotency.idempotency_id) in rows:
        return IdempotencyRecordExistsError()
    if rows != {keys.ledger(change.after.order_id)}:
        return ConflictingWriteError()
    if change.is_opening:
        return OrderHeldError()
    has_version = change.after.ledger_version is not None
    # Its version says that something came in between: what is left then, only the case read again can say.
    return ConflictingWriteError() if has_version or change.refund is None else RefundExceedsPaidError()
