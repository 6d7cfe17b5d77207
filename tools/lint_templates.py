"""`python -m tools.lint_templates`: the templates of local, dev and prod, read by cfn-lint, checkov and a validator of
state machines.

cfn-lint and checkov live in an environment of their own (requirements/verify.txt in .local/venv-verify), the validator
in node_modules. Ends with 1 where anything is found that `template_findings.toml` does not accept with a reason, or
where an entry of that file is needed by nothing; with 2 where a linter is not set up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.application import build
from infra.paths import ROOT
from infra.stages import STAGES

ACCEPTED = Path(__file__).with_name("template_findings.toml")
LINTERS = ROOT / ".local" / "venv-verify" / "bin"
VALIDATOR = ROOT / "node_modules" / ".bin" / "asl-validator"
_MACHINE = "AWS::StepFunctions::StateMachine"
# What stands in for a reference inside a definition: the validator asks for ARNs.
_REFERENCE = "arn:aws:lambda:eu-central-1:111111111111:function:reference"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a linter found: its rule, the template's file, the logical id (empty: unknown) and the words."""

    rule: str
    template: str
    resource: str
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why findings of a rule are accepted where `only` matches `<template's file>/<logical id>`."""

    only: re.Pattern[str]
    reason: str


def main() -> int:
    """Synthesise, lint, print what is not accepted."""
    missing = [path for path in (LINTERS / "cfn-lint", LINTERS / "checkov", VALIDATOR) if not path.exists()]
    if missing:
        sys.stderr.write(f"not set up: {', '.join(str(path.relative_to(ROOT)) for path in missing)}\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        templates = [template for stage in STAGES for template in _synthesise(stage, Path(folder) / stage)]
        linters: tuple[Callable[[list[Path]], Iterator[Finding]], ...] = (cfn_lint, checkov, asl_validator)
        with ThreadPoolExecutor(len(linters)) as pool:
            found = pool.map(lambda linter: list(linter(templates)), linters)
            findings = [finding for of_one in found for finding in of_one]
    open_ones, unneeded = judge(findings, accepted())
    for finding in open_ones:
        print(f"{finding.template}: {finding.rule} {finding.resource} {finding.text}")
    for rule in unneeded:
        print(f"{ACCEPTED.name}: nothing needs {rule}")
    print(f"{len(templates)} templates, {len(findings)} findings, {len(open_ones)} of them not accepted")
    return 1 if open_ones or unneeded else 0


def accepted() -> dict[str, Reason]:
    """The accepted findings by their rule."""
    entries = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    return {rule: Reason(re.compile(it.get("only", "")), it["reason"]) for rule, it in entries.items()}


def judge(findings: Iterable[Finding], reasons: Mapping[str, Reason]) -> tuple[list[Finding], list[str]]:
    """The findings that no reason accepts, and the rules whose reason no finding needs."""
    open_ones, needed = [], set()
    for finding in findings:
        reason = reasons.get(finding.rule)
        if reason is not None and reason.only.search(f"{finding.template}/{finding.resource}"):
            needed.add(finding.rule)
        else:
            open_ones.append(finding)
    return open_ones, sorted(reasons.keys() - needed)


def cfn_lint(templates: list[Path]) -> Iterator[Finding]:
    """cfn-lint's errors and warnings."""
    found = _json_of([str(LINTERS / "cfn-lint"), "--format", "json", *map(str, templates)])
    for it in found:
        path = it["Location"].get("Path") or []
        resource = str(path[1]) if len(path) > 1 and path[0] == "Resources" else ""
        yield Finding(it["Rule"]["Id"], Path(it["Filename"]).name, resource, it["Message"])


def checkov(templates: list[Path]) -> Iterator[Finding]:
    """checkov's failed checks. It reads the templates alone and asks no server."""
    options = ["--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--output", "json"]
    files = [word for template in templates for word in ("--file", str(template))]
    report = _json_of([str(LINTERS / "checkov"), *options, *files])
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        raise RuntimeError(f"checkov could not read the templates: {report['summary']}")
    for it in report["results"]["failed_checks"]:
        resource = it["resource"].rpartition(".")[2]
        yield Finding(it["check_id"], Path(it["file_path"]).name, resource, it["check_name"])


def asl_validator(templates: list[Path]) -> Iterator[Finding]:
    """What the validator refuses of each state machine."""
    checked = 0
    for template in templates:
        for id, resource in json.loads(template.read_text(encoding="utf-8"))["Resources"].items():
            if resource["Type"] != _MACHINE:
                continue
            definition = template.with_suffix(f".{id}.asl.json")
            definition.write_text(_definition(resource), encoding="utf-8")
            done = subprocess.run(
                [str(VALIDATOR), "--json-path", str(definition)], capture_output=True, text=True, check=False
            )
            checked += 1
            if done.returncode != 0:
                yield Finding("ASL", template.name, id, f"{done.stdout}{done.stderr}".strip())
    if checked == 0:
        raise RuntimeError("no template has a state machine")


def _definition(machine: Mapping[str, Any]) -> str:
    """The machine's definition with a word for each reference."""
    parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else _REFERENCE for part in parts)


def _json_of(command: list[str]) -> Any:
    # Both end with a number other than 0 where they find anything: what counts is whether they answer.
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise RuntimeError(f"{command[0]} gave no answer: {done.stderr.strip()}") from error


def _synthesise(stage: str, folder: Path) -> list[Path]:
    build({"stage": stage, "aws:cdk:bundling-stacks": []}, str(folder)).synth()
    return sorted(folder.glob("*.template.json"))


if __name__ == "__main__":
    sys.exit(main())
