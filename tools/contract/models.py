"""Shapes of answers that the functions build without a model of their own: lists, and a policy's numbers."""

from dataclasses import fields

from msgspec import UNSET, Struct, UnsetType, defstruct

from buyer_protection.application.actions.messages import MessageDocument
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument, TimelineDocument
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument
from buyer_protection.application.schemas.guide_documents import GuideLineDocument, SideGuideDocument
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.domain.policy import Policy


class DisputeList(Struct, frozen=True):
    """A part of a list of disputes."""

    items: list[DisputeDocument]
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
