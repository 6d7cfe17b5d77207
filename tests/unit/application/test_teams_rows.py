"""R45: what the team keeps beside a case reaches no party and no other system, whatever is called (Q33).

Each call of the table of actions is made through its function, so that what is logged is looked at too.
"""

import json
import logging
from collections.abc import Callable
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import beside, claim, reads
from buyer_protection.application.actions.decision_preview import preview_decision
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.outbound_events import events_for
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import AssignRequest, DecisionRequest, NoteRequest
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.composition import container
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.enums import DecisionOutcome, DecisionReason, Status
from buyer_protection.domain.errors import ConflictError, IdempotencyKeyReusedError
from tests.support.api_events import CONTEXT, ENVIRONMENT, backend, person
from tests.support.builders import DAY
from tests.support.calls import CALLS, IDS
from tests.support.fake_signer import SIGNER
from tests.support.fake_system import TEAMS_NAME
from tests.support.fake_templates import MemoryTemplates
from tests.support.fakes import World
from tests.support.in_process import ROUTES, event_for, handler_of
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    decide,
    doc,
    escalate,
    evidence,
    opened,
    seen,
    tick,
    wait_until_due,
    world,
    world_in,
)
from tests.unit.application.mail_lives import mails_of, view

ASSIGNEE = Caller("canary-assignee", MANAGER.groups)
NOTE, RATIONALE = "canary-of-the-note", "canary-of-the-ruling"
OPEN = [
    Status.NEGOTIATION,
    Status.CLAIM_EVIDENCE,
    Status.UNDER_REVIEW,
    Status.AWAITING_RETURN,
    Status.RETURN_SHIPPED,
]


def write(
    of: World, text: str = NOTE, caller: Caller = ASSIGNEE, key: str | None = None, body: str = "b"
) -> Answer:
    return beside.write_note(of.context, call(caller, key, body=body), CASE, NoteRequest(text))


def notes(of: World, **page: Any) -> dict[str, Any]:
    return doc(beside.list_notes(of.context, of.team, call(MANAGER), CASE, PageQuery(**page)))


def planted() -> tuple[World, str]:
    """A review whose brief, notes, assignee and waiting ruling hold words that nobody else uses."""
    of = world()
    opened(of)
    of.clock.at += 4 * DAY
    escalate(of)
    open_mediation(of.cases, of.orders, of.clock, tick(of))
    evidence(of, SELLER)
    wait_until_due(of)
    claim.assign_claim(of.context, call(ASSIGNEE), CASE, AssignRequest(ASSIGNEE.caller_id))
    write(of)
    ruling = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.OTHER], RATIONALE)
    made = claim.decide_claim(of.context, call(ASSIGNEE), CASE, ruling, {"USD": 0})
    of.deliver_stream()
    return of, str(doc(made)["decision_id"])


class _Ids(dict[str, str]):
    """The ids of the worlds; a path of which they know nothing names nothing."""

    def __missing__(self, name: str) -> str:
        return "x-1"


CALLERS: dict[str, Callable[[], dict[str, Any]]] = {
    "buyer": lambda: person("buyer-1"),
    "seller": lambda: person("seller-1"),
    "backend": backend,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def in_words(of: World) -> str:
    """All that leaves the world but by an answer: timeline, events, mails."""
    dossier = of.cases.dossier(CASE)
    assert dossier is not None
    mails = [render(view(of, mail)) for mail in mails_of(dossier)]
    events = [event for entry in dossier.timeline for event in events_for(entry)]
    said = [entry.data for entry in dossier.timeline]
    return f"{said} {events} {of.bus.published} {[(mail.subject, mail.text, mail.html) for mail in mails]}"


@pytest.mark.parametrize(("who", "name"), list(product(CALLERS, sorted(ROUTES))))
def test_r45_no_call_of_a_party_or_the_backend_brings_the_teams_words(
    who: str, name: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    row = next((spec for spec in ACTIONS if spec.name == name), None)
    if row is None:
        return
    of, decision_id = planted()
    behind = SimpleNamespace(
        context=of.context,
        evidence_files=of.files,
        signer=SIGNER,
        public_keys=SIGNER,
        team=of.team,
        seller_metrics=of.sellers,
        templates=MemoryTemplates(),
        executions=of.executions,
        operations=None,
        queues=None,
        policy=of.policy,
        confirm_above={},
        preview_decision=partial(preview_decision, of.context, of.team, render, "https://shop.example.com"),
    )
    known = {**IDS, "dispute_id": CASE, "order_id": "order-1", "seller_id": "seller-1"}
    ids = _Ids({**known, "decision_id": decision_id})
    body = CALLS[name].sent(of.clock.at) if name in CALLS else {}
    sent = None if row.method in ("GET", "DELETE") else body or {}
    caplog.set_level(logging.DEBUG)
    with patch.object(container, "get", lambda: behind):
        path = row.path.format_map(ids)
        event = event_for(name, CALLERS[who](), sent, **{key: ids[key] for key in _names(path, row.path)})
        answer = handler_of(name)(event, CONTEXT)
    of.deliver_stream()
    logged, said = capsys.readouterr().out + caplog.text, in_words(of)
    planted_words = (NOTE, RATIONALE, ASSIGNEE.caller_id, TEAMS_NAME, decision_id)
    for word in (*planted_words, "NO_PROOF_OF_DELIVERY", "suggestion"):
        assert word not in answer["body"] or word in path
        assert word not in said
        # The id in a path that somebody sent is theirs to log.
        assert word not in logged or word in path
    is_theirs = not row.is_for_people
    assert answer["statusCode"] != 500 or is_theirs


def _names(_path: str, route: str) -> list[str]:
    return [step[1:-1] for step in route.split("/") if step.startswith("{")]


def test_r45_the_team_reads_what_it_has_planted() -> None:
    of, decision_id = planted()
    assert [one["text"] for one in notes(of)["items"]] == [NOTE]
    assert notes(of)["members"] == [{"member_id": "manager-1", "display_name": TEAMS_NAME}]
    shown = seen(of, MANAGER)
    assert shown["assigned_to"] == ASSIGNEE.caller_id
    assert decision_id in json.dumps(shown["available_actions"])
    waiting = doc(reads.get_claim_brief(of.context, call(MANAGER), CASE))["waiting_decision"]
    assert (waiting["decision_id"], waiting["outcome"]["rationale"]) == (decision_id, RATIONALE)


@pytest.mark.parametrize("status", OPEN)
def test_r45_a_note_moves_nothing_that_anybody_sees(status: Status) -> None:
    of = world_in(status)
    before, entries = case_of(of), len(of.timeline[CASE])
    shown = [seen(of, caller) for caller in (BUYER, SELLER, MANAGER)]
    answer = write(of)
    assert answer.status == 201
    got = doc(answer)
    assert (got["author_id"], got["text"]) == (ASSIGNEE.caller_id, NOTE)
    assert answer.location == f"/v1/disputes/{CASE}/claim/notes"
    assert (case_of(of), len(of.timeline[CASE])) == (before, entries)
    assert [seen(of, caller) for caller in (BUYER, SELLER, MANAGER)] == shown


def test_r45_any_member_writes_and_all_read_oldest_first_page_by_page() -> None:
    of = world_in(Status.UNDER_REVIEW)
    for number in range(1, 6):
        write(of, f"Note {number}", MANAGER if number % 2 else ASSIGNEE)
    first = notes(of, page_size=3)
    rest = notes(of, page_size=3, page_token=first["next_page_token"])
    assert [one["text"] for one in (*first["items"], *rest["items"])] == [f"Note {n}" for n in range(1, 6)]
    assert "next_page_token" not in rest


def test_q4_a_note_repeated_with_its_key_is_one_note() -> None:
    of = world_in(Status.UNDER_REVIEW)
    first = write(of, key="k-1")
    assert write(of, key="k-1") == first
    assert len(notes(of)["items"]) == 1
    with pytest.raises(IdempotencyKeyReusedError):
        write(of, "Another.", key="k-1", body="another")


def test_r25_r45_a_closed_case_takes_no_note_and_shows_those_it_has() -> None:
    of = world_in(Status.UNDER_REVIEW)
    write(of)
    decide(of)
    with pytest.raises(ConflictError) as refused:
        write(of)
    assert refused.value.code == "DISPUTE_CLOSED"
    assert len(notes(of)["items"]) == 1
