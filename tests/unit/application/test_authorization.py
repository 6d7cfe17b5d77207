"""Every case call × every caller × every status, against a table by hand: nobody gets in, nothing leaks (Q8)."""

from itertools import product

import pytest

from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ConflictError, DisputeError, ForbiddenError, NotFoundError
from tests.support.api_events import ENVIRONMENT
from tests.support.calls import CALLS, ENDED, IDS, ON_A_CASE
from tests.support.each import each_case
from tests.support.fakes import World
from tests.support.in_process import ROUTES
from tests.support.use_cases import Behind, use
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    SHOP,
    STAFF,
    world_in,
)

CALLERS = {
    "buyer": BUYER,
    "seller": SELLER,
    "staff of the seller": STAFF,
    "manager": MANAGER,
    "manager who is the buyer": Caller("buyer-1", frozenset({"case_manager"})),
    "manager who is the seller": Caller("m-2", frozenset({"case_manager", "seller:seller-1"})),
    "other buyer": OTHER_BUYER,
    "other seller": OTHER_SELLER,
    "the shop": SHOP,
    "a shop that claims every group": Caller(
        "buyer-1", frozenset({"case_manager", "seller:seller-1"}), is_system=True
    ),
}
AS = {
    "buyer": "B",
    "seller": "S",
    "staff of the seller": "S",
    "manager": "M",
    "manager who is the buyer": "B",
    "manager who is the seller": "S",
    "the shop": "Y",
    "a shop that claims every group": "Y",
}
READS = {name for name in ON_A_CASE if ROUTES[name].method == "GET"}


def outcome(of: World, name: str, caller: Caller, case: str = CASE) -> DisputeError | Answer:
    behind, body = Behind(of.context, of.files, of.team), ON_A_CASE[name].sent(of.clock.at)
    try:
        return use(name, behind, Command(caller), body, **{**IDS, "dispute_id": case})
    except DisputeError as refused:
        return refused


def test_every_call_has_a_row() -> None:
    """Of a person: the shop's own calls are about no case, and nobody else makes them."""
    named = {row.name for row in ACTIONS if row.is_for_people}
    assert named == set(CALLS), "a call without a row in tests/support/calls.py, or a row without a call"


def test_h4_the_backends_api_has_the_calls_that_the_backend_may_make() -> None:
    by_hand = {name for name, call in CALLS.items() if "Y" in call.may}
    assert {row.name for row in ACTIONS if row.is_for_people and row.is_for_backend} == by_hand


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@each_case(product(ON_A_CASE, CALLERS, Status))
def test_r01_r24_r25_each_call_lets_in_exactly_its_own(name: str, who: str, status: Status) -> None:
    may = ON_A_CASE[name].may
    of = world_in(status)
    writes = of.writes
    got = outcome(of, name, CALLERS[who])
    role = AS.get(who)
    if role is None:
        absent = outcome(of, name, CALLERS[who], "dp-404")
        assert isinstance(got, NotFoundError)
        assert isinstance(absent, NotFoundError)
        assert vars(got) == vars(absent)
    elif role not in may:
        assert isinstance(got, ForbiddenError)
    elif name == "get_evidence":
        # An item that is not there is absent, for those too who could have read it.
        assert isinstance(got, NotFoundError) == ("ev-1" not in of.evidence[CASE])
    elif name.endswith("_decision") and status is Status.UNDER_REVIEW:
        # No ruling waits: what one's own is and what a colleague's, is in `test_confirmations`.
        assert isinstance(got, NotFoundError)
    elif name == "withdraw_evidence" and status is Status.NEGOTIATION:
        assert isinstance(got, NotFoundError)
    else:
        assert not isinstance(got, NotFoundError)
        if status in ENDED and name not in READS:
            assert isinstance(got, ConflictError)
            assert (got.code, got.rule) == ("DISPUTE_CLOSED", "R25")
    if isinstance(got, DisputeError) or name in READS:
        assert of.writes == writes


@pytest.mark.parametrize(
    "name",
    [
        "get_dispute",
        "get_timeline",
        "list_offers",
        "list_evidence",
        "list_messages",
        "export_case",
    ],
)
def test_r01_no_reader_sees_the_other_sides_contact_data(name: str) -> None:
    of = world_in(Status.DECIDED)
    for caller in (BUYER, SELLER, MANAGER):
        got = outcome(of, name, caller)
        assert isinstance(got, Answer)
        assert b"example.com" not in got.body
        assert b"Dock Road" not in got.body
