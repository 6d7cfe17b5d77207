"""The demo's own judgement of a timeline: the hash chain and the clock's punctuality."""

from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.timeline import CLOCK, GENESIS, Actor, TimelineEntry, instant, next_entry
from local.demo import history

OPENED = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
BUYER = Actor(Role.BUYER, "someone")
DAY = timedelta(seconds=2)


def at(days: float) -> datetime:
    return OPENED + days * DAY


def document() -> dict[str, Any]:
    return {"escalation_available_at": instant(at(3)), "negotiation_due_at": instant(at(15))}


def chain(*steps: tuple[datetime, Actor, EventType, dict[str, Any]]) -> list[dict[str, Any]]:
    """A chained timeline as the API shows it."""
    entries: list[TimelineEntry] = []
    for seq, (moment, actor, kind, data) in enumerate(steps, start=1):
        previous = entries[-1].hash if entries else GENESIS
        entries.append(next_entry("d-1", seq, previous, moment, actor, kind, data))
    return [
        {
            "seq": e.seq,
            "at": instant(e.at),
            "actor": {"role": str(e.actor.role), "id": e.actor.actor_id},
            "type": str(e.type),
            "data": e.data,
            "prev_hash": e.prev_hash,
            "hash": e.hash,
        }
        for e in entries
    ]


def escalated(days: float) -> tuple[datetime, Actor, EventType, dict[str, Any]]:
    return at(days), CLOCK, EventType.ESCALATED, {"evidence_due_at": instant(at(days + 7))}


def opened() -> tuple[datetime, Actor, EventType, dict[str, Any]]:
    return OPENED, BUYER, EventType.DISPUTE_OPENED, {"note": "«ü»"}


def test_a_chain_that_the_domain_wrote_holds() -> None:
    assert history.broken_at("d-1", chain(opened(), escalated(15.5))) is None


def test_a_changed_entry_breaks_the_chain_where_it_was_changed() -> None:
    entries = chain(opened(), escalated(15.5), escalated(16))
    entries[1]["data"] = {"evidence_due_at": instant(at(40))}
    assert history.broken_at("d-1", entries) == 2


def test_a_missing_entry_breaks_the_chain() -> None:
    entries = chain(opened(), escalated(15.5), escalated(16))
    assert history.broken_at("d-1", [entries[0], entries[2]]) == 2


def test_a_chain_of_another_case_does_not_hold() -> None:
    assert history.broken_at("d-2", chain(opened())) == 1


def test_every_act_of_the_clock_stands_beside_its_due_instant() -> None:
    entries = chain(
        opened(),
        (at(3.25), CLOCK, EventType.ESCALATION_AVAILABLE, {}),
        (at(14.5), CLOCK, EventType.REMINDED, {"due_at": instant(at(15))}),
        escalated(15.5),
        (at(23), CLOCK, EventType.CANCELLED, {}),
    )
    late = [(d.type, d.late) for d in history.deadlines(document(), entries, DAY.total_seconds())]
    assert late == [("ESCALATION_AVAILABLE", 0.5), ("REMINDED", 1.0), ("ESCALATED", 1.0), ("CANCELLED", 1.0)]


def test_an_act_before_its_due_instant_is_late_by_less_than_nothing() -> None:
    [deadline] = history.deadlines(document(), chain(escalated(14.5)), DAY.total_seconds())
    assert deadline.late == -1.0


def test_what_the_buyer_cancels_is_no_deadline() -> None:
    entries = chain(opened(), (at(2), BUYER, EventType.CANCELLED, {}))
    assert history.deadlines(document(), entries, DAY.total_seconds()) == []


def test_a_person_who_acts_after_the_window_is_found() -> None:
    entries = chain(opened(), (at(15), BUYER, EventType.OFFER_MADE, {}))
    assert len(list(history.too_late_by_people(document(), entries))) == 1


def test_the_evidence_window_takes_the_place_of_the_negotiation_window() -> None:
    entries = chain(opened(), escalated(15.5), (at(20), BUYER, EventType.EVIDENCE_ADDED, {}))
    assert list(history.too_late_by_people(document(), entries)) == []


def test_under_review_no_window_is_open_that_somebody_could_miss() -> None:
    entries = chain(opened(), escalated(15.5), (at(23), CLOCK, EventType.REVIEW_STARTED, {}))
    entries += [
        {"seq": 4, "at": instant(at(60)), "actor": {"role": "BUYER"}, "type": "CANCELLED", "data": {}}
    ]
    assert list(history.too_late_by_people(document(), entries)) == []


def test_an_agreed_return_has_windows_of_its_own() -> None:
    agreed = (at(14), BUYER, EventType.OFFER_ACCEPTED, {"offer_id": "of-2"})
    sent = (at(16), BUYER, EventType.RETURN_SHIPPED, {"carrier": "Post"})
    assert list(history.too_late_by_people(document(), chain(agreed, sent))) == []
