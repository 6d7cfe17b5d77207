"""R47: when somebody leaves the team, their claims go back unassigned.

Nobody reports that a person has left: the user pool is asked who is there, and the index of assignees who has claims.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from buyer_protection.application.ports.case_lists import Holding
from buyer_protection.application.ports.cases import Assignment, CaseStore
from buyer_protection.application.ports.errors import UNREADABLE, ConflictingWriteError
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.team import Team

# How often, in minutes: the round reads the whole index of what is due.
EVERY = 5
# Who gives the claims back, in the team's own record of it.
BY = "system"
_PAGE = 1_000


def is_due(now: datetime) -> bool:
    """Whether this minute's sweep asks who has left."""
    return now.minute % EVERY == 0


def return_claims(
    cases: CaseStore, team: Team, clock: Clock, has_time: Callable[[], bool] = lambda: True
) -> list[str]:
    """Give back every open claim of somebody who is not in the team now; the disputes' ids."""
    holdings = list(_holdings(cases, has_time))
    if not holdings:
        return []
    present = frozenset(one.member_id for one in team.members())
    returned = []
    for one in holdings:
        # The list may be a page short of somebody who has just come: who loses a claim is asked after by name.
        if one.assignee in present or not has_time() or team.has_member(one.assignee):
            continue
        try:
            step = Assignment(one.dispute_id, BY, None, one.assignee)
            cases.keep_assignment(step, now=clock.now())
        except ConflictingWriteError:
            # It has ended, or somebody else has it by now.
            continue
        except UNREADABLE:
            # Reported where it was read; the claims of others go back all the same.
            continue
        returned.append(one.dispute_id)
    return returned


def _holdings(cases: CaseStore, has_time: Callable[[], bool]) -> Iterator[Holding]:
    start = None
    while has_time():
        found, start = cases.holdings(limit=_PAGE, start=start)
        yield from found
        if start is None:
            return
