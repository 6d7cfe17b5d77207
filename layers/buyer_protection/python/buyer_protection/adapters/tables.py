"""The one table: a PynamoDB model per kind of row, told apart by `kind`.

How its keys are spelt is in `adapters.keys`; what each row is for, in its docstring.
Nothing is read from the environment here; `configure` is called once, by the runtime's bootstrap.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    UnicodeAttribute,
)
from pynamodb.connection.base import Connection
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from buyer_protection.adapters.attributes import (
    CountAttribute,
    InstantAttribute,
    MoneyAttribute,
    PolicyAttribute,
    RecordAttribute,
    WordAttribute,
)
from buyer_protection.domain.dispute import ContactRecord, OpenOffer, Outcome
from buyer_protection.domain.order import DisputedItem, Order, ParcelTracking
from buyer_protection.domain.vocabulary import (
    ClaimReason,
    EventType,
    EvidenceType,
    OfferStatus,
    OfferType,
    Reason,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)

SCHEMA_VERSION = 1
TTL_ATTRIBUTE = "expires_at"

R = TypeVar("R", bound="Row")


class ByBuyer(GlobalSecondaryIndex[Any]):
    """FACTS rows of a buyer, by opening."""

    class Meta:
        index_name = "by_buyer"
        projection = KeysOnlyProjection()

    buyer_key = UnicodeAttribute(hash_key=True)
    opened_key = UnicodeAttribute(range_key=True)


class BySeller(GlobalSecondaryIndex[Any]):
    """FACTS rows of a seller, by opening."""

    class Meta:
        index_name = "by_seller"
        projection = KeysOnlyProjection()

    seller_key = UnicodeAttribute(hash_key=True)
    opened_key = UnicodeAttribute(range_key=True)


class ByQueue(GlobalSecondaryIndex[Any]):
    """STATE rows of claims, by due instant, in shards."""

    class Meta:
        index_name = "by_queue"
        projection = KeysOnlyProjection()

    queue_key = UnicodeAttribute(hash_key=True)
    queue_due = InstantAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex[Any]):
    """TIMER, MAIL and REFUND rows that somebody must look at, by instant, in shards."""

    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due_key = UnicodeAttribute(hash_key=True)
    due_at = InstantAttribute(range_key=True)


class Row(Model):
    """What every row has. Reading through `Row` gives each row as its own class."""

    class Meta:
        table_name = ""
        region = ""
        host: str | None = None
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_retry_attempts = 3

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    schema_version = CountAttribute(default_for_new=SCHEMA_VERSION)

    by_buyer = ByBuyer()
    by_seller = BySeller()
    by_queue = ByQueue()
    by_due = ByDue()

    @classmethod
    def connection(cls) -> Connection:
        """The process's one connection; its session serves the other clients too."""
        return Row._get_connection().connection

    @classmethod
    def fetch(cls, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], "Row"]:
        """The rows that exist among these keys, by one consistent BatchGetItem (one per hundred keys)."""
        return {(row.pk, row.sk): row for row in Row.batch_get(set(keys), consistent_read=True)}

    @classmethod
    def collection(cls: type[R], pk: str, within: Condition | None = None, *, limit: int | None = None) -> list[R]:
        """Rows of one item collection in the order of their sort keys; consistent, paged to the end or to `limit`."""
        pages = _items({"hash_key": pk, "range_key_condition": within, "consistent_read": True, "limit": limit})
        rows: list[R] = []
        for item in pages:
            rows.append(cls.from_raw_data(item))
            if limit is not None and len(rows) == limit:
                break
        return rows

    @classmethod
    def indexed(
        cls, index_name: str, hash_key: str, within: Condition | None = None, *, limit: int, forward: bool = True
    ) -> Iterator[dict[str, str]]:
        """The key attributes of an index's entries, in order, page after page; `limit` is the size of a page."""
        arguments = {
            "hash_key": hash_key,
            "range_key_condition": within,
            "index_name": index_name,
            "limit": limit,
            "scan_index_forward": forward,
        }
        for item in _items(arguments):
            yield {name: value["S"] for name, value in item.items()}


def _items(arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Model.query would add a filter on `kind`, which a KEYS_ONLY index does not have.
    start: Mapping[str, Any] | None = None
    while True:
        answer = Row.connection().query(Row.Meta.table_name, **arguments, exclusive_start_key=start)
        yield from answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def configure(table_name: str, region: str, endpoint: str | None = None) -> None:
    """Name the table for this process. `endpoint` only where it is not the region's own."""
    Row.Meta.table_name = table_name
    Row.Meta.region = region
    Row.Meta.host = endpoint
    # Subclasses find the connection that the base holds, so that there is one for all of them.
    Row._connection = None
    Row._get_connection()


# --- a case: CASE#{dispute_id} ----------------------------------------------------------------------------------------


class FactsRow(Row, discriminator="FACTS"):
    """What was opened; written again only for a changed reason or an escalation's text."""

    order_id = UnicodeAttribute()
    buyer_id = UnicodeAttribute()
    seller_id = UnicodeAttribute()
    items: RecordAttribute[tuple[DisputedItem, ...]] = RecordAttribute(tuple[DisputedItem, ...])
    reason = WordAttribute(Reason)
    sub_reason = WordAttribute(SubReason, null=True)
    description = UnicodeAttribute()
    seller_contacted: RecordAttribute[ContactRecord] = RecordAttribute(ContactRecord, null=True)
    requested_refund = MoneyAttribute()
    max_refundable = MoneyAttribute()
    order_paid = MoneyAttribute()
    policy = PolicyAttribute()
    opened_at = InstantAttribute()
    claim_text = UnicodeAttribute(null=True)
    buyer_key = UnicodeAttribute()
    seller_key = UnicodeAttribute()
    opened_key = UnicodeAttribute()


class StateRow(Row, discriminator="STATE"):
    """Where a case stands. Every change is conditional on `version`; what has its default is left out."""

    status = WordAttribute(Status)
    version = CountAttribute()
    epoch = CountAttribute()
    updated_at = InstantAttribute(null=True)
    timeline_seq = CountAttribute(null=True)
    timeline_hash = UnicodeAttribute(null=True)
    buyer_offer: RecordAttribute[OpenOffer] = RecordAttribute(OpenOffer, null=True)
    seller_offer: RecordAttribute[OpenOffer] = RecordAttribute(OpenOffer, null=True)
    offers_by_buyer = CountAttribute(null=True)
    offers_by_seller = CountAttribute(null=True)
    request_standing = BooleanAttribute(null=True)
    escalated_at = InstantAttribute(null=True)
    escalated_by = WordAttribute(Role, null=True)
    claim_reason = WordAttribute(ClaimReason, null=True)
    no_agreement_confirmed_at = InstantAttribute(null=True)
    evidence_due_at = InstantAttribute(null=True)
    decision_due_at = InstantAttribute(null=True)
    mediation_opened_at = InstantAttribute(null=True)
    evidence_by_buyer = CountAttribute(null=True)
    evidence_by_seller = CountAttribute(null=True)
    evidence_items = CountAttribute(null=True)
    buyer_complete = BooleanAttribute(null=True)
    seller_complete = BooleanAttribute(null=True)
    delivered_at = InstantAttribute(null=True)
    buyer_received_at = InstantAttribute(null=True)
    settlement: RecordAttribute[Outcome] = RecordAttribute(Outcome, null=True)
    return_address_confirmed_at = InstantAttribute(null=True)
    return_shipment_due_at = InstantAttribute(null=True)
    return_receipt_due_at = InstantAttribute(null=True)
    return_delivered_at = InstantAttribute(null=True)
    closed_at = InstantAttribute(null=True)
    outcome: RecordAttribute[Outcome] = RecordAttribute(Outcome, null=True)
    reminded_until = InstantAttribute(null=True)
    missed_noted = BooleanAttribute(null=True)
    # Not of the domain: what conditions and the queue look at, and whose write was the last.
    deadline = InstantAttribute(null=True)
    queue_key = UnicodeAttribute(null=True)
    queue_due = InstantAttribute(null=True)
    last_command_id = UnicodeAttribute(null=True)


class TimerRow(Row, discriminator="TIMER"):
    """The alarm: the state machine parks its `task_token` here under the condition that `epoch` is its own."""

    generation = CountAttribute()
    epoch = CountAttribute()
    status = UnicodeAttribute()
    wake_at = InstantAttribute(null=True)
    task_token = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)


class TimelineRow(Row, discriminator="TL"):
    """One thing that happened. Written once; the stream's reader derives mails and events from it."""

    seq = CountAttribute()
    at = InstantAttribute()
    actor_role = WordAttribute(Role)
    actor_id = UnicodeAttribute()
    event = WordAttribute(EventType)
    data: RecordAttribute[dict[str, Any]] = RecordAttribute(dict[str, Any])
    prev_hash = UnicodeAttribute()
    hash = UnicodeAttribute()


class OfferRow(Row, discriminator="OFFER"):
    """One proposal (R14)."""

    offer_id = UnicodeAttribute()
    made_by = WordAttribute(Role)
    type = WordAttribute(OfferType)
    refund = MoneyAttribute()
    note = UnicodeAttribute()
    made_at = InstantAttribute()
    status = WordAttribute(OfferStatus)
    closed_at = InstantAttribute(null=True)


class EvidenceRow(Row, discriminator="EVIDENCE"):
    """One item of evidence (R26)."""

    evidence_id = UnicodeAttribute()
    party = WordAttribute(Role)
    type = WordAttribute(EvidenceType)
    text = UnicodeAttribute()
    item_id = UnicodeAttribute(null=True)
    added_at = InstantAttribute()
    counts = BooleanAttribute()


class MailRow(Row, discriminator="MAIL"):
    """One mail to one party about one entry of the timeline; due while it is neither sent nor dropped."""

    seq = CountAttribute()
    recipient = WordAttribute(Role)
    mail = UnicodeAttribute()
    attempts = CountAttribute()
    status = UnicodeAttribute()
    leased_until = InstantAttribute(null=True)
    settled_at = InstantAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    dropped = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)


class RefundRow(Row, discriminator="REFUND"):
    """The one refund of a case; due while the shop's payment system has not answered."""

    refund_id = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount = MoneyAttribute()
    requested_at = InstantAttribute()
    status = UnicodeAttribute()
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)


class BriefRow(Row, discriminator="BRIEF"):
    """What the mediation function put together for the case manager (R24)."""

    content: RecordAttribute[dict[str, Any]] = RecordAttribute(dict[str, Any])


# --- an order: ORDER#{order_id} ---------------------------------------------------------------------------------------


class OrderRow(Row, discriminator="ORDER"):
    """The shop's projection, replaced whole by each upsert."""

    order: RecordAttribute[Order] = RecordAttribute(Order)


class LedgerRow(Row, discriminator="LEDGER"):
    """What disputes, tracking and refunds made of an order. Made by the first update that needs it."""

    active_dispute_id = UnicodeAttribute(null=True)
    disputes_opened = CountAttribute(null=True)
    refunded_minor = CountAttribute(null=True)
    finished_at = InstantAttribute(null=True)
    finished_by = UnicodeAttribute(null=True)
    tracking: RecordAttribute[dict[str, ParcelTracking]] = RecordAttribute(dict[str, ParcelTracking], null=True)


class TrackRow(Row, discriminator="TRACK"):
    """One report of a carrier (R29)."""

    event_id = UnicodeAttribute()
    shipment_id = UnicodeAttribute()
    status = WordAttribute(TrackingStatus)
    occurred_at = InstantAttribute()
    received_at = InstantAttribute()
    last_command_id = UnicodeAttribute(null=True)


# --- an answer that is kept: IDEM#{receipt_id} ------------------------------------------------------------------------


class ReceiptRow(Row, discriminator="IDEM"):
    """The answer to a POST that took effect: `body` is JSON, deflated; gone after its time to live."""

    body_hash = UnicodeAttribute()
    status = CountAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    version = CountAttribute(null=True)
    location = UnicodeAttribute(null=True)
    expires_at = CountAttribute()
