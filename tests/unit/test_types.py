"""mypy sees the one way in which a case changes: a wrong type or an unknown field fails `make lint`. It reads what is
used of the CDK."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
# With the codes of mypy's errors.
WITH_THE_CDK = {
    "value: int = queue": "assignment",
    "queue.no_such": "attr-defined",
    "function.no_such": "attr-defined",
    "topic.no_such": "attr-defined",
    'sqs.Queue(stack, "Q", visibility_timeout="long")': "arg-type",
    'lambda_.Function(stack, "F", runtime=runtime, handler="h", code=code, log_group="its name")': "arg-type",
    "stacks: int = App().synth().stacks": "assignment",
}
PLANTED_CDK = """\
from aws_cdk import App, Stack, aws_lambda as lambda_, aws_sns as sns, aws_sqs as sqs


def plant(
    stack: Stack, queue: sqs.IQueue, topic: sns.ITopic, function: lambda_.IFunction,
    runtime: lambda_.Runtime, code: lambda_.Code,
) -> None:
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


def errors(*modules: Path) -> list[tuple[str, str]]:
    """What mypy finds with the project's settings and cache: the name of the module, and the error's code."""
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--show-error-codes", "--no-pretty"]
    printed, trouble, _ = api.run([*settings, *map(str, modules)])
    assert trouble == ""
    return re.findall(r"^\S*?(\w+)\.py:\d+: error: .*\[(\S+)\]$", printed, re.MULTILINE)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors' codes by module, of one run."""
    folder = tmp_path_factory.mktemp("planted")
    modules = {name: folder / f"planted_{number}.py" for number, name in enumerate(PLANTED)}
    for name, module in modules.items():
        module.write_text(CHANGE.format(**{**RIGHT, **PLANTED[name][0]}))
    by_file = errors(*modules.values())
    return {name: [code for file, code in by_file if file == module.stem] for name, module in modules.items()}


@pytest.mark.parametrize("name", PLANTED)
def test_q25_a_change_of_a_case_is_checked_by_type(name: str, found: dict[str, list[str]]) -> None:
    assert found[name] == PLANTED[name][1]


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """mypy's."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "mypy"
    ]
    return found


def imported(source: str) -> set[str]:
    """The CDK's modules that a module of ours imports; its classes begin with a capital letter."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            # Whoever has the package has all its modules as attributes.
            found |= {"aws_cdk.*" if alias.name == "aws_cdk" else alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {alias.name for alias in node.names}
            found |= {node.module} | {
                f"{node.module}.{name}" for name in names if name.islower() or name == "*"
            }
    return {name for name in found if name.split(".")[0] == "aws_cdk"}


def modules_of(setting: str) -> Iterator[str]:
    path = ROOT / setting
    for file in [path] if path.is_file() else path.rglob("*.py"):
        yield file.read_text(encoding="utf-8")


def test_every_module_of_the_cdk_that_is_imported_is_read(settings: dict[str, Any]) -> None:
    used = {name for path in settings["files"] for source in modules_of(path) for name in imported(source)}
    (read,) = (it["module"] for it in settings["overrides"] if it.get("follow_imports") == "normal")
    assert "aws_cdk.aws_stepfunctions" in used
    assert used <= set(read)


def test_a_wrong_use_of_the_cdk_is_found(tmp_path: Path) -> None:
    module = tmp_path / "planted_cdk.py"
    module.write_text(PLANTED_CDK + "".join(f"    {line}\n" for line in WITH_THE_CDK))

    assert errors(module) == [("planted_cdk", code) for code in WITH_THE_CDK.values()]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from aws_cdk import aws_ec2 as ec2, Stack", {"aws_cdk", "aws_cdk.aws_ec2"}),
        ("from aws_cdk.aws_ec2 import Vpc", {"aws_cdk.aws_ec2"}),
        ("import aws_cdk.aws_ec2", {"aws_cdk.aws_ec2"}),
        ("import aws_cdk as cdk", {"aws_cdk.*"}),
        ("from aws_cdk import *", {"aws_cdk", "aws_cdk.*"}),
        ("def of():\n    from aws_cdk import aws_ec2", {"aws_cdk", "aws_cdk.aws_ec2"}),
        ("from infra import aws_cdk", set()),
    ],
)
def test_an_import_of_the_cdk_is_found_however_it_is_written(source: str, found: set[str]) -> None:
    assert imported(source) == found
