"""The nightly audit: a healthy case has no findings, each thing that is wrong is found under its own name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.audit import CaseRecords, KeptMail
from buyer_protection.application.schemas.requests import DecisionRequest
from buyer_protection.application.workers.audit import Disagreement, disagreements
from buyer_protection.application.workers.inbound_events import receive_event
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DecisionReason,
    OutcomeCode,
    RefundStatus,
    ReturnCondition,
    Status,
)
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import Settlement
from buyer_protection.domain.replay import replay, snapshot_of
from buyer_protection.domain.rulings import RulingStatus, WaitingRuling
from buyer_protection.domain.windows import due_at
from tests.support.fakes import World
from tests.unit.application.helpers import (
    CASE,
    MANAGER,
    SELLER,
    acknowledged,
    address_confirmed,
    call,
    case_of,
    decide,
    evidence,
    return_delivered,
    shipped_back,
    take_claim,
    tick,
    wait_until_due,
    world_in,
)
from tests.unit.application.test_receive_events import failed, paid

HOUR = timedelta(hours=1)
D = Disagreement


def records_of(of: World, dispute_id: str = CASE) -> CaseRecords:
    """What a healthy table holds of the case: the execution waits, mails have gone out."""
    case, timer = of.cases_kept[dispute_id], of.timers_kept[dispute_id]
    refund, refund_due = of.refunds_kept.get(dispute_id, (None, None))
    return CaseRecords(
        dispute_id,
        case,
        structs.replace(timer, task_token="token"),
        due_at(case),
        refund,
        refund_due,
        of.ledgers[case.order_id],
        list(of.timeline[dispute_id]),
        [
            KeptMail(seq, role, is_due=row.message_id is None and row.dropped is None)
            for (of_case, seq, role), row in of.mails.items()
            if of_case == dispute_id
        ],
        [kept for (of_case, _), kept in of.rulings.items() if of_case == dispute_id],
    )


def healthy_world(status: Status) -> World:
    """A world with the case in that status, whose clock has taken every step that is due."""
    of = world_in(status)
    tick(of)
    return of


def settled_down(of: World) -> CaseRecords:
    """All mails out, and an hour gone by."""
    of.deliver_stream()
    for row in of.mails.values():
        row.due_at, row.message_id = None, "sent"
    return records_of(of)


def found(records: CaseRecords, now: datetime) -> list[Disagreement]:
    return list(disagreements(records, now))


def later(of: World) -> datetime:
    return of.clock.at + 2 * HOUR


# --- healthy cases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_a_healthy_case_has_no_findings_in_any_status(status: Status) -> None:
    of = healthy_world(status)
    records = settled_down(of)
    wake = due_at(case_of(of))
    now = later(of) if wake is None else min(later(of), wake)
    assert found(records, now) == []


def ruled_with_return() -> World:
    of = world_in(Status.UNDER_REVIEW)
    decide(of, DecisionOutcome.PARTIAL, 900)
    return of


def agreed_return_that_came_back_wrong_and_was_ruled_on() -> World:
    of = world_in(Status.RETURN_SHIPPED)
    evidence(of, SELLER)
    acknowledged(of, ReturnCondition.DAMAGED, cites=("ev-1",))
    wait_until_due(of)
    decide(of, DecisionOutcome.SELLER_FAVOUR)
    return of


def agreed_return_that_went_well() -> World:
    of = world_in(Status.AWAITING_RETURN)
    address_confirmed(of)
    shipped_back(of)
    return_delivered(of)
    acknowledged(of)
    return of


def return_that_nobody_shipped() -> World:
    of = world_in(Status.AWAITING_RETURN)
    address_confirmed(of)
    wait_until_due(of)
    return of


def refund_that_failed_and_then_succeeded() -> World:
    of = world_in(Status.RESOLVED)
    for event in (failed(of), paid(of)):
        receive_event(of.context, event, of.clock.at)
    return of


def test_r44_a_refund_that_came_back_is_reported_until_it_is_paid() -> None:
    of = refund_that_failed_and_then_succeeded()
    of.clock.at += HOUR
    receive_event(of.context, failed(of), of.clock.at)
    assert found(settled_down(of), later(of)) == [D.REFUND_RETURNED]
    of.clock.at += HOUR
    receive_event(of.context, msgspec.structs.replace(paid(of), reference="p-2"), of.clock.at)
    assert found(settled_down(of), later(of)) == []


@pytest.mark.parametrize(
    "life",
    [
        ruled_with_return,
        agreed_return_that_came_back_wrong_and_was_ruled_on,
        agreed_return_that_went_well,
        return_that_nobody_shipped,
        refund_that_failed_and_then_succeeded,
    ],
)
def test_a_whole_life_folds_to_where_the_case_stands(life: Callable[[], World]) -> None:
    of = life()
    assert replace(replay(of.timeline[CASE]), is_ruled=False) == snapshot_of(case_of(of))
    assert found(settled_down(of), later(of)) == []


# --- what is planted is found ---------------------------------------------------------------------------------


def with_case(records: CaseRecords, **changes: Any) -> CaseRecords:
    assert records.case is not None
    return replace(records, case=replace(records.case, **changes))


def with_timer(records: CaseRecords, **changes: Any) -> CaseRecords:
    assert records.timer is not None
    return replace(records, timer=structs.replace(records.timer, **changes))


def with_refund(records: CaseRecords, **changes: Any) -> CaseRecords:
    assert records.refund is not None
    return replace(records, refund=replace(records.refund, **changes))


def with_ledger(records: CaseRecords, **changes: Any) -> CaseRecords:
    assert records.ledger is not None
    return replace(records, ledger=replace(records.ledger, **changes))


def with_entry(records: CaseRecords, **changes: Any) -> CaseRecords:
    return replace(records, timeline=[replace(records.timeline[0], **changes), *records.timeline[1:]])


Plant = Callable[[CaseRecords], CaseRecords]
PLANTS: list[tuple[Status, Plant, set[Disagreement]]] = [
    (Status.NEGOTIATION, lambda r: replace(r, case=None), {D.CASE_INCOMPLETE}),
    (Status.NEGOTIATION, lambda r: with_entry(r, data={"x": 1}), {D.TIMELINE_BROKEN}),
    (Status.NEGOTIATION, lambda r: with_entry(r, prev_hash="1" * 64), {D.TIMELINE_BROKEN}),
    (
        Status.CLAIM_EVIDENCE,
        lambda r: replace(r, timeline=r.timeline[:1]),
        {D.TIMELINE_DIFFERS, D.STATE_DIFFERS},
    ),
    (Status.NEGOTIATION, lambda r: replace(r, timeline=[]), {D.TIMELINE_DIFFERS, D.STATE_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_case(r, version=9), {D.TIMELINE_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_case(r, timeline_hash="1" * 64), {D.TIMELINE_DIFFERS}),
    (
        Status.NEGOTIATION,
        lambda r: with_case(r, status=Status.UNDER_REVIEW, decision_due_at=r.timeline[0].at + 60 * HOUR * 24),
        {D.STATE_DIFFERS, D.TIMER_DIFFERS},
    ),
    (Status.NEGOTIATION, lambda r: replace(r, timer=None), {D.TIMER_MISSING}),
    (Status.NEGOTIATION, lambda r: with_timer(r, epoch=7), {D.TIMER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_timer(r, status="UNDER_REVIEW"), {D.TIMER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_timer(r, wake_at=None), {D.TIMER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: replace(r, timer_due_at=None), {D.TIMER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: replace(r, timer_due_at=r.timeline[0].at), {D.TIMER_DIFFERS}),
    (Status.RESOLVED, lambda r: replace(r, timer_due_at=r.timeline[0].at), {D.TIMER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_timer(r, task_token=None), {D.NOBODY_WAITS}),
    (Status.RESOLVED, lambda r: replace(r, refund=None), {D.REFUND_MISSING}),
    (Status.RESOLVED, lambda r: with_refund(r, amount=Money(1, "USD")), {D.REFUND_DIFFERS}),
    (Status.RESOLVED, lambda r: with_refund(r, order_id="order-2"), {D.REFUND_DIFFERS}),
    (Status.RESOLVED, lambda r: with_refund(r, status=RefundStatus.SUCCEEDED), {D.REFUND_DIFFERS}),
    (Status.RESOLVED, lambda r: replace(r, refund_due_at=None), {D.REFUND_GIVEN_UP}),
    (
        Status.RESOLVED,
        lambda r: with_refund(r, requested_at=r.refund.requested_at - 24 * HOUR),
        {D.REFUND_UNANSWERED},
    ),
    (Status.RESOLVED, lambda r: with_ledger(r, refunded_minor=0), {D.LEDGER_DIFFERS}),
    (Status.RESOLVED, lambda r: with_ledger(r, refunded_minor=10**6), {D.LEDGER_DIFFERS}),
    (Status.RESOLVED, lambda r: with_ledger(r, active_dispute_id=CASE), {D.LEDGER_DIFFERS}),
    (Status.RESOLVED, lambda r: with_ledger(r, finished_by="RECEIPT_CONFIRMED"), {D.LEDGER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_ledger(r, active_dispute_id=None), {D.LEDGER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_ledger(r, active_dispute_id="dp-2"), {D.LEDGER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: with_ledger(r, finished_at=r.timeline[0].at), {D.LEDGER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: replace(r, ledger=None), {D.LEDGER_DIFFERS}),
    (Status.NEGOTIATION, lambda r: replace(r, mails=r.mails[:1]), {D.MAIL_MISSING}),
    (
        Status.NEGOTIATION,
        lambda r: replace(r, mails=[replace(r.mails[0], is_due=True), *r.mails[1:]]),
        {D.MAIL_STUCK},
    ),
    (
        Status.UNDER_REVIEW,
        lambda r: with_case(r, waiting_ruling=WaitingRuling("dc-1", "m-1")),
        {D.RULING_DIFFERS},
    ),
]


@pytest.mark.parametrize(("status", "plant", "expected"), PLANTS)
def test_what_is_planted_is_found_under_its_own_name(
    status: Status, plant: Plant, expected: set[Disagreement]
) -> None:
    of = healthy_world(status)
    healthy = settled_down(of)
    assert found(healthy, later(of)) == []
    seen = found(plant(healthy), later(of))
    assert (set(seen), len(seen)) == (expected, len(expected))


def test_a_refund_that_no_case_asked_for_is_found() -> None:
    of, other = healthy_world(Status.CANCELLED), healthy_world(Status.RESOLVED)
    planted = replace(settled_down(of), refund=other.refunds_kept[CASE][0])
    assert found(planted, later(of)) == [D.REFUND_UNEXPECTED]


def test_an_order_that_other_disputes_brought_money_to_is_no_disagreement() -> None:
    of = healthy_world(Status.RESOLVED)
    records = settled_down(of)
    assert records.case is not None
    some = replace(records.case.outcome.refund, amount_minor=700)
    about_some = with_refund(
        with_case(
            records,
            outcome=replace(records.case.outcome, refund=some),
            undisputed=records.case.items,
        ),
        amount=some,
    )
    settled = (Settlement(CASE, {"mug": 1}, {"mug": 700}),)
    shared = with_ledger(
        about_some, refunded_minor=900, finished_at=None, finished_by=None, settlements=settled
    )
    assert D.LEDGER_DIFFERS not in found(shared, later(of))
    assert D.LEDGER_DIFFERS in found(with_ledger(shared, refunded_minor=699), later(of))
    assert D.LEDGER_DIFFERS in found(with_ledger(shared, settlements=()), later(of))


def test_r39_a_hold_that_only_the_ledger_or_only_the_case_knows_is_found() -> None:
    of = healthy_world(Status.RESOLVED)
    records = settled_down(of)
    assert D.LEDGER_DIFFERS not in found(records, later(of))
    assert D.LEDGER_DIFFERS in found(with_ledger(records, held=(CASE,)), later(of))
    assert D.LEDGER_DIFFERS in found(with_case(records, refund_status=RefundStatus.HELD), later(of))


def test_a_refund_that_is_done_with_and_still_due_is_found() -> None:
    of = refund_that_failed_and_then_succeeded()
    assert found(replace(settled_down(of), refund_due_at=of.clock.at), later(of)) == [D.REFUND_DIFFERS]


def test_another_outcome_than_the_timelines_is_found() -> None:
    of = healthy_world(Status.RESOLVED)
    records = settled_down(of)
    assert records.case is not None
    assert records.case.outcome is not None
    other = replace(records.case.outcome, code=OutcomeCode.AGREED_NO_REFUND)
    assert found(with_case(records, outcome=other), later(of)) == [D.STATE_DIFFERS]


def test_a_deadline_that_nobody_met_is_found_after_ten_minutes_and_not_before() -> None:
    of = healthy_world(Status.NEGOTIATION)
    records, wake = settled_down(of), due_at(case_of(of))
    assert wake is not None
    assert found(records, wake + timedelta(minutes=10)) == []
    assert found(records, wake + timedelta(minutes=10, milliseconds=1)) == [D.DEADLINE_LATE]


def test_what_follows_within_seconds_is_not_asked_for_at_once() -> None:
    of = healthy_world(Status.NEGOTIATION)
    fresh = replace(records_of(of), mails=[])
    opened = case_of(of).opened_at
    assert found(with_timer(fresh, task_token=None), opened + HOUR) == []
    assert D.MAIL_MISSING in found(fresh, opened + HOUR + timedelta(milliseconds=1))


def test_what_an_older_version_wrote_no_mail_about_is_not_asked_for_for_ever() -> None:
    of = healthy_world(Status.RESOLVED)
    bare = replace(settled_down(of), mails=[])
    last = case_of(of).updated_at
    assert last is not None
    assert D.MAIL_MISSING in found(bare, last + timedelta(days=3) - timedelta(milliseconds=1))
    assert found(bare, last + timedelta(days=3)) == [D.REFUND_UNANSWERED]


def test_a_row_that_the_sweeper_put_off_is_where_it_should_be() -> None:
    of = healthy_world(Status.NEGOTIATION)
    records = settled_down(of)
    assert records.timer_due_at is not None
    assert found(replace(records, timer_due_at=records.timer_due_at + HOUR), later(of)) == []


def test_all_kinds_have_a_plant() -> None:
    planted = set().union(*(expected for _, _, expected in PLANTS))
    elsewhere = {D.CASE_UNREADABLE, D.DEADLINE_LATE, D.REFUND_UNEXPECTED, D.REFUND_RETURNED}
    # What becomes of a case in which nothing is wrong.
    elsewhere |= {D.NOT_ARCHIVED}
    assert planted | elsewhere == set(Disagreement)


# --- a ruling that waits (R47) ---------------------------------------------------------------------------------


def waiting_for_confirmation() -> World:
    of = healthy_world(Status.UNDER_REVIEW)
    take_claim(of)
    ruling = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.OTHER], "So it was.")
    claim.decide_claim(of.context, call(MANAGER), CASE, ruling, {"USD": 0})
    return of


def test_r47_a_ruling_that_waits_is_no_finding_nor_is_one_that_was_voided() -> None:
    of = waiting_for_confirmation()
    records = settled_down(of)
    assert [kept.status for kept in records.rulings] == [RulingStatus.WAITING]
    assert found(records, later(of)) == []
    assert found(with_case(records, waiting_ruling=None), later(of)) == []


@pytest.mark.parametrize(
    "plant",
    [
        lambda r: replace(r, rulings=[]),
        lambda r: replace(r, rulings=[replace(r.rulings[0], decision_id="dc-other")]),
        lambda r: replace(r, rulings=[replace(r.rulings[0], made_by="another")]),
        lambda r: replace(r, rulings=[replace(r.rulings[0], status=RulingStatus.REFUSED)]),
        lambda r: with_case(r, waiting_ruling=WaitingRuling("dc-other", MANAGER.caller_id)),
    ],
)
def test_r47_a_case_that_names_a_ruling_that_does_not_wait_is_found(plant: Plant) -> None:
    of = waiting_for_confirmation()
    assert found(plant(settled_down(of)), later(of)) == [D.RULING_DIFFERS]


def test_r47_a_ruling_that_waits_where_nothing_is_reviewed_is_found() -> None:
    records = settled_down(waiting_for_confirmation())
    of = healthy_world(Status.NEGOTIATION)
    marker = records.case.waiting_ruling if records.case else None
    planted = replace(with_case(settled_down(of), waiting_ruling=marker), rulings=records.rulings)
    assert found(planted, later(of)) == [D.RULING_DIFFERS]
