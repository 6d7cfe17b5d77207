"""What the workers leave for operators (port `OperationsStore`)."""

from contextlib import suppress
from datetime import datetime

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.audit_store import pass_of, records_of
from buyer_protection.adapters.dynamodb.case_rows import RowsOfCases
from buyer_protection.adapters.dynamodb.control_rows import AuditRow, HoldRow, SweepRow
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import MailRow
from buyer_protection.adapters.dynamodb.team_tables import LookRow
from buyer_protection.application.ports.archive import CaseArchive
from buyer_protection.application.ports.beside import Look
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.operations import (
    UNREADABLE_ROW,
    CaseRows,
    MailFact,
    Overview,
    RowFact,
    SweepReport,
)


class PynamoOperationsStore:
    """Rows that the sweeper and the audit write, and one case's item collection, wherever it lies."""

    def __init__(self, archive: CaseArchive | None = None) -> None:
        self._rows = RowsOfCases(archive)

    def overview(self) -> Overview:
        """See `OperationsStore.overview`."""
        items = Row.fetch_items([keys.SWEEP, keys.AUDIT, keys.LAST_AUDIT, keys.REFUNDS_HELD])
        # One that cannot be read is as if it were not there, and reported.
        rows: dict[keys.Key, Row] = {}
        for key, item in items.items():
            with suppress(UnreadableRowError):
                rows[key] = Row.from_raw_data(item)
        sweep, hold = rows.get(keys.SWEEP), rows.get(keys.REFUNDS_HELD)
        under_way, whole = rows.get(keys.AUDIT), rows.get(keys.LAST_AUDIT)
        return Overview(
            SweepReport(sweep.ended_at, sweep.done, sweep.unfinished)
            if isinstance(sweep, SweepRow)
            else None,
            pass_of(under_way) if isinstance(under_way, AuditRow) else None,
            pass_of(whole) if isinstance(whole, AuditRow) else None,
            hold.since if isinstance(hold, HoldRow) else None,
        )

    def keep_sweep(self, report: SweepReport) -> None:
        """See `OperationsStore.keep_sweep`."""
        done = dict(report.done)
        row = SweepRow(*keys.SWEEP, ended_at=report.ended_at, done=done, unfinished=report.unfinished)
        row.put_if(Row.pk.does_not_exist() | (SweepRow.ended_at <= report.ended_at))

    def case_rows(self, dispute_id: str) -> CaseRows | None:
        """See `OperationsStore.case_rows`."""
        left_out: list[UnreadableRowError] = []
        rows = self._rows.whole(dispute_id, left_out=left_out)
        if not rows and not left_out:
            return None
        records = records_of(dispute_id, rows, left_out)
        facts = [RowFact(row.sk, str(type(row).__name__).removesuffix("Row"), _instants(row)) for row in rows]
        unreadable = {error.key.partition(" ")[2]: error.why for error in left_out}
        facts = [fact for fact in facts if fact.key not in unreadable]
        facts += [RowFact(key, UNREADABLE_ROW, {}, why) for key, why in unreadable.items()]
        return CaseRows(
            records,
            sorted(facts, key=lambda fact: fact.key),
            [_mail(row) for row in rows if isinstance(row, MailRow)],
            [_look(dispute_id, row) for row in rows if isinstance(row, LookRow)],
        )


def _instants(row: Row) -> dict[str, datetime]:
    stored = row.attribute_values.items()
    return {name: value for name, value in stored if isinstance(value, datetime)}


def _look(dispute_id: str, row: LookRow) -> Look:
    look_id = row.sk.removeprefix(keys.LOOK_PREFIX)
    return Look(dispute_id, look_id, row.reader_id, row.person_id, row.seen_at)


def _mail(row: MailRow) -> MailFact:
    return MailFact(
        row.seq,
        row.recipient.value,
        row.mail,
        row.status,
        row.attempts,
        row.due_at,
        row.settled_at,
        row.dropped,
    )
