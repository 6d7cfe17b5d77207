"""Findings I5: whom the firewall's limits are about, and what a caller hears who is above one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from infra.constructs.firewall import PAGES_KEY, VIEWER
from infra.routes import SPECS, FunctionSpec, Kind
from infra.stages import STAGES
from tests.synth.assembly import Synthesis, readable

Synthesise = Callable[..., Synthesis]
DEPLOYED = ("dev", "prod")
API_ROWS = [row for row in SPECS if row.kind is Kind.API]
SIGNED = {
    "put_metadata",
    "put_order",
    "record_refund",
    "record_tracking_event",
    "list_events",
    "list_webhooks",
    "put_webhook",
    "delete_webhook",
    "test_webhook",
    "rotate_webhook",
    "list_webhook_deliveries",
    "replay_webhook_delivery",
    "export_person",
    "erase_person",
    "stop_erasing_person",
}


def _acl(synthesis: Synthesis, name: str = "api") -> dict[str, Any]:
    found = {it["Properties"]["Name"]: it["Properties"] for it in synthesis.of("AWS::WAFv2::WebACL").values()}
    assert {it.partition("-")[2].partition("-")[2] for it in found} == {"api", "backend-api"}
    (properties,) = (it for acl, it in found.items() if re.fullmatch(rf"BuyerProtection-\w+-{name}", acl))
    return dict(properties)


def _limits(synthesis: Synthesis, name: str = "api") -> dict[str, dict[str, Any]]:
    """The rules that count requests of an address, by name."""
    rules = _acl(synthesis, name)["Rules"]
    return {rule["Name"]: rule for rule in rules if "RateBasedStatement" in rule["Statement"]}


def _counts(statement: dict[str, Any], method: str, path: str, *, at_pages: bool) -> bool:
    """Whether the statement of a rule holds for a call, as WAF would find."""
    ((kind, it),) = statement.items()
    if kind == "NotStatement":
        return not _counts(it["Statement"], method, path, at_pages=at_pages)
    if kind == "OrStatement":
        return any(_counts(one, method, path, at_pages=at_pages) for one in it["Statements"])
    if kind == "AndStatement":
        return all(_counts(one, method, path, at_pages=at_pages) for one in it["Statements"])
    assert it["TextTransformations"] == [{"Priority": 0, "Type": "NONE"}]
    if kind == "ByteMatchStatement":
        assert it["PositionalConstraint"] == "EXACTLY"
        if it["FieldToMatch"] == {"SingleHeader": {"Name": PAGES_KEY}}:
            return at_pages
        assert it["FieldToMatch"] == {"Method": {}}
        return bool(it["SearchString"] == method)
    assert kind == "RegexMatchStatement"
    assert it["FieldToMatch"] == {"UriPath": {}}
    return re.search(it["RegexString"], path) is not None


def _counted_by(synthesis: Synthesis, method: str, path: str, *, at_pages: bool = False) -> set[str]:
    """The limits of an address that count the call; that of a person counts every call with that person's token."""
    return {
        name
        for name, rule in _limits(synthesis).items()
        if name != "PerPerson"
        and _counts(
            rule["Statement"]["RateBasedStatement"]["ScopeDownStatement"], method, path, at_pages=at_pages
        )
    }


@pytest.mark.parametrize("stage", DEPLOYED)
@pytest.mark.parametrize("before", ["/prod", "/buyer-protection", ""])
@pytest.mark.parametrize("row", API_ROWS, ids=lambda row: row.id)
def test_people_and_the_backend_are_counted_apart(
    synthesise: Synthesise, stage: str, before: str, row: FunctionSpec
) -> None:
    path = before + re.sub(r"\{\w+\}", "0f9a", row.path)
    expected = "PerBackendAddress" if row.id in SIGNED else "PerAddress"

    assert _counted_by(synthesise(stage), row.method, path) == {expected}
    at_pages = "PerBackendAddress" if row.id in SIGNED else "PerAddressAtPages"
    assert _counted_by(synthesise(stage), row.method, path, at_pages=True) == {at_pages}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/prod/v1/orders/A-1"),
        ("POST", "/prod/v1/orders/A-1"),
        ("PUT", "/prod/v1/orders/A-1/more"),
        ("PUT", "/prod/x/v1/orders/A-1"),
        ("PUT", "/prod/v1/disputes/v1/orders/A-1"),
        ("GET", "/"),
    ],
)
def test_whatever_is_not_the_backends_counts_as_peoples(prod: Synthesis, method: str, path: str) -> None:
    assert _counted_by(prod, method, path) == {"PerAddress"}


def test_the_signed_routes_are_those_of_the_table() -> None:
    assert {row.id for row in SPECS if row.is_for_backend and not row.is_for_people} == SIGNED


@pytest.mark.parametrize("stage", DEPLOYED)
def test_the_backend_may_call_at_half_of_the_stages_rate(synthesise: Synthesise, stage: str) -> None:
    limits = {
        name: (it["Limit"] / it["EvaluationWindowSec"], it["AggregateKeyType"])
        for name, rule in _limits(synthesise(stage)).items()
        for it in (rule["Statement"]["RateBasedStatement"],)
    }

    assert limits == {
        "PerAddress": (pytest.approx(2_000 / 300), "IP"),
        "PerBackendAddress": (STAGES[stage].rate_per_second / 2, "IP"),
        "PerAddressAtPages": (pytest.approx(2_000 / 300), "CUSTOM_KEYS"),
        "PerPerson": (pytest.approx(1_000 / 300), "CUSTOM_KEYS"),
    }


@pytest.mark.parametrize("stage", DEPLOYED)
def test_h4_i5_at_the_backends_api_no_call_counts_as_peoples(synthesise: Synthesise, stage: str) -> None:
    (rule,) = _limits(synthesise(stage), "backend-api").values()
    counted = rule["Statement"]["RateBasedStatement"]

    assert counted["Limit"] / counted["EvaluationWindowSec"] == STAGES[stage].backend_rate_per_second / 2
    assert "ScopeDownStatement" not in counted


@pytest.mark.parametrize("stage", DEPLOYED)
def test_h4_each_firewall_stands_before_its_own_api(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    stands = {
        readable(it["Properties"]["WebACLArn"]): readable(it["Properties"]["ResourceArn"])
        for it in synthesis.of("AWS::WAFv2::WebACLAssociation").values()
    }

    assert {acl: arn.rpartition("/restapis/")[2] for acl, arn in stands.items()} == {
        "FirewallAcl.Arn": f"EdgeApi/stages/EdgeApiDeploymentStage{stage}",
        "BackendFirewallAcl.Arn": f"BackendApi/stages/BackendApiDeploymentStage{stage}",
    }


@pytest.mark.parametrize("stage", DEPLOYED)
def test_people_at_our_pages_are_counted_by_the_address_that_cloudfront_saw(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    (rule,) = (it for name, it in _limits(synthesis).items() if name == "PerAddressAtPages")
    (key,) = rule["Statement"]["RateBasedStatement"]["CustomKeys"]
    (distribution,) = synthesis.of("AWS::CloudFront::Distribution").values()
    config = distribution["Properties"]["DistributionConfig"]
    (api,) = (it for it in config["Origins"] if "CustomOriginConfig" in it)
    (association,) = config["CacheBehaviors"][0]["FunctionAssociations"]
    function = synthesis.resources[association["FunctionARN"]["Fn::GetAtt"][0]]["Properties"]

    assert key["Header"]["Name"] == VIEWER
    assert f"headers['{VIEWER}'] = {{ value: event.viewer.ip }}" in function["FunctionCode"]
    # What nobody outside the account knows: the firewall asks for it, the distribution alone sends it.
    (sent,) = api["OriginCustomHeaders"]
    assert sent["HeaderName"] == PAGES_KEY
    assert json.dumps(sent["HeaderValue"]) in json.dumps(rule["Statement"])
    assert "CallerIdKey" in json.dumps(sent["HeaderValue"])


@pytest.mark.parametrize("stage", DEPLOYED)
def test_who_is_above_a_limit_hears_429_and_when_to_come_back(synthesise: Synthesise, stage: str) -> None:
    rules = [
        (_acl(synthesise(stage), name), rule)
        for name in ("api", "backend-api")
        for rule in _limits(synthesise(stage), name).values()
    ]

    assert len(rules) == 5
    for acl, rule in rules:
        answer = rule["Action"]["Block"]["CustomResponse"]
        headers = {it["Name"]: it["Value"] for it in answer["ResponseHeaders"]}
        body = acl["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
        assert answer["ResponseCode"] == 429
        assert int(headers["Retry-After"]) > 0
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert body["ContentType"] == "APPLICATION_JSON"
        assert json.loads(body["Content"])["code"] == "TOO_MANY_REQUESTS"


@pytest.mark.parametrize("stage", DEPLOYED)
def test_i5_a_person_is_counted_by_their_token_wherever_they_come_from(
    synthesise: Synthesise, stage: str
) -> None:
    """A signed call has another signature each time, so that the backend's calls are never counted together."""
    rate = _limits(synthesise(stage))["PerPerson"]["Statement"]["RateBasedStatement"]

    assert rate["CustomKeys"] == [
        {"Header": {"Name": "authorization", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}
    ]
    assert "ScopeDownStatement" not in rate
    assert "PerPerson" not in _limits(synthesise(stage), "backend-api")


@pytest.mark.parametrize("stage", DEPLOYED)
@pytest.mark.parametrize("name", ["api", "backend-api"])
def test_what_was_blocked_is_logged_for_a_month_without_tokens_and_queries(
    synthesise: Synthesise, stage: str, name: str
) -> None:
    synthesis = synthesise(stage)
    (acl,) = (
        id
        for id, it in synthesis.of("AWS::WAFv2::WebACL").items()
        if it["Properties"]["Name"] == f"BuyerProtection-{stage}-{name}"
    )
    (logging,) = (
        it["Properties"]
        for it in synthesis.of("AWS::WAFv2::LoggingConfiguration").values()
        if it["Properties"]["ResourceArn"]["Fn::GetAtt"][0] == acl
    )
    group = f"aws-waf-logs-BuyerProtection-{stage}-{name}"
    (kept,) = (
        it["Properties"]
        for it in synthesis.of("AWS::Logs::LogGroup").values()
        if it["Properties"]["LogGroupName"] == group
    )
    (filtered,) = logging["LoggingFilter"]["Filters"]

    assert kept["RetentionInDays"] == 30
    # WAF refuses the ARN of a log group that ends in ":*".
    (destination,) = logging["LogDestinationConfigs"]
    assert "log-group" in json.dumps(destination)
    assert "*" not in json.dumps(destination)
    assert (logging["LoggingFilter"]["DefaultBehavior"], filtered["Behavior"]) == ("DROP", "KEEP")
    assert filtered["Conditions"] == [{"ActionCondition": {"Action": "BLOCK"}}]
    assert logging["RedactedFields"] == [
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "cookie"}},
        {"SingleHeader": {"Name": PAGES_KEY}},
        {"QueryString": {}},
    ]


@pytest.mark.parametrize("stage", DEPLOYED)
def test_both_access_logs_carry_who_was_verified_and_what_the_firewall_said(
    synthesise: Synthesise, stage: str
) -> None:
    formats = {
        id: json.loads(it["Properties"]["AccessLogSetting"]["Format"])
        for id, it in synthesise(stage).of("AWS::ApiGateway::Stage").items()
    }
    peoples, backends = (
        next(it for id, it in formats.items() if id.startswith(name)) for name in ("Edge", "Backend")
    )

    assert peoples["caller"] == "$context.authorizer.claims.sub"
    assert peoples["issuer"] == "$context.authorizer.claims.iss"
    assert backends["caller"] == "$context.identity.userArn"
    for it in (peoples, backends):
        assert it["request_id"] == "$context.requestId"
        assert it["firewall"] == "$context.wafResponseCode"
        # No address, no user agent, no claim of a name or an e-mail address.
        assert not [text for text in it.values() if re.search(r"sourceIp|userAgent|email|\bname", text)]
