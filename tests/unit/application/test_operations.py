"""What operators read: what the workers counted and did; ids, statuses, instants and counts, never texts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import operations
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.audit import AuditPass, CaseRecords, KeptMail
from buyer_protection.application.ports.beside import Look
from buyer_protection.application.ports.operations import (
    CaseRows,
    MailFact,
    Overview,
    QueueDepth,
    RowFact,
    SweepReport,
)
from buyer_protection.application.workers.census import census_of
from buyer_protection.domain.enums import RefundStatus, Role, Status
from buyer_protection.domain.errors import ForbiddenError, NotFoundError
from tests.support.builders import DAY, OPENED
from tests.support.fakes import FixedClock, World
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, SHOP, call, case_of, doc, world_in

OPERATOR = Caller("operator-1", frozenset({"operator"}))
NOW = OPENED + 40 * DAY
CLOCK = FixedClock(NOW)
NOTHING = Overview(None, None, None, None)


class Kept:
    """Port `OperationsStore`, with what a test puts there."""

    def __init__(self, overview: Overview = NOTHING, rows: Mapping[str, CaseRows] = {}) -> None:
        self._overview, self._rows = overview, rows

    def overview(self) -> Overview:
        return self._overview

    def keep_sweep(self, report: SweepReport) -> None:
        raise AssertionError("no call of an operator writes")

    def case_rows(self, dispute_id: str) -> CaseRows | None:
        return self._rows.get(dispute_id)


class Waiting:
    """Port `Queues`, with depths that a test gives it."""

    def __init__(self, *depths: QueueDepth) -> None:
        self._depths = depths

    def depths(self) -> Sequence[QueueDepth]:
        return self._depths


NO_QUEUES = Waiting()


def records(of: World) -> CaseRecords:
    refund = of.refunds_kept.get(CASE)
    return CaseRecords(
        CASE,
        of.cases_kept[CASE],
        of.timers.timer(CASE),
        None,
        refund[0] if refund else None,
        None,
        None,
        of.timeline[CASE],
        [KeptMail(1, Role.BUYER, True), KeptMail(1, Role.SELLER, False)],
    )


def summary(kept: Kept, caller: Caller = OPERATOR, queues: Waiting = NO_QUEUES) -> dict[str, Any]:
    return doc(operations.get_operations_summary(kept, queues, CLOCK, call(caller)))


def operated(of: World, kept: Kept, caller: Caller = OPERATOR, case: str = CASE) -> dict[str, Any]:
    return doc(operations.get_operated_case(kept, of.executions, CLOCK, call(caller), case))


@pytest.mark.parametrize("caller", [MANAGER, BUYER, SELLER, SHOP])
def test_r47_a_case_manager_who_is_no_operator_reads_none_of_it(caller: Caller) -> None:
    of = world_in(Status.UNDER_REVIEW)
    with pytest.raises(ForbiddenError):
        summary(Kept(), caller)
    with pytest.raises(ForbiddenError):
        operated(of, Kept(), caller)


def test_r44_the_summary_says_what_was_counted_and_when() -> None:
    counts = {
        "open.NEGOTIATION.7": 2,
        "open.UNDER_REVIEW.older": 1,
        "overdue_decisions": 1,
        "refunds.held": 3,
        "refunds.given_up": 4,
        "mails_waiting": 5,
        "executions_missing": 6,
    }
    audit = AuditPass(NOW - DAY, NOW - DAY / 2, None, 9, 1, counts)
    sweep = SweepReport(NOW - timedelta(minutes=1), {"deadlines": 2}, True)
    got = summary(Kept(Overview(sweep, AuditPass(NOW, None, {}, 3, 0), audit, NOW)))
    by_status = {one["status"]: one for one in got["open"]}
    assert set(by_status) == {
        "NEGOTIATION",
        "CLAIM_EVIDENCE",
        "UNDER_REVIEW",
        "AWAITING_RETURN",
        "RETURN_SHIPPED",
    }
    assert by_status["NEGOTIATION"]["count"] == 2
    assert [age["count"] for age in by_status["NEGOTIATION"]["by_age"]] == [0, 2, 0, 0, 0]
    assert by_status["UNDER_REVIEW"]["by_age"][-1] == {"under_days": None, "count": 1}
    assert got["refunds"] == {"asked": 0, "held": 3, "unanswered": 0, "given_up": 4}
    assert (got["overdue_decisions"], got["mails_waiting"], got["executions_missing"]) == (1, 5, 6)
    assert got["counted_at"] == got["last_audit"]["ended_at"] != got["as_of"]
    assert (got["last_sweep"]["done"], got["last_sweep"]["unfinished"]) == ({"deadlines": 2}, True)
    assert got["audit_under_way"]["cases"] == 3
    assert got["refunds_held_since"] == got["as_of"]


def test_r44_before_the_first_audit_nothing_is_counted() -> None:
    got = summary(Kept())
    assert (got["counted_at"], got["last_sweep"], got["last_audit"], got["audit_under_way"]) == (None,) * 4
    assert sum(one["count"] for one in got["open"]) == 0


def test_r44_the_summary_says_how_full_each_queue_is_and_which_is_not_known() -> None:
    got = summary(
        Kept(), queues=Waiting(QueueDepth("inbound", False, 7), QueueDepth("inbound-failed", True, None))
    )
    assert got["queues"] == [
        {"name": "inbound", "holds_dead_letters": False, "waiting": 7},
        {"name": "inbound-failed", "holds_dead_letters": True, "waiting": None},
    ]


def test_r44_each_case_is_counted_by_status_and_age_and_by_what_waits() -> None:
    of = world_in(Status.UNDER_REVIEW)
    case = case_of(of)
    young = census_of(records(of), case.opened_at + 6 * DAY, nobody_waits=False)
    assert young == {"open.UNDER_REVIEW.7": 1, "mails_waiting": 1}
    late = census_of(records(of), case.opened_at + 100 * DAY, nobody_waits=True)
    assert late == {
        "open.UNDER_REVIEW.older": 1,
        "overdue_decisions": 1,
        "mails_waiting": 1,
        "executions_missing": 1,
    }


@pytest.mark.parametrize(
    ("status", "name", "after"),
    [
        (RefundStatus.REQUESTED, "refunds.asked", DAY / 24),
        (RefundStatus.FAILED, "refunds.asked", 40 * DAY),
        (RefundStatus.REQUESTED, "refunds.unanswered", 40 * DAY),
        (RefundStatus.HELD, "refunds.held", DAY),
        (RefundStatus.GIVEN_UP, "refunds.given_up", DAY),
        (RefundStatus.SUCCEEDED, None, DAY),
    ],
)
def test_r44_a_refund_is_counted_by_what_becomes_of_it(
    status: RefundStatus, name: str | None, after: timedelta
) -> None:
    from dataclasses import replace

    of = world_in(Status.DECIDED)
    ended = case_of(of)
    of.cases_kept[CASE] = replace(ended, refund_status=status)
    refund, due = of.refunds_kept[CASE]
    of.refunds_kept[CASE] = replace(refund, status=status), due
    counted = census_of(records(of), (ended.closed_at or NOW) + after, nobody_waits=False)
    assert {one for one in counted if one.startswith("refunds")} == ({name} if name else set())


def test_r47_an_operator_reads_rows_and_instants_and_no_texts() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.deliver_stream()
    rows = [RowFact("STATE", "State", {"updated_at": OPENED})]
    mails = [MailFact(1, "BUYER", "DISPUTE_OPENED", "SENT", 1, None, OPENED, None)]
    looks = [Look(CASE, "lk-1", MANAGER.caller_id, "buyer-1", OPENED)]
    kept = Kept(rows={CASE: CaseRows(records(of), rows, mails, looks)})
    got = operated(of, kept)
    assert (got["status"], got["order_id"], got["version"]) == (
        "UNDER_REVIEW",
        "order-1",
        case_of(of).version,
    )
    assert got["timer"]["status"] == "UNDER_REVIEW"
    assert got["execution"] == {"generation": 1, "is_running": True}
    settled = got["outbox"][0]["settled_at"]
    assert got["rows"] == [{"key": "STATE", "kind": "State", "instants": {"updated_at": settled}}]
    assert got["looks"] == [{"reader_id": "manager-1", "person_id": "buyer-1", "seen_at": settled}]
    case = case_of(of)
    for text in (case.description, "So it was.", "No answer.", "buyer@example.com"):
        assert text not in str(got)
    with pytest.raises(NotFoundError):
        operated(of, kept, case="dp-404")


def test_f2_the_rows_are_read_too_while_step_functions_does_not_answer() -> None:
    of = world_in(Status.UNDER_REVIEW)
    kept = Kept(rows={CASE: CaseRows(records(of), [], [])})

    class Silent:
        def is_running(self, _dispute_id: str, _generation: int) -> bool:
            raise TimeoutError

    silent: Any = Silent()
    found = operations.get_operated_case(kept, silent, CLOCK, call(OPERATOR), CASE)
    assert doc(found)["execution"] == {"generation": 1, "is_running": None}
