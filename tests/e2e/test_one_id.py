"""One id from a call to the refund: every station that a call passes on the stack has its `X-Correlation-Id`, in a log
line or a row, so that the saved query "everything of this request" finds all of it."""

from __future__ import annotations

import json
import secrets

import pytest

from local import logs
from tests.e2e.case import Case
from tests.e2e.waiting import until
from tests.e2e.world import Json, World

pytestmark = pytest.mark.verify

# Log lines of the call itself, the stream, which woke the execution, and both mails: message, action or kind.
STATIONS = {
    ("answered", "accept_request"),
    ("dispatched", "TL"),
    ("dispatched", "TIMER"),
    ("dispatched", "REFUND"),
    ("mail", "OFFER_ACCEPTED BUYER"),
    ("mail", "OFFER_ACCEPTED SELLER"),
}


def test_one_id_leads_from_the_call_to_the_execution_both_mails_and_the_refund(world: World) -> None:
    name = f"one-id-{secrets.token_hex(8)}"
    case = Case.opened(world)
    case.await_parked("NEGOTIATION")

    answer = case.post("seller", "accept-request", headers={"X-Correlation-Id": name})

    assert (answer.status, answer.headers["x-correlation-id"]) == (200, name)
    case.finished()
    lines = until("every station has a line", lambda: _lines(world, name))
    assert {line["dispute_id"] for line in lines} == {case.dispute_id}
    # The rows: the entry, the two mails about it, the date that the call moved, the refund.
    (entry,) = [
        row for row in world.rows(f"CASE#{case.dispute_id}", "TL#") if row.get("correlation_id") == name
    ]
    mails = [row for row in case.outbox() if row.get("correlation_id") == name]
    assert entry["event"] == "OFFER_ACCEPTED"
    assert [(row["seq"], row["status"]) for row in mails] == [(entry["seq"], "SENT")] * 2
    assert (case.row("TIMER")["correlation_id"], case.row("REFUND")["correlation_id"]) == (name, name)
    assert name in _history(world, case)


def test_a_call_without_an_id_of_its_own_is_found_by_its_request_id(world: World) -> None:
    case = Case.opened(world)
    answer = case.post("seller", "accept-request")
    request_id = answer.headers["x-correlation-id"]
    case.finished()
    assert case.row("REFUND")["correlation_id"] == request_id
    until("every station has a line", lambda: _lines(world, request_id))


def _lines(world: World, name: str) -> list[Json]:
    lines = _of(world, name)
    return lines if {_station(line) for line in lines} >= STATIONS else []


def _of(world: World, name: str) -> list[Json]:
    """What the saved query asks for: the lines whose correlation id or request id it is. Metrics are left out."""
    found = [json.loads(line.message) for line in logs.read(world.workspace) if name in line.message]
    named = [line for line in found if name in (line.get("correlation_id"), line.get("request_id"))]
    return [line for line in named if "message" in line]


def _station(line: Json) -> tuple[str, str]:
    if line["message"] == "mail":
        return "mail", f"{line['kind']} {line['recipient']}"
    return line["message"], line.get("action") or line.get("kind", "")


def _history(world: World, case: Case) -> str:
    pages = world.machine.get_paginator("get_execution_history").paginate(
        executionArn=world.execution_arn(case.dispute_id, 1), includeExecutionData=True
    )
    return "\n".join(str(event) for page in pages for event in page["events"])
