"""All rows of every case for the nightly audit, and its own memory (port `AuditStore`)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.case_rows import STAYING, ArchivedRow, archive_mark_of
from buyer_protection.adapters.dynamodb.control_rows import AuditRow
from buyer_protection.adapters.dynamodb.indexes import ByBuyer
from buyer_protection.adapters.dynamodb.outbox import PENDING
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import (
    FactsRow,
    LedgerRow,
    MailRow,
    RefundRow,
    StateRow,
    TimelineRow,
    TimerRow,
)
from buyer_protection.adapters.dynamodb.team_tables import RulingRow
from buyer_protection.application.ports.audit import AuditPass, CaseRecords, KeptMail
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.errors import UNREADABLE, UnreadableRowError
from buyer_protection.domain.order import OrderLedger

T = TypeVar("T")


class PynamoAuditStore:
    """Cases are found in the index of buyers, which holds one small entry for each and nothing else."""

    def page_of_cases(self, *, limit: int, start: Mapping[str, Any] | None) -> Page[str]:
        """See `AuditStore.page_of_cases`."""
        pks, further = Row.scanned_index(ByBuyer.Meta.index_name, limit=limit, start=start)
        return Page([keys.id_of(pk) for pk in pks], further)

    def records(self, dispute_id: str) -> CaseRecords:
        """See `AuditStore.records`."""
        return records_of(dispute_id, Row.collection(keys.case_pk(dispute_id)))

    def last_pass(self) -> AuditPass | None:
        """See `AuditStore.last_pass`."""
        row = Row.fetch([keys.AUDIT]).get(keys.AUDIT)
        if not isinstance(row, AuditRow):
            return None
        return pass_of(row)

    def keep_pass(self, now_at: AuditPass, before: AuditPass | None) -> bool:
        """See `AuditStore.keep_pass`."""
        row = _pass_row(keys.AUDIT, now_at)
        unchanged = Row.pk.does_not_exist()
        if before is not None:
            unchanged = (AuditRow.began_at == before.began_at) & (AuditRow.cases == before.cases)
        if not row.put_if(unchanged):
            return False
        if now_at.ended_at is not None:
            whole = _pass_row(keys.LAST_AUDIT, now_at)
            whole.put_if(Row.pk.does_not_exist() | (AuditRow.began_at <= now_at.began_at))
        return True


def records_of(
    dispute_id: str, rows: Sequence[Row], left_out: list[UnreadableRowError] | None = None
) -> CaseRecords:
    """What the rows of a case's item collection say; the order's ledger is read besides.

    Raises where values make no sense together; with `left_out` such a part is left out, and its error goes there.
    """

    def read(name: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except UNREADABLE as failure:
            if left_out is None:
                raise
            why = failure.why if isinstance(failure, UnreadableRowError) else type(failure).__name__
            left_out.append(UnreadableRowError(f"{keys.case_pk(dispute_id)} {name}", why))
            return None

    by_key = {row.sk: row for row in rows}
    facts, state = by_key.get(keys.FACTS), by_key.get(keys.STATE)
    timer, refund = by_key.get(keys.TIMER), by_key.get(keys.REFUND)
    case = None
    if isinstance(facts, FactsRow) and isinstance(state, StateRow):
        kept = facts, state
        case = read(keys.STATE, lambda: mapping.dispute_of(*kept))
    entries = [read(row.sk, partial(mapping.entry_of, row)) for row in rows if isinstance(row, TimelineRow)]
    return CaseRecords(
        dispute_id,
        case=case,
        timer=read(keys.TIMER, partial(mapping.timer_of, timer)) if isinstance(timer, TimerRow) else None,
        timer_due_at=timer.due_at if isinstance(timer, TimerRow) and timer.due_key else None,
        refund=read(keys.REFUND, partial(mapping.refund_of, refund))
        if isinstance(refund, RefundRow)
        else None,
        refund_due_at=refund.due_at if isinstance(refund, RefundRow) and refund.due_key else None,
        ledger=read(keys.LEDGER, partial(_ledger, facts.order_id)) if isinstance(facts, FactsRow) else None,
        timeline=[entry for entry in entries if entry is not None],
        mails=[
            KeptMail(row.seq, row.recipient, row.status == PENDING)
            for row in rows
            if isinstance(row, MailRow)
        ],
        rulings=[row.ruling for row in rows if isinstance(row, RulingRow)],
        archived=next((archive_mark_of(row) for row in rows if isinstance(row, ArchivedRow)), None),
        loose=any(row.sk not in STAYING for row in rows),
    )


def pass_of(row: AuditRow) -> AuditPass:
    """The pass in a row; rows of before counted nothing."""
    counts = row.counts or {}
    return AuditPass(row.began_at, row.ended_at, row.cursor, row.cases, row.disagreements, counts)


def _pass_row(key: keys.Key, seen: AuditPass) -> AuditRow:
    return AuditRow(
        *key,
        began_at=seen.began_at,
        ended_at=seen.ended_at,
        cursor=dict(seen.next_key) if seen.next_key is not None else None,
        cases=seen.cases,
        disagreements=seen.disagreements,
        counts=dict(seen.counts) or None,
    )


def _ledger(order_id: str) -> OrderLedger | None:
    key = keys.ledger(order_id)
    row = Row.fetch([key]).get(key)
    return mapping.ledger_of(order_id, row) if isinstance(row, LedgerRow) else None
