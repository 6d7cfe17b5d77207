"""The runbook is the table's: fresh, a section for each alarm, and nothing in it that does not exist."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from infra.alarms.rows import Row
from infra.alarms.table import ROWS, TABLE
from infra.saved_queries import QUERIES
from ops import mail_check
from ops.__main__ import parser_of_commands
from tools.runbook import PAGE, page

OPERATIONS = PAGE.with_name("operations.md").read_text(encoding="utf-8")
TEXT = PAGE.read_text(encoding="utf-8")
_COMMAND = re.compile(r"`python -m (ops(?:\.\w+)?) ([^`]*)`")


def test_the_page_is_what_the_table_says() -> None:
    assert page() == TEXT, "python -m tools.runbook"


def test_each_alarm_has_one_section_and_each_section_is_of_an_alarm() -> None:
    sections = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)

    assert sections == ["After an outage", "All alarms", *(row.name for row in TABLE)]
    assert len(ROWS) == len(TABLE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.name))
def test_each_alarm_says_what_people_feel_and_what_to_do(row: Row) -> None:
    assert row.symptom.endswith(".")
    assert row.do
    assert not re.search(r"\bnothing to do\b|^Nothing", " ".join(row.do))


@pytest.mark.parametrize("words", sorted(set(_COMMAND.findall(" ".join(TEXT.split())))), ids=" ".join)
def test_each_command_that_the_page_names_exists(words: tuple[str, str]) -> None:
    module, text = words
    parsers = {"ops": parser_of_commands, "ops.mail_check": mail_check.parser_of_command}
    parsed = parsers[module]().parse_args(shlex.split(text))

    assert isinstance(parsed, argparse.Namespace)


def test_each_alarm_that_the_page_sends_to_exists() -> None:
    # What stands alone in backticks and is written like an alarm.
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", TEXT))

    assert named - set(ROWS) <= {
        "AccessDenied",
        "PerAddress",
        "PutEvents",
        "RefundSucceeded",
        "StartExecution",
    }
    assert named & set(ROWS)


def test_each_saved_query_that_the_page_names_exists() -> None:
    named = set(re.findall(r'saved query "([^"]+)"', " ".join(TEXT.split())))

    assert named
    assert named <= {query.name for query in QUERIES}


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Every command with its words: `queues list`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                words = f"{before} {name}".strip()
                found = list(_commands(below, words))
                yield from found or [words]


def test_every_command_stands_on_the_operators_pages() -> None:
    pages = OPERATIONS + PAGE.with_name("deploy.md").read_text(encoding="utf-8")
    missing = [words for words in _commands(parser_of_commands()) if not re.search(rf"[`\s]{words}\b", pages)]

    assert missing == []


@pytest.mark.parametrize("line", re.findall(r"^python -m ops (.*)$", OPERATIONS, re.MULTILINE))
def test_each_line_of_the_operators_page_is_a_command(line: str) -> None:
    words = shlex.split(re.sub(r"<[^>]*>", "placeholder", line), comments=True)

    assert parser_of_commands().parse_args(words)
