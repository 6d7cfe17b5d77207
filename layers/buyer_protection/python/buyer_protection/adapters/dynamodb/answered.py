"""A transaction that keeps the answer to its call, so that the call's repetition gets the same one."""

from datetime import datetime

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.idempotency import IdempotencyRecord


def commit_answered(transaction: Transaction, now: datetime, idempotency: IdempotencyRecord | None) -> None:
    """Commit what was collected, with the record. ConflictingWriteError where a condition did not hold,
    IdempotencyRecordExistsError where the call was answered before."""
    if idempotency is not None:
        transaction.put_new(mapping.idempotency_row(idempotency, now))
    try:
        transaction.commit()
    except RefusedError as refusal:
        # After a lost answer, the record of this very call says so to its retry.
        if idempotency is not None and keys.idempotency(idempotency.idempotency_id) in refusal.rows:
            raise IdempotencyRecordExistsError from refusal
        raise ConflictingWriteError from refusal
