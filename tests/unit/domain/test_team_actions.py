"""Every action of the team × every case × who of the team reads: it is listed exactly where the call would be taken.

The parties' half of this is in `test_attention`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import confirmations
from buyer_protection.domain.actions import GATES
from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role, Status
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.timeline import Actor
from tests.support.builders import DAY, OPENED
from tests.unit.domain.test_attention import ACTS, CASES, is_open, kept

TEAM = sorted(
    action for action, gate in GATES.items() if Role.CASE_MANAGER in gate.roles and not gate.is_read
)
ON_A_RULING = (Action.CONFIRM_DECISION, Action.REFUSE_DECISION, Action.WITHDRAW_DECISION)
MEMBERS = ("manager-1", "manager-2")
HOLDERS = (*MEMBERS, None)
MILLISECOND = timedelta(milliseconds=1)


def instants(case: Dispute) -> Iterator[datetime]:
    """As the case was left, some days on, and around the end of its window."""
    since = case.updated_at or OPENED
    yield since
    yield since + 2 * DAY
    if case.deadline is not None and case.deadline > since + MILLISECOND:
        yield from (case.deadline - MILLISECOND, case.deadline, case.deadline + DAY)


def on_the_ruling(case: Dispute, action: Action, actor: Actor, now: datetime) -> object:
    """What is done with the ruling that waits, or with one that waits no more."""
    waits = case.waiting_ruling
    ruling = kept(waits.decision_id, waits.made_by) if waits else kept("dc-old", "manager-1")
    act = {
        Action.CONFIRM_DECISION: confirmations.confirm,
        Action.REFUSE_DECISION: confirmations.refuse,
        Action.WITHDRAW_DECISION: confirmations.withdraw,
    }[action]
    return act(case, actor, ruling, now)


def is_taken(case: Dispute, reader_id: str, action: Action, now: datetime) -> bool:
    actor = Actor(Role.CASE_MANAGER, reader_id)
    try:
        if action in ON_A_RULING:
            on_the_ruling(case, action, actor, now)
        else:
            ACTS[action](case, actor, "of-1", now)
    except DisputeError:
        return False
    return True


def is_late(case: Dispute) -> bool:
    """R24: in a review a decision that is late is still to be made, and so is what leads to one."""
    return case.status is Status.UNDER_REVIEW


@pytest.mark.parametrize("action", TEAM)
def test_r50_an_action_of_the_team_is_listed_exactly_where_its_call_would_be_taken(action: Action) -> None:
    seen: set[bool] = set()
    for case in CASES:
        for holder in HOLDERS:
            held = replace(case, assigned_to=holder)
            for reader_id in MEMBERS:
                for now in instants(held):
                    listed = available_actions(held, Role.CASE_MANAGER, now, reader_id)
                    is_listed = any(
                        it.action is action and (is_open(it, now) or is_late(held)) for it in listed
                    )
                    taken = is_taken(held, reader_id, action, now)
                    assert is_listed == taken, (held.status, holder, reader_id, now, is_listed)
                    seen.add(taken)
    assert seen == {True, False}


def test_r47_every_action_of_the_team_in_the_table_is_tried_here() -> None:
    assert set(TEAM) <= set(ACTS)
