"""Q11: cdk-nag's AwsSolutions finds nothing, and every acknowledgement has a reason and a finding that needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from tests.synth.assembly import Synthesis

STAGES = ("local", "dev", "prod")
Finding = tuple[str, str]


def _findings(synthesis: Synthesis) -> set[Finding]:
    report = AwsSolutionsChecks(synthesis.app).validate_scope(synthesis.app)
    return {
        (resource.construct_path or "", violation.rule_name)
        for violation in report.violations
        for resource in violation.violating_resources
    }


def _acknowledgements(synthesis: Synthesis) -> Iterator[tuple[str, str, str]]:
    def below(construct: IConstruct) -> Iterator[IConstruct]:
        yield construct
        for child in construct.node.children:
            yield from below(child)

    for construct in below(synthesis.app):
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                for rule, reason in entry.data.items():
                    yield construct.node.path, rule.split("::", 1)[1], reason


@pytest.mark.parametrize("stage", STAGES)
def test_no_errors_and_no_warnings(synthesise: Callable[..., Synthesis], stage: str) -> None:
    assert _findings(synthesise(stage)) == set()


@pytest.mark.parametrize("stage", STAGES)
def test_every_acknowledgement_is_needed_and_gives_its_reason(
    synthesise: Callable[..., Synthesis], stage: str
) -> None:
    raw = _findings(synthesise(stage, raw=True))
    acknowledged = list(_acknowledgements(synthesise(stage)))

    assert acknowledged
    for path, rule, reason in acknowledged:
        assert len(reason.split()) >= 5, (path, rule)
        hit = [
            found for found, name in raw if name == rule and (found == path or found.startswith(f"{path}/"))
        ]
        assert hit, f"nothing needs the acknowledgement of {rule} at {path}"


def test_production_acknowledges_no_missing_guard(synthesise: Callable[..., Synthesis]) -> None:
    rules = {rule.split("[", 1)[0] for _, rule, _ in _acknowledgements(synthesise("prod"))}

    assert rules == {
        # The document of the gateway has the validator, where cdk-nag does not look.
        "AwsSolutions-APIG2",
        # The pages are public files behind CloudFront: no place is refused, the firewall is the API's, and an access
        # log would keep people's addresses. Without a certificate of the shop's they are at CloudFront's own domain.
        "AwsSolutions-CFR1",
        "AwsSolutions-CFR2",
        "AwsSolutions-CFR3",
        "AwsSolutions-CFR4",
        "AwsSolutions-COG2",
        "AwsSolutions-COG8",
        "AwsSolutions-IAM4",
        "AwsSolutions-IAM5",
        # The Python that the tests run on, see `infra/bundling.py`.
        "AwsSolutions-L1",
        # The pages' bucket, which CloudFront alone reads.
        "AwsSolutions-S1",
        # Failures of executions are logged, each step by the setting `tracing` alone (decision 0077).
        "AwsSolutions-SF1",
        "AwsSolutions-SF2",
        "AwsSolutions-SQS3",
    }
