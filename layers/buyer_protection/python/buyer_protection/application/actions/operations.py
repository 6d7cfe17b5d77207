"""The operators' calls: how the system fares, and one case's rows. They read no texts and write nothing."""

from collections.abc import Mapping

from buyer_protection.application.actions.execute import OPERATORS, Caller, Command
from buyer_protection.application.ports.audit import AuditPass, CaseRecords
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.operations import AGES, OLDER, MailFact, OperationsStore, Queues
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import Executions
from buyer_protection.application.schemas import operations_documents as documents
from buyer_protection.application.schemas.amounts import money
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import at
from buyer_protection.domain.enums import OPEN, Role, Status
from buyer_protection.domain.errors import ForbiddenError, NotFoundError
from buyer_protection.domain.timeline import instant


def require_operator(caller: Caller) -> None:
    """403 for anybody who is no operator: a case manager is none by being of the team."""
    if caller.is_system or OPERATORS not in caller.groups:
        raise ForbiddenError("Only operators can see this.")


def get_operations_summary(store: OperationsStore, queues: Queues, clock: Clock, command: Command) -> Answer:
    """200 with what the last audit counted, what the sweeper and the audit last did, and how full the queues are."""
    require_operator(command.caller)
    seen = store.overview()
    audited, sweep = seen.last_audit, seen.sweep
    counts = audited.counts if audited else {}
    is_under_way = seen.under_way is not None and seen.under_way.ended_at is None
    document = documents.OperationsSummaryDocument(
        as_of=instant(clock.now()),
        counted_at=at(audited.ended_at) if audited else None,
        open=[_open(status, counts) for status in Status if status in OPEN],
        overdue_decisions=counts.get("overdue_decisions", 0),
        refunds=documents.RefundCountsDocument(
            *(counts.get(f"refunds.{name}", 0) for name in documents.RefundCountsDocument.__struct_fields__)
        ),
        mails_waiting=counts.get("mails_waiting", 0),
        executions_missing=counts.get("executions_missing", 0),
        refunds_held_since=at(seen.refunds_held_since),
        last_sweep=documents.SweepDocument(instant(sweep.ended_at), sweep.done, sweep.unfinished)
        if sweep
        else None,
        last_audit=_audit(audited),
        audit_under_way=_audit(seen.under_way) if is_under_way else None,
        queues=[
            documents.QueueDocument(one.name, one.holds_dead_letters, one.waiting) for one in queues.depths()
        ],
    )
    return answer(200, document)


def _open(status: Status, counts: Mapping[str, int]) -> documents.OpenDocument:
    ages = [
        documents.AgeDocument(days, counts.get(f"open.{status}.{OLDER if days is None else days}", 0))
        for days in (*AGES, None)
    ]
    return documents.OpenDocument(status, sum(age.count for age in ages), ages)


def _audit(seen: AuditPass | None) -> documents.AuditDocument | None:
    if seen is None:
        return None
    return documents.AuditDocument(instant(seen.began_at), at(seen.ended_at), seen.cases, seen.disagreements)


def get_operated_case(
    store: OperationsStore, executions: Executions, clock: Clock, command: Command, dispute_id: str
) -> Answer:
    """200 with the rows of a case, its timer, execution, outbox and refund; 404 where there is none."""
    require_operator(command.caller)
    kept = store.case_rows(dispute_id)
    if kept is None:
        raise NotFoundError(rule="R1")
    records, case = kept.records, kept.records.case
    document = documents.OperatedCaseDocument(
        as_of=instant(clock.now()),
        dispute_id=dispute_id,
        order_id=case.order_id if case else None,
        status=case.status if case else None,
        version=case.version if case else None,
        timer=_timer(records),
        execution=_execution(records, executions),
        outbox=[_mail(mail) for mail in kept.mails],
        refund=_refund(records),
        rows=[
            documents.RowDocument(
                row.key, row.kind, {name: instant(moment) for name, moment in row.instants.items()}
            )
            for row in kept.rows
        ],
        looks=[
            documents.LookDocument(look.reader_id, look.person_id, instant(look.seen_at))
            for look in kept.looks
        ],
    )
    return answer(200, document, version=case.version if case else None)


def _timer(records: CaseRecords) -> documents.TimerDocument | None:
    timer = records.timer
    if timer is None:
        return None
    due, is_parked = at(records.timer_due_at), timer.task_token is not None
    return documents.TimerDocument(timer.status, timer.epoch, at(timer.wake_at), due, is_parked)


def _execution(records: CaseRecords, executions: Executions) -> documents.ExecutionDocument | None:
    timer = records.timer
    if timer is None:
        return None
    try:
        is_running = executions.is_running(records.dispute_id, timer.generation)
    except Exception:  # noqa: BLE001 - the rest is worth reading most when Step Functions does not answer
        return documents.ExecutionDocument(timer.generation, None)
    return documents.ExecutionDocument(timer.generation, is_running)


def _mail(mail: MailFact) -> documents.OutboxMailDocument:
    return documents.OutboxMailDocument(
        mail.seq,
        Role(mail.recipient),
        mail.mail,
        mail.status,
        mail.attempts,
        at(mail.due_at),
        at(mail.settled_at),
        mail.dropped,
    )


def _refund(records: CaseRecords) -> documents.OperatedRefundDocument | None:
    refund = records.refund
    if refund is None:
        return None
    return documents.OperatedRefundDocument(
        refund.refund_id,
        refund.status,
        money(refund.amount),
        refund.attempt,
        instant(refund.requested_at),
        at(records.refund_due_at),
    )
