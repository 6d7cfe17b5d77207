"""A pass of the audit over all cases: in parts, night after night, never twice at once, and never by half a change."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.ports.audit import AuditPass, CaseRecords
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.workers import audit as auditing
from buyer_protection.application.workers.audit import Auditor, Disagreement, audit
from buyer_protection.domain.enums import Status
from tests.support.fakes import World
from tests.unit.application.test_audit import (
    HOUR,
    D,
    healthy_world,
    later,
    records_of,
    settled_down,
    with_case,
    with_timer,
)


@dataclass
class MemoryAudit:
    """Port `AuditStore` over records that a test makes; `looks` may differ from look to look."""

    looks: dict[str, Callable[[], CaseRecords]]
    kept: AuditPass | None = None
    seen: list[str] = field(default_factory=list)

    def page_of_cases(self, *, limit: int, start: Mapping[str, Any] | None) -> Page[str]:
        ids = sorted(self.looks)
        first = start["at"] if start else 0
        more = {"at": first + limit} if first + limit < len(ids) else None
        return Page(ids[first : first + limit], more)

    def records(self, dispute_id: str) -> CaseRecords:
        self.seen.append(dispute_id)
        return self.looks[dispute_id]()

    def last_pass(self) -> AuditPass | None:
        return self.kept

    def keep_pass(self, now_at: AuditPass, before: AuditPass | None) -> bool:
        if before != self.kept:
            return False
        self.kept = now_at
        return True


def audited(of: World, looks: dict[str, Callable[[], CaseRecords]]) -> tuple[Auditor, MemoryAudit]:
    store = MemoryAudit(looks)
    return Auditor(store, of.clock), store


@pytest.fixture
def of() -> World:
    made = healthy_world(Status.NEGOTIATION)
    settled_down(made)
    made.clock.at = later(made)
    return made


def always(records: CaseRecords) -> Callable[[], CaseRecords]:
    return lambda: records


def in_turn(*several: CaseRecords) -> Callable[[], CaseRecords]:
    left: Iterator[CaseRecords] = iter(several)
    return lambda: next(left)


def test_a_night_looks_at_every_case_once_and_the_next_night_again(
    of: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "PAGE", 4)
    healthy, reported = records_of(of), []
    auditor, store = audited(of, {f"dp-{number:02d}": always(healthy) for number in range(10)})
    through = audit(auditor, lambda *found: reported.append(found))
    assert through is not None
    assert (through.cases, through.disagreements, through.ended_at, reported) == (10, 0, of.clock.at, [])
    assert store.seen == sorted(store.looks)
    of.clock.at += 5 * HOUR
    assert audit(auditor, lambda *_: None) is None
    assert len(store.seen) == 10
    of.clock.at += 19 * HOUR
    again = audit(auditor, lambda *_: None)
    assert again is not None
    assert (again.cases, again.began_at) == (10, of.clock.at)


def test_a_pass_without_time_goes_on_where_it_stopped(of: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", 3)
    auditor, store = audited(of, {f"dp-{number}": always(records_of(of)) for number in range(8)})
    calls = 0
    while store.kept is None or store.kept.ended_at is None:
        once = iter([True])
        audit(auditor, lambda *_: None, lambda once=once: next(once, False))
        calls += 1
        of.clock.at += timedelta(minutes=5)
    assert (calls, store.seen, store.kept.cases) == (3, sorted(store.looks), 8)


def test_a_disagreement_is_reported_with_its_case_and_counted(of: World) -> None:
    healthy, reported = records_of(of), []
    wrong = with_timer(healthy, epoch=9)
    auditor, _ = audited(of, {"dp-1": always(healthy), "dp-2": always(wrong)})
    through = audit(auditor, lambda *found: reported.append(found))
    assert through is not None
    assert (reported, through.disagreements) == ([("dp-2", D.TIMER_DIFFERS)], 1)


def test_half_of_a_change_that_is_being_committed_is_no_disagreement(of: World) -> None:
    healthy, reported = records_of(of), []
    torn = with_case(healthy, timeline_seq=healthy.case.timeline_seq + 1)
    auditor, store = audited(of, {"dp-1": in_turn(torn, healthy)})
    audit(auditor, lambda *found: reported.append(found))
    assert (reported, len(store.seen)) == ([], 2)


def test_a_case_that_changes_under_the_look_is_left_for_the_next_night(of: World) -> None:
    healthy, reported = records_of(of), []
    assert healthy.case is not None
    versions = [with_case(healthy, timeline_seq=healthy.case.timeline_seq + more) for more in (1, 2, 3)]
    auditor, store = audited(of, {"dp-1": in_turn(*versions)})
    audit(auditor, lambda *found: reported.append(found))
    assert (reported, len(store.seen)) == ([], 3)


def test_a_row_that_nobody_can_read_is_reported_and_ends_the_night_for_no_other_case(of: World) -> None:
    def broken() -> CaseRecords:
        raise ValueError

    reported: list[tuple[str, Disagreement]] = []
    auditor, store = audited(of, {"dp-1": broken, "dp-2": always(records_of(of))})
    audit(auditor, lambda *found: reported.append(found))
    assert reported == [("dp-1", D.CASE_UNREADABLE)]
    assert store.seen == ["dp-1", "dp-2"]


def test_of_two_audits_at_once_one_stops(of: World) -> None:
    auditor, store = audited(of, {"dp-1": always(records_of(of))})
    keep = store.keep_pass

    def other_came_first(now_at: AuditPass, before: AuditPass | None) -> bool:
        store.kept = AuditPass(of.clock.at, cases=99)
        return keep(now_at, before)

    store.keep_pass = other_came_first
    assert audit(auditor, lambda *_: None) is None
    assert store.kept is not None
    assert store.kept.cases == 99


def test_an_empty_table_is_through_at_once(of: World) -> None:
    auditor, _ = audited(of, {})
    through = audit(auditor, lambda *_: None)
    assert through is not None
    assert (through.cases, through.ended_at) == (0, of.clock.at)
