"""What the nightly audit counts while it reads every case, for the operators' summary."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from buyer_protection.application.ports.audit import CaseRecords
from buyer_protection.application.ports.operations import AGES, OLDER
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus, Status
from buyer_protection.domain.refunds import is_unanswered


def census_of(records: CaseRecords, now: datetime, *, nobody_waits: bool) -> Counter[str]:
    """One case as it is counted, by name: `open.{status}.{age}` and what waits."""
    found: Counter[str] = Counter()
    case = records.case
    if case is None:
        return found
    if not case.is_closed:
        found[f"open.{case.status}.{_age(case, now)}"] += 1
    found.update(_waiting(records, case, now))
    found["mails_waiting"] += sum(mail.is_due for mail in records.mails)
    found["executions_missing"] += nobody_waits
    return +found


def _age(case: Dispute, now: datetime) -> str:
    return next((str(days) for days in AGES if now - case.opened_at < case.policy.days(days)), OLDER)


def _waiting(records: CaseRecords, case: Dispute, now: datetime) -> Iterator[str]:
    due = case.decision_due_at
    if case.status is Status.UNDER_REVIEW and due is not None and now >= due:
        yield "overdue_decisions"
    if records.refund is None:
        return
    match case.refund_status:
        case RefundStatus.HELD:
            yield "refunds.held"
        case RefundStatus.GIVEN_UP:
            yield "refunds.given_up"
        case RefundStatus.REQUESTED | RefundStatus.FAILED:
            yield "refunds.unanswered" if is_unanswered(records.refund, now) else "refunds.asked"
        case _:
            return
