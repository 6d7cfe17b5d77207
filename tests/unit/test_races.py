"""The judges of the races see what is wrong: a check that cannot fail would prove nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.races.against_the_clock import TOO_LATE, require_side_of_the_instant
from tests.races.ground import BEGINNING, BrokenError, Scene, check_answers
from tests.races.meeting import Tally, count
from tests.races.runner import Result
from tests.races.variant import AT_ONCE, CLOCK, TIMED, UNTIMED, Mode
from tests.races.variants import VARIANTS

FOUND = Scene("order-1", "dp-1", BEGINNING)
BEFORE, AT, AFTER, APART, *_ = TIMED


def entry(offset: int) -> dict[str, str]:
    return {"at": (BEGINNING + timedelta(milliseconds=offset)).isoformat()}


@pytest.mark.parametrize(
    "result",
    [
        Result("buyer", 500, "INTERNAL"),
        Result("buyer", 409, "SOMETHING_ELSE"),
        Result("buyer", 404, "NOT_FOUND"),
        Result("buyer", 599, "WorkerFailedError"),
    ],
)
def test_a_loser_hears_409_and_a_code_that_fits(result: Result) -> None:
    with pytest.raises(BrokenError, match="buyer"):
        check_answers([Result("buyer", 200), result], TOO_LATE)


def test_who_was_accepted_is_distinguished_from_who_lost() -> None:
    won, lost = Result("buyer", 200), Result("buyer", 409, "TOO_LATE")
    assert check_answers([won, lost], TOO_LATE) == [won]


@pytest.mark.parametrize(
    ("mode", "offset", "by_clock"),
    [(BEFORE, -1, False), (AT, 0, True), (AFTER, 1, True), (APART, -1, False), (APART, 0, True)],
)
def test_r15_before_the_instant_a_person_wins_and_from_it_on_the_clock(
    mode: Mode, offset: int, by_clock: bool
) -> None:
    require_side_of_the_instant(FOUND, mode, entry(offset), by_clock=by_clock)


@pytest.mark.parametrize(
    ("mode", "offset", "by_clock"),
    [(BEFORE, -1, True), (AT, 0, False), (APART, -1, True), (APART, 0, False), (BEFORE, 0, True)],
)
def test_r15_a_winner_on_the_wrong_side_of_the_instant_is_a_violation(
    mode: Mode, offset: int, by_clock: bool
) -> None:
    with pytest.raises(BrokenError):
        require_side_of_the_instant(FOUND, mode, entry(offset), by_clock=by_clock)


def test_a_broken_round_is_counted_as_one_and_has_no_winner() -> None:
    tally = Tally("a race")
    count(tally, FOUND, AT, [Result("buyer", 409, "TOO_LATE")], BrokenError("two won"))
    count(tally, FOUND, AT, [Result("buyer", 409, "TOO_LATE")], CLOCK)
    assert (tally.rounds, dict(tally.winners), dict(tally.lost)) == (2, {CLOCK: 1}, {"TOO_LATE": 2})
    assert tally.violations == ["at the instant, order-1 dp-1: two won"]


@pytest.mark.parametrize("name", list(VARIANTS))
def test_eight_race_in_every_mode(name: str) -> None:
    variant = VARIANTS[name]
    for mode in variant.modes:
        racers = variant.racers(FOUND, mode)
        assert len(racers) == AT_ONCE
        keys = [racer.event.get("headers", {}).get("idempotency-key") for racer in racers]
        sent = [key for key in keys if key]
        assert len(set(sent)) == len(sent), "each call is one of its own, not a repetition"


def test_every_instant_is_met_from_both_sides_and_between_reading_and_writing() -> None:
    assert [mode.offset for mode in TIMED] == [-1, 0, 1, 0, 0, -1]
    assert any(mode.ticks and mode.gated for mode in TIMED)
    assert any(mode.gated for mode in UNTIMED)
