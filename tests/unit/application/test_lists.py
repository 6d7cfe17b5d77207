"""The lists of disputes: summaries, filters, what the team finds, and rows that cannot be read (R1, R24, F1)."""

from dataclasses import replace
from typing import Any

import pytest

from buyer_protection.application.actions import lists
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.documents import dispute_document
from buyer_protection.application.schemas.queries import ListQuery, QueueQuery
from buyer_protection.domain.enums import Reason, Role, Status
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError
from tests.support.builders import DAY, OPENED, SECOND, order
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    STAFF,
    call,
    case_of,
    doc,
    escalate,
    offer,
    opened,
    seen,
    take_claim,
    wish,
    world,
    world_in,
)
from tests.unit.application.test_reading import many

OTHER = Caller("manager-2", MANAGER.groups)


def listed(of: World, caller: Caller = MANAGER, **query: Any) -> list[str]:
    """All ids of a list, page after page."""
    found: list[str] = []
    token = None
    while True:
        asked = ListQuery(page_token=token, **query)
        body = doc(lists.list_disputes(of.context, call(caller), asked))
        found += [item["dispute_id"] for item in body["items"]]
        token = body.get("next_page_token")
        if token is None:
            return found


def queue(of: World, caller: Caller = MANAGER, **query: Any) -> list[dict[str, Any]]:
    answer = doc(lists.get_mediation_queue(of.context, call(caller), QueueQuery(**query)))
    return list(answer["items"])


def test_r01_a_summary_says_what_a_row_of_a_page_needs() -> None:
    of = world()
    opened(of)
    offer(of, SELLER, 500)
    (mine,) = doc(lists.list_disputes(of.context, call(BUYER), ListQuery()))["items"]
    assert mine == {
        "dispute_id": CASE,
        "order_id": "order-1",
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "titles": [item.title for item in case_of(of).items],
        "items": len(case_of(of).items),
        "reason": "NOT_RECEIVED",
        "stage": "NEGOTIATION",
        "status": "NEGOTIATION",
        "party_state": "REQUIRED_ACTION",
        "action_required": True,
        "requested_refund": {"amount_minor": case_of(of).asked.amount_minor, "currency": "USD"},
        "max_refundable": {"amount_minor": case_of(of).grantable.amount_minor, "currency": "USD"},
        "opened_at": "2026-03-06T12:00:00.000Z",
        "updated_at": "2026-03-06T12:00:00.000Z",
        "next_deadline": {"name": "NEGOTIATION", "due_at": "2026-03-21T12:00:00.000Z"},
        "current_offer": {
            "made_by": "SELLER",
            "type": "REFUND",
            "refund": {"amount_minor": 500, "currency": "USD"},
        },
        "has_unread_messages": False,
    }


def test_r01_whole_documents_are_there_for_those_who_ask_for_them() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    (whole,) = doc(lists.list_disputes(of.context, call(BUYER), ListQuery(view="full")))["items"]
    assert whole == seen(of, BUYER)
    (claim,) = queue(of, view="full")
    assert claim == seen(of, MANAGER)


def test_r45_who_has_the_claim_is_in_the_teams_list_alone() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    assert [item["assigned_to"] for item in queue(of)] == ["manager-1"]
    for caller, query in ((BUYER, ListQuery(role="buyer")), (SELLER, ListQuery(role="seller"))):
        (item,) = doc(lists.list_disputes(of.context, call(caller), query))["items"]
        assert "manager-1" not in str(item)
        with pytest.raises(ForbiddenError):
            listed(of, caller, assigned_to="manager-1")


def test_h12_fifty_summaries_are_under_40_kilobytes() -> None:
    of = world()
    long = replace(order(), items=tuple(replace(item, title="A lamp " * 30) for item in order().items))
    of.orders_kept["order-1"] = long
    opened(of)
    offer(of, SELLER, 500)
    first = replace(case_of(of), dispute_id="dp_" + "0" * 33)
    for number in range(50):
        copy = replace(first, dispute_id=f"{first.dispute_id}{number}", order_id="o" * 40, buyer_id="buyer-1")
        of.cases_kept[copy.dispute_id] = copy
    del of.cases_kept[CASE]
    answer = lists.list_disputes(of.context, call(BUYER), ListQuery(page_size=50))
    assert len(doc(answer)["items"]) == 50
    assert len(answer.body) < 40_000


@pytest.mark.parametrize("page_size", [1, 3, 50])
def test_r24_the_team_finds_cases_by_each_filter_open_and_closed(page_size: int) -> None:
    of = many()
    every = [f"dp-{number}" for number in range(7, 0, -1)]
    assert listed(of, page_size=page_size) == every
    assert listed(of, status=["CANCELLED"], page_size=page_size) == ["dp-7"]
    assert listed(of, status=["CANCELLED", "NEGOTIATION"], page_size=page_size) == [
        "dp-7",
        "dp-5",
        "dp-3",
        "dp-1",
    ]
    assert listed(of, stage=["CLOSED", "CLAIM"], page_size=page_size) == ["dp-7", "dp-6", "dp-4", "dp-2"]
    assert listed(of, reason=["NOT_AS_DESCRIBED"], page_size=page_size) == []
    assert listed(of, order_id="order-7", page_size=page_size) == ["dp-7"]
    assert listed(of, buyer_id="buyer-1", status=["CANCELLED"], page_size=page_size) == ["dp-7"]
    assert listed(of, seller_id="seller-1", page_size=page_size) == every
    assert listed(of, seller_id="seller-1", buyer_id="buyer-2", page_size=page_size) == []
    period = {"opened_from": OPENED + 3 * SECOND, "opened_until": OPENED + 5 * SECOND}
    assert listed(of, page_size=page_size, **period) == ["dp-4", "dp-3"]
    assert listed(of, BUYER, page_size=page_size, **period) == ["dp-4", "dp-3"]
    assert listed(of, status=["CLAIM_EVIDENCE", "UNDER_REVIEW"], page_size=page_size) == [
        "dp-2",
        "dp-4",
        "dp-6",
    ]


def test_r01_updated_since_names_the_cases_with_something_reported_since_then() -> None:
    of = many()
    since = of.clock.at + SECOND
    assert listed(of, BUYER, updated_since=since) == []
    of.clock.at += 2 * SECOND
    offer(of, SELLER, 100, case="dp-3")
    assert listed(of, BUYER, updated_since=since) == listed(of, updated_since=since) == ["dp-3"]
    assert listed(of, BUYER, updated_since=of.clock.at) == ["dp-3"]


def test_r24_an_overdue_decision_is_found_by_what_was_due_before_now() -> None:
    of = world_in(Status.UNDER_REVIEW)
    due = case_of(of).decision_due_at
    assert due is not None
    of.cases_kept[CASE] = replace(case_of(of), missed_noted=True)
    assert listed(of, due_before=due, status=["UNDER_REVIEW"]) == []
    assert listed(of, due_before=due + SECOND, status=["UNDER_REVIEW"]) == [CASE]
    assert listed(of, due_before=due + SECOND) == [CASE]


def test_r01_an_order_is_no_way_into_somebody_elses_case() -> None:
    of = world()
    opened(of)
    assert listed(of, OTHER_BUYER, order_id="order-1") == []
    assert listed(of, BUYER, order_id="order-1") == [CASE]
    assert listed(of, STAFF, role="seller", order_id="order-1") == [CASE]
    assert listed(of, STAFF, order_id="order-1") == []
    biased = Caller("seller-1", MANAGER.groups)
    assert listed(of, biased, order_id="order-1") == []


def test_r47_claims_of_nobody_and_of_a_member_are_lists_of_their_own() -> None:
    of = many()
    take_claim(of, "dp-4")
    assert listed(of, assigned_to="none") == [one["dispute_id"] for one in queue(of, assigned_to="none")]
    assert listed(of, assigned_to="none") == ["dp-2", "dp-6"]
    assert listed(of, assigned_to="me") == listed(of, OTHER, assigned_to="manager-1") == ["dp-4"]
    assert listed(of, OTHER, assigned_to="me") == []
    assert listed(of, assigned_to="me", status=["UNDER_REVIEW"]) == []
    # By order, too: dp-4 is MANAGER's claim, dp-1 is none.
    for order_id, named, found in (
        ("order-4", "me", ["dp-4"]),
        ("order-4", "none", []),
        ("order-4", "manager-2", []),
        ("order-2", "none", ["dp-2"]),
        ("order-1", "none", []),
    ):
        assert listed(of, order_id=order_id, assigned_to=named) == found


@pytest.mark.parametrize("page_size", [1, 2, 50])
def test_f1_a_case_that_cannot_be_read_is_a_stub_and_closes_no_list(page_size: int) -> None:
    of = many()
    of.unreadable.add("dp-4")
    noted: list[str] = []
    for caller, query in (
        (BUYER, {}),
        (SELLER, {"role": "seller"}),
        (MANAGER, {}),
        (MANAGER, {"status": ["CLAIM_EVIDENCE"]}),
        (MANAGER, {"assigned_to": "none"}),
        (MANAGER, {"order_id": "order-4"}),
    ):
        found: list[dict[str, Any]] = []
        token = None
        while True:
            asked = ListQuery(page_size=page_size, page_token=token, **query)
            body = doc(lists.list_disputes(of.context, call(caller), asked, noted.append))
            found += body["items"]
            token = body.get("next_page_token")
            if token is None:
                break
        assert {"dispute_id": "dp-4", "unreadable": True} in found
        readable = [item for item in found if "status" in item]
        assert len(readable) == len(found) - 1
        assert readable or "order_id" in query
        assert len(found) == len(listed(of, caller, **query))
    assert noted == ["dp-4"] * 6


def test_f1_a_case_that_only_its_document_finds_impossible_is_a_stub_too() -> None:
    of = many(3)
    nothing: Any = None
    of.cases_kept["dp-2"] = replace(of.cases_kept["dp-2"], requested_refund=nothing)
    noted: list[str] = []
    body = doc(lists.list_disputes(of.context, call(BUYER), ListQuery(), noted.append))
    assert [item["dispute_id"] for item in body["items"]] == ["dp-3", "dp-2", "dp-1"]
    assert (body["items"][1], noted) == ({"dispute_id": "dp-2", "unreadable": True}, ["dp-2"])


def test_r01_at_most_200_rows_are_looked_at_for_a_call_and_the_token_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    opened(of)
    first, looked = case_of(of), []
    for number in range(450):
        at = OPENED - number * SECOND
        status = Status.CANCELLED if number == 430 else Status.NEGOTIATION
        copy = replace(first, dispute_id=f"dq-{number:03}", opened_at=at, status=status)
        of.cases_kept[copy.dispute_id] = copy
    token, calls = None, 0
    page_of_all = of.cases.page_of_all

    def counted(*, limit: int, **more: Any) -> Any:
        page = page_of_all(limit=limit, **more)
        looked.append(len(page.items))
        return page

    monkeypatch.setattr(of.cases, "page_of_all", counted)
    found: list[str] = []
    while True:
        looked.clear()
        query = ListQuery(status=[Status.CANCELLED], page_token=token)
        body = doc(lists.list_disputes(of.context, call(MANAGER), query))
        calls += 1
        assert sum(looked) <= lists.LOOKED_AT
        found += [item["dispute_id"] for item in body["items"]]
        token = body.get("next_page_token")
        if token is None:
            break
    assert (found, calls) == (["dq-430"], 3)


@pytest.mark.parametrize(
    "key", [{}, {"opened_key": 7}, {"queue_due": "x", "dispute_id": "dp-1"}, {"queue_due": "2026", "x": "y"}]
)
def test_f1_only_a_token_is_called_foreign_and_a_forged_one_is(
    key: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from buyer_protection.application.schemas.page_tokens import page_token

    of = many()
    names = (
        ("manager-1", "disputes CASE_MANAGER manager-1 all []", MANAGER),
        ("buyer-1", "disputes BUYER buyer-1 BUYER buyer-1 []", BUYER),
    )
    for caller_id, described, caller in names:
        token = page_token(caller_id, described, key)
        with pytest.raises(InvalidRequestError) as refused:
            lists.list_disputes(of.context, call(caller), ListQuery(page_token=token))
        assert refused.value.fields == (("/page_token", "NOT_OF_THIS_LIST"),)

    def broken(**_: Any) -> Any:
        raise ValueError("a row that cannot be read")

    monkeypatch.setattr(of.cases, "page_of_all", broken)
    with pytest.raises(ValueError, match="a row"):
        lists.list_disputes(of.context, call(MANAGER), ListQuery())


def test_r01_a_second_dispute_of_an_order_is_found_beside_the_first() -> None:
    of = many(1)
    of.clock.at += DAY
    open_dispute(of.context, call(BUYER), wish(order_id="order-1", reason=Reason.NOT_RECEIVED))
    assert listed(of, order_id="order-1") == ["dp-2", "dp-1"]
    assert dispute_document(case_of(of, "dp-2"), Role.BUYER, of.clock.at).status is Status.NEGOTIATION
    escalate_at = case_of(of, "dp-2").escalation_available_at
    of.clock.at = escalate_at
    escalate(of, "dp-2")
    assert listed(of, order_id="order-1", stage=["CLAIM"]) == ["dp-2"]
