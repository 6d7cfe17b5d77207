"""One TransactWriteItems: rows to put and to update, committed whole, retried where that is safe.

PynamoDB regroups a transaction's actions, so that a refusal is reported by row here, never by position.
"""

import random
import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import uuid4

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb.expressions import Expression
from buyer_protection.adapters.dynamodb.keys import Key
from buyer_protection.adapters.dynamodb.row import SCHEMA_VERSION, Row, error_code
from buyer_protection.application.ports.errors import ConflictingWriteError

Request: TypeAlias = dict[str, Any]

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
        self._puts: dict[Key, Request] = {}
        self._updates: dict[Key, Request] = {}

    def put_new(self, row: Row) -> None:
        """A row that must not be there yet."""
        self._put(row, Row.pk.does_not_exist())

    def put(self, row: Row) -> None:
        """A row written whole, whether or not it is there."""
        self._put(row, None)

    def put_over(self, row: Row) -> None:
        """A row written whole over one that must be there."""
        self._put(row, Row.pk.exists())

    def _put(self, row: Row, condition: Condition | None) -> None:
        request: Request = {"TableName": Row.Meta.table_name, "Item": row.to_item()}
        if condition is not None:
            expression = Expression(type(row))
            request |= {"ConditionExpression": expression.of(condition), **expression.operands()}
        self._puts[row.pk, row.sk] = request

    def update(
        self,
        row: type[Row],
        key: Key,
        values: Mapping[str, Any],
        condition: Condition | None = None,
        *,
        add: Mapping[str, int] = MappingProxyType({}),
        may_make_it: bool = False,
    ) -> None:
        """Set these attributes (None removes one) and add to others. `may_make_it`: the row may not be there yet."""
        if may_make_it:
            values = {**values, "kind": row, "schema_version": SCHEMA_VERSION}
        expression = Expression(row)
        pk, sk = key
        request: Request = {
            "TableName": Row.Meta.table_name,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "UpdateExpression": expression.of_changes(values, add),
        }
        if condition is not None:
            request["ConditionExpression"] = expression.of(condition)
        self._updates[key] = request | expression.operands()

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
        Row.connection().transact_write_items(
            condition_check_items=(),
            delete_items=(),
            put_items=list(self._puts.values()),
            update_items=list(self._updates.values()),
            client_request_token=self.command_id,
        )

    def _judge(self, error: TransactWriteError, *, last: bool) -> None:
        """Return where another attempt makes sense; raise otherwise."""
        # PynamoDB sends checks, deletions, puts, updates: of which there are the last two here.
        rows = [*self._puts, *self._updates]
        codes = [reason.code if reason else None for reason in error.cancellation_reasons]
        refused = [row for row, code in zip(rows, codes, strict=False) if code == _REFUSED]
        if refused:
            raise RefusedError(refused) from error
        busy = error_code(error) == _CANCELED and any(code in _BUSY for code in codes)
        if busy and last:
            raise ConflictingWriteError("others kept these rows busy") from error
        lost = isinstance(error.cause, BotoCoreError)
        if last or not (busy or lost or error_code(error) in _AGAIN):
            raise error
