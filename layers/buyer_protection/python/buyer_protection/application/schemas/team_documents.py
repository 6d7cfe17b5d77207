"""What the Case Management Team reads of its own rows: notes, and rulings that need a confirmation (R45, R47)."""

from msgspec import Struct

from buyer_protection.application.ports.beside import Note
from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.documents import OutcomeDocument, outcome_document
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.domain.confirmations import status_of
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.rulings import KeptRuling, RulingStatus
from buyer_protection.domain.timeline import instant


class NoteDocument(Struct, frozen=True):
    """A note of the team about a dispute, which no party reads (R45). It is never changed.

    note_id: sorts by time.
    author_id: the member of the team who wrote it.
    written_at: when it was written.
    """

    note_id: str
    dispute_id: str
    author_id: str
    text: str
    written_at: At


class PendingDecisionDocument(Struct, frozen=True):
    """A ruling that takes effect when a second member of the team confirms it (R47). No party reads it.

    code: always CONFIRMATION_NEEDED.
    status: VOID once a step has changed the dispute since.
    made_by: the member of the team who made it, and who alone can withdraw it.
    at_stake: what the buyer asked for.
    outcome: what the dispute would end with; with `return_required`, what is paid once the goods are back.
    settled_by: who confirmed, refused or withdrew it; null while it waits.
    settled_at: when that was.
    """

    decision_id: str
    dispute_id: str
    code: str
    status: RulingStatus
    made_by: str
    made_at: At
    at_stake: MoneyDocument
    outcome: OutcomeDocument
    settled_by: str | None
    settled_at: At | None


def note_document(note: Note) -> NoteDocument:
    """A note as the team reads it."""
    return NoteDocument(note.note_id, note.dispute_id, note.author_id, note.text, instant(note.written_at))


def pending_decision_document(case: Dispute, kept: KeptRuling) -> PendingDecisionDocument:
    """A ruling as the team reads it, beside the case as it stands."""
    outcome = outcome_document(kept.outcome)
    if outcome is None:
        raise AssertionError("a ruling says what it would end the case with")
    return PendingDecisionDocument(
        kept.decision_id,
        case.dispute_id,
        "CONFIRMATION_NEEDED",
        status_of(case, kept),
        kept.made_by,
        instant(kept.made_at),
        money(kept.at_stake),
        outcome,
        kept.settled_by,
        at(kept.settled_at),
    )
