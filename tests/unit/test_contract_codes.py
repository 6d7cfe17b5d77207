"""The table of problem codes holds every code that the code can raise, with its status and its rules."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from buyer_protection.domain import errors
from buyer_protection.runtime import problems
from tools.contract.codes import BUS_CODES, CODES, EDGE_CODES, ELSEWHERE
from tools.contract.operations import OPERATIONS
from tools.contract.rules import PACKAGE

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    name: kind
    for module in (errors, problems)
    for name, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, errors.DisputeError)
}


class Raised(NamedTuple):
    """One place that makes an error: its class, code and rule (None where it is computed or absent)."""

    kind: type[errors.DisputeError]
    code: str
    rule: str | None


def _raised() -> Iterator[Raised]:
    for folder in ("domain", "application", "runtime"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    kind = KINDS.get(ast.unparse(node.func).rsplit(".", 1)[-1])
                    if kind is not None:
                        yield Raised(kind, _literal(node, "code") or kind.code, _literal(node, "rule"))


def _literal(call: ast.Call, name: str) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None


def _code_literals() -> set[str]:
    return {
        keyword.value.value
        for folder in ("domain", "application", "runtime")
        for path in (PACKAGE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }


def _status(kind: type[errors.DisputeError]) -> int:
    return next(problems.STATUSES[base].value for base in kind.__mro__ if base in problems.STATUSES)


def _gateway() -> set[tuple[int, str, str]]:
    """Status, code and title of the gateway's own refusals; the CDK need not be imported for that."""
    tree = ast.parse((ROOT / "infra" / "constructs" / "edge.py").read_text(encoding="utf-8"))
    return {
        tuple(ast.literal_eval(argument) for argument in node.args[1:4])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal"
    }


def test_every_code_literal_is_in_the_table() -> None:
    assert _code_literals() <= CODES.keys() | BUS_CODES.keys()
    assert CODES.keys().isdisjoint(BUS_CODES)


def test_the_table_is_what_is_raised_and_what_the_edge_answers() -> None:
    raised = {found.code for found in _raised()}

    assert raised | EDGE_CODES == CODES.keys() | BUS_CODES.keys()


def test_each_code_has_the_status_of_its_error() -> None:
    for found in _raised():
        if found.code not in BUS_CODES:
            assert _status(found.kind) in CODES[found.code].statuses, found


def test_the_gateways_refusals_are_in_the_table() -> None:
    for status, code, title in _gateway():
        assert status in CODES[code].statuses
        assert title in CODES[code].titles


def test_every_code_can_occur_in_some_operation() -> None:
    assert {r.code for operation in OPERATIONS for r in operation.refusals()} == CODES.keys() - ELSEWHERE


def test_every_code_and_rule_that_is_raised_is_documented() -> None:
    documented = {(r.code, r.rule) for operation in OPERATIONS for r in operation.refusals()}
    raised = {(found.code, found.rule) for found in _raised() if found.rule is not None}

    assert raised <= documented
