"""The case as it stands now, for what is reported of it: carriers and uploads wait for no clock (R22, R41, R42)."""

from collections.abc import Sequence
from datetime import datetime

from buyer_protection.application.ports.cases import CaseStore, LoadedCase
from buyer_protection.domain import windows
from buyer_protection.domain.permissions import window_is_over


def load_current(
    cases: CaseStore, dispute_id: str, now: datetime, evidence_ids: Sequence[str] = ()
) -> LoadedCase | None:
    """The case once its clock has taken each step that ends a window by `now`; None where there is no such case.

    A report that comes after the end of a window finds what a punctual clock would have left, so that it changes
    nothing of how that window ended. Raises ConflictingWriteError where somebody else comes first.
    """
    found = cases.load(dispute_id, evidence_ids=evidence_ids)
    while found is not None and window_is_over(found.case, now):
        step = windows.close_window(found.case, now)
        if step is None:
            raise AssertionError("the end of a window is a step of the clock")
        cases.commit(step, now=now)
        found = cases.load(dispute_id, evidence_ids=evidence_ids)
    return found
