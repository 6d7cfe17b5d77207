"""The in-memory world of a simulated life."""

from buyer_protection.domain.dispute import Change
from tests.simulation.checks import Checks
from tests.support.fakes import World


class WatchedWorld(World):
    """The in-memory world that shows every change to the checks before it keeps it."""

    checks: Checks

    def keep_change(self, change: Change) -> None:
        self.checks.change(self.cases_kept.get(change.after.dispute_id), change)
        self.checks.life.committed(change)
        super().keep_change(change)
