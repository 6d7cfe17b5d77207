"""Rows and domain values: whatever the domain holds comes back from the table's own form unchanged."""

import math
import string
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.stored_responses import deflate, inflate
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, OrderRow, StateRow, TimerRow
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.application.ports.timers import DueKind
from buyer_protection.domain.agreement import Offer, Outcome
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Role, Status, TrackingStatus
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import (
    Contact,
    DisputedItem,
    Order,
    OrderItem,
    OrderLedger,
    ParcelTracking,
    Shipment,
)
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.sides import ContactRecord, OpenOffer
from buyer_protection.domain.timeline import Actor, first_break, next_entry, whole_ms

R = TypeVar("R", bound=Row)
SOME = settings(max_examples=60, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ids = st.text(string.ascii_letters + string.digits + "-_.:", min_size=1, max_size=24)
counts = st.integers(0, 9_999)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    whole_ms
)
money = st.builds(Money, st.integers(0, 10**12), st.text(string.ascii_uppercase, min_size=3, max_size=3))
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
policies = st.builds(Policy, ids, counts, day_seconds=st.floats(0.001, 86_400), reminder_days=counts)
outcomes = st.builds(
    Outcome, refund=money, reasons=st.tuples(texts), rationale=texts, evidence_ids=st.tuples(ids, ids)
)
offers = st.builds(OpenOffer, ids, refund=money, made_at=instants)


def for_type(name: str, kind: Any) -> st.SearchStrategy[Any]:
    """A strategy for a field of Dispute."""
    by_name = {"timeline_hash": hashes, "dispute_id": ids, "policy": policies, "requested_refund": money}
    by_type: dict[Any, st.SearchStrategy[Any]] = {
        int: counts,
        str: texts,
        datetime: instants,
        datetime | None: st.none() | instants,
        Money: money,
        Outcome | None: st.none() | outcomes,
        OpenOffer | None: st.none() | offers,
        ContactRecord | None: st.none() | st.builds(ContactRecord, st.booleans(), texts),
        tuple[DisputedItem, ...]: st.lists(st.builds(DisputedItem, ids, counts), max_size=3).map(tuple),
    }
    if name in by_name:
        return by_name[name]
    return by_type[kind] if kind in by_type else st.from_type(kind)


disputes = st.builds(
    Dispute, **{name: for_type(name, kind) for name, kind in Dispute.__annotations__.items()}
)


def stored(row: R) -> R:
    """The row as it comes back from the table."""
    return type(row).from_raw_data(row.serialize())


@given(disputes)
@SOME
def test_a_case_comes_back_whole(case: Dispute) -> None:
    facts = stored(FactsRow(*keys.facts(case.dispute_id), **mapping.facts_values(case)))
    state = stored(StateRow(*keys.state(case.dispute_id), **mapping.state_values(case)))
    assert mapping.dispute_of(facts, state) == case


def test_every_field_of_a_case_has_its_row() -> None:
    kept = {name for row in (FactsRow, StateRow) for name in row.get_attributes()}
    assert set(Dispute.__annotations__) - kept == {"dispute_id"}


def test_what_has_its_default_takes_no_room() -> None:
    assert "missed_noted" not in StateRow("a", "b", status=Status.NEGOTIATION, version=1, epoch=1).serialize()


@given(st.builds(Offer, counts.map("of-{}".format), refund=money, note=texts, made_at=instants))
@SOME
def test_an_offer_comes_back(offer: Offer) -> None:
    assert mapping.offer_of(stored(mapping.offer_row("dp-1", offer))) == offer


@given(
    st.builds(Evidence, counts.map("ev-{}".format), text=texts, item_id=st.none() | ids, added_at=instants)
)
@SOME
def test_evidence_comes_back(item: Evidence) -> None:
    assert mapping.evidence_of(stored(mapping.evidence_row("dp-1", item))) == item


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | texts | st.sampled_from(Role),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(EventType), instants, st.dictionaries(texts, json_values, max_size=4), ids)
@SOME
def test_an_entry_keeps_its_hash(kind: EventType, at: datetime, data: dict[str, Any], actor_id: str) -> None:
    entry = next_entry("dp-1", 1, "0" * 64, at, Actor(Role.SELLER, actor_id), kind, data)
    back = mapping.entry_of(stored(mapping.timeline_row(entry)))
    assert back == entry
    assert back.correlation_id is None
    # The call's name is kept beside the entry, whose hash knows nothing of it.
    named = mapping.entry_of(stored(mapping.timeline_row(replace(entry, correlation_id="call-1"))))
    assert (named.correlation_id, named.hash, first_break([named])) == ("call-1", entry.hash, None)
    assert first_break([back]) is None


@given(st.builds(Refund, ids, ids, ids, money, instants))
@SOME
def test_a_refund_comes_back(refund: Refund) -> None:
    assert mapping.refund_of(stored(mapping.refund_row(refund))) == refund


shipments = st.builds(Shipment, ids, texts, texts, instants, item_ids=st.lists(ids, max_size=2).map(tuple))
people = st.builds(Contact, texts, texts, texts, texts)
orders = st.builds(
    Order,
    order_id=ids,
    buyer_id=ids,
    seller_id=ids,
    buyer=people,
    seller=people,
    items=st.lists(st.builds(OrderItem, ids, texts, counts, counts), max_size=3).map(tuple),
    shipments=st.lists(shipments, max_size=3).map(tuple),
    placed_at=instants,
    explicit_completion_at=st.none() | instants,
    address_lines=st.lists(texts, max_size=3).map(tuple),
)


@given(orders)
@SOME
def test_an_order_comes_back(order: Order) -> None:
    assert stored(OrderRow(*keys.order(order.order_id), order=order)).order == order


@given(ids, st.dictionaries(ids, st.builds(ParcelTracking, occurred_at=instants, delivered_at=instants)))
@SOME
def test_a_ledger_comes_back_and_the_same_tracking_is_the_same_text(
    order_id: str, tracking: dict[str, ParcelTracking]
) -> None:
    row = LedgerRow(*keys.ledger(order_id), tracking=tracking, disputes_opened=2)
    back = mapping.ledger_of(order_id, stored(row))
    assert back == OrderLedger(order_id, disputes_opened=2, tracking=tracking)
    assert LedgerRow.tracking.serialize(dict(back.tracking)) == row.serialize()["tracking"]["S"]


OPENED = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_tracking_of_before_journeys_were_kept_still_gives_the_text_that_is_stored() -> None:
    """The ledger's conditions compare the text: another one for the same facts would refuse every write."""
    stored_then = '{"s-1":{"status":"DELIVERED","occurred_at":"2026-03-07T12:00:00Z","delivered_at":null}}'
    assert LedgerRow.tracking.serialize(LedgerRow.tracking.deserialize(stored_then)) == stored_then
    kept = {
        "s-1": ParcelTracking(TrackingStatus.DELIVERED, OPENED, OPENED, OPENED, "TN-1", OPENED, (OPENED,)),
        "s-2": ParcelTracking(TrackingStatus.IN_TRANSIT, OPENED),
    }
    assert LedgerRow.tracking.deserialize(LedgerRow.tracking.serialize(kept)) == kept


def test_an_order_without_a_ledger_has_an_untouched_one() -> None:
    assert mapping.ledger_of("o-1", None) == OrderLedger("o-1")


@given(st.builds(TrackingReport, ids, ids, st.sampled_from(TrackingStatus), instants, instants))
@SOME
def test_a_report_comes_back(report: TrackingReport) -> None:
    assert mapping.report_of(stored(mapping.track_row("o-1", report, "c-1"))) == report


@given(st.binary(max_size=300), st.none() | counts, st.none() | ids)
@SOME
def test_a_receipt_comes_back(body: bytes, version: int | None, location: str | None) -> None:
    idempotency = IdempotencyRecord("a" * 64, "b" * 64, Answer(200, body, version, location))
    row = mapping.idempotency_row(idempotency, datetime(2026, 1, 1, tzinfo=UTC))
    assert mapping.idempotency_record_of(stored(row)) == idempotency
    assert row.expires_at == datetime(2026, 1, 31, tzinfo=UTC).timestamp()


def test_a_timer_without_anything_due_comes_back() -> None:
    row = stored(TimerRow(*keys.timer("dp-1"), generation=2, epoch=7, status="DECIDED"))
    timer = mapping.timer_of(row)
    assert (timer.dispute_id, timer.generation, timer.epoch, timer.wake_at, timer.task_token) == (
        "dp-1",
        2,
        7,
        None,
        None,
    )


def test_shards_are_even_and_stable() -> None:
    for kind in DueKind:
        hits = [keys.due_key(f"dp-{number}", kind) for number in range(8_000)]
        assert set(hits) == set(keys.due_keys((kind,)))
        assert max(hits.count(key) for key in keys.due_keys((kind,))) < 1_200
    assert keys.due_key("dp-1") == keys.due_key("dp-1")
    for status in keys.CLAIMS:
        shards = {keys.queue_key(f"dp-{number}", status) for number in range(100)}
        assert shards == set(keys.queue_keys([status]))
    assert {keys.opened_list_key(f"dp-{number}") for number in range(100)} == set(keys.opened_keys())
    assert {keys.assignee_key(f"dp-{number}", None) for number in range(100)} == set(keys.assignee_keys(None))


@pytest.mark.parametrize("day_seconds", [86_400, 2, 0.5, math.pi])
def test_the_length_of_a_day_is_kept_to_the_last_bit(day_seconds: float) -> None:
    policy = Policy("p", 1, day_seconds=day_seconds)
    assert FactsRow.policy.deserialize(FactsRow.policy.serialize(policy)) == policy


def test_the_words_of_kept_answers_stay_as_they_are() -> None:
    stored_once = bytes.fromhex("78f99629e960c3d6e7c82a30cab3c8362fc4d598ad0500da8d10df")
    assert inflate(stored_once) == b'{"dispute_id":"dp-01jp2n8k7q","status":"NEGOTIATION"}'
    stored_today = bytes.fromhex("78f91370adebc336119555609467916d5e886b86a31600da8d10df")
    assert inflate(stored_today) == inflate(stored_once)
    assert deflate(inflate(stored_once)) == stored_today


def test_a_policy_is_kept_by_the_order_of_its_fields_so_none_may_ever_move() -> None:
    assert [field.name for field in fields(Policy)] == [
        "profile",
        "version",
        "day_seconds",
        "open_after_days",
        "open_at_once_up_to_days",
        "escalate_after_days",
        "negotiation_days",
        "evidence_days",
        "evidence_window_max_days",
        "decision_days",
        "reason_change_days",
        "return_shipment_days",
        "return_receipt_days",
        "reminder_days",
        "contact_seller_first_hours",
        "seller_may_escalate",
        "appeal_days",
        "max_disputes_per_order",
        "max_offers_per_party",
        "max_evidence_per_party",
        "max_evidence_requests",
        "max_messages",
        "max_pending_uploads",
        "return_reply_days",
        "shorten_buyer_name",
    ]
