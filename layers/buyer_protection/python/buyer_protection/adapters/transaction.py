"""One TransactWriteItems: rows to put and to update, committed whole, retried where that is safe.

PynamoDB regroups a transaction's actions, so that a refusal is reported by row here, never by position.
"""

import random
import time
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from buyer_protection.adapters.keys import Key
from buyer_protection.adapters.row import SCHEMA_VERSION, Row, error_code
from buyer_protection.application.ports import ConflictingWriteError

ATTEMPTS = 6
BACK_OFF_SECONDS = 0.04

_REFUSED = "ConditionalCheckFailed"
_BUSY = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_AGAIN = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
_CANCELED = "TransactionCanceledException"
_dice = random.SystemRandom()


class RefusedError(Exception):
    """Conditions did not hold; nothing was written. `rows` are the keys of the rows that refused."""

    def __init__(self, rows: Iterable[Key]) -> None:
        self.rows = frozenset(rows)
        super().__init__(", ".join(sorted("/".join(key) for key in self.rows)))


class Transaction:
    """Collects writes, at most one a row, then commits them all or none.

    `command_id` is also the request's token: for ten minutes, a repetition after a lost answer writes nothing anew.
    """

    def __init__(self) -> None:
        self.command_id = str(uuid4())
        self._puts: list[tuple[Row, Condition | None]] = []
        self._updates: list[tuple[Row, list[Action], Condition | None]] = []

    def put_new(self, row: Row) -> None:
        """A row that must not be there yet."""
        self._puts.append((row, Row.pk.does_not_exist()))

    def put(self, row: Row) -> None:
        """A row written whole, whether or not it is there."""
        self._puts.append((row, None))

    def put_over(self, row: Row) -> None:
        """A row written whole over one that must be there."""
        self._puts.append((row, Row.pk.exists()))

    def update(
        self,
        row: type[Row],
        key: Key,
        values: Mapping[str, Any],
        condition: Condition | None = None,
        *,
        more: Iterable[Action] = (),
        may_make_it: bool = False,
    ) -> None:
        """Set these attributes (None removes one) and do `more`. `may_make_it` where the row may not be there yet."""
        attributes = row.get_attributes()
        actions: list[Action] = [
            attributes[name].remove() if value is None else attributes[name].set(value)
            for name, value in values.items()
        ]
        actions += more
        if may_make_it:
            actions += [row.kind.set(row), row.schema_version.set(SCHEMA_VERSION)]
        self._updates.append((row(*key), actions, condition))

    def commit(self) -> None:
        """RefusedError where a condition failed, ConflictingWriteError where others kept the rows busy."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._send()
            except TransactWriteError as error:
                self._judge(error, last=attempt == ATTEMPTS)
            else:
                return
            time.sleep(_dice.uniform(0, BACK_OFF_SECONDS * 2**attempt))

    def _send(self) -> None:
        with TransactWrite(connection=Row.connection(), client_request_token=self.command_id) as transaction:
            for row, condition in self._puts:
                transaction.save(row, condition=condition)
            for row, actions, update_condition in self._updates:
                transaction.update(row, actions=actions, condition=update_condition)

    def _judge(self, error: TransactWriteError, *, last: bool) -> None:
        """Return where another attempt makes sense; raise otherwise."""
        # PynamoDB sends checks, deletions, puts, updates: of which there are the last two here.
        rows = [put[0] for put in self._puts] + [update[0] for update in self._updates]
        codes = [reason.code if reason else None for reason in error.cancellation_reasons]
        refused = [(row.pk, row.sk) for row, code in zip(rows, codes, strict=False) if code == _REFUSED]
        if refused:
            raise RefusedError(refused) from error
        busy = error_code(error) == _CANCELED and any(code in _BUSY for code in codes)
        if busy and last:
            raise ConflictingWriteError("others kept these rows busy") from error
        lost = isinstance(error.cause, BotoCoreError)
        if last or not (busy or lost or error_code(error) in _AGAIN):
            raise error
