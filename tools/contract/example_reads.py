"""Examples of the answers that put several things together, and of who reads a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from buyer_protection.application.actions.case_page import (
    CasePageDocument,
    NewestEntriesDocument,
    NewestMessagesDocument,
)
from buyer_protection.application.actions.me import MeDocument
from buyer_protection.application.actions.metadata import MetadataDocument
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.schemas import documents, requests
from buyer_protection.application.schemas.guide_documents import SideGuideDocument, case_guide, guide_before
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Reason, Role, SubReason
from buyer_protection.domain.timeline import instant
from tools.contract.example_order import LEDGER, ORDER, sent_as
from tools.contract.example_requests import BUYER_ID, DISPUTE_ID

_READERS = {
    "list_disputes": Role.BUYER,
    "list_notes": Role.CASE_MANAGER,
    "list_orders": Role.BUYER,
    "list_templates": Role.CASE_MANAGER,
    "get_timeline": Role.BUYER,
    "list_offers": Role.BUYER,
    "list_messages": Role.BUYER,
    "get_evidence_guide": Role.SELLER,
    "list_evidence": Role.BUYER,
    "get_mediation_queue": Role.CASE_MANAGER,
    "get_person_history": Role.CASE_MANAGER,
}
_READ_AT = "2026-03-12T12:00:00.000Z"


def with_readers(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers, with who reads each list, and when."""
    said = {name: {"viewer": ViewerDocument(role), "as_of": _READ_AT} for name, role in _READERS.items()}
    return {name: answer | said[name] if name in said else answer for name, answer in answers.items()}


def reads(opened: Change, offered: Change) -> dict[str, Any]:
    """The page of a dispute after an offer, and what is read without one."""
    case, now = offered.after, offered.entry.at + timedelta(hours=1)
    order = LoadedOrder(ORDER, LEDGER)
    offers = [change.new_offer for change in (opened, offered) if change.new_offer]
    return {
        "get_dispute_page": CasePageDocument(
            dispute=documents.dispute_document(case, Role.BUYER, now),
            offers=[documents.offer_document(DISPUTE_ID, offer) for offer in offers],
            evidence=[],
            messages=NewestMessagesDocument([]),
            timeline=NewestEntriesDocument(
                [documents.timeline_document(change.entry, Role.BUYER) for change in (opened, offered)]
            ),
            guide=[SideGuideDocument(Role.BUYER, case_guide(case, Role.BUYER, (), order))],
            viewer=ViewerDocument(Role.BUYER),
            as_of=instant(now),
        ),
        "put_metadata": MetadataDocument(
            DISPUTE_ID,
            sent_as("put_metadata", requests.MetadataRequest).metadata,
            ViewerDocument(Role.SYSTEM),
            instant(now),
        ),
        "get_me": MeDocument(BUYER_ID, ["BUYER", "SELLER"], [], "pt-BR", "America/Sao_Paulo"),
        "get_guide_before": {"items": guide_before(Reason.NOT_RECEIVED, SubReason.CUSTOMS_HELD)},
    }
