"""Q38: docs/scale.md has the tables that the command prints, and what they promise holds in the simulation."""

import random

import pytest

from bench import scale
from bench.crowd import Sizes, sweep_of
from bench.quotas import QUOTAS

WINDOWS = 10_000
LATE_SECONDS = 120


def test_q38_the_page_has_the_tables_that_the_command_prints() -> None:
    page = scale.PAGE.read_text()
    assert page.split(scale.BEGIN)[1].split(scale.END)[0].strip() == scale.tables().strip()


@pytest.mark.parametrize("sweepers", [1, 2, 8])
def test_q38_windows_that_end_in_one_second_are_met_once_each_and_none_early(sweepers: int) -> None:
    met = sweep_of(Sizes(sweepers), WINDOWS, random.Random(1))
    assert (len(met.late), set(met.times.values())) == (WINDOWS, {1})
    assert min(met.late.values()) > 0


def test_q38_with_eight_sweepers_none_of_ten_thousand_is_late() -> None:
    met = sweep_of(Sizes(8), WINDOWS, random.Random(2))
    assert max(met.late.values()) <= LATE_SECONDS


def test_q38_the_settings_of_each_scale_meet_its_worst_minute_in_time() -> None:
    drawn = scale.lives(random.Random(scale.SEED))
    worst = scale.worst_hours(drawn)
    for disputes in scale.SCALES:
        load = scale.load_of(disputes, drawn, worst, random.Random(scale.SEED))
        met = sweep_of(scale.sizes_of(load), round(load.windows), random.Random(3))
        assert max(met.late.values()) <= LATE_SECONDS, disputes


def test_every_quota_names_itself_its_page_and_the_date_of_the_copy() -> None:
    for quota in QUOTAS.values():
        assert quota.source.startswith("https://docs.aws.amazon.com/")
        assert len(quota.as_of) == len("2025-06")
        assert ": " in quota.name
