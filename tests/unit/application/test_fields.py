"""`available_actions[].fields`: a body made of what it says is taken, and one just outside is refused (R50)."""

import copy
from typing import Any

import pytest

from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.schemas.action_documents import SCHEMAS
from buyer_protection.domain.actions import ACTIONS as TABLE
from buyer_protection.domain.actions import GATES, ROUTES, ActionSpec
from buyer_protection.domain.enums import Action, Reason, Status
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.timeline import instant
from tests.support.fakes import World
from tests.support.use_cases import Behind, use
from tests.unit.application.fields_asked import outside, within
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, call, case_of, seen, world_in
from tools.contract.operations import OPERATIONS

SPECS: dict[Action, ActionSpec] = {
    spec.gate.action: spec for spec in TABLE if spec.gate is not None and not spec.gate.is_read
}
WORLDS = [
    pytest.param(status, reason, id=f"{status}-{reason}")
    for status in (
        Status.NEGOTIATION,
        Status.CLAIM_EVIDENCE,
        Status.UNDER_REVIEW,
        Status.AWAITING_RETURN,
        Status.RETURN_SHIPPED,
    )
    for reason in Reason
    if "RETURN" not in status or reason is Reason.NOT_AS_DESCRIBED
]


def tried(of: World, caller: Caller, action: Action, offer_id: str | None, body: Any) -> bool:
    """Whether the call is taken, in a copy of this world."""
    there = copy.deepcopy(of)
    before = (there.writes, len(there.assignments))
    try:
        behind = Behind(there.context, there.files, there.team)
        use(SPECS[action].name, behind, call(caller), body, dispute_id=CASE, offer_id=offer_id or "")
    except DisputeError:
        assert (there.writes, len(there.assignments)) == before
        return False
    return True


def offered(of: World) -> list[tuple[Caller, Action, str | None, dict[str, Any]]]:
    """What each reader is offered that can be done now and takes a body."""
    return [
        (caller, Action(one["action"]), None, one["fields"])
        for caller in (BUYER, SELLER, MANAGER)
        for one in seen(of, caller)["available_actions"]
        if one["fields"] is not None and one["available_from"] <= instant(of.clock.at)
    ]


@pytest.mark.parametrize(("status", "reason"), WORLDS)
def test_r50_a_body_of_what_fields_says_is_taken_and_one_just_outside_is_refused(
    status: Status, reason: Reason
) -> None:
    of = world_in(status, reason)
    now, refused, taken = of.clock.at, 0, 0
    for caller, action, offer_id, fields in offered(of):
        for body in within(fields, now):
            assert tried(of, caller, action, offer_id, body), (action, body)
            taken += 1
        for body in outside(fields, now):
            assert not tried(of, caller, action, offer_id, body), (action, body)
            refused += 1
    assert taken
    assert refused or status is Status.RETURN_SHIPPED
    assert case_of(of).status is status


def test_every_action_with_a_body_names_the_schema_that_the_contract_names() -> None:
    of_contract = {
        operation.gate.action: operation.request.__name__
        for operation in OPERATIONS
        if operation.gate is not None and not operation.gate.is_read and operation.request is not None
    }
    assert of_contract == dict(SCHEMAS)
    assert set(SCHEMAS) <= set(GATES) & set(ROUTES)


def test_what_fields_says_stays_while_time_passes_so_that_a_page_can_ask_whether_anything_is_new() -> None:
    of = world_in(Status.UNDER_REVIEW)
    before = [one["fields"] for one in seen(of, MANAGER)["available_actions"]]
    of.clock.at += 3 * (of.clock.at - case_of(of).opened_at) / 100
    assert [one["fields"] for one in seen(of, MANAGER)["available_actions"]] == before
