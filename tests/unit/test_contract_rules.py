"""Every rule of the help page has a guard and a test, and docs/rules.md shows them (Q27)."""

import re

import pytest

from buyer_protection.domain.actions import GATES
from buyer_protection.domain.transitions import TRANSITIONS
from tools.contract.model import SPECS
from tools.contract.operations import OPERATIONS
from tools.contract.rule_table import RULES
from tools.contract.rules import guards, mentions, page, rule_tests, untested


def test_the_committed_page_is_what_is_generated() -> None:
    for path, content in page().items():
        assert path.read_text(encoding="utf-8") == content, f"{path.name} is stale: run make contract"


def test_the_table_holds_all_thirty_seven_rules_of_the_page_and_those_that_follow() -> None:
    assert list(RULES) == [f"R{number}" for number in range(1, 52)]


def test_every_rule_has_a_test() -> None:
    assert untested() == []


def test_no_test_is_named_after_a_rule_that_is_not_there() -> None:
    assert rule_tests().keys() <= RULES.keys()


def test_every_rule_is_named_by_the_code() -> None:
    named = guards()

    assert [rule for rule in RULES if not named.get(rule)] == []


def test_only_rules_that_are_there_are_named() -> None:
    named = {row.rule for row in TRANSITIONS} | {row.rule for row in GATES.values()}
    named |= {rule for operation in OPERATIONS for rule in operation.rules}
    named |= {r.rule for operation in OPERATIONS for r in operation.refusals() if r.rule}

    assert named <= RULES.keys()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("R7, R8.", {"R7", "R8"}),
        ("(R16 to R19)", {"R16", "R17", "R18", "R19"}),
        ("RX1 SR2 R99 nothing", set()),
    ],
)
def test_a_text_names_rules_alone_and_in_rows(text: str, found: set[str]) -> None:
    assert mentions(text) == found


def test_the_table_of_operations_is_in_step_with_the_routes_ids() -> None:
    assert all(re.fullmatch(r"[a-z_]+", row_id) for row_id in SPECS)
    assert {operation.id for operation in OPERATIONS} == SPECS.keys()
