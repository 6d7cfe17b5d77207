"""Lists, pages, the team's queue and the brief: filters, and tokens bound to caller and query (R1, R21, R24)."""

import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace

from buyer_protection.application.actions import lists, reads
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.page_tokens import next_key, page_token
from buyer_protection.application.schemas.queries import ListQuery, PageQuery, QueueQuery
from buyer_protection.application.workers.clock import next_alarm
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.domain.enums import Stage, Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, InvalidRequestError
from tests.support.builders import DAY, OPENED, SECOND, order
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    call,
    cancel,
    case_of,
    doc,
    escalate,
    evidence,
    offer,
    opened,
    wait_until_due,
    wish,
    world,
    world_in,
)


def many(count: int = 7) -> World:
    """Disputes dp-1 … about as many orders, a second apart; the even ones escalated, dp-7 cancelled."""
    of = world()
    for number in range(1, count + 1):
        of.orders_kept[f"order-{number}"] = order(order_id=f"order-{number}")
        of.clock.at = OPENED + number * SECOND
        open_dispute(of.context, call(BUYER), wish(order_id=f"order-{number}"))
    of.clock.at = OPENED + 4 * DAY
    for number in range(2, count + 1, 2):
        of.clock.at += SECOND
        escalate(of, f"dp-{number}")
    cancel(of, f"dp-{count}")
    return of


def ids(of: World, caller: Caller = BUYER, **filters: Any) -> list[str]:
    """All ids of a list, page after page."""
    found: list[str] = []
    token = None
    for _ in range(20):
        query = ListQuery(page_token=token, **filters)
        body = doc(lists.list_disputes(of.context, call(caller), query))
        found += [item["dispute_id"] for item in body["items"]]
        token = body.get("next_page_token")
        if token is None:
            return found
    raise AssertionError("the list never ends")


NEWEST_FIRST = [f"dp-{number}" for number in range(7, 0, -1)]


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 50])
def test_r01_my_disputes_come_newest_first_whatever_the_page_size(page_size: int) -> None:
    assert ids(many(), page_size=page_size) == NEWEST_FIRST


@pytest.mark.parametrize("page_size", [1, 3, 50])
def test_r01_each_filter_keeps_what_it_says(page_size: int) -> None:
    of = many()
    assert ids(of, status=[Status.CLAIM_EVIDENCE], page_size=page_size) == ["dp-6", "dp-4", "dp-2"]
    assert ids(of, stage=[Stage.CLOSED], page_size=page_size) == ["dp-7"]
    assert ids(of, order_id="order-3", page_size=page_size) == ["dp-3"]
    soon = OPENED + 11 * DAY + 2 * SECOND
    assert ids(of, due_before=soon, page_size=page_size) == ["dp-2"]
    assert ids(of, action_required=True, page_size=page_size) == ["dp-6", "dp-4", "dp-2"]
    assert ids(of, SELLER, role="seller", action_required=False, page_size=page_size) == ["dp-7"]


def test_r01_a_list_shows_the_callers_own_only() -> None:
    of = many()
    assert ids(of, OTHER_BUYER) == []
    assert ids(of, SELLER) == []
    assert ids(of, SELLER, role="seller") == NEWEST_FIRST
    assert ids(of, SELLER, role="SELLER", page_size=2) == NEWEST_FIRST


def test_r24_the_team_finds_every_case_and_nobody_else_gets_its_list() -> None:
    of = many()
    assert ids(of, MANAGER) == ids(of, MANAGER, role="case_manager") == NEWEST_FIRST
    # Claims by status come most urgent first.
    assert ids(of, MANAGER, status=["CLAIM_EVIDENCE"]) == ["dp-2", "dp-4", "dp-6"]
    assert ids(of, MANAGER, role="buyer") == []
    with pytest.raises(ForbiddenError) as refused:
        ids(of, BUYER, role="case_manager")
    assert refused.value.rule == "R24"


def queue(of: World, caller: Caller = MANAGER, page_size: int = 20) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        query = QueueQuery(page_size=page_size, page_token=token)
        body = doc(lists.get_mediation_queue(of.context, call(caller), query))
        found += [item["dispute_id"] for item in body["items"]]
        token = body.get("next_page_token")
        if token is None:
            return found


@pytest.mark.parametrize("page_size", [1, 2, 20])
def test_r24_the_queue_is_by_due_date_with_what_is_overdue_first(page_size: int) -> None:
    of = many()
    evidence(of, SELLER, "dp-6")
    wait_until_due(of, "dp-6")
    of.clock.at = OPENED + 30 * DAY
    wait_until_due(of, "dp-6")
    assert case_of(of, "dp-6").missed_noted
    assert queue(of, page_size=page_size) == ["dp-2", "dp-4", "dp-6"]
    for stale in ("dp-2", "dp-4"):
        wait_until_due(of, stale)
    assert queue(of, page_size=page_size) == ["dp-6"]


def test_r24_the_queue_is_for_the_team_and_a_manager_who_is_a_party_does_not_find_that_case_there() -> None:
    of = many()
    with pytest.raises(ForbiddenError):
        queue(of, BUYER)
    biased = replace(MANAGER, caller_id="seller-1")
    assert queue(of, biased) == []
    assert ids(of, biased) == []
    assert ids(of, biased, role="seller") == NEWEST_FIRST


def test_r01_a_page_token_belongs_to_its_caller_and_its_query() -> None:
    of = many()
    token = doc(lists.list_disputes(of.context, call(BUYER), ListQuery(page_size=2)))["next_page_token"]
    strangers = ListQuery(page_size=2, page_token=token)
    for caller, query in (
        (OTHER_BUYER, strangers),
        (BUYER, ListQuery(page_size=2, page_token=token, status=[Status.CANCELLED])),
        (BUYER, ListQuery(page_size=2, page_token=token[:-3])),
        (BUYER, ListQuery(page_size=2, page_token="rubbish")),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            lists.list_disputes(of.context, call(caller), query)
        assert refused.value.fields == (("/page_token", "NOT_OF_THIS_LIST"),)
    assert lists.list_disputes(of.context, call(BUYER), strangers).status == 200
    with pytest.raises(InvalidRequestError):
        reads.get_timeline(of.context, call(BUYER), CASE, PageQuery(page_token=token))


@pytest.mark.parametrize("content", [[], 7, {}, {"b": "x"}, {"b": "x", "k": 1}, "text", None])
def test_r01_a_token_that_was_never_ours_is_malformed_and_no_more(content: object) -> None:
    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    for token in (forged, "é", "=", "A"):
        with pytest.raises(InvalidRequestError):
            next_key("buyer-1", "disputes", token)


def test_r01_a_token_comes_back_as_it_went_and_none_is_none() -> None:
    token = page_token("buyer-1", "disputes", {"opened_key": "x#é"})
    assert token is not None
    assert next_key("buyer-1", "disputes", token) == {"opened_key": "x#é"}
    assert (page_token("buyer-1", "disputes", None), next_key("buyer-1", "disputes", None)) == (None, None)


def test_r25_the_timeline_is_read_page_by_page_in_order_with_its_hashes() -> None:
    of = world_in(Status.DECIDED)
    seen: list[dict[str, object]] = []
    token = None
    while True:
        answer = reads.get_timeline(of.context, call(SELLER), CASE, PageQuery(page_size=2, page_token=token))
        seen += doc(answer)["items"]
        token = doc(answer).get("next_page_token")
        if token is None:
            break
    assert [entry["seq"] for entry in seen] == list(range(1, case_of(of).version + 1))
    assert [entry["hash"] for entry in seen[:-1]] == [entry["prev_hash"] for entry in seen[1:]]
    assert (seen[0]["type"], seen[-1]["type"]) == ("DISPUTE_OPENED", "DECIDED")


def test_r14_r26_both_sides_read_all_offers_and_all_evidence() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 500)
    evidence(of, BUYER)
    for caller in (BUYER, SELLER, MANAGER):
        offers = doc(reads.list_offers(of.context, call(caller), CASE))["items"]
        assert [(o["offer_id"], o["made_by"]) for o in offers] == [("of-1", "BUYER"), ("of-2", "SELLER")]
        items = doc(reads.list_evidence(of.context, call(caller), CASE))["items"]
        assert [(e["evidence_id"], e["text"]) for e in items] == [("ev-1", "So it was.")]


def test_r16_the_dispute_says_what_its_reader_can_do_and_where() -> None:
    of = world()
    opened(of)
    answer = reads.get_dispute(of.context, call(BUYER), CASE)
    actions = {a["action"]: a for a in doc(answer)["available_actions"]}
    assert answer.version == 1
    assert actions["ESCALATE"] == {
        "action": "ESCALATE",
        "method": "POST",
        "href": "/v1/disputes/dp-1/escalate",
        "available_from": "2026-03-09T12:00:00.000Z",
        "due_at": "2026-03-21T12:00:00.000Z",
        "mandatory": False,
        "if_missed": "AUTO_ESCALATE",
        "fields": {
            "schema": "#/components/schemas/EscalateRequest",
            "allowed": {
                "/confirm_no_agreement": {"values": [True], "required": True},
                "/text": {"depends_on": "/claim_reason", "by": {"OTHER": {"required": True}}},
            },
        },
    }
    assert actions["WITHDRAW_OFFER"]["fields"] is None
    assert actions["WITHDRAW_OFFER"]["href"] == "/v1/disputes/dp-1/offers/of-1/withdraw"
    assert doc(answer)["party_state"] == "REQUIRED_OTHER_PARTY_ACTION"
    assert doc(reads.get_dispute(of.context, call(SELLER), CASE))["party_state"] == "REQUIRED_ACTION"


def test_r21_r24_the_brief_is_the_teams_and_only_of_a_claim() -> None:
    of = world_in(Status.NEGOTIATION)
    evidence(of, BUYER)
    with pytest.raises(ConflictError) as refused:
        reads.get_claim_brief(of.context, call(MANAGER), CASE)
    assert refused.value.rule == "R24"
    escalate(of)
    with pytest.raises(ForbiddenError):
        reads.get_claim_brief(of.context, call(SELLER), CASE)
    open_mediation(of.cases, of.orders, of.clock, next_alarm(case_of(of), 1, of.clock.at))
    body = doc(reads.get_claim_brief(of.context, call(MANAGER), CASE))
    assert (body["claim_text"], body["prepared_at"]) == ("No answer.", "2026-03-10T13:00:00.000Z")
    assert [e["evidence_id"] for e in body["evidence"]["buyer"]] == ["ev-1"]
    assert (body["evidence"]["seller"], body["parcels"][0]["shipment_id"]) == ([], "sh-1")
    assert body["suggestion"]["grounds"] == ["NO_PROOF_OF_DELIVERY"]
    assert body["offers"][0]["status"] == "LAPSED"
    assert "R20" in body["rules"]
