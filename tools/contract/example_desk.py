"""An example of every answer of the team's desk: the same case, as the domain's functions compute it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from buyer_protection.application.ports.beside import Note
from buyer_protection.application.schemas import documents, requests
from buyer_protection.application.schemas.desk_documents import note_document, pending_decision_document
from buyer_protection.domain import claim, confirmations, proposals
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.rulings import Ruling
from buyer_protection.domain.timeline import Actor
from tools.contract.example_order import money_of, sent_as
from tools.contract.example_requests import DECISION_ID, DISPUTE_ID, MANAGER_ID

MANAGER = Actor(Role.CASE_MANAGER, MANAGER_ID)
# The member of the team who confirms or refuses.
SECOND = Actor(Role.CASE_MANAGER, "ba5eba11-6d3b-4acf-9f7f-0a1b2c3d4e5f")


def desk_answers(review: Dispute, ruling: Ruling, now: datetime) -> dict[str, Any]:
    """What the desk's calls answer while the case is under review; `ruling` is the one that is made of it."""
    sent = sent_as("propose_settlement", requests.OfferRequest)
    refund = money_of(sent.refund) if sent.refund else None
    offered = proposals.propose(review, MANAGER, sent.type, refund, sent.note, now)
    note = Note(
        DISPUTE_ID,
        "nt-01jqkz5r3m0000000000000002",
        MANAGER_ID,
        sent_as("write_note", requests.NoteRequest).text,
        now,
    )
    outcome = claim.ruled(review, MANAGER, ruling, frozenset(ruling.evidence_ids), now)
    kept = confirmations.wait(review, MANAGER, outcome, DECISION_ID, now)
    waiting = confirmations.waiting(review, kept)
    confirmed = confirmations.confirm(waiting, SECOND, kept, now)
    if offered.new_offer is None:
        raise AssertionError("a proposal is an offer")
    return {
        "propose_settlement": documents.offer_document(DISPUTE_ID, offered.new_offer),
        "write_note": note_document(note),
        "list_notes": {"items": [note_document(note)]},
        "decide_claim 202": pending_decision_document(waiting, kept),
        "confirm_decision": documents.dispute_document(confirmed.after, Role.CASE_MANAGER, now),
        "refuse_decision": pending_decision_document(
            replace(waiting, waiting_ruling=None), confirmations.refuse(waiting, SECOND, kept, now)
        ),
        "withdraw_decision": pending_decision_document(
            replace(waiting, waiting_ruling=None), confirmations.withdraw(waiting, MANAGER, kept, now)
        ),
    }
