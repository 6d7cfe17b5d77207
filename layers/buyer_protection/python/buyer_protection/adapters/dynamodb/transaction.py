"""One TransactWriteItems: rows to put and to update, committed whole, retried where that is safe.

The list of items is built here and sent through the connection's own botocore client, because PynamoDB's
`transact_write_items` regroups them: DynamoDB gives one reason per item for a refusal, in the order of the request.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.expressions.condition import Condition

from buyer_protection.adapters.dynamodb.expressions import Expression
from buyer_protection.adapters.dynamodb.keys import Key
from buyer_protection.adapters.dynamodb.row import SCHEMA_VERSION, Row
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.retries import current_budget

Request: TypeAlias = dict[str, Any]

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
        self._items: dict[Key, Request] = {}

    def check(self, row: type[Row], key: Key, condition: Condition) -> None:
        """A row that is only looked at."""
        expression = Expression(row)
        pk, sk = key
        request: Request = {
            "TableName": Row.Meta.table_name,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "ConditionExpression": expression.of(condition),
        }
        self._add(key, {"ConditionCheck": request | expression.operands()})

    def put_new(self, row: Row) -> None:
        """A row that must not be there yet."""
        self._put(row, Row.pk.does_not_exist())

    def put(self, row: Row) -> None:
        """A row written whole, whether or not it is there."""
        self._put(row, None)

    def put_over(self, row: Row, condition: Condition | None = None) -> None:
        """A row written whole over one that must be there, and be so."""
        there = Row.pk.exists()
        self._put(row, there if condition is None else there & condition)

    def _put(self, row: Row, condition: Condition | None) -> None:
        request: Request = {"TableName": Row.Meta.table_name, "Item": row.to_item()}
        if condition is not None:
            expression = Expression(type(row))
            request |= {"ConditionExpression": expression.of(condition), **expression.operands()}
        self._add((row.pk, row.sk), {"Put": request})

    def update(
        self,
        row: type[Row],
        key: Key,
        values: Mapping[str, Any],
        condition: Condition | None = None,
        *,
        add: Mapping[str, Any] = MappingProxyType({}),
        take: Mapping[str, Any] = MappingProxyType({}),
        may_make_it: bool = False,
    ) -> None:
        """Set these attributes (None removes one), add to others, take members from sets. `may_make_it`: the row may
        not be there yet."""
        if may_make_it:
            values = {**values, "kind": row, "schema_version": SCHEMA_VERSION}
        expression = Expression(row)
        pk, sk = key
        request: Request = {
            "TableName": Row.Meta.table_name,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "UpdateExpression": expression.of_changes(values, add, take),
        }
        if condition is not None:
            request["ConditionExpression"] = expression.of(condition)
        self._add(key, {"Update": request | expression.operands()})

    def _add(self, key: Key, item: Request) -> None:
        if key in self._items:
            raise AssertionError(f"{key} is written twice in one transaction")
        self._items[key] = item

    def commit(self) -> None:
        """RefusedError where a condition failed, ConflictingWriteError where others kept the rows busy.

        Retries within the budget of the change that is being made (`ports.retries`).
        """
        budget = current_budget()
        while True:
            try:
                self._send()
            except (BotoCoreError, ClientError) as error:
                is_busy = self._is_busy(error)
                if budget.wait():
                    continue
                if is_busy:
                    raise ConflictingWriteError("others kept these rows busy") from error
                raise
            return

    def _send(self) -> None:
        Row.connection().client.transact_write_items(
            TransactItems=list(self._items.values()), ClientRequestToken=self.command_id
        )

    def _is_busy(self, error: BotoCoreError | ClientError) -> bool:
        """Whether others held the rows; False where the call itself did not succeed. Raises what no retry mends."""
        if isinstance(error, BotoCoreError):
            return False
        code = error.response["Error"]["Code"]
        codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]
        refused = [row for row, reason in zip(self._items, codes, strict=False) if reason == _REFUSED]
        if refused:
            raise RefusedError(refused) from error
        is_busy = code == _CANCELED and any(reason in _BUSY for reason in codes)
        if not is_busy and code not in _AGAIN:
            raise error
        return is_busy
