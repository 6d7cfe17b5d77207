"""Q8 on the deployed stack: every route, every caller, a case in every status; nobody gets in, nothing leaks.

A call that is let in carries an `If-Match` that is stale, or a body that is refused: nothing is changed by trying.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import groupby

import pytest

from infra.routes import FunctionSpec
from local.client import ANONYMOUS, BACKEND, Client, Response
from local.state import Backend
from tests.e2e.case import Case
from tests.e2e.matrix import (
    API_ROWS,
    CALLERS,
    MAKERS,
    ROLES,
    Answered,
    Cast,
    done_by_people,
    expected,
)
from tests.e2e.waiting import utc_now
from tests.e2e.world import Json
from tests.support.calls import IDS, ON_A_CASE, body_of
from tests.support.sampling import sample

pytestmark = [pytest.mark.usefixtures("calm"), pytest.mark.sampled]

Cases = dict[str, Case]
ABSENT_CASE = "dp-00000000000000000000000000"
ABSENT = "never-was"
# The functions are tried side by side, each by one caller at a time: a second one would start a second process of it.
SIDE_BY_SIDE = 2
SAMPLED = 17
STALE = '"1"'


@dataclass(frozen=True)
class Target:
    """What a call is about."""

    dispute_id: str
    order_id: str
    seller_id: str


@dataclass(frozen=True)
class Probe:
    """One try and what it was answered."""

    row: FunctionSpec
    status: str
    caller: str
    answer: Response
    absent: Response | None

    @property
    def fault(self) -> str | None:
        """What is wrong with the answer; None where it is as it must be."""
        wanted = expected(self.row, self.caller)
        status = self.answer.status
        right = {
            Answered.LET_IN: status not in (401, 403, 404) and status < 500,
            Answered.FORBIDDEN: (status, self.answer.code) == (403, "FORBIDDEN"),
            Answered.ABSENT: (status, self.answer.code) == (404, "NOT_FOUND"),
            Answered.UNKNOWN: (status, self.answer.code) == (401, "UNAUTHENTICATED"),
            Answered.UNSIGNED: status in (401, 403),
            Answered.NO_CALL: (status, self.answer.code) in ((404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")),
        }[wanted]
        said = f"{self.row.id} in {self.status} by {self.caller}: {status} {self.answer.code}"
        if not right:
            return f"{said}, and must be {wanted}"
        if wanted is Answered.ABSENT and self.absent and _compared(self.answer) != _compared(self.absent):
            return f"{said}: absent and forbidden differ"
        return None


def _compared(answer: Response) -> tuple[int, Json]:
    """What two answers are compared by: everything but the request's id."""
    return answer.status, {name: value for name, value in answer.body.items() if name != "request_id"}


class Gate:
    """Makes the calls of the matrix."""

    def __init__(self, cast: Cast) -> None:
        stack = cast.world.stack
        self.tokens, self.client = cast.tokens, Client(stack)
        forged = replace(stack, backend=Backend(stack.backend.access_key_id, "not-the-secret-" + "x" * 24))
        self.forger = Client(forged)

    def call(self, row: FunctionSpec, caller: str, target: Target) -> Response:
        path = row.path.format_map({**IDS, **asdict(target)})
        body, headers = self._body(row, caller, target), {}
        if row.method != "GET" and row.id in ON_A_CASE:
            headers["if-match"] = STALE
        if caller in self.tokens:
            headers["authorization"] = f"Bearer {self.tokens[caller]}"
        client = self.forger if caller.endswith("wrong signature") else self.client
        who = BACKEND if caller.startswith("backend") else ANONYMOUS
        return client.call(who, row.method, path, body=body, headers=headers)

    @staticmethod
    def _body(row: FunctionSpec, caller: str, target: Target) -> Json | None:
        body = body_of(row, utc_now())
        if row.id == "open_dispute":
            body = {**(body or {}), "order_id": target.order_id}
        # These know no If-Match: whoever is let in sends what is no request.
        if (
            row.id in {"open_dispute", "confirm_receipt", "take_next_claim"}
            and expected(row, caller) is Answered.LET_IN
        ):
            body = {**(body or {}), "unknown": True}
        return body


@pytest.fixture(scope="module")
def cast(result_of: Callable[[str], tuple[Cast, Cases, Cases]]) -> Cast:
    return result_of("cast_and_cases")[0]


@pytest.fixture(scope="module")
def cases(result_of: Callable[[str], tuple[Cast, Cases, Cases]]) -> Cases:
    return result_of("cast_and_cases")[1]


@pytest.fixture(scope="module")
def of_managers(result_of: Callable[[str], tuple[Cast, Cases, Cases]]) -> Cases:
    """Cases whose parties are members of the team."""
    return result_of("cast_and_cases")[2]


Try = tuple[FunctionSpec, str, str]


def about_something(row: FunctionSpec) -> bool:
    """Whether the call is about a case or an order, so that it is tried in every status."""
    return row.id in ON_A_CASE or row.path.startswith("/v1/orders/") or row.id == "open_dispute"


def every_try() -> list[Try]:
    """Function, caller and status: calls about a case or an order in every status, the others once."""
    return [
        (row, caller, status)
        for row in API_ROWS
        for caller in CALLERS
        for status in (MAKERS if about_something(row) else ("any status",))
    ]


def chosen_tries() -> list[Try]:
    """All of them; of a sample each seventeenth, so that no caller and no status is always left out."""
    return sample(
        every_try(),
        SAMPLED,
        lambda one: one[0].id,
        lambda one: one[1],
        lambda one: one[2],
        lambda one: (one[1], one[2]),
        keep=lambda one: not about_something(one[0]),
    )


@pytest.fixture(scope="module")
def probes(cast: Cast, cases: Cases, of_managers: Cases) -> list[Probe]:
    """What each try was answered. A function is tried by one caller at a time."""
    gate = Gate(cast)
    sellers = {
        own: world.stack.people["seller"].sub
        for own, world in ((False, cast.world), (True, cast.of_managers))
    }
    before = [done_by_people(case) for case in (*cases.values(), *of_managers.values())]
    began = time.monotonic()

    def tries(of_row: list[Try]) -> list[Probe]:
        found: list[Probe] = []
        absent: dict[str, Response] = {}
        for row, caller, status in of_row:
            if expected(row, caller) is Answered.ABSENT and caller not in absent:
                absent[caller] = gate.call(row, caller, Target(ABSENT_CASE, ABSENT, ABSENT))
            own = caller.startswith("manager who is")
            chosen = of_managers if own else cases
            case = chosen.get(status, chosen["NEGOTIATION"])
            target = Target(case.dispute_id, case.order_id, sellers[own])
            found.append(Probe(row, status, caller, gate.call(row, caller, target), absent.get(caller)))
        return found

    by_row = [list(tries) for _, tries in groupby(chosen_tries(), key=lambda one: one[0].id)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        made = [probe for of_row in pool.map(tries, by_row) for probe in of_row]
    print(f"\n{len(made)} probes in {time.monotonic() - began:.0f} s")
    after = [done_by_people(case) for case in (*cases.values(), *of_managers.values())]
    assert after == before, "something was changed"
    return made


def test_q8_every_caller_is_answered_as_the_table_says(probes: list[Probe]) -> None:
    """R1, R4, R14, R18, R24: and nobody else learns anything."""
    wanted = Counter(expected(probe.row, probe.caller) for probe in probes)
    print(f"{len(probes)} probes: " + ", ".join(f"{n} {kind}" for kind, n in sorted(wanted.items())))
    faults = [fault for probe in probes if (fault := probe.fault)]
    assert not faults, f"{len(faults)} of {len(probes)}: " + "\n".join(faults[:40])


def test_q8_each_caller_is_tried_in_each_status_on_each_function(probes: list[Probe]) -> None:
    """Also in a sample: every caller in every status, and every function."""
    assert {(probe.caller, probe.status) for probe in probes} >= {
        (caller, status) for caller in CALLERS for status in MAKERS
    }
    assert {probe.row.id for probe in probes} == {row.id for row in API_ROWS}


@pytest.mark.verify
def test_q8_the_enumeration_is_whole(probes: list[Probe]) -> None:
    about = sum(about_something(row) for row in API_ROWS)
    assert len(probes) == len(CALLERS) * (about * len(MAKERS) + len(API_ROWS) - about)
    assert {probe.status for probe in probes} == {*MAKERS, "any status"}
    assert {(probe.row.id, probe.caller) for probe in probes} == {
        (row.id, caller) for row in API_ROWS for caller in CALLERS
    }


def _said_to(probes: list[Probe], *callers: str) -> Iterator[tuple[Probe, str]]:
    return (
        (probe, json.dumps(probe.answer.body))
        for probe in probes
        if probe.caller in callers and probe.answer.body
    )


def test_q8_no_answer_to_a_stranger_names_a_case_an_order_or_a_party(
    probes: list[Probe], cases: Cases, cast: Cast
) -> None:
    secret = {case.dispute_id for case in cases.values()} | {case.order_id for case in cases.values()}
    secret |= {cast.world.stack.people[name].sub for name in ("buyer", "seller")}
    strangers = [caller for caller in CALLERS if ROLES.get(caller, "T") == "T" and caller != "backend"]
    leaks = [
        f"{probe.row.id} by {probe.caller}"
        for probe, text in _said_to(probes, *strangers)
        if any(word in text for word in secret)
        # An operator sees the rows of every case, without texts.
        and (probe.row.id, probe.caller) != ("get_operated_case", "operator")
    ]
    assert not leaks


def test_q8_a_manager_who_is_a_party_does_not_see_their_own_case_on_the_teams_desk(
    probes: list[Probe], of_managers: Cases
) -> None:
    """R24: to them the case is what it is to the party that they are."""
    queues = {
        probe.caller: {item["dispute_id"] for item in probe.answer.body["items"]}
        for probe in probes
        if probe.row.id == "get_mediation_queue" and probe.answer.status == 200
    }
    own = {case.dispute_id for case in of_managers.values()}
    assert set(queues) == {"case manager", "manager who is the buyer", "manager who is the seller"}
    assert not queues["manager who is the buyer"] & own
    assert not queues["manager who is the seller"] & own
