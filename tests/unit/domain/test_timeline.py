"""The timeline: append-only, chained by hashes that anybody can check, and folding to where the case stands."""

import hashlib
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import claim, evidence, negotiation, windows
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import ClaimReason, EventType, EvidenceType, OfferType, Role
from buyer_protection.domain.timeline import (
    GENESIS,
    Actor,
    TimelineEntry,
    first_break,
    instant,
    next_entry,
    parse_instant,
)
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SELLER,
    escalated,
    opening_change,
    ruling,
    usd,
)


def life() -> list[Change]:
    """A whole contested case."""
    done = [opening_change()]
    case = done[0].after
    done.append(negotiation.make_offer(case, SELLER, OfferType.REFUND, usd(5), "", OPENED + DAY))
    done.append(negotiation.decline_offer(done[-1].after, BUYER, "of-2", OPENED + 2 * DAY))
    reason = ClaimReason.SELLER_NOT_RESPONDING
    done.append(
        claim.escalate(
            done[-1].after,
            BUYER,
            confirm_no_agreement=True,
            claim_reason=reason,
            text="",
            now=OPENED + 4 * DAY,
        )
    )
    done.append(
        evidence.add_evidence(done[-1].after, SELLER, EvidenceType.STATEMENT, "x", "mug", OPENED + 5 * DAY)
    )
    review = windows.close_window(done[-1].after, OPENED + 11 * DAY)
    assert review is not None
    done.append(review)
    taken = claim.assign(review.after, MANAGER, MANAGER.actor_id, OPENED + 11.5 * DAY)
    done.append(claim.decide(taken, MANAGER, ruling(), frozenset(), OPENED + 12 * DAY))
    return done


LIFE = life()
ENTRIES = [change.entry for change in LIFE]


def test_r25_a_case_leaves_a_chain_without_a_break() -> None:
    assert first_break(ENTRIES) is None
    assert first_break([]) is None
    assert [entry.seq for entry in ENTRIES] == list(range(1, len(ENTRIES) + 1))
    assert ENTRIES[0].prev_hash == GENESIS == "0" * 64


def test_r25_each_change_leaves_the_case_one_entry_and_one_version_on() -> None:
    for number, change in enumerate(LIFE, start=1):
        after = change.after
        assert (after.version, after.timeline_seq, after.timeline_hash) == (number, number, change.entry.hash)
        assert (after.updated_at, change.entry.dispute_id) == (change.entry.at, "dp-1")
        assert change.is_opening == (number == 1)


def test_r25_the_hash_can_be_computed_by_anybody_from_the_row() -> None:
    entry = ENTRIES[0]
    row = {
        "dispute_id": entry.dispute_id,
        "seq": entry.seq,
        "at": "2026-03-06T12:00:00.000Z",
        "actor": {"role": "BUYER", "id": "buyer-1"},
        "type": "DISPUTE_OPENED",
        "data": dict(entry.data),
        "prev_hash": GENESIS,
    }
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()
    foreign = next_entry("dp-1", 1, GENESIS, entry.at, entry.actor, entry.type, {"how": "ünï"})
    text = json.dumps(
        row | {"data": {"how": "ünï"}}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert foreign.hash == hashlib.sha256(text.encode()).hexdigest()


TAMPERINGS: dict[str, Any] = {
    "dispute_id": "dp-2",
    "seq": 99,
    "at": OPENED + 100 * DAY,
    "actor": Actor(Role.SYSTEM, "somebody"),
    "type": EventType.REMINDED,
    "data": {"forged": "ünïcode"},
    "prev_hash": "f" * 64,
    "hash": "f" * 64,
}


@given(st.integers(0, len(ENTRIES) - 1), st.sampled_from(sorted(TAMPERINGS)))
def test_r25_any_tampering_with_any_entry_is_found_there(place: int, what: str) -> None:
    forged = list(ENTRIES)
    forged[place] = replace(forged[place], **{what: TAMPERINGS[what]})
    assert first_break(forged) == forged[place].seq


@given(st.integers(0, len(ENTRIES) - 1))
def test_r25_an_entry_written_anew_with_its_own_hash_breaks_the_one_after(place: int) -> None:
    old = ENTRIES[place]
    anew = next_entry("dp-1", old.seq, old.prev_hash, old.at, old.actor, old.type, {"forged": 1})
    forged = [*ENTRIES[:place], anew, *ENTRIES[place + 1 :]]
    last = place == len(ENTRIES) - 1
    assert first_break(forged) == (None if last else old.seq + 1)
    # Forging the last one shows against the case itself, which keeps the last hash.
    assert forged[-1].hash != LIFE[-1].after.timeline_hash or not last


@given(st.permutations(ENTRIES), st.integers(1, len(ENTRIES)))
def test_r25_entries_left_out_or_put_in_another_order_are_found(
    shuffled: list[TimelineEntry], keep: int
) -> None:
    some = shuffled[:keep]
    assert (first_break(some) is None) == (some == ENTRIES[:keep])


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 4, 14 * 4),
)
def test_r15_an_instant_is_written_in_utc_with_milliseconds_whatever_zone_it_came_in(
    local: datetime, quarters: int
) -> None:
    at = local.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    text = instant(at)
    assert len(text) == len("2026-03-06T12:00:00.000Z")
    assert text.endswith("Z")
    read = parse_instant(text)
    assert read.utcoffset() == timedelta(0)
    assert timedelta(0) <= at - read < timedelta(milliseconds=1)
    assert instant(read) == text


def test_r15_milliseconds_are_cut_off_never_rounded_up() -> None:
    assert instant(datetime(2026, 1, 2, 3, 4, 5, 7_999, tzinfo=UTC)) == "2026-01-02T03:04:05.007Z"


@pytest.mark.parametrize("actor", [BUYER, SELLER, MANAGER])
def test_r25_who_did_it_is_part_of_the_hash(actor: Actor) -> None:
    hashes = {
        next_entry("dp-1", 1, GENESIS, OPENED, a, EventType.CANCELLED, {}).hash
        for a in (actor, replace(actor, actor_id="x"), replace(actor, role=Role.SYSTEM))
    }
    assert len(hashes) == 3


def test_r15_the_epoch_rises_exactly_when_status_or_deadline_change() -> None:
    for change in LIFE:
        moved = (change.before.status, change.before.deadline) != (change.after.status, change.after.deadline)
        rose = change.after.epoch - change.before.epoch
        assert rose == (1 if moved or change.is_opening else 0)
        assert (change.after.reminded_until == change.entry.at) == bool(rose)


def test_r15_a_claim_stays_a_claim_after_an_escalation() -> None:
    case = escalated(LIFE[0].after)
    assert (LIFE[0].after.stage.value, case.stage.value, LIFE[-1].after.stage.value) == (
        "NEGOTIATION",
        "CLAIM",
        "CLOSED",
    )


def test_an_instant_is_written_in_utc_wherever_the_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("TZ", "Asia/Shanghai")
            time.tzset()
            assert instant(OPENED) == "2026-03-06T12:00:00.000Z"
    finally:
        time.tzset()
