"""What a game day is made of: an alarm's value as CloudWatch would compute it, and a page that allows only what it
names (Q36). The failures themselves are played on a stack: `make game-day`."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from infra.alarms.rows import AlarmRow
from infra.alarms.table import ALARMS, ROWS
from tests.game_day import of_restore
from tests.game_day.metrics import computed
from tests.game_day.of_clock import OF_CLOCK
from tests.game_day.of_queues import OF_QUEUES
from tests.game_day.of_table import OF_TABLE
from tests.game_day.pages import Follower, NotOnThePageError, commands_of, is_named, sections

FAILURES = (*OF_QUEUES, *OF_CLOCK, *OF_TABLE, of_restore.failure(Path()))


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("IF(part >= 3, 100 * part / whole, 0)", {"part": 2.0, "whole": 2.0}, 0),
        ("IF(part >= 3, 100 * part / whole, 0)", {"part": 3.0, "whole": 4.0}, 75),
        ("IF(part >= 3, 100 * part / whole, 0)", {"part": None, "whole": None}, 0),
        (
            "IF((FILL(a, 0) + FILL(b, 0)) > 0 AND FILL(read, 0) < 1, 1, 0)",
            {"a": None, "b": 1.0, "read": None},
            1,
        ),
        (
            "IF((FILL(a, 0) + FILL(b, 0)) > 0 AND FILL(read, 0) < 1, 1, 0)",
            {"a": None, "b": 1.0, "read": 2.0},
            0,
        ),
        ("FILL(a, 5)", {"a": None}, 5),
        ("IF(tried >= 20, 100 * (1 - worked), 0)", {"tried": 20.0, "worked": 0.25}, 75),
    ],
)
def test_metric_math_is_what_cloudwatch_makes_of_it(
    expression: str, values: dict[str, float | None], expected: float
) -> None:
    assert computed(expression, values) == expected


@pytest.mark.parametrize(
    "row", [row for row in ALARMS if row.watch.expression], ids=lambda row: str(row.name)
)
def test_every_expression_of_the_table_can_be_computed(row: AlarmRow) -> None:
    assert row.watch.expression is not None
    assert computed(row.watch.expression, dict.fromkeys(row.watch.series, 1.0)) >= 0
    with pytest.raises(AssertionError, match="not known here"):
        computed("RATE(a)", {"a": 1.0})


@pytest.mark.parametrize(
    ("words", "template", "expected"),
    [
        ("queues redrive inbound --why game", 'queues redrive inbound --why "repaired"', True),
        ("queues redrive inbound --why game --dry-run", 'queues redrive inbound --why "repaired"', True),
        ("queues redrive uploads --why game", 'queues redrive inbound --why "repaired"', False),
        ("mails resend dp-1 dp-2 --why game", 'mails resend dp-… --why "SES is back"', True),
        ("redispatch dp-1 --why game", 'redispatch dp-… dp-… --why "x"', True),
        ("cases list", "cases list --overdue", False),
        ("cases list --overdue --unwatched", "cases list --overdue", False),
        (
            "restore stop --before 2026-01-01T00:00:00Z --why x",
            'restore stop --before U --why "restored to T"',
            True,
        ),
    ],
)
def test_a_command_is_the_pages_own_with_its_placeholders_filled_in(
    words: str, template: str, expected: bool
) -> None:
    assert is_named(shlex.split(words), shlex.split(template)) is expected


def test_a_script_does_nothing_that_its_page_does_not_name() -> None:
    given: list[tuple[str, ...]] = []
    page = Follower.of_alarms(lambda *words: len(given.append(words) or given), "InboundWaiting")
    assert page.ops("queues", "list") == 1
    page.by_hand("enable the trigger of `receive_events`", lambda: None)
    with pytest.raises(NotOnThePageError, match="refunds hold"):
        page.ops("refunds", "hold", "--why", "game day")
    with pytest.raises(NotOnThePageError, match="restart"):
        page.by_hand("restart everything", lambda: None)
    assert given == [("queues", "list")]
    assert page.done == ["`ops queues list`", '"enable the trigger of `receive_events`"']


def test_the_twelve_failures_of_q36_have_an_alarm_and_its_page() -> None:
    # Step Functions is away once, and hangs once.
    assert len(FAILURES) == len({failure.name for failure in FAILURES}) == 13
    for failure in FAILURES:
        assert isinstance(ROWS[failure.alarm], AlarmRow)
        assert all(name in sections() for name in (failure.alarm, *failure.further))
        assert (
            any(commands_of(sections()[name]) for name in (failure.alarm, *failure.further)) or failure.name
        )
