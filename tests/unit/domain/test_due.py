"""When somebody must look at a case: as its clock says, but at a claim that the team has not seen within minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.domain.enums import Status
from buyer_protection.domain.windows import CLAIM_OPENED, MEDIATION_GRACE, alarm_status, due_at, wake_at
from tests.support.builders import DAY, OPENED, POLICY, case_in, case_in_claim


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CLAIM_EVIDENCE])
def test_a_case_is_due_when_its_clock_wakes(status: Status) -> None:
    case = case_in(status)
    assert due_at(case) == wake_at(case)


def test_r23_a_claim_that_the_team_has_not_seen_is_due_two_minutes_after_it_was_filed() -> None:
    claim = replace(case_in_claim(), mediation_opened_at=None)
    assert alarm_status(claim) == CLAIM_OPENED
    assert claim.escalated_at is not None
    assert due_at(claim) == claim.escalated_at + timedelta(minutes=2)
    assert timedelta(minutes=2) == MEDIATION_GRACE
    seen = replace(claim, mediation_opened_at=claim.escalated_at)
    assert due_at(seen) == wake_at(seen) != due_at(claim)


def test_r22_a_claim_is_never_due_later_than_its_clock_wakes() -> None:
    """On a stage whose day has two seconds, the window ends before the grace does."""
    claim = replace(case_in_claim(), mediation_opened_at=None, policy=replace(POLICY, day_seconds=2))
    short = replace(claim, evidence_due_at=OPENED + 4 * DAY + timedelta(seconds=14))
    assert due_at(short) == wake_at(short)
