"""What every event of ours carries, on the bus, in the feed and by webhook.

The attributes of CloudEvents 1.0 (`specversion`, `id`, `source`, `type`, `time`, `subject`) stand beside our own.
Events are open: a later version may carry more members, and more values of a code.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.requests import Id

Party = Literal["BUYER", "SELLER"]
EventId = Annotated[str, Meta(max_length=200, description="the same however often the event is sent")]
Sequential = Annotated[int, Meta(ge=1, description="the timeline entry that the event reports")]
Name = Annotated[str, Meta(description="the name of the event, as `detail-type` on the bus")]


class OutboundEnvelope(Struct, frozen=True, kw_only=True):
    """What every event of ours carries.

    id: the same however often the event is sent, by whichever way
    schema_version: 1 as long as members are only added
    at: when it happened
    specversion: the version of CloudEvents whose attributes these are
    source: who says it; together with `id` it names the event
    type: the event's name
    time: the same instant as `at`
    subject: the dispute that it is about, or the order where it is about no dispute
    """

    id: EventId
    schema_version: Literal[1]
    at: At
    specversion: Literal["1.0"]
    source: Literal["buyer-protection"]
    type: Name
    time: At
    subject: Id


class OutboundModel(OutboundEnvelope, frozen=True, kw_only=True):
    """What every event about a dispute carries."""

    dispute_id: Id


class CaseEvent(OutboundModel, frozen=True, kw_only=True):
    """An event about an entry of a case's timeline; `seq` orders the events of a dispute, whenever they arrive."""

    seq: Sequential
