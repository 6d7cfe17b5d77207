"""What happened between the instant that a table was restored to and the restore, from sources outside of the table.

Executions are named by their case. `dispatch_changes` logs the number of each entry that a call made, `notify_parties`
each mail. The payment system's statement has what was paid. Ids, codes and instants only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.workers.reconciliation import Payment
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.refunds import dispute_id_of, refund_id_for
from buyer_protection.domain.timeline import instant
from ops import log_lines
from ops.target import Target

RUNNING = "RUNNING"
_PAID = frozenset({RefundStatus.SUCCEEDED, RefundStatus.RETURNED})
_NAME = re.compile(r"case-(.+)-g(\d+)")
# Insights answers no more rows; and the fields that are asked for.
MOST_ROWS = 10_000
_ENTRIES = (
    'fields dispute_id, seq | filter message = "dispatched" and ispresent(seq) '
    f"| stats max(seq) as newest, count() as many by dispute_id | limit {MOST_ROWS}"
)
_MAILS = (
    'fields dispute_id | filter message = "mail" and outcome = "SENT" '
    f"| stats count() as many by dispute_id | limit {MOST_ROWS}"
)


class Found(StrEnum):
    """LOST: the table has no such case. OLDER: it has the case as it was before. PAID: money was paid that the table
    does not know to be paid."""

    LOST = "LOST"
    OLDER = "OLDER"
    PAID = "PAID"


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution of a case, as Step Functions lists it. `stopped` is None while it runs."""

    arn: str
    dispute_id: str
    generation: int
    status: str
    started: datetime
    stopped: datetime | None = None


@dataclass(slots=True)
class Traces:
    """What is known of a case from outside of the table: its executions, the newest entry and how many the log has, how
    many mails left, what was paid."""

    executions: list[Execution] = field(default_factory=list)
    newest: int = 0
    entries: int = 0
    mails: int = 0
    payments: list[Payment] = field(default_factory=list)


def machine_arn(target: Target) -> str:
    """The ARN of the stage's state machine, in the caller's own account."""
    caller = target.client("sts").get_caller_identity()
    partition = str(caller["Arn"]).split(":")[1]
    return f"arn:{partition}:states:{target.region}:{caller['Account']}:stateMachine:{target.name_of('case')}"


def executions(target: Target, status: str | None = None) -> Iterator[Execution]:
    """Every execution of the stage that Step Functions still lists (for 90 days after its end), newest first."""
    asked = {"stateMachineArn": machine_arn(target), **({"statusFilter": status} if status else {})}
    for page in target.client("stepfunctions").get_paginator("list_executions").paginate(**asked):
        for it in page["executions"]:
            if (named := _NAME.fullmatch(it["name"])) is not None:
                yield Execution(
                    it["executionArn"],
                    named[1],
                    int(named[2]),
                    it["status"],
                    it["startDate"].astimezone(UTC),
                    it["stopDate"].astimezone(UTC) if it.get("stopDate") else None,
                )


def traces_of(
    target: Target, since: datetime, until: datetime, payments: Sequence[Payment]
) -> dict[str, Traces]:
    """By case: executions that began or ended in the gap, or run; entries, mails and payments of the gap."""
    found: dict[str, Traces] = {}
    for one in executions(target):
        in_gap = since <= one.started < until or (one.stopped is not None and since <= one.stopped < until)
        if in_gap or one.status == RUNNING:
            found.setdefault(one.dispute_id, Traces()).executions.append(one)
    for dispute_id, newest, many in _entries(target, since, until):
        of = found.setdefault(dispute_id, Traces())
        of.newest, of.entries = max(of.newest, newest), of.entries + many
    for dispute_id, many in _mails(target, since, until):
        found.setdefault(dispute_id, Traces()).mails += many
    for payment in payments:
        if since <= payment.paid_at < until:
            found.setdefault(_dispute_of(payment), Traces()).payments.append(payment)
    return found


def _dispute_of(payment: Payment) -> str:
    try:
        return dispute_id_of(payment.refund_id)
    except NotFoundError:
        return payment.refund_id


def _entries(target: Target, since: datetime, until: datetime) -> Iterator[tuple[str, int, int]]:
    group = f"/aws/lambda/{target.name_of('dispatch_changes')}"
    for row in _rows(target, group, _ENTRIES, since, until, "dispatched"):
        yield str(row["dispute_id"]), int(row.get("newest") or 0), int(row["many"])


def _mails(target: Target, since: datetime, until: datetime) -> Iterator[tuple[str, int]]:
    group = f"/aws/lambda/{target.name_of('notify_parties')}"
    for row in _rows(target, group, _MAILS, since, until, "mail"):
        yield str(row["dispute_id"]), int(row["many"])


def _rows(
    target: Target, group: str, query: str, since: datetime, until: datetime, message: str
) -> Iterator[dict[str, Any]]:
    """By Insights; on the stack of one's own machine, which has no such query, the lines themselves."""
    logs = target.client("logs")
    if not target.endpoint_url:
        yield from (
            row for row in log_lines.asked(logs, [group], query, since, until) if row.get("dispute_id")
        )
        return
    for line in log_lines.lines_of(logs, group, since):
        at = str(line.get("timestamp", ""))
        # Lines about dates and refunds name no entry.
        counts = line.get("outcome") == "SENT" if message == "mail" else "seq" in line
        if line.get("message") == message and line.get("dispute_id") and counts and _is_before(at, until):
            yield {"dispute_id": line["dispute_id"], "newest": line.get("seq") or 0, "many": 1}


def _is_before(text: str, until: datetime) -> bool:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) < until
    except ValueError:
        return True


def differences(
    found: dict[str, Traces], cases: CaseStore, orders: OrderStore, since: datetime
) -> Iterator[dict[str, Any]]:
    """What the table lacks or has in an older state, by case: one document each."""
    for dispute_id, traces in sorted(found.items()):
        loaded = cases.load(dispute_id)
        case = None if loaded is None else loaded.case
        kinds = list(_kinds(case, orders, traces, since))
        if kinds:
            yield _document(dispute_id, kinds, case, traces)


def _kinds(case: Dispute | None, orders: OrderStore, traces: Traces, since: datetime) -> Iterator[Found]:
    if case is None:
        yield Found.LOST
    elif traces.newest > case.timeline_seq or _ended_too_early(case, traces, since):
        yield Found.OLDER
    if any(case is None or not is_known(case, orders, it) for it in traces.payments):
        yield Found.PAID


def _ended_too_early(case: Dispute, traces: Traces, since: datetime) -> bool:
    """Whether an execution came to its end in the gap, which it does with its case, and the case is open."""
    return not case.is_closed and any(
        it.status == "SUCCEEDED" and it.stopped is not None and it.stopped >= since
        for it in traces.executions
    )


def is_known(case: Dispute, orders: OrderStore, payment: Payment) -> bool:
    """Whether the table knows of the payment: as that of the case's refund (which may have come back since), or as
    money given back besides."""
    if refund_id_for(case) == payment.refund_id and case.refund_status in _PAID:
        return True
    order = orders.load(case.order_id, refund_ids=[payment.refund_id])
    return order is not None and payment.refund_id in order.refunds


def _document(
    dispute_id: str, kinds: Sequence[Found], case: Dispute | None, traces: Traces
) -> dict[str, Any]:
    newest = max(traces.executions, key=lambda it: it.generation, default=None)
    return {
        "dispute_id": dispute_id,
        "found": [kind.value for kind in kinds],
        "status": None if case is None else case.status.value,
        "entries": None if case is None else case.timeline_seq,
        "entries_seen": traces.newest or None,
        "execution": newest and newest.status,
        "execution_started": newest and instant(newest.started),
        "execution_stopped": newest and newest.stopped and instant(newest.stopped),
        "mails": traces.mails,
        "payments": [
            {
                "refund_id": it.refund_id,
                "amount_minor": it.amount.amount_minor,
                "currency": it.amount.currency,
                "paid_at": instant(it.paid_at),
                "reference": it.reference,
            }
            for it in traces.payments
        ],
    }
