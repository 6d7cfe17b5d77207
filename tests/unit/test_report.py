"""The figures of a period, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OutcomeCode, Role, Status
from buyer_protection.domain.money import Money
from ops.report.document import document_of
from ops.report.figures import Period, band_of, of_cases
from ops.report.page import page_of
from ops.report.spread import Spread
from ops.report.verdicts import ENOUGH
from tests.support.builders import case_negotiating

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
MARCH = Period(SINCE, datetime(2026, 4, 1, tzinfo=UTC))
DAY = timedelta(days=1)


def case(opened: datetime = SINCE + DAY, **more: Any) -> Dispute:
    return replace(case_negotiating(), opened_at=opened, **more)


def decided(
    code: OutcomeCode, manager: str = "m-1", *, closed: datetime = SINCE + 12 * DAY, refund: int = 0
) -> Dispute:
    outcome = Outcome(code, Money(refund, "USD"), False, Role.CASE_MANAGER)
    return case(
        status=Status.DECIDED,
        outcome=outcome,
        escalated_at=SINCE + 6 * DAY,
        escalated_by=Role.BUYER,
        decision_due_at=SINCE + 11 * DAY,
        closed_at=closed,
        assigned_to=manager,
    )


def test_a_period_has_its_beginning_and_not_its_end() -> None:
    at = [SINCE - timedelta(microseconds=1), SINCE, MARCH.until - timedelta(microseconds=1), MARCH.until]
    figures = of_cases([case(opened) for opened in at], MARCH, MARCH.until)
    assert figures.opened == 2
    assert [figures.by_day[day.date()].opened for day in (SINCE, MARCH.until - DAY)] == [1, 1]


def test_a_case_of_before_that_ends_in_the_period_is_ended_and_not_opened() -> None:
    before = replace(decided(OutcomeCode.DECIDED_SELLER_FAVOUR), opened_at=SINCE - 10 * DAY)
    figures = of_cases([before], MARCH, MARCH.until)
    assert (figures.opened, figures.escalated, figures.ended) == (0, 1, 1)
    assert figures.days_to_end.values == [22.0]
    assert figures.days_to_decision.values == [6.0]


def test_a_decision_after_its_date_is_late_and_one_that_is_missing_is_overdue() -> None:
    waiting = replace(
        case(status=Status.UNDER_REVIEW), decision_due_at=SINCE + 20 * DAY, escalated_at=SINCE + 6 * DAY
    )
    punctual = decided(OutcomeCode.DECIDED_BUYER_FAVOUR, closed=SINCE + 11 * DAY)
    cases = [waiting, punctual, decided(OutcomeCode.DECIDED_BUYER_FAVOUR)]
    figures = of_cases(cases, MARCH, SINCE + 21 * DAY)
    assert (figures.decided_late, figures.overdue_now) == (1, 1)
    assert of_cases(cases, MARCH, SINCE + 20 * DAY).overdue_now == 0


def test_a_ruling_whose_goods_never_came_back_counts_as_it_was_ruled_and_has_no_duration() -> None:
    ended = decided(OutcomeCode.RETURN_NOT_SHIPPED)
    ruled = Outcome(OutcomeCode.DECIDED_BUYER_FAVOUR, Money(900, "USD"), True, Role.CASE_MANAGER)
    figures = of_cases([replace(ended, settlement=ruled)], MARCH, MARCH.until)
    assert figures.fairness["all"]["all"].buyer == 1
    assert figures.ended_by_outcome == {"RETURN_NOT_SHIPPED": 1}
    assert figures.days_to_decision.values == []


def test_claims_are_compared_by_manager_and_shares_need_enough_of_them() -> None:
    few = [decided(OutcomeCode.DECIDED_SELLER_FAVOUR, "m-2") for _ in range(ENOUGH - 1)]
    many = [decided(OutcomeCode.DECIDED_BUYER_FAVOUR, "m-1", refund=2_500) for _ in range(ENOUGH)]
    found = document_of(of_cases([*few, *many], MARCH, MARCH.until))["fairness"]["manager"]
    assert (found["m-2"]["claims"], found["m-2"]["seller_percent"]) == (ENOUGH - 1, None)
    assert (found["m-1"]["buyer_percent"], found["m-1"]["seller_percent"]) == (100.0, 0.0)
    asked = case_negotiating().asked.amount_minor
    assert found["m-1"]["granted_percent"] == pytest.approx(100 * 2_500 / asked, abs=0.05)


@pytest.mark.parametrize(
    ("asked", "band"),
    [
        (Money(2_499, "USD"), "USD 0 to 25"),
        (Money(2_500, "USD"), "USD 25 to 100"),
        (Money(49_999, "EUR"), "EUR 100 to 500"),
        (Money(500, "JPY"), "JPY 500 and more"),
        (Money(24_999, "KWD"), "KWD 0 to 25"),
    ],
)
def test_bands_are_of_whole_units_of_the_currency(asked: Money, band: str) -> None:
    assert band_of(asked) == band


def test_the_ninth_decile_is_what_nine_of_ten_do_not_exceed() -> None:
    spread = Spread([float(number) for number in range(1, 21)])
    assert (spread.median, spread.nine_of_ten) == (10.5, 18.0)
    assert Spread([3.0]).nine_of_ten == 3.0
    assert Spread().document() == {"count": 0, "median": None, "mean": None, "nine_of_ten": None}


def test_a_period_without_a_case_is_a_report_all_the_same() -> None:
    page = page_of(of_cases([], MARCH, MARCH.until))
    assert "<h2>Opened: 0</h2>" in page
    assert "No claim was decided." in page


def test_amounts_are_never_added_over_currencies() -> None:
    full = OutcomeCode.DECIDED_BUYER_FAVOUR
    euros = replace(decided(full), outcome=Outcome(full, Money(700, "EUR"), False, Role.CASE_MANAGER))
    found = document_of(of_cases([euros, decided(full, refund=900)], MARCH, MARCH.until))["refunds"]
    assert found["granted_minor"] == {"EUR": 700, "USD": 900}
