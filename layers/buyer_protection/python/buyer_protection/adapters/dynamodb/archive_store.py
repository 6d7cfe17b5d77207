"""The rows of cases as the archive takes them (port `ArchiveRows`): gathered, marked, and let go by their time."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_rows import (
    BESIDE,
    STAYING,
    ArchivedRow,
    RowsOfCases,
    archive_mark_of,
    mark_of,
)
from buyer_protection.adapters.dynamodb.case_store import dossier_of
from buyer_protection.adapters.dynamodb.outbox import PENDING
from buyer_protection.adapters.dynamodb.person_store import blanked
from buyer_protection.adapters.dynamodb.row import CONDITION_FAILED, TTL_ATTRIBUTE, Row, is_known
from buyer_protection.adapters.dynamodb.side_by_side import side_by_side
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, MailRow, OrderRow, StateRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.archive import ArchiveMark, CaseArchive, GatheredCase, Rows
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.domain.enums import Role


class PynamoArchiveRows:
    """Nothing is deleted here: rows get the instant at which DynamoDB lets them go."""

    def __init__(self, archive: CaseArchive) -> None:
        self._rows = RowsOfCases(archive)

    def gather(self, dispute_id: str, erased: Role | None = None) -> GatheredCase | None:
        """See `ArchiveRows.gather`."""
        stored = Row.items_of(keys.case_pk(dispute_id))
        here = {item["sk"]["S"]: _without_end(item) for item in stored}
        if not {keys.FACTS, keys.STATE} <= here.keys():
            return None
        mark = mark_of(dispute_id)
        archived: Rows = {}
        tag = None
        if mark is not None:
            archived, found = self._rows.verified(dispute_id, mark)
            tag = found.tag
        merged: dict[str, Any] = {**archived, **here}
        rows: Rows = {sk: merged[sk] for sk in sorted(merged) if sk not in BESIDE}
        if erased is not None:
            rows = {sk: blanked(item, erased) for sk, item in rows.items()}
        mails = (MailRow.from_raw_data(dict(it)) for it in rows.values() if it["kind"]["S"] == "MAIL")
        return GatheredCase(
            self.dossier_of(dispute_id, rows),
            rows,
            archived,
            [sk for sk in here if sk not in STAYING],
            None if mark is None else archive_mark_of(mark),
            tag,
            any(mail.status == PENDING for mail in mails),
        )

    def dossier_of(self, dispute_id: str, rows: Rows) -> Dossier:
        """See `ArchiveRows.dossier_of`."""
        known = [Row.from_raw_data(dict(item)) for item in rows.values() if is_known(item)]
        by_key = {row.sk: row for row in known}
        facts, state = by_key.get(keys.FACTS), by_key.get(keys.STATE)
        if not isinstance(facts, FactsRow) or not isinstance(state, StateRow):
            raise ValueError(f"{dispute_id}: FACTS and STATE are not both there")
        return dossier_of(facts, state, known)

    def announce(self, dispute_id: str, before: ArchiveMark, sha256: str) -> None:
        """See `ArchiveRows.announce`."""
        row = ArchivedRow(*keys.archived(dispute_id))
        if not row.change_if(ArchivedRow.sha256 == before.sha256, [ArchivedRow.next_sha256.set(sha256)]):
            raise ConflictingWriteError(f"{dispute_id} was archived anew meanwhile")

    def mark(self, dispute_id: str, mark: ArchiveMark, before: ArchiveMark | None) -> None:
        """See `ArchiveRows.mark`."""
        transaction = Transaction()
        transaction.check(StateRow, keys.state(dispute_id), StateRow.version == mark.version)
        row = ArchivedRow(
            *keys.archived(dispute_id),
            sha256=mark.sha256,
            version=mark.version,
            archived_at=mark.archived_at,
            held=mark.held or None,
        )
        if before is None:
            transaction.put_new(row)
        else:
            transaction.put_over(row, ArchivedRow.sha256 == before.sha256)
        try:
            transaction.commit()
        except RefusedError as refusal:
            raise ConflictingWriteError(f"{dispute_id} changed while it was archived") from refusal

    def let_go(
        self, dispute_id: str, loose: Sequence[str], *, rows_at: datetime, case_at: datetime | None
    ) -> None:
        """See `ArchiveRows.let_go`. What stays gets its end first, so that nothing of a case outlives it."""
        staying = sorted(STAYING - {keys.LEGAL_HOLD})
        side_by_side(lambda sk: _let(dispute_id, sk, case_at), staying)
        side_by_side(lambda sk: _let(dispute_id, sk, rows_at), loose)

    def let_order_go(self, order_id: str, at: datetime | None) -> None:
        """See `ArchiveRows.let_order_go`."""
        let_order_go(order_id, at)


def let_order_go(order_id: str, at: datetime | None) -> None:
    """See `ArchiveRows.let_order_go`."""
    transaction = Transaction()
    end = None if at is None else int(at.timestamp())
    transaction.update(OrderRow, keys.order(order_id), {"expires_at": end}, OrderRow.pk.exists())
    # Opening a dispute takes the end away.
    transaction.check(LedgerRow, keys.ledger(order_id), LedgerRow.active_dispute_id.does_not_exist())
    with suppress(RefusedError):
        transaction.commit()


def _let(dispute_id: str, sk: str, at: datetime | None) -> None:
    """A row of any kind, known here or not; nothing where there is no such row any more."""
    change: dict[str, Any] = {"UpdateExpression": "REMOVE #end"}
    if at is not None:
        value = {":at": {"N": str(int(at.timestamp()))}}
        change = {"UpdateExpression": "SET #end = :at", "ExpressionAttributeValues": value}
    try:
        Row.connection().client.update_item(
            TableName=Row.Meta.table_name,
            Key={"pk": {"S": keys.case_pk(dispute_id)}, "sk": {"S": sk}},
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#end": TTL_ATTRIBUTE},
            **change,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != CONDITION_FAILED:
            raise


def _without_end(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != TTL_ATTRIBUTE}
