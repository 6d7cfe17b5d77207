"""Races on the deployed stack: at any instant exactly one wins, and the timeline has no gap."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.case import Case
from tests.e2e.checks import check_chain
from tests.e2e.races import Round
from tests.e2e.waiting import instant, until
from tests.e2e.world import World

ResultOf = Callable[[str], list[Round]]


def test_r12_of_two_parallel_openings_one_wins_and_the_other_learns_its_id(world: World) -> None:
    case = Case(world)
    case.ship()
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: world.client.post("buyer", "/v1/disputes", case.opening()), range(2))
        )
    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert (won.status, lost.status, lost.code) == (201, 409, "DISPUTE_EXISTS")
    assert lost.body["dispute_id"] == won.body["dispute_id"]
    assert lost.body["rule"] == "R12"
    assert case.read("buyer", f"/v1/orders/{case.order_id}")["disputes_opened"] == 1


@pytest.mark.sampled
def test_r15_r16_buyer_and_clock_escalate_at_once_and_exactly_one_does(result_of: ResultOf) -> None:
    for race in result_of("escalations"):
        check_chain(race.case.dispute_id, race.timeline)
        escalated = [entry for entry in race.timeline if entry["type"] == "ESCALATED"]
        assert len(escalated) == 1
        by_buyer = race.answer.status == 200
        assert race.document["escalated_by"] == ("BUYER" if by_buyer else "SYSTEM")
        assert escalated[0]["actor"]["role"] == race.document["escalated_by"]
        assert (instant(escalated[0]["at"]) < instant(race.due)) is by_buyer
        if not by_buyer:
            assert (race.answer.status, race.answer.code) in {
                (409, "TOO_LATE"),
                (409, "WRONG_STATUS"),
            }, race.answer


@pytest.mark.sampled
def test_r22_the_last_item_and_the_end_of_its_window_at_once_have_one_winner(result_of: ResultOf) -> None:
    for race in result_of("last_items"):
        check_chain(race.case.dispute_id, race.timeline)
        came_in = race.answer.status == 201
        assert race.document["status"] == ("UNDER_REVIEW" if came_in else "CANCELLED")
        added = [entry for entry in race.timeline if entry["type"] == "EVIDENCE_ADDED"]
        assert len(added) == int(came_in)
        if came_in:
            assert instant(added[0]["at"]) < instant(race.due)
        else:
            assert (race.answer.status, race.answer.code) in {
                (409, "TOO_LATE"),
                (409, "DISPUTE_CLOSED"),
            }, race.answer


@pytest.mark.sampled
def test_r23_however_the_race_went_both_parties_hear_of_the_escalation_once(result_of: ResultOf) -> None:
    for race in result_of("escalations"):
        for party in ("BUYER", "SELLER"):
            until(
                f"{party} heard of {race.case.dispute_id}",
                lambda race=race, party=party: [
                    row
                    for row in race.case.outbox()
                    if (row["mail"], row["recipient"]) == ("ESCALATED", party)
                ],
            )
        kinds = [(row["recipient"], row["mail"]) for row in race.case.outbox()]
        assert len(kinds) == len(set(kinds)), kinds
