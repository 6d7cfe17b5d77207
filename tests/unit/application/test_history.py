"""R47: earlier disputes of a party, for the member of the team who has a claim of theirs; each look is noted (R45)."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from buyer_protection.application.actions import history, reads
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.queries import HistoryQuery
from buyer_protection.composition import container
from buyer_protection.domain.errors import DisputeError, ForbiddenError, InvalidRequestError
from tests.support.api_events import CONTEXT, ENVIRONMENT, member, person
from tests.support.builders import DAY, PAID, order
from tests.support.fakes import World
from tests.support.in_process import event_for, handler_of
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    SHOP,
    STAFF,
    call,
    cancel,
    case_of,
    doc,
    escalate,
    take_claim,
    wish,
    world,
)

PRESENT = "dp-5"
# Who has a dispute with whom, oldest first: the present one is the fifth.
PARTIES = (
    ("buyer-1", "seller-1"),
    ("buyer-2", "seller-1"),
    ("buyer-1", "seller-2"),
    ("buyer-1", "seller-1"),
    ("buyer-1", "seller-1"),
    ("buyer-1", "seller-1"),
)


def six() -> World:
    """Six disputes, a day apart; the first is cancelled, the present one a claim of the manager's."""
    of = world()
    for number, (buyer_id, seller_id) in enumerate(PARTIES, start=1):
        order_id = f"order-{number}"
        of.orders_kept[order_id] = replace(order(order_id=order_id), buyer_id=buyer_id, seller_id=seller_id)
        open_dispute(of.context, call(Caller(buyer_id)), wish(order_id=order_id))
        of.clock.at += DAY / 2
    cancel(of, CASE)
    of.clock.at += 4 * DAY
    escalate(of, PRESENT)
    take_claim(of, PRESENT)
    return of


def read(of: World, person_id: str, caller: Caller = MANAGER, **query: Any) -> dict[str, Any]:
    asked = HistoryQuery(**{"dispute_id": PRESENT, **query})
    return doc(history.get_person_history(of.context, call(caller), person_id, asked))


def ids(of: World, person_id: str, **query: Any) -> list[str]:
    return [one["dispute_id"] for one in read(of, person_id, **query)["items"]]


def seen_of(of: World, caller: Caller) -> dict[str, Any]:
    return doc(reads.get_dispute(of.context, call(caller), PRESENT))


def refusal(
    of: World, person_id: str = "buyer-1", caller: Caller = MANAGER, **query: Any
) -> tuple[str, str | None]:
    with pytest.raises(DisputeError) as refused:
        read(of, person_id, caller, **query)
    return refused.value.code, refused.value.rule


def test_r47_the_assignee_reads_what_came_before_newest_first_with_outcome_and_amounts() -> None:
    of = six()
    assert ids(of, "buyer-1") == ["dp-4", "dp-3", "dp-1"]
    assert ids(of, "seller-1") == ["dp-4", "dp-2", "dp-1"]
    found = read(of, "buyer-1")
    assert (found["viewer"], "next_page_token" in found) == ({"role": "CASE_MANAGER"}, False)
    first = found["items"][-1]
    assert (first["status"], first["requested_refund"]) == (
        "CANCELLED",
        {"amount_minor": PAID, "currency": "USD"},
    )
    assert first["outcome"] == {
        "code": "CANCELLED_BY_BUYER",
        "refund": {"amount_minor": 0, "currency": "USD"},
    }
    assert "outcome" not in found["items"][0]


@pytest.mark.parametrize("person_id", ["buyer-1", "seller-1"])
def test_r47_of_the_pair_only_what_was_between_the_two(person_id: str) -> None:
    assert ids(six(), person_id, pair=True) == ["dp-4", "dp-1"]


def test_r47_it_is_read_page_by_page_by_who_asked_for_it() -> None:
    of = six()
    first = read(of, "buyer-1", page_size=2)
    rest = read(of, "buyer-1", page_size=2, page_token=first["next_page_token"])
    assert [one["dispute_id"] for one in (*first["items"], *rest["items"])] == ["dp-4", "dp-3", "dp-1"]
    with pytest.raises(InvalidRequestError):
        read(of, "seller-1", page_token=first["next_page_token"])


def test_r47_nothing_is_shown_by_which_anybody_could_be_reached() -> None:
    of = six()
    for person_id in ("buyer-1", "seller-1"):
        shown = str(read(of, person_id))
        for word in ("@example.com", "Ana", "Bo", "It never came."):
            assert word not in shown


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (Caller("manager-2", MANAGER.groups), ("NOT_ASSIGNED", "R47")),
        (BUYER, ("FORBIDDEN", "R24")),
        (SELLER, ("FORBIDDEN", "R24")),
        (STAFF, ("FORBIDDEN", "R24")),
        (OTHER_BUYER, ("FORBIDDEN", "R24")),
        (SHOP, ("FORBIDDEN", "R24")),
        (Caller("buyer-1", MANAGER.groups), ("FORBIDDEN", "R24")),
    ],
)
def test_r47_nobody_but_the_assignee_reads_it(caller: Caller, expected: tuple[str, str | None]) -> None:
    of = six()
    assert refusal(of, caller=caller) == expected
    assert not of.looks


def test_r47_of_nobody_but_the_parties_of_the_claim() -> None:
    of = six()
    assert refusal(of, "buyer-2") == ("NOT_FOUND", "R1")
    assert refusal(of, dispute_id="dp-404") == ("NOT_FOUND", "R1")
    # Nobody has it, as it is no claim yet.
    assert refusal(of, dispute_id="dp-4") == ("NOT_ASSIGNED", "R47")
    assert not of.looks


def test_r47_a_refusal_of_the_assignment_is_403() -> None:
    with pytest.raises(ForbiddenError):
        read(six(), "buyer-1", Caller("manager-2", MANAGER.groups))


def test_r47_a_dispute_in_which_the_member_has_a_part_is_left_out() -> None:
    of = six()
    of.cases_kept["dp-3"] = replace(case_of(of, "dp-3"), seller_id=MANAGER.caller_id)
    assert ids(of, "buyer-1") == ["dp-4", "dp-1"]


def test_r45_each_look_is_noted_and_moves_nothing_that_anybody_sees() -> None:
    of = six()
    before, entries = case_of(of, PRESENT), len(of.timeline[PRESENT])
    shown = [seen_of(of, caller) for caller in (BUYER, SELLER, MANAGER)]
    for person_id in ("buyer-1", "seller-1"):
        read(of, person_id)
    assert [(one.dispute_id, one.reader_id, one.person_id, one.seen_at) for one in of.looks[PRESENT]] == [
        (PRESENT, MANAGER.caller_id, person_id, of.clock.at) for person_id in ("buyer-1", "seller-1")
    ]
    assert len({one.look_id for one in of.looks[PRESENT]}) == 2
    assert (case_of(of, PRESENT), len(of.timeline[PRESENT])) == (before, entries)
    assert [seen_of(of, caller) for caller in (BUYER, SELLER, MANAGER)] == shown


def test_r45_what_cannot_be_noted_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    of = six()

    def nothing_is_written(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(of.cases, "keep_beside", nothing_is_written)
    with pytest.raises(TimeoutError):
        read(of, "buyer-1")


def test_r47_what_cannot_be_read_is_a_stub() -> None:
    of = six()
    of.unreadable.add("dp-3")
    assert read(of, "buyer-1")["items"][1] == {"dispute_id": "dp-3", "unreadable": True}


def asked(of: World, caller: Caller, monkeypatch: pytest.MonkeyPatch, **query: list[str]) -> dict[str, Any]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(container, "get", lambda: SimpleNamespace(context=of.context))
    signs = member if caller.is_case_manager else person
    as_person = signs(caller.caller_id, *caller.groups)
    event = event_for("get_person_history", as_person, query=query, person_id="buyer-1")
    answer: dict[str, Any] = handler_of("get_person_history")(event, CONTEXT)
    return answer


def test_r47_the_function_reads_the_case_and_the_pair_and_refuses_strangers_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = six()
    found = asked(of, MANAGER, monkeypatch, dispute_id=[PRESENT], pair=["true"])
    assert found["statusCode"] == 200
    assert [one["dispute_id"] for one in json.loads(found["body"])["items"]] == ["dp-4", "dp-1"]
    for caller, status in ((MANAGER, 400), (BUYER, 403)):
        assert asked(of, caller, monkeypatch)["statusCode"] == status
    assert len(of.looks[PRESENT]) == 1
