"""`python -m bench.desk` asks all that decision 0053 bounds, by queries that the contract has."""

import json
from typing import Any

import pytest

from bench.desk import Asked, Found, asked
from bench.full_desk import BARS, OPENED, Cost, Desk
from buyer_protection.domain.enums import Status
from tests.support.in_process import ROUTES
from tools.compatibility.releases import DOCS

Json = dict[str, Any]
ASKED = asked(OPENED)
DOCUMENT: Json = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))


def test_each_bound_of_the_decision_is_asked_for() -> None:
    assert ASKED.keys() == BARS.keys()


@pytest.mark.parametrize("one", ASKED.values(), ids=ASKED.keys())
def test_each_question_has_parameters_of_the_contract_only(one: Asked) -> None:
    row = ROUTES[one.action]
    taken = {
        it.get("name") or DOCUMENT["components"]["parameters"][it["$ref"].rsplit("/", 1)[-1]]["name"]
        for it in DOCUMENT["paths"][row.path][row.method.lower()]["parameters"]
    }

    assert set(one.query) <= taken


def test_nine_claims_of_ten_are_somebodys_and_nothing_else_is() -> None:
    desk = Desk("buyer-of-ten", [f"manager-{number}" for number in range(1, 10)], 1_000)
    cases = [desk.case(number) for number in range(desk.cases)]
    claims = [case for case in cases if case.status in (Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW)]

    assert len(claims) == 100
    assert sum(case.assigned_to is not None for case in claims) == 90
    assert all(case.assigned_to is None for case in cases if case not in claims)
    assert sum(case.buyer_id == "buyer-of-ten" for case in cases) == 2


def test_what_costs_more_than_the_decision_says_is_marked() -> None:
    bar = BARS["the queue"]
    within = Found("the queue", bar, bar, 104.0, 0.0831, 50)
    over = [
        within._replace(cost=Cost(bar.calls + 1, bar.units)),
        within._replace(cost=Cost(bar.calls, bar.units + 1)),
    ]

    assert not within.is_over
    assert "OVER" not in within.line()
    assert within.line().split() == ["the", "queue", "9", "115", "9", "115", "104", "83", "50"]
    assert all(one.is_over and one.line().endswith("OVER") for one in over)
