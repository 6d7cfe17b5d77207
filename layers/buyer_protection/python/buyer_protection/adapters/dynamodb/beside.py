"""What is written beside a case (`CaseStore.keep_beside`): one transaction that leaves its version as it is (R45)."""

from datetime import datetime
from functools import singledispatch

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.answered import commit_answered
from buyer_protection.adapters.dynamodb.keys import Key
from buyer_protection.adapters.dynamodb.tables import StateRow
from buyer_protection.adapters.dynamodb.team_tables import LookRow, NoteRow, RulingRow
from buyer_protection.adapters.dynamodb.transaction import Transaction
from buyer_protection.application.ports.beside import AlreadySo, Beside, Look, Note, ProposalTaken, RulingStep
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.rulings import WaitingRuling


def keep_beside(step: Beside, now: datetime, idempotency: IdempotencyRecord | None) -> None:
    """See `CaseStore.keep_beside`."""
    transaction = Transaction()
    _add(step, transaction, now, None if idempotency is None else idempotency.idempotency_id)
    commit_answered(transaction, now, idempotency)


@singledispatch
def _add(step: Beside, _transaction: Transaction, _now: datetime, _answered: str | None) -> None:
    raise TypeError(f"nothing is kept beside a case as {type(step).__name__}")


@_add.register
def _add_note(note: Note, transaction: Transaction, _now: datetime, answered: str | None) -> None:
    key = keys.note(note.dispute_id, note.note_id)
    row = NoteRow(
        *key,
        note_id=note.note_id,
        author_id=note.author_id,
        text=note.text,
        written_at=note.written_at,
        idempotency_id=answered,
    )
    transaction.put_new(row)


@_add.register
def _add_nothing(_so: AlreadySo, _transaction: Transaction, _now: datetime, _answered: str | None) -> None:
    """The answer is all."""


@_add.register
def _add_look(look: Look, transaction: Transaction, _now: datetime, _answered: str | None) -> None:
    key = keys.look(look.dispute_id, look.look_id)
    row = LookRow(*key, reader_id=look.reader_id, person_id=look.person_id, seen_at=look.seen_at)
    transaction.put_new(row)


@_add.register
def _add_ruling(step: RulingStep, transaction: Transaction, _now: datetime, _answered: str | None) -> None:
    ruling, waits = step.ruling, StateRow.waiting_ruling
    marker = WaitingRuling(ruling.decision_id, ruling.made_by)
    row = RulingRow(*keys.ruling(step.dispute_id, ruling.decision_id), ruling=ruling)
    state: Key = keys.state(step.dispute_id)
    if step.version is None:
        transaction.update(StateRow, state, {"waiting_ruling": None}, waits == marker)
        transaction.put_over(row)
    else:
        is_so = (StateRow.version == step.version) & waits.does_not_exist()
        transaction.update(StateRow, state, {"waiting_ruling": marker}, is_so)
        transaction.put_new(row)


@_add.register
def _add_yes(taken: ProposalTaken, transaction: Transaction, now: datetime, answered: str | None) -> None:
    condition = StateRow.proposal == taken.before
    if taken.before_deadline:
        condition &= StateRow.deadline > now
    values = {"proposal": taken.after, "idempotency_id": answered}
    transaction.update(StateRow, keys.state(taken.dispute_id), values, condition)
