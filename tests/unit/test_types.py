"""mypy sees the one way in which a case changes: a wrong type or an unknown field fails `make lint`."""

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
CHANGE = """\
from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.sides import OpenOffer
from buyer_protection.domain.timeline import Actor


def change(case: Dispute, now: datetime, actor: Actor, offer: OpenOffer) -> Change:
    mine = case.side(Role.BUYER)._replace({side})
    after = replace(case.with_side(Role.BUYER, mine), {case})
    return case.record(now, actor, EventType.OFFER_MADE, {{}}, {after})
"""
RIGHT = {"side": "offer=offer", "case": "evidence_due_at=now", "after": "after"}
# What is written, and the codes of mypy's errors.
PLANTED = {
    "right": ({}, []),
    "a date that is a number": ({"case": "evidence_due_at=5"}, ["arg-type"]),
    "an offer that is a word": ({"case": "buyer_offer='nope'"}, ["arg-type"]),
    "a field that a case has not": ({"case": "no_such_field=1"}, ["call-arg"]),
    "a side's offer that is a word": ({"side": "offer='nope'"}, ["arg-type"]),
    "a field that a side has not": ({"side": "no_such_field=1"}, ["call-arg"]),
    "what is no case": ({"after": "mine"}, ["arg-type"]),
    "updates by name": ({"after": "evidence_due_at=now"}, ["call-arg"]),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors' codes by module: one run of mypy with the project's settings and cache."""
    folder = tmp_path_factory.mktemp("planted")
    modules = {name: folder / f"planted_{number}.py" for number, name in enumerate(PLANTED)}
    for name, module in modules.items():
        module.write_text(CHANGE.format(**{**RIGHT, **PLANTED[name][0]}))
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--show-error-codes", "--no-pretty"]
    printed, trouble, _ = api.run([*settings, *map(str, modules.values())])
    assert trouble == ""
    by_file = re.findall(r"^\S*(planted_\d+)\.py:\d+: error: .*\[(\S+)\]$", printed, re.MULTILINE)
    return {name: [code for file, code in by_file if file == module.stem] for name, module in modules.items()}


@pytest.mark.parametrize("name", PLANTED)
def test_q25_a_change_of_a_case_is_checked_by_type(name: str, found: dict[str, list[str]]) -> None:
    assert found[name] == PLANTED[name][1]
