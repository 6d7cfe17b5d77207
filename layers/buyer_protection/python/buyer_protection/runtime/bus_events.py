"""Reads an event of the bus as the inbound queue delivers it, as strictly as the edge reads a call's body."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from buyer_protection.application.schemas.events import INBOUND, Inbound
from buyer_protection.domain.errors import DisputeError
from buyer_protection.runtime import incoming
from buyer_protection.runtime.wrong_fields import known_only

# EventBridge gives whole seconds: an event without an `at` counts as sent at the end of its second.
_END_OF_SECOND = 999_000
# These point at names that are the sender's own, and may be anything.
_NAMED_BY_SENDER = frozenset({"REPEATED", "UNKNOWN_FIELD"})
# What names the order, parcel or refund that an event is about.
_IDS = ("order_id", "event_id", "shipment_id", "refund_id")


class BusEvent(NamedTuple):
    """The event, and when the bus took it."""

    event: Inbound
    sent_at: datetime


def read(envelope: dict[str, Any]) -> BusEvent:
    """The event in EventBridge's envelope; InvalidRequestError with field and code where it is malformed."""
    model = INBOUND.get(str(envelope.get("detail-type")))
    if model is None:
        incoming.refuse("/detail-type", "NOT_ALLOWED", "There is no such event.")
    detail = envelope.get("detail")
    if not isinstance(detail, dict):
        incoming.refuse("/detail", "WRONG_TYPE", "The detail must be a JSON object.")
    # Members that we do not know yet are the sender's own, at every depth, whatever is in them: the shop's systems
    # change before ours do. What we know is read as strictly as a call's body: nobody can say which of two amounts is
    # meant.
    event: Inbound = incoming.decoded(incoming.strict(known_only(detail, model)), model)
    return BusEvent(event, _sent_at(envelope))


def envelope_of(body: str) -> dict[str, Any]:
    """The envelope in a message's body, whatever is in it; `read` looks at what it knows of it."""
    return incoming.parsed(incoming.body_bytes(body, is_base64=False, limit=incoming.MAX_ORDER_BYTES))


def ids_of(envelope: dict[str, Any]) -> dict[str, object]:
    """What may be logged of an event: its ids, where they have the form of ids."""
    detail = envelope.get("detail")
    ids = {name: detail.get(name) for name in _IDS} if isinstance(detail, dict) else {}
    ids["bus_event_id"] = envelope.get("id")
    return {name: value for name, value in ids.items() if incoming.is_id(value)}


def codes_of(error: BaseException) -> dict[str, object]:
    """What may be logged of a refusal: the code, and which fields were wrong how. Never a text."""
    if not isinstance(error, DisputeError):
        return {}
    fields = [
        field.code if field.code in _NAMED_BY_SENDER else f"{field.pointer} {field.code}"
        for field in error.fields
    ]
    return {"code": error.code, **({"fields": fields} if fields else {})}


def _sent_at(envelope: dict[str, Any]) -> datetime:
    try:
        sent = msgspec.convert(envelope.get("time"), datetime)
    except msgspec.ValidationError:
        incoming.refuse("/time", "INVALID_FORMAT", "The event does not say when it was sent.")
    if sent.tzinfo is None:
        incoming.refuse("/time", "INVALID_FORMAT", "The event does not say when it was sent.")
    return sent if sent.microsecond else sent.replace(microsecond=_END_OF_SECOND)
