"""`available_actions[].fields`: a body made of what it says is taken, and one just outside is refused (R50)."""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.schemas.action_documents import SCHEMAS
from buyer_protection.domain.actions import ACTIONS as TABLE
from buyer_protection.domain.actions import GATES, ROUTES, ActionSpec
from buyer_protection.domain.enums import Action, Reason, ReturnCondition, Status, SubReason
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.money import Money
from buyer_protection.domain.timeline import instant
from tests.support.fakes import World
from tests.support.use_cases import Behind, use
from tests.unit.application.fields_asked import outside, within
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    acknowledged,
    call,
    case_of,
    evidence,
    seen,
    take_claim,
    wait_until_due,
    world_in,
)
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


def return_reviewed() -> World:
    """The team reviews a return, for which 1000 is to be paid."""
    of = world_in(Status.RETURN_SHIPPED)
    evidence(of, SELLER)
    acknowledged(of, ReturnCondition.DAMAGED, ("ev-1",))
    wait_until_due(of)
    take_claim(of)
    return of


def with_little_left(status: Status) -> World:
    """Most of what was paid has been given back elsewhere (R39)."""
    of = world_in(status, Reason.NOT_AS_DESCRIBED)
    of.cases_kept[CASE] = replace(case_of(of), left=Money(2, "USD"))
    return of


def with_nothing_left() -> World:
    of = world_in(Status.UNDER_REVIEW)
    of.cases_kept[CASE] = replace(case_of(of), left=Money(0, "USD"))
    return of


def with_a_sub_reason() -> World:
    of = world_in(Status.NEGOTIATION)
    of.cases_kept[CASE] = replace(case_of(of), sub_reason=SubReason.IN_TRANSIT)
    return of


@pytest.mark.parametrize(
    "made",
    [
        return_reviewed,
        partial(with_little_left, Status.NEGOTIATION),
        partial(with_little_left, Status.UNDER_REVIEW),
        with_nothing_left,
        with_a_sub_reason,
    ],
)
def test_r50_r39_what_fields_says_follows_the_case(made: Callable[[], World]) -> None:
    of = made()
    now = of.clock.at
    for caller, action, offer_id, fields in offered(of):
        for body in within(fields, now):
            assert tried(of, caller, action, offer_id, body), (action, body)
        for body in outside(fields, now):
            assert not tried(of, caller, action, offer_id, body), (action, body)


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
