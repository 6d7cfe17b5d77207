"""Shapes of answers that the functions build without a model of their own: lists, and a policy's numbers."""

from dataclasses import fields

from msgspec import UNSET, Struct, UnsetType, defstruct

from buyer_protection.application.actions.case_file import GuideLineDocument
from buyer_protection.application.actions.messages import MessageDocument
from buyer_protection.application.actions.templates import TemplateDocument
from buyer_protection.application.schemas.desk_documents import NoteDocument
from buyer_protection.application.schemas.documents import DisputeDocument, OfferDocument, TimelineDocument
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument
from buyer_protection.domain.policy import Policy


class DisputeList(Struct, frozen=True):
    """A part of a list of disputes."""

    items: list[DisputeDocument]
    next_page_token: str | UnsetType = UNSET


class TimelineList(Struct, frozen=True):
    """A part of the timeline, oldest first."""

    items: list[TimelineDocument]
    next_page_token: str | UnsetType = UNSET


class MessageList(Struct, frozen=True):
    """A part of the thread, oldest first."""

    items: list[MessageDocument]
    next_page_token: str | UnsetType = UNSET


class TemplateList(Struct, frozen=True):
    """All texts for rationales, by id."""

    items: list[TemplateDocument]


class NoteList(Struct, frozen=True):
    """A part of the team's notes, oldest first."""

    items: list[NoteDocument]
    next_page_token: str | UnsetType = UNSET


class OfferList(Struct, frozen=True):
    """All proposals of both sides, oldest first."""

    items: list[OfferDocument]


class EvidenceList(Struct, frozen=True):
    """All standing evidence of both sides, oldest first."""

    items: list[EvidenceDocument]


class GuideList(Struct, frozen=True):
    """What the reader should give as evidence, the required types first."""

    items: list[GuideLineDocument]


PolicyDocument: type[Struct] = defstruct(
    "PolicyDocument",
    [(field.name, field.type) for field in fields(Policy) if isinstance(field.type, type)],
    namespace={"__doc__": "A policy's windows (in its own days) and flags."},
    frozen=True,
)
