"""Design §10: what CDK takes as Any it neither checks nor corrects, so each such property is checked as rendered.

The list of them is not kept by hand: it is read from the signatures of the CloudFormation classes in use.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from infra.stages import STAGES
from tests.support.patterns import matches
from tests.synth.assembly import BACKENDS_API, PEOPLES_API, Synthesis, body_of, listed, readable
from tests.synth.settings import OWN

Synthesise = Callable[..., Synthesis]
_STRUCT = re.compile(r"'(Cfn\w+)\.(\w+)'")
# Objects of WAF that are a choice by their name alone: AWS wants them empty.
WAF_CHOICES = {"Allow", "Count", "Method", "None", "QueryString", "UriPath"}


def _policy(value: Any) -> None:
    assert value["Version"] == "2012-10-17"
    assert value["Statement"]
    for statement in value["Statement"]:
        _statement(statement)


def _statement(value: Any) -> None:
    assert value["Effect"] in ("Allow", "Deny")
    assert listed(value["Action"])
    assert "Principal" in value or "Resource" in value


def _event_pattern(value: Any) -> None:
    assert set(value) <= {"source", "detail-type", "detail"}
    # The evaluator refuses what AWS refuses, and every operator that no rule uses yet.
    matches(value, {"source": "s", "detail-type": "d", "detail": {}})
    assert value["source"]
    assert value["detail-type"]


def _tags(value: Any) -> None:
    assert {"application": "buyer-protection"}.items() <= value.items()
    assert all(isinstance(text, str) and text for text in value.values())


def _texts(value: Any) -> None:
    assert value
    assert all(isinstance(text, str) and text for text in value.values())


def _provider(value: Any) -> None:
    """What Cognito asks of a provider of OpenID Connect; addresses that it discovers by itself are left out."""
    _texts(value)
    assert set(value) == {
        "attributes_request_method",
        "authorize_scopes",
        "client_id",
        "client_secret",
        "oidc_issuer",
    }
    assert value["attributes_request_method"] in ("GET", "POST")


def _choice(value: Any) -> None:
    assert value == {}


def _header(value: Any) -> None:
    assert set(value) == {"Name"}
    assert value["Name"].islower()


def _redrive(value: Any) -> None:
    assert set(value) == {"deadLetterTargetArn", "maxReceiveCount"}
    assert isinstance(value["maxReceiveCount"], int)


def _trust(value: Any) -> None:
    assert [it["Action"] for it in value["Statement"]] == ["sts:AssumeRole"]
    assert all(it["Principal"]["Service"].endswith(".amazonaws.com") for it in value["Statement"])


def _document(value: Any) -> None:
    """Its content is the subject of test_gateway.py."""
    assert value["openapi"] == "3.0.1"
    assert value["paths"]


def _logging_filter(value: Any) -> None:
    assert set(value) == {"DefaultBehavior", "Filters"}
    for kept in value["Filters"]:
        assert (kept["Behavior"], kept["Requirement"]) == ("KEEP", "MEETS_ANY")
        assert kept["Conditions"] == [{"ActionCondition": {"Action": "BLOCK"}}]


CHECKS: dict[str, Callable[[Any], None]] = {
    "AWS::ApiGateway::RestApi.Body": _document,
    "AWS::Cognito::UserPool.UserPoolTags": _tags,
    "AWS::Cognito::UserPoolIdentityProvider.AttributeMapping": _texts,
    "AWS::Cognito::UserPoolIdentityProvider.ProviderDetails": _provider,
    "AWS::Events::EventBusPolicy.Statement": _statement,
    "AWS::Events::Rule.EventPattern": _event_pattern,
    "AWS::IAM::Role.AssumeRolePolicyDocument": _trust,
    "AWS::IAM::Policy.PolicyDocument": _policy,
    "AWS::IAM::Role.Policies.PolicyDocument": _policy,
    "AWS::KMS::Key.KeyPolicy": _policy,
    "AWS::S3::BucketPolicy.PolicyDocument": _policy,
    "AWS::SNS::TopicPolicy.PolicyDocument": _policy,
    "AWS::SQS::Queue.RedrivePolicy": _redrive,
    "AWS::SQS::QueuePolicy.PolicyDocument": _policy,
    "AWS::WAFv2::LoggingConfiguration.LoggingFilter": _logging_filter,
    "AWS::WAFv2::LoggingConfiguration.RedactedFields.QueryString": _choice,
    "AWS::WAFv2::LoggingConfiguration.RedactedFields.SingleHeader": _header,
    "AWS::WAFv2::WebACL.Rules.OverrideAction.None": _choice,
    # What part of a request a statement looks at, however deep the statement stands.
    "FieldToMatch.Method": _choice,
    "FieldToMatch.SingleHeader": _header,
    "FieldToMatch.UriPath": _choice,
}


def _class_of(type: str) -> Any:
    """The CDK's own class of a CloudFormation type: of `AWS::SQS::Queue` it is `aws_cdk.aws_sqs.CfnQueue`."""
    _, service, resource = type.split("::")
    return getattr(importlib.import_module(f"aws_cdk.aws_{service.lower()}"), f"Cfn{resource}")


def _taken_as_any(taking: Any, rendered: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """Path and value of each rendered property whose argument `taking` annotates as Any, nested ones included."""
    parameters = {
        name.replace("_", ""): it for name, it in inspect.signature(taking.__init__).parameters.items()
    }
    for name, value in rendered.items():
        annotation = str(parameters[name.lower()].annotation)
        below = f"{path}.{name}"
        if annotation in ("typing.Any", "typing.Optional[typing.Any]"):
            yield re.sub(r".*(?=\bFieldToMatch\.)", "", below), value
        elif struct := _STRUCT.search(annotation):
            nested = getattr(getattr(inspect.getmodule(taking), struct[1]), struct[2])
            mapped = "typing.Mapping[builtins.str, typing.Union" in annotation
            for one in value.values() if mapped else listed(value):
                yield from _taken_as_any(nested, one, below)


def _all_taken_as_any(synthesis: Synthesis) -> list[tuple[str, Any]]:
    return [
        found
        for resource in synthesis.resources.values()
        # What our own custom resource is given is read by test_site.py.
        if not resource["Type"].startswith("Custom::")
        for found in _taken_as_any(
            _class_of(resource["Type"]), resource.get("Properties", {}), resource["Type"]
        )
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_everything_that_cdk_takes_as_any_is_checked_as_rendered(synthesise: Synthesise, stage: str) -> None:
    found = _all_taken_as_any(synthesise(stage))

    assert found
    assert {path for path, _ in found} <= set(CHECKS)
    for path, value in found:
        CHECKS[path](value)


def test_no_check_is_for_what_no_stage_renders(synthesise: Synthesise) -> None:
    syntheses = [*(synthesise(stage) for stage in STAGES), synthesise("prod", **OWN)]

    assert {path for one in syntheses for path, _ in _all_taken_as_any(one)} == set(CHECKS)


def test_what_an_operators_settings_add_is_checked_as_rendered(synthesise: Synthesise) -> None:
    for path, value in _all_taken_as_any(synthesise("prod", **OWN)):
        CHECKS[path](value)


def _empty(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        if not value:
            yield path
        for key, item in value.items():
            yield from _empty(item, (*path, key))
    if isinstance(value, list):
        for item in value:
            yield from _empty(item, path)


@pytest.mark.parametrize("stage", STAGES)
def test_no_property_is_an_empty_object_but_for_the_firewalls_choices(
    synthesise: Synthesise, stage: str
) -> None:
    found = {
        path
        for resource in synthesise(stage).resources.values()
        for path in _empty(resource.get("Properties", {}), (resource["Type"],))
    }

    firewalls = ("AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration")
    assert {path for path in found if path[0] not in firewalls} == set()
    assert {path[-1] for path in found} <= WAF_CHOICES


@pytest.mark.parametrize("stage", STAGES)
def test_text_that_aws_reads_as_json_is_json(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    (machine,) = synthesis.of("AWS::StepFunctions::StateMachine").values()
    texts = [
        readable(machine["Properties"]["DefinitionString"]),
        *(
            deployed["Properties"]["AccessLogSetting"]["Format"]
            for deployed in synthesis.of("AWS::ApiGateway::Stage").values()
        ),
        *(
            template
            for api in (PEOPLES_API, BACKENDS_API)
            for answer in body_of(synthesis, api)["x-amazon-apigateway-gateway-responses"].values()
            for template in answer["responseTemplates"].values()
        ),
    ]

    for text in texts:
        assert json.loads(text)
