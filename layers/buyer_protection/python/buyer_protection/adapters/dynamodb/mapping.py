"""Rows to domain values and back. Attribute names are the dataclass's field names, so that one loop does both ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.stored_responses import deflate, inflate
from buyer_protection.adapters.dynamodb.tables import (
    EvidenceRow,
    FactsRow,
    IdempotencyRow,
    LedgerRow,
    MessageRow,
    OfferRow,
    OrderRow,
    RefundRow,
    StateRow,
    TimelineRow,
    TimerRow,
    TrackRow,
)
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.application.ports.timers import DueKind, TimerState
from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OfferStatus, RefundStatus
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.numbers import evidence_number, message_number, offer_number
from buyer_protection.domain.opening import OPENING_OFFER_ID, opening_offer
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import due_after_entry, pause_after
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import Actor, TimelineEntry, instant, parse_instant
from buyer_protection.domain.windows import alarm_status, due_at, wake_at

IDEMPOTENCY_LIFE = timedelta(days=30)

# Conditions look at these, so that they are written even where they have their default.
_ALWAYS = frozenset({"status", "version", "epoch"})


def _common(row: type[Row], shape: type) -> tuple[str, ...]:
    known = row.get_attributes()
    return tuple(name for name in shape.__annotations__ if name in known)


_FACTS = _common(FactsRow, Dispute)
_STATE = _common(StateRow, Dispute)
_LEDGER = _common(LedgerRow, OrderLedger)
_OFFER = _common(OfferRow, Offer)
_EVIDENCE = _common(EvidenceRow, Evidence)
_MESSAGE = _common(MessageRow, Message)
_TRACK = _common(TrackRow, TrackingReport)
_TIMER = _common(TimerRow, TimerState)


def _default(field: "Field[Any]") -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _defaults(shape: type) -> dict[str, Any]:
    return {field.name: _default(field) for field in fields(shape)}


_DISPUTE_DEFAULTS = _defaults(Dispute)
_OFFER_DEFAULTS = _defaults(Offer)
_EVIDENCE_DEFAULTS = _defaults(Evidence)
_MESSAGE_DEFAULTS = _defaults(Message)
_LEDGER_DEFAULTS = _defaults(OrderLedger)
# These have no default but None.
_NO_DEFAULTS: Mapping[str, Any] = {}


def _values(row: Row, names: Iterable[str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    # What is not stored has its default, or is None where the dataclass has none.
    stored = row.attribute_values
    return {name: defaults.get(name) if (it := stored.get(name)) is None else it for name in names}


def _stored(name: str, value: Any) -> Any:
    """What has its default is left out, but for what conditions look at."""
    return value if name in _ALWAYS or value != _DISPUTE_DEFAULTS[name] else None


def _all_stored(case: Dispute, names: Iterable[str]) -> dict[str, Any]:
    return {name: _stored(name, getattr(case, name)) for name in names}


def _changes(before: Dispute, after: Dispute, names: Iterable[str]) -> dict[str, Any]:
    """What becomes of the attributes that differ. A change copies the case, so that most are the very same objects."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    return {name: _stored(name, new) for name, old, new in pairs if new is not old and new != old}


# --- the case -----------------------------------------------------------------------------------------------


def dispute_of(facts: FactsRow, state: StateRow) -> Dispute:
    """The case that these two rows hold."""
    return Dispute(
        dispute_id=keys.id_of(facts.pk),
        **_values(facts, _FACTS, _DISPUTE_DEFAULTS),
        **_values(state, _STATE, _DISPUTE_DEFAULTS),
    )


def facts_values(case: Dispute) -> dict[str, Any]:
    """The attributes of FACTS; None where there is nothing to store."""
    return {
        **_all_stored(case, _FACTS),
        "buyer_key": keys.buyer_key(case.buyer_id),
        "seller_key": keys.seller_key(case.seller_id),
        "opened_key": f"{instant(case.opened_at)}#{case.dispute_id}",
        **listed_by_opening(case),
    }


def listed_by_opening(case: Dispute) -> dict[str, Any]:
    """Where the case is among all cases, from its opening on and for ever: no change moves it."""
    return {"queue_key": keys.opened_list_key(case.dispute_id), "queue_due": case.opened_at}


def facts_changes(before: Dispute, after: Dispute) -> dict[str, Any]:
    """The attributes of FACTS that a change changes; None is to be removed. Whose case it is, and since when, stays."""
    return _changes(before, after, _FACTS)


def state_values(case: Dispute) -> dict[str, Any]:
    """The attributes of STATE, with what conditions and the queue look at; None where there is nothing to store."""
    return {**_all_stored(case, _STATE), **_looked_at(case)}


def state_changes(before: Dispute, after: Dispute) -> dict[str, Any]:
    """The attributes of STATE that a change changes; None is to be removed."""
    return {**_changes(before, after, _STATE), **changed(_looked_at(before), _looked_at(after))}


def _looked_at(case: Dispute) -> dict[str, Any]:
    return {"deadline": case.deadline, **queued_as(case)}


def queued_as(case: Dispute) -> dict[str, Any]:
    """Where an open claim is: by its status, and by who has it; None for every other case.

    A change within the claim writes no `due_key`, and an assignment nothing else, so that neither undoes the other.
    """
    queued = case.window if is_queued(case) else None
    if queued is None:
        return dict.fromkeys(("queue_key", "queue_due", "due_key", "due_at"))
    due = queued.due(case)
    return {
        "queue_key": keys.queue_key(case.dispute_id, case.status),
        "queue_due": due,
        "due_key": keys.assignee_key(case.dispute_id, case.assigned_to),
        "due_at": due,
    }


def is_queued(case: Dispute) -> bool:
    """Whether the team sees the case in its queue."""
    return case.window is not None and case.window.is_queued


def timer_values(case: Dispute) -> dict[str, Any]:
    """The attributes of TIMER that follow from the case; None where nothing is due."""
    wake = wake_at(case)
    return {
        "epoch": case.epoch,
        "status": alarm_status(case),
        "wake_at": wake,
        "due_key": None if wake is None else keys.due_key(case.dispute_id),
        "due_at": due_at(case),
    }


def timer_of(row: TimerRow) -> TimerState:
    """What waking and restarting need of TIMER."""
    return TimerState(**_values(row, _TIMER, _NO_DEFAULTS), dispute_id=keys.id_of(row.pk))


# --- what belongs to a case ---------------------------------------------------------------------------------


def timeline_row(entry: TimelineEntry) -> TimelineRow:
    """The row of an entry."""
    return TimelineRow(
        *keys.timeline(entry.dispute_id, entry.seq),
        seq=entry.seq,
        at=entry.at,
        actor_role=entry.actor.role,
        actor_id=entry.actor.actor_id,
        event=entry.type,
        data=dict(entry.data),
        prev_hash=entry.prev_hash,
        hash=entry.hash,
        correlation_id=entry.correlation_id,
        person_id=entry.person_id,
        texts=dict(entry.texts) or None,
    )


def entry_of(row: TimelineRow) -> TimelineEntry:
    """The entry in a row."""
    return TimelineEntry(
        dispute_id=keys.id_of(row.pk),
        seq=row.seq,
        at=row.at,
        actor=Actor(row.actor_role, row.actor_id),
        type=row.event,
        data=row.data,
        prev_hash=row.prev_hash,
        hash=row.hash,
        correlation_id=row.correlation_id,
        person_id=row.person_id,
        texts=row.texts or {},
        erased=bool(row.erased),
    )


def offer_row(dispute_id: str, offer: Offer) -> OfferRow:
    """The row of a proposal."""
    values = {name: getattr(offer, name) for name in _OFFER} | {"salt": offer.salt or None}
    return OfferRow(*keys.offer(dispute_id, offer_number(offer.offer_id)), **values)


def offer_of(row: OfferRow) -> Offer:
    """The proposal in a row."""
    return Offer(**_values(row, _OFFER, _OFFER_DEFAULTS))


def offers_of(facts: FactsRow, state: StateRow, rows: Iterable[OfferRow]) -> list[Offer]:
    """All proposals of a case, oldest first. Pass rows that were read after STATE.

    Two facts are stored once instead of in each row (Q18): the opening request, which FACTS holds until it is closed,
    and the end of the negotiation, at which every proposal that is still open lapses (R15).
    """
    offers = [offer_of(row) for row in rows]
    if not any(offer.offer_id == OPENING_OFFER_ID for offer in offers):
        offers.insert(0, opening_offer(dispute_of(facts, state)))
    known = (state.attribute_values.get(name) for name in ("escalated_at", "lapsed_at"))
    ends = [ended for ended in known if ended is not None]
    sides = (state.attribute_values.get(name) for name in ("buyer_offer", "seller_offer"))
    of_team = state.attribute_values.get("proposal")
    standing = {side.offer_id for side in (*sides, of_team and of_team.offer) if side is not None}
    return [offer if offer.offer_id in standing else _as_it_ended(offer, ends) for offer in offers]


def _as_it_ended(offer: Offer, ends: Sequence[datetime]) -> Offer:
    """The talking may end twice: with the escalation, and with the case.

    Who speaks in the very millisecond in which the clock escalates speaks in the claim already.
    """
    later = [end for end in ends if offer.made_at < end]
    ended = next(iter(later or [end for end in ends if offer.made_at == end]), None)
    if offer.status is not OfferStatus.OPEN or ended is None:
        return offer
    return replace(offer, status=OfferStatus.LAPSED, closed_at=ended)


def evidence_row(dispute_id: str, item: Evidence) -> EvidenceRow:
    """The row of an item of evidence."""
    values = {name: getattr(item, name) for name in _EVIDENCE}
    values |= {"files": item.files or None, "salt": item.salt or None, "erased": item.erased or None}
    return EvidenceRow(*keys.evidence(dispute_id, evidence_number(item.evidence_id)), **values)


def evidence_of(row: EvidenceRow) -> Evidence:
    """The item of evidence in a row."""
    return Evidence(**_values(row, _EVIDENCE, _EVIDENCE_DEFAULTS))


def message_row(dispute_id: str, message: Message) -> MessageRow:
    """The row of a message."""
    key = keys.message(dispute_id, message_number(message.message_id))
    values = {name: getattr(message, name) for name in _MESSAGE} | {"salt": message.salt or None}
    return MessageRow(*key, **values)


def message_of(row: MessageRow) -> Message:
    """The message in a row."""
    return Message(**_values(row, _MESSAGE, _MESSAGE_DEFAULTS))


def refund_row(refund: Refund) -> RefundRow:
    """The row of a refund: due until the payment system answers."""
    return RefundRow(
        *keys.refund(refund.dispute_id),
        refund_id=refund.refund_id,
        order_id=refund.order_id,
        amount=refund.amount,
        requested_at=refund.requested_at,
        status=refund.status,
        correlation_id=refund.correlation_id,
        due_key=keys.due_key(refund.dispute_id, DueKind.REFUND),
        due_at=refund.requested_at + pause_after(refund),
    )


def refund_of(row: RefundRow) -> Refund:
    """The refund in a row."""
    return Refund(
        row.refund_id,
        keys.id_of(row.pk),
        row.order_id,
        row.amount,
        row.requested_at,
        row.status,
        row.attempt or 1,
        row.first_retry,
        row.correlation_id,
    )


def refund_values(case: Dispute, entry: TimelineEntry) -> dict[str, Any]:
    """What an entry about the refund makes of REFUND: done with, or due to be asked for (again)."""
    due = due_after_entry(case, entry.at)
    values = {
        "status": case.refund_status,
        "first_retry": None,
        "due_key": keys.due_key(case.dispute_id, DueKind.REFUND) if due else None,
        "due_at": due,
    }
    if case.refund_status is RefundStatus.SUCCEEDED:
        values["paid_at"] = parse_instant(entry.data["occurred_at"])
    return values


# --- the order ----------------------------------------------------------------------------------------------


def ledger_of(order_id: str, row: LedgerRow | None) -> OrderLedger:
    """The ledger in a row; an untouched one where there is none yet."""
    return OrderLedger(order_id, **_values(row, _LEDGER, _LEDGER_DEFAULTS)) if row else OrderLedger(order_id)


def track_row(order_id: str, report: TrackingReport, command_id: str) -> TrackRow:
    """The row of a carrier's report."""
    values = {name: getattr(report, name) for name in _TRACK}
    return TrackRow(*keys.track(order_id, report.event_id), **values, last_command_id=command_id)


def report_of(row: TrackRow) -> TrackingReport:
    """The carrier's report in a row."""
    return TrackingReport(**_values(row, _TRACK, _NO_DEFAULTS))


def ledger_changes(before: OrderLedger, after: OrderLedger) -> dict[str, Any]:
    """The attributes of LEDGER that a change of the order changes; None is to be removed."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in _LEDGER)
    return {name: new if new != _LEDGER_DEFAULTS[name] else None for name, old, new in pairs if new != old}


def order_row(order: Order, now: datetime | None = None) -> OrderRow:
    """The row of an order, as the shop said it at `now`."""
    key = keys.order(order.order_id)
    return OrderRow(*key, order=order, as_of=order.as_of, revision=order.revision, updated_at=now)


def order_of(row: OrderRow) -> Order:
    """The order in a row; which version of it, and as of when, its own attributes say."""
    return replace(row.order, revision=row.revision or 0, as_of=row.as_of)


# --- the answer that is kept --------------------------------------------------------------------------------


def idempotency_row(idempotency: IdempotencyRecord, now: datetime) -> IdempotencyRow:
    """The row of a receipt, with its end."""
    return IdempotencyRow(
        *keys.idempotency(idempotency.idempotency_id),
        body_hash=idempotency.body_hash,
        status=idempotency.answer.status,
        body=deflate(idempotency.answer.body),
        version=idempotency.answer.version,
        location=idempotency.answer.location,
        expires_at=int((now + IDEMPOTENCY_LIFE).timestamp()),
    )


def idempotency_record_of(row: IdempotencyRow) -> IdempotencyRecord:
    """The receipt in a row."""
    answer = Answer(row.status, inflate(row.body), row.version, row.location)
    return IdempotencyRecord(keys.id_of(row.pk), row.body_hash, answer)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that differ, with what they become; None is to be removed."""
    return {name: value for name, value in after.items() if value != before[name]}
