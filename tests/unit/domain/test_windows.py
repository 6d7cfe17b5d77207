"""The table of windows: one row for each status that waits, and nothing about one anywhere else."""

import pytest

from buyer_protection.application.mails.recipients import reminder_of
from buyer_protection.application.ports.mail_view import Window as MailWindow
from buyer_protection.domain.enums import OPEN, IfMissed, Role, Status
from buyer_protection.domain.window_table import WINDOWS
from buyer_protection.domain.windows import ON_END
from tests.support.builders import case_in

# Name, rule, whether nobody but the clock acts from its end on, whether the team has it in its queue: written by hand.
EXPECTED = {
    "NEGOTIATION": ("NEGOTIATION", "R15", True, False),
    "CLAIM_EVIDENCE": ("EVIDENCE", "R22", True, True),
    "UNDER_REVIEW": ("DECISION", "R24", False, True),
    "AWAITING_RETURN": ("RETURN_SHIPMENT", "R36", True, False),
    "RETURN_SHIPPED": ("RETURN_RECEIPT", "R36", True, False),
}


def test_r15_r22_r24_r36_the_table_has_a_row_for_each_open_status_and_no_other() -> None:
    rows = {status.value: (w.name, w.rule, w.is_strict, w.is_queued) for status, w in WINDOWS.items()}

    assert rows == EXPECTED
    assert WINDOWS.keys() == OPEN


def test_r15_r22_r24_r36_the_clock_knows_what_to_do_at_the_end_of_each_window() -> None:
    assert ON_END.keys() == WINDOWS.keys()


@pytest.mark.parametrize("status", WINDOWS)
def test_r23_the_mails_know_each_window_by_its_name_and_remind_of_each_that_binds(status: Status) -> None:
    window = WINDOWS[status]

    assert MailWindow(window.name) is not MailWindow.REASON_CHANGE
    if window.is_strict:
        assert reminder_of(window.name).value == f"REMINDER_{window.name}"


@pytest.mark.parametrize("status", WINDOWS)
def test_r15_r22_r24_r36_a_case_reads_its_deadline_in_the_table(status: Status) -> None:
    case = case_in(status)

    assert case.window is WINDOWS[status]
    assert case.deadline == WINDOWS[status].due(case)


def test_r24_a_late_decision_harms_a_party_otherwise_than_the_team() -> None:
    case = case_in(Status.UNDER_REVIEW)
    missed = {reader: WINDOWS[case.status].if_missed(case, reader) for reader in Role}

    assert missed[Role.BUYER] is missed[Role.SELLER] is IfMissed.DECIDED_WITHOUT_YOU
    assert missed[Role.CASE_MANAGER] is IfMissed.DEADLINE_MISSED
