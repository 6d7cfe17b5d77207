"""Q11: cdk-nag's AwsSolutions finds nothing, and every acknowledgement has a reason and a finding that needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

STAGES = ("prod", "dev", "local")
Application = Callable[..., App]
Finding = tuple[str, str]


def _findings(app: App) -> set[Finding]:
    report = AwsSolutionsChecks(app).validate_scope(app)
    return {
        (resource.construct_path or "", violation.rule_name)
        for violation in report.violations
        for resource in violation.violating_resources
    }


def _acknowledgements(app: App) -> Iterator[tuple[str, str, str]]:
    def below(construct: IConstruct) -> Iterator[IConstruct]:
        yield construct
        for child in construct.node.children:
            yield from below(child)

    for construct in below(app):
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                for rule, reason in entry.data.items():
                    yield construct.node.path, rule.split("::", 1)[1], reason


@pytest.mark.sampled(every=len(STAGES))
@pytest.mark.parametrize("stage", STAGES)
def test_no_errors_and_no_warnings(application: Application, stage: str) -> None:
    assert _findings(application(stage)) == set()


@pytest.mark.sampled(every=len(STAGES))
@pytest.mark.parametrize("stage", STAGES)
def test_every_acknowledgement_is_needed_and_gives_its_reason(application: Application, stage: str) -> None:
    raw = _findings(application(stage, raw=True))
    acknowledged = list(_acknowledgements(application(stage)))

    assert acknowledged
    for path, rule, reason in acknowledged:
        assert len(reason.split()) >= 5, (path, rule)
        hit = [
            found for found, name in raw if name == rule and (found == path or found.startswith(f"{path}/"))
        ]
        assert hit, f"nothing needs the acknowledgement of {rule} at {path}"


def test_production_acknowledges_no_missing_guard(application: Application) -> None:
    rules = {rule.split("[", 1)[0] for _, rule, _ in _acknowledgements(application("prod"))}

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
