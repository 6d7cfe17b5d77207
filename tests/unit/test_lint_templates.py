"""The linters of the templates: nothing passes without a written reason, and no reason stays that nothing needs."""

import re
import subprocess
import sys

from infra.paths import ROOT
from tools import lint_templates
from tools.lint_templates import Finding, Reason, accepted, judge

LOGS = Finding("CKV_AWS_21", "Data.template.json", "EvidenceAccessLogs6F1E67A5", "no versions")
FILES = Finding("CKV_AWS_21", "Data.template.json", "EvidenceBucket0A1B2C3D", "no versions")
ERROR = Finding("E3002", "Service.template.json", "Api", "no such property")
FOR_LOGS = {"CKV_AWS_21": Reason(re.compile("AccessLogs"), "logs are written once")}


def test_a_finding_is_accepted_by_the_reason_of_its_rule_and_resource_alone() -> None:
    assert judge([LOGS, FILES, ERROR], FOR_LOGS) == ([FILES, ERROR], [])


def test_a_reason_that_nothing_needs_is_named() -> None:
    assert judge([ERROR], FOR_LOGS) == ([ERROR], ["CKV_AWS_21"])


def test_no_error_is_accepted_and_every_reason_is_a_sentence() -> None:
    for rule, reason in accepted().items():
        assert not rule.startswith("E"), rule
        assert len(reason.reason.split()) >= 8, rule


def test_the_validator_of_state_machines_refuses_a_state_that_leads_nowhere() -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}'

    done = subprocess.run(
        [str(lint_templates.VALIDATOR), "--json-definition", definition],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode != 0, done.stdout


def test_what_is_not_set_up_is_said() -> None:
    script = (
        "from pathlib import Path\n"
        "from tools import lint_templates\n"
        "lint_templates.LINTERS = lint_templates.ROOT / 'nowhere'\n"
        "raise SystemExit(lint_templates.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.returncode == 2
    assert "not set up: nowhere/cfn-lint" in done.stderr
