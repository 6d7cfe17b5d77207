"""Shapes of answers that the functions build without a model of their own: lists, and a policy's numbers."""

from dataclasses import fields
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from buyer_protection.application.actions.messages import MessageDocument
from buyer_protection.application.actions.templates import TemplateDocument
from buyer_protection.application.schemas.desk_documents import ColleagueDocument
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument, TimelineDocument
from buyer_protection.application.schemas.event_envelope import OutboundEnvelope
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument
from buyer_protection.application.schemas.guide_documents import GuideLineDocument, SideGuideDocument
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.order_summaries import OrderSummary, UnreadableOrderDocument
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.application.schemas.summaries import DisputeSummary, UnreadableDispute
from buyer_protection.application.schemas.team_documents import NoteDocument
from buyer_protection.domain.policy import Policy

# msgspec knows no union of models without a tag: their schemas are named, and are components by `IN_LISTS`.
IN_LISTS = (DisputeSummary, UnreadableDispute, OrderSummary, UnreadableOrderDocument)
_DISPUTES = (DisputeSummary, DisputeDocument, UnreadableDispute)


def _any_of(*models: type[Struct]) -> Meta:
    refs = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    return Meta(extra_json_schema={"anyOf": refs})


class DisputeList(Struct, frozen=True):
    """A part of a list of disputes: summaries, or whole documents with `view=full`; the id of what cannot be read.

    next_page_token: where the list goes on; absent at its end. A part may be empty and have one.
    """

    items: list[Annotated[Any, _any_of(*_DISPUTES)]]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class DisputeHistory(Struct, frozen=True):
    """A part of a party's earlier disputes, newest first: summaries; the id of what cannot be read.

    next_page_token: where the list goes on; absent at its end. A part may be empty and have one.
    """

    items: list[Annotated[Any, _any_of(DisputeSummary, UnreadableDispute)]]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class OrderList(Struct, frozen=True):
    """A part of a list of orders; the id of what cannot be read.

    next_page_token: where the list goes on; absent at its end. A part may be empty and have one.
    """

    items: list[Annotated[Any, _any_of(OrderSummary, UnreadableOrderDocument)]]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class TimelineList(Struct, frozen=True):
    """A part of the timeline, oldest first."""

    items: list[TimelineDocument]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class MessageList(Struct, frozen=True):
    """A part of the thread, oldest first."""

    items: list[MessageDocument]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class TemplateList(Struct, frozen=True):
    """All texts for rationales, by id."""

    items: list[TemplateDocument]
    viewer: ViewerDocument
    as_of: At


class NoteList(Struct, frozen=True):
    """A part of the team's notes, oldest first.

    members: everybody of the team who has a name; it may be five minutes old.
    """

    items: list[NoteDocument]
    members: list[ColleagueDocument]
    viewer: ViewerDocument
    as_of: At
    next_page_token: str | UnsetType = UNSET


class OfferList(Struct, frozen=True):
    """All proposals of both sides, oldest first."""

    items: list[OfferDocument]
    viewer: ViewerDocument
    as_of: At


class EvidenceList(Struct, frozen=True):
    """All standing evidence of both sides, oldest first."""

    items: list[EvidenceDocument]
    viewer: ViewerDocument
    as_of: At


class EventList(Struct, frozen=True):
    """A part of the feed, oldest first.

    items: events as they were published; each has further members by its `type`
    next_cursor: where the next call goes on, always there
    has_more: whether there is more already
    """

    items: list[OutboundEnvelope]
    next_cursor: str
    has_more: bool


class GuideList(Struct, frozen=True):
    """What the reader should give as evidence, the required types first."""

    items: list[GuideLineDocument]
    viewer: ViewerDocument
    as_of: At


class SideGuideList(Struct, frozen=True):
    """What each side should give as evidence in a dispute for a reason.

    items: one for the buyer, one for the seller.
    """

    items: list[SideGuideDocument]


PolicyDocument: type[Struct] = defstruct(
    "PolicyDocument",
    [(field.name, field.type) for field in fields(Policy) if isinstance(field.type, type)],
    namespace={"__doc__": "A policy's windows (in its own days) and flags."},
    frozen=True,
)
