"""An example of every answer of the team's desk: the same case, as the domain's functions compute it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from buyer_protection.application.actions.templates import TemplateDocument
from buyer_protection.application.ports.beside import Note
from buyer_protection.application.ports.operations import AGES
from buyer_protection.application.schemas import documents, instants, requests
from buyer_protection.application.schemas.operations_documents import (
    AgeDocument,
    AuditDocument,
    ExecutionDocument,
    LookDocument,
    OpenDocument,
    OperatedCaseDocument,
    OperationsSummaryDocument,
    OutboxMailDocument,
    QueueDocument,
    RefundCountsDocument,
    RowDocument,
    SweepDocument,
    TimerDocument,
)
from buyer_protection.application.schemas.team_documents import note_document, pending_decision_document
from buyer_protection.domain import claim, confirmations, proposals
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.rulings import Ruling
from buyer_protection.domain.timeline import Actor, instant
from tools.contract.example_lists import COLLEAGUES
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
    kept_text = sent_as("put_template", requests.TemplateRequest)
    template = TemplateDocument("no-signature", kept_text.name, kept_text.texts, 1, instant(now))
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
        "list_templates": {"items": [template]},
        "put_template": template,
        "list_notes": {"items": [note_document(note)], "members": COLLEAGUES},
        "decide_claim 202": pending_decision_document(waiting, kept),
        "confirm_decision": documents.dispute_document(confirmed.after, Role.CASE_MANAGER, now),
        "refuse_decision": pending_decision_document(
            replace(waiting, waiting_ruling=None), confirmations.refuse(waiting, SECOND, kept, now)
        ),
        "withdraw_decision": pending_decision_document(
            replace(waiting, waiting_ruling=None), confirmations.withdraw(waiting, MANAGER, kept, now)
        ),
    }


def operated_answers(case: Dispute, now: datetime) -> dict[str, Any]:
    """What an operator reads of that case, and of the system on that day."""
    open_now = [
        OpenDocument(status, count, [AgeDocument(days, count if days == 30 else 0) for days in (*AGES, None)])
        for status, count in (
            (Status.NEGOTIATION, 214),
            (Status.CLAIM_EVIDENCE, 38),
            (Status.UNDER_REVIEW, 21),
        )
    ]
    at = instant(now)
    audit = AuditDocument("2026-03-20T02:00:00.000Z", "2026-03-20T02:07:31.412Z", 41_208, 0)
    sweep = SweepDocument(at, {"deadlines": 3, "mails": 1}, False)
    row = RowDocument("STATE", "State", {"updated_at": instant(case.updated_at or now)})
    return {
        "get_operations_summary": OperationsSummaryDocument(
            at,
            audit.ended_at,
            open_now,
            1,
            RefundCountsDocument(12, 0, 1, 0),
            4,
            0,
            None,
            sweep,
            audit,
            None,
            [QueueDocument("notifications", False, 4), QueueDocument("notifications-failed", True, 0)],
        ),
        "get_operated_case": OperatedCaseDocument(
            at,
            DISPUTE_ID,
            case.order_id,
            case.status,
            case.version,
            TimerDocument(
                case.status, case.epoch, instants.at(case.deadline), instants.at(case.deadline), True
            ),
            ExecutionDocument(1, True),
            [OutboxMailDocument(1, Role.BUYER, "DISPUTE_OPENED", "SENT", 1, None, at, None)],
            None,
            [row],
            [LookDocument(MANAGER_ID, case.buyer_id, at)],
        ),
    }
