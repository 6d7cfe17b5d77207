"""The policy: every number of aliexpress-classic, the scaled day, the snapshot, and the calendar that follows."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain.calendar import calendar
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy, policy_for_stage
from tests.support.builders import DAY, OPENED, SHIPPED, case_negotiating, opening_change, order, shipment

CLASSIC = {
    "profile": "aliexpress-classic",
    "version": 1,
    "day_seconds": 86_400,
    "open_after_days": 5,
    "open_at_once_up_to_days": 5,
    "escalate_after_days": 3,
    "negotiation_days": 15,
    "evidence_days": 7,
    "evidence_window_max_days": 30,
    "decision_days": 7,
    "reason_change_days": 5,
    "return_shipment_days": 10,
    "return_receipt_days": 10,
    "reminder_days": 1,
    "contact_seller_first_hours": 0,
    "seller_may_escalate": False,
    "appeal_days": 0,
    "max_disputes_per_order": 3,
    "max_offers_per_party": 20,
    "max_evidence_per_party": 50,
    "max_pending_uploads": 10,
    "max_evidence_requests": 2,
    "max_messages": 500,
    "return_reply_days": 5,
    "shorten_buyer_name": True,
}


def test_r25_every_number_and_flag_of_aliexpress_classic_is_the_pages() -> None:
    assert ALIEXPRESS_CLASSIC.to_snapshot() == CLASSIC


def test_r15_a_profile_is_found_by_its_name_with_the_stages_day_and_others_are_not() -> None:
    found = policy_for_stage("aliexpress-classic", 2.5)
    assert found == replace(ALIEXPRESS_CLASSIC, day_seconds=2.5)
    assert policy_for_stage("ALIEXPRESS-CLASSIC", 1) is None


def test_r25_a_policy_cannot_promise_an_appeal_and_an_old_snapshot_stays_readable() -> None:
    with pytest.raises(ValueError, match="R25"):
        replace(ALIEXPRESS_CLASSIC, appeal_days=7)
    assert Policy.from_snapshot(CLASSIC) == ALIEXPRESS_CLASSIC
    assert Policy.from_snapshot({"profile": "p", "version": 1}).appeal_days == 0


@given(
    st.builds(
        Policy,
        profile=st.text(min_size=1),
        version=st.integers(1, 99),
        day_seconds=st.floats(0.01, 86_400),
        negotiation_days=st.integers(1, 90),
        seller_may_escalate=st.booleans(),
        max_disputes_per_order=st.integers(1, 9),
    )
)
def test_r17_a_case_keeps_its_policy_through_its_snapshot(policy: Policy) -> None:
    assert Policy.from_snapshot(policy.to_snapshot()) == policy


def test_r17_an_old_snapshot_takes_defaults_for_what_is_new_and_drops_what_is_gone() -> None:
    old = {"profile": "p", "version": 3, "negotiation_days": 9, "something_gone": 1}
    assert Policy.from_snapshot(old) == Policy("p", 3, negotiation_days=9)


@given(st.floats(0.001, 86_400), st.integers(0, 400))
def test_r15_a_scaled_day_scales_every_window(day_seconds: float, count: int) -> None:
    scaled = replace(ALIEXPRESS_CLASSIC, day_seconds=day_seconds)
    assert scaled.days(count) == timedelta(seconds=day_seconds * count)


@pytest.mark.parametrize(
    "zone", ["America/Sao_Paulo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
)
@pytest.mark.parametrize("day", [timedelta(0), timedelta(days=21), timedelta(days=24), timedelta(days=30)])
def test_r15_a_day_is_24_hours_also_across_a_change_of_local_clocks(zone: str, day: timedelta) -> None:
    local = (SHIPPED + day).astimezone(ZoneInfo(zone))
    of = order(40, shipments=(shipment(local.astimezone(SHIPPED.tzinfo)),))
    opens = of.dispute_opens_at(ALIEXPRESS_CLASSIC)
    assert opens is not None
    assert (opens - (SHIPPED + day)).total_seconds() == 5 * 86_400


def test_r15_r16_the_instants_of_a_case_are_counted_from_its_first_request() -> None:
    case = case_negotiating()
    assert case.escalation_available_at == OPENED + 3 * DAY
    assert case.negotiation_due_at == OPENED + 15 * DAY
    scaled = replace(ALIEXPRESS_CLASSIC, day_seconds=10)
    fast = opening_change(of=order(explicit_completion_at=OPENED + DAY), policy=scaled).after
    assert fast.escalation_available_at == OPENED + timedelta(seconds=30)
    assert fast.negotiation_due_at == OPENED + timedelta(seconds=150)


def test_r04_the_calendar_shows_every_instant_before_anything_has_happened() -> None:
    delivered = OPENED + 2 * DAY
    plan = calendar(ALIEXPRESS_CLASSIC, SHIPPED, 40, OPENED, delivered)
    assert plan.dispute_opens_at == SHIPPED + 5 * DAY
    assert plan.completion_at == SHIPPED + 40 * DAY
    assert plan.opens_before_completion
    assert plan.escalation_available_at == OPENED + 3 * DAY
    assert plan.negotiation_due_at == OPENED + 15 * DAY
    assert plan.evidence_due_at_latest == OPENED + 22 * DAY
    assert plan.decision_due_at_latest == OPENED + 29 * DAY
    assert plan.reason_change_due_at == delivered + 5 * DAY


def test_r04_the_calendar_leaves_open_what_has_no_cause_yet() -> None:
    plan = calendar(ALIEXPRESS_CLASSIC, SHIPPED, 40, None, None)
    later = (
        plan.escalation_available_at,
        plan.negotiation_due_at,
        plan.evidence_due_at_latest,
        plan.decision_due_at_latest,
        plan.reason_change_due_at,
    )
    assert later == (None, None, None, None, None)


@given(st.integers(0, 365), st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001
def test_r03_r07_r08_the_calendar_agrees_with_the_order(promise: int, shipped: datetime) -> None:
    shipped_at = shipped.replace(tzinfo=SHIPPED.tzinfo)
    of = order(promise, shipments=(shipment(shipped_at),))
    plan = calendar(ALIEXPRESS_CLASSIC, shipped_at, promise, None, None)
    assert plan.dispute_opens_at == of.dispute_opens_at(ALIEXPRESS_CLASSIC)
    assert plan.completion_at == of.completion_at(ALIEXPRESS_CLASSIC)
    assert plan.opens_before_completion == (plan.dispute_opens_at < plan.completion_at)


@pytest.mark.parametrize(("promise", "opens_after"), [(4, 0), (5, 0), (6, 5)])
def test_r08_the_calendar_opens_at_once_for_a_promise_of_up_to_five_days(
    promise: int, opens_after: int
) -> None:
    found = calendar(ALIEXPRESS_CLASSIC, SHIPPED, promise, None, None)
    assert found.dispute_opens_at == SHIPPED + opens_after * DAY
