"""What the team says to itself: no entry, no version, and no party reads it (C7, R45)."""

import json
from typing import Any

import msgspec
import pytest

from buyer_protection.application.actions import claim, reads
from buyer_protection.application.schemas.documents import timeline_document
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.domain.enums import EventType, Role, Status
from buyer_protection.domain.timeline import (
    GENESIS,
    MEDIATION,
    TEAM_ID,
    TEAM_ONLY,
    Actor,
    TimelineEntry,
    first_break,
    next_entry,
)
from tests.support.builders import OPENED
from tests.unit.application.exported_cases import VERIFY, exported
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, call, case_of, doc, tick, world_in
from tests.unit.application.mail_lives import LIVES, stages
from tests.unit.domain.expected_entries import EXPECTED

PARTIES = (BUYER, SELLER)
OLD_MANAGER = Actor(Role.CASE_MANAGER, "manager-1")
# As entries of before were written, member by member.
OF_BEFORE: tuple[tuple[Actor, EventType, dict[str, Any]], ...] = (
    (MEDIATION, EventType.MEDIATION_OPENED, {"suggestion": "PARTIAL", "grounds": ["BOTH_GAVE_EVIDENCE"]}),
    (OLD_MANAGER, EventType.ASSIGNED, {"assignee": "manager-2", "previous": "manager-1"}),
    (OLD_MANAGER, EventType.EVIDENCE_WINDOW_SET, {"evidence_due_at": "2026-03-18T12:00:00.000Z"}),
    (OLD_MANAGER, EventType.MESSAGE_SENT, {"message_id": "ms-1", "told": ["BUYER"]}),
)


def old_entries() -> list[TimelineEntry]:
    entries: list[TimelineEntry] = []
    for seq, (actor, kind, data) in enumerate(OF_BEFORE, start=1):
        prev = entries[-1].hash if entries else GENESIS
        # Hashed with the member's own id, as it was done then.
        entries.append(next_entry(CASE, seq, prev, OPENED, actor, kind, data))
    return entries


def test_c7_r45_no_entry_that_is_written_now_holds_what_is_the_teams_own() -> None:
    for said, data in EXPECTED.values():
        actor, kind = said.rsplit(" ", 1)
        assert not TEAM_ONLY.get(EventType(kind), frozenset()) & data.keys()
        assert not actor.startswith("manager")


@pytest.mark.parametrize("name", LIVES)
def test_c7_r45_each_field_of_each_entry_of_a_life_as_each_reader_sees_it(name: str) -> None:
    last = list(stages(name))[-1]
    for caller, role in ((BUYER, Role.BUYER), (SELLER, Role.SELLER), (MANAGER, Role.CASE_MANAGER)):
        for entry in last.timeline[CASE]:
            shown = json.loads(json.dumps(doc_of(entry, role)))
            assert (shown["data"], shown["hash"]) == (json.loads(json.dumps(dict(entry.said))), entry.hash)
            assert "redacted" not in shown
            assert ("person_id" in shown) is (role is Role.CASE_MANAGER and entry.actor.actor_id == TEAM_ID)
        whole = json.dumps(exported(last, caller))
        team_acted = any(entry.person_id for entry in last.timeline[CASE])
        assert (MANAGER.caller_id in whole) is (role is Role.CASE_MANAGER and team_acted)
        assert VERIFY.first_fault(exported(last, caller)) is None


def chain_fault(file: dict[str, Any]) -> str | None:
    """What is wrong first with the chain of a file that has nothing else."""
    found: str | None = next(VERIFY.chain_faults(file), None)
    return found


def doc_of(entry: TimelineEntry, role: Role) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(timeline_document(entry, role))
    return built


@pytest.mark.parametrize("role", [Role.BUYER, Role.SELLER])
def test_c7_r45_entries_of_before_are_read_without_the_teams_words_and_the_chain_still_holds(
    role: Role,
) -> None:
    entries = old_entries()
    assert first_break(entries) is None
    shown = [doc_of(entry, role) for entry in entries]
    for entry, one in zip(entries, shown, strict=True):
        assert not TEAM_ONLY.get(entry.type, frozenset()) & one["data"].keys()
        assert {**one["data"]} == {
            name: value
            for name, value in entry.data.items()
            if name not in TEAM_ONLY.get(entry.type, frozenset())
        }
        assert one["redacted"] is True
    assert "manager" not in json.dumps(shown)
    chain = {"genesis": GENESIS, "head": entries[-1].hash, "length": len(entries)}
    file = {"dispute": {"dispute_id": CASE}, "timeline": shown, "chain": chain}
    assert chain_fault(file) is None
    # What is left out cannot hide that an entry is missing, or that another one was changed.
    assert chain_fault({**file, "timeline": shown[1:]}) is not None
    forged = [*shown[:-1], {**shown[-1], "hash": "0" * 64}]
    assert chain_fault({**file, "timeline": forged}) is not None


def test_c7_r45_the_team_reads_entries_of_before_whole_and_can_check_them() -> None:
    entries = old_entries()
    shown = [doc_of(entry, Role.CASE_MANAGER) for entry in entries]
    assert [one["data"] for one in shown] == [dict(entry.said) for entry in entries]
    chain = {"genesis": GENESIS, "head": entries[-1].hash, "length": len(entries)}
    assert chain_fault({"dispute": {"dispute_id": CASE}, "timeline": shown, "chain": chain}) is None


@pytest.mark.parametrize("status", [Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW])
def test_c7_r45_an_assignment_moves_nothing_that_a_party_sees(status: Status) -> None:
    of = world_in(status)
    before, entries = case_of(of), len(of.timeline[CASE])
    of.assignments.clear()
    seen = [doc(reads.get_dispute(of.context, call(party), CASE)) for party in PARTIES]
    for assignee in ("manager-1", "manager-2"):
        got = doc(claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest(assignee)))
        assert (got["assigned_to"], got["version"]) == (assignee, before.version)
    assert [doc(reads.get_dispute(of.context, call(party), CASE)) for party in PARTIES] == seen
    assert all(one["assigned_to"] is None for one in seen)
    assert (len(of.timeline[CASE]), case_of(of).updated_at) == (entries, before.updated_at)
    assert [(one.by, one.previous, one.assignee) for _, one in of.assignments] == [
        ("manager-1", before.assigned_to, "manager-1"),
        ("manager-1", "manager-1", "manager-2"),
    ]


def test_c7_r45_an_assignment_repeated_with_its_key_is_one_step() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    of.assignments.clear()
    again = call(MANAGER, key="k-1")
    first = claim.assign_claim(of.context, again, CASE, AssignRequest("manager-2"))
    assert claim.assign_claim(of.context, again, CASE, AssignRequest("manager-2")) == first
    assert len(of.assignments) == 1


def test_c7_r45_two_who_take_the_claim_at_once_come_one_after_the_other() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    first = case_of(of).assigned_to
    of.assignments.clear()

    def other() -> None:
        claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2"))

    of.before_commit = other
    claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-1"))
    assert [(one.previous, one.assignee) for _, one in of.assignments] == [
        (first, "manager-2"),
        ("manager-2", "manager-1"),
    ]


def test_c7_r45_nobodys_timeline_says_what_the_brief_suggests() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    open_mediation(of.cases, of.orders, of.clock, tick(of))
    assert of.briefs[CASE]["suggestion"]["grounds"]
    for party in PARTIES:
        text = json.dumps(doc(reads.get_timeline(of.context, call(party), CASE, PageQuery())))
        for word in ("suggestion", "grounds", "NO_PROOF_OF_DELIVERY"):
            assert word not in text
