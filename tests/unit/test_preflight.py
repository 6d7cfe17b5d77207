"""What would refuse a deployment, each in both answers; the account is canned, with AWS's own error codes.

`tests/e2e/test_preflight.py` asks the emulator.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra.custom_domain import Domain
from infra.stages import DEV, LOCAL, PROD, STAGES
from ops.preflight import Account, Finding, Level, Plan, look
from ops.preflight.names import resolved
from ops.stage_settings import SettingsError, settings_of

STACK = "BuyerProtection-prod-Data"
IDENTITY = "arn:aws:ses:eu-central-1:111111111111:identity/shop.example.com"
DOMAIN = Domain(
    "api.shop.example.com",
    "arn:aws:acm:eu-central-1:111111111111:certificate/0000aaaa-00bb-11cc-22dd-000000eeeeee",
)
FUNCTION: Mapping[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"FunctionName": "BuyerProtection-prod-open_dispute"},
}

GOOD: Mapping[str, Any] = {
    "get_caller_identity": {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:role/operator"},
    "get_parameter": {"Parameter": {"Value": "21"}},
    "get_account_settings": {
        "AccountLimit": {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": 1_000}
    },
    "get_function_concurrency": "ResourceNotFoundException",
    "get_account": {
        "SendingEnabled": True,
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0},
    },
    "get_email_identity": "NotFoundException",
    "describe_secret": {"Name": "oidc"},
    "describe_stacks": "ValidationError",
    "get_metric_statistics": {"Datapoints": []},
    "describe_certificate": {"Certificate": {"DomainName": "api.shop.example.com", "Status": "ISSUED"}},
    "get_function_configuration": "ResourceNotFoundException",
}


class Canned(Account):
    """Answers by operation: a document, an error's code, or an exception."""

    _answers: Mapping[str, Any]

    def __init__(self, **answers: Any) -> None:
        super().__init__("eu-central-1")
        object.__setattr__(self, "_answers", {**GOOD, **answers})

    def client(self, service: str) -> Any:
        return _Client(self._answers)


class _Client:
    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> Any:
            answer = self._answers[operation]
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer, "Message": "as canned"}}, operation)
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        answer = self._answers[operation]
        return type("Pages", (), {"paginate": staticmethod(lambda **asked: [answer])})


def _certificate(**said: Any) -> dict[str, Any]:
    right = {"DomainName": DOMAIN.name, "Status": "ISSUED"}
    return {"describe_certificate": {"Certificate": {**right, **said}}}


def plan(*resources: Mapping[str, Any], **stage: Any) -> Plan:
    template = {"Resources": {f"R{number}": it for number, it in enumerate(resources)}}
    return Plan(replace(PROD, **stage), {STACK: template}, 6)


def found(on: Account, of: Plan, subject: str) -> Finding:
    (one,) = [it for it in look(on, of) if it.subject.startswith(subject)]
    return one


def test_a_fresh_and_prepared_account_is_refused_nothing() -> None:
    findings = look(Canned(), plan(FUNCTION))
    assert [it for it in findings if it.level is Level.REFUSED] == []
    assert {it.subject for it in findings} >= {"account", "bootstrap", "Lambda concurrency", "SES", "names"}


@pytest.mark.parametrize(
    ("answers", "stage", "subject", "level"),
    [
        ({"get_caller_identity": NoCredentialsError()}, {}, "account", Level.REFUSED),
        ({}, {"account": "222222222222"}, "account", Level.REFUSED),
        ({}, {"account": "111111111111"}, "account", Level.OK),
        ({"get_parameter": "ParameterNotFound"}, {}, "bootstrap", Level.REFUSED),
        ({"get_parameter": {"Parameter": {"Value": "5"}}}, {}, "bootstrap", Level.REFUSED),
        ({"get_parameter": {"Parameter": {"Value": "6"}}}, {}, "bootstrap", Level.OK),
        ({"get_parameter": "AccessDeniedException"}, {}, "account: is bootstrapped", Level.REFUSED),
        ({"get_account": {"SendingEnabled": False}}, {}, "SES", Level.REFUSED),
        ({"get_account": {"SendingEnabled": True}}, {}, "SES", Level.WARNING),
        ({}, {}, "mail identity", Level.WARNING),
        ({"get_email_identity": {"VerifiedForSendingStatus": True}}, {}, "mail identity", Level.REFUSED),
        ({}, {"mail_identity_arn": IDENTITY}, "mail identity", Level.REFUSED),
        (
            {"get_email_identity": {"VerifiedForSendingStatus": True}},
            {"mail_identity_arn": IDENTITY},
            "mail identity",
            Level.OK,
        ),
        (
            {"get_email_identity": {"VerifiedForSendingStatus": False}},
            {"mail_identity_arn": IDENTITY},
            "mail identity",
            Level.WARNING,
        ),
        ({}, {}, "open executions", Level.OK),
        ({"get_metric_statistics": {"Datapoints": [{"Maximum": 4.0}]}}, {}, "open executions", Level.WARNING),
        ({"describe_certificate": "ResourceNotFoundException"}, {"domain": DOMAIN}, "certif", Level.REFUSED),
        ({}, {"domain": DOMAIN}, "certificate", Level.OK),
        ({}, {"table_name": "restored"}, "table restored", Level.WARNING),
        ({}, {"table_name": "restored", "era": "2"}, "table restored", Level.OK),
        (_certificate(DomainName="*.shop.example.com"), {"domain": DOMAIN}, "certificate", Level.OK),
        (_certificate(DomainName="shop.example.com"), {"domain": DOMAIN}, "certificate", Level.REFUSED),
        (_certificate(Status="PENDING_VALIDATION"), {"domain": DOMAIN}, "certificate", Level.REFUSED),
        (_certificate(NotAfter=datetime.now(UTC)), {"domain": DOMAIN}, "certificate", Level.WARNING),
    ],
)
def test_i2_i13_the_account_in_both_answers(
    answers: dict[str, Any], stage: dict[str, Any], subject: str, level: Level
) -> None:
    one = found(Canned(**answers), plan(**stage), subject)
    assert one.level is level, one
    assert bool(one.cure) is (level is not Level.OK), one


@pytest.mark.parametrize(
    ("total", "reserved", "kept", "level"),
    [
        (10, 0, None, Level.WARNING),
        (10, 1, None, Level.REFUSED),
        (100, 1, None, Level.REFUSED),
        (101, 1, None, Level.OK),
        # Reserved by the last deployment: the account's unreserved count does not have it any more.
        (100, 1, 1, Level.OK),
        (100, 2, 1, Level.REFUSED),
    ],
)
def test_i2_reserved_concurrency_is_refused_where_lambda_would_refuse_it(
    total: int, reserved: int, kept: int | None, level: Level
) -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": total}}
    known = "ResourceNotFoundException" if kept is None else {"ReservedConcurrentExecutions": kept}
    function = {**FUNCTION, "Properties": {**FUNCTION["Properties"], **_reserving(reserved)}}
    on = Canned(get_account_settings=limit, get_function_concurrency=known)
    assert found(on, plan(function), "Lambda concurrency").level is level


def _reserving(count: int) -> dict[str, int]:
    return {"ReservedConcurrentExecutions": count} if count else {}


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("CREATE_COMPLETE", Level.OK),
        ("UPDATE_ROLLBACK_COMPLETE", Level.OK),
        ("ROLLBACK_COMPLETE", Level.REFUSED),
        ("UPDATE_ROLLBACK_FAILED", Level.REFUSED),
        ("UPDATE_IN_PROGRESS", Level.REFUSED),
    ],
)
def test_a_stack_that_cloudformation_would_not_update_is_named(status: str, level: Level) -> None:
    on = Canned(
        describe_stacks={"Stacks": [{"StackStatus": status}]},
        list_stack_resources={"StackResourceSummaries": []},
    )
    assert found(on, plan(), "stack").level is level


def test_a_name_in_use_is_refused_unless_the_stage_has_it_itself() -> None:
    taken = {"get_function_configuration": {"FunctionName": "BuyerProtection-prod-open_dispute"}}
    refused = found(Canned(**taken), plan(FUNCTION), "AWS::Lambda::Function")
    assert refused.level is Level.REFUSED
    assert "BuyerProtection-prod-open_dispute" in refused.subject
    own = {
        **taken,
        "describe_stacks": {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]},
        "list_stack_resources": {
            "StackResourceSummaries": [{"PhysicalResourceId": "BuyerProtection-prod-open_dispute"}]
        },
    }
    assert found(Canned(**own), plan(FUNCTION), "names").level is Level.OK


def test_a_missing_right_of_the_caller_is_a_finding_and_the_other_checks_are_made() -> None:
    findings = look(Canned(get_account="AccessDeniedException"), plan(FUNCTION))
    (refused,) = [it for it in findings if it.level is Level.REFUSED]
    assert "AccessDeniedException" in refused.text
    assert any(it.subject == "names" for it in findings)


def test_no_check_is_made_in_another_account() -> None:
    (only,) = look(Canned(), plan(FUNCTION, account="222222222222"))
    assert only.subject == "account"


def test_a_name_made_of_account_and_region_is_known_before_the_deployment() -> None:
    value = {"Fn::Join": ["", ["people-", {"Ref": "AWS::AccountId"}]]}
    assert resolved(value, {"AWS::AccountId": "111111111111"}) == "people-111111111111"
    assert resolved({"Ref": "SomeResource"}, {}) is None


def test_settings_come_from_a_file_and_single_ones_stand_above_it(tmp_path: Path) -> None:
    file = tmp_path / "prod.json"
    file.write_text(json.dumps({"region": "eu-central-1", "allowed_origins": ["https://a.example.com"]}))
    assert settings_of("prod", str(file), ["region=eu-west-1"]) == {
        "stage": "prod",
        "region": "eu-west-1",
        "allowed_origins": "https://a.example.com",
    }


@pytest.mark.parametrize(
    ("written", "given", "named"),
    [
        ({"regoin": "eu-west-1"}, [], "regoin"),
        ({}, ["regoin=eu-west-1"], "regoin"),
        ({}, ["region"], "name=value"),
        ({"stage": "dev"}, [], "dev"),
        ({"day_seconds": 60}, [], "86,400"),
        ({"account": {"id": 1}}, [], "account"),
        ([], [], "one object"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_asked(
    tmp_path: Path, written: Any, given: list[str], named: str
) -> None:
    file = tmp_path / "prod.json"
    file.write_text(json.dumps(written))
    with pytest.raises(SettingsError, match=named):
        settings_of("prod", str(file), given)


def test_every_stage_has_settings_of_its_own() -> None:
    assert {DEV.name, LOCAL.name, PROD.name} == set(STAGES)
    for name in STAGES:
        assert settings_of(name, None, []) == {"stage": name}
