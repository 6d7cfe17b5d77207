"""The web application firewall before the API."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.constructs.storage import removal
from infra.routes import SPECS, FunctionSpec
from infra.stages import Stage

# What one address may ask for in five minutes. People share addresses (offices, mobile carriers), one person does not
# come near it; the shop's backend comes from few addresses, and has what half of the stage's rate allows.
_WINDOW_SECONDS = 300
_BY_PEOPLE = 2_000
# What one person's token may ask for in five minutes: a page of ours asks for six things, and a desk that is open
# all day asks again every half minute.
_BY_PERSON = 1_000
# WAF looks at the rates again every half minute.
_RETRY_AFTER_SECONDS = 60
_TOO_MANY = "TooMany"
# What identifies a person, or says what they look for, is not for the log of what was blocked.
_NOT_LOGGED = ("authorization", "cookie")
# A dispute's text may quote a listing's HTML, and be long: these rules count here, the functions validate.
_COUNTED = ("SizeRestrictions_BODY", "CrossSiteScripting_BODY")

_Rule = wafv2.CfnWebACL.RuleProperty
_Statement = wafv2.CfnWebACL.StatementProperty
# What our own distribution adds to a call: proof that it is the one that calls, and who asked it. All calls through it
# come from its few addresses.
PAGES_KEY, VIEWER = "x-pages-key", "x-viewer"
_AS_SENT = wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")


class Firewall(Construct):
    """AWS's common rules and known bad inputs, and limits per address.

    At people's API there is one for the routes of people, called directly or from our pages (which send `pages_key`),
    and one for those that the shop's backend signs; at the backend's API, which has no `pages_key`, one for all.

    What is above a limit is answered 429 with `Retry-After`. What was blocked is logged for a month, with the address
    it came from: it never got as far as a caller.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        resource_arn: str,
        pages_key: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        of_people = pages_key is not None
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            name=f"{stage.prefix}-{'api' if of_people else 'backend-api'}",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("Api" if of_people else "BackendApi"),
            custom_response_bodies={
                _TOO_MANY: wafv2.CfnWebACL.CustomResponseBodyProperty(
                    content_type="APPLICATION_JSON", content=json.dumps(_too_many_document())
                )
            },
            rules=[
                _managed(0, "AWSManagedRulesCommonRuleSet", _COUNTED),
                _managed(1, "AWSManagedRulesKnownBadInputsRuleSet"),
                *(
                    _limits_of_people(stage, pages_key)
                    if pages_key is not None
                    else _limits_of_backend(stage)
                ),
            ],
        )
        wafv2.CfnWebACLAssociation(self, "Association", resource_arn=resource_arn, web_acl_arn=acl.attr_arn)
        self._log_what_is_blocked(stage, acl)

    def _log_what_is_blocked(self, stage: Stage, acl: wafv2.CfnWebACL) -> None:
        group = logs.LogGroup(
            self,
            "Log",
            # WAF takes no other beginning.
            log_group_name=f"aws-waf-logs-{acl.name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=removal(stage),
        )
        arn = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        blocked = {"ActionCondition": {"Action": "BLOCK"}}
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[arn],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": [blocked]}],
            },
            redacted_fields=[
                *(
                    wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                    for name in (*_NOT_LOGGED, PAGES_KEY)
                ),
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(query_string={}),
            ],
        )


def _limits_of_people(stage: Stage, pages_key: str) -> list[wafv2.CfnWebACL.RuleProperty]:
    signed, from_pages = _signed_routes(), _from_pages(pages_key)
    by_backend = stage.rate_per_second * _WINDOW_SECONDS // 2
    return [
        _limited(2, "PerAddress", _BY_PEOPLE, _not(_any((signed, from_pages)))),
        _limited(3, "PerBackendAddress", by_backend, signed),
        _limited(4, "PerAddressAtPages", _BY_PEOPLE, _all((_not(signed), from_pages)), by=VIEWER),
        # A token is a person for an hour. The backend signs each call anew, so that none of its calls is counted here.
        _limited(5, "PerPerson", _BY_PERSON, by="authorization"),
    ]


def _limits_of_backend(stage: Stage) -> list[wafv2.CfnWebACL.RuleProperty]:
    return [_limited(2, "PerCallingAddress", stage.backend_rate_per_second * _WINDOW_SECONDS // 2)]


def _signed_routes() -> wafv2.CfnWebACL.StatementProperty:
    """The calls that only the backend may make, by method and path.

    Not by the header of a signature, which anybody can send: the gateway refuses these calls without a valid one.
    """
    routes = [_route(row) for row in SPECS if row.is_for_backend and not row.is_for_people]
    return _any(routes)


def _from_pages(key: str) -> wafv2.CfnWebACL.StatementProperty:
    """The calls that come through our own distribution."""
    return _Statement(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": PAGES_KEY}),
            positional_constraint="EXACTLY",
            search_string=key,
            text_transformations=[_AS_SENT],
        )
    )


def _any(statements: Sequence[wafv2.CfnWebACL.StatementProperty]) -> wafv2.CfnWebACL.StatementProperty:
    return _Statement(or_statement=wafv2.CfnWebACL.OrStatementProperty(statements=list(statements)))


def _all(statements: Sequence[wafv2.CfnWebACL.StatementProperty]) -> wafv2.CfnWebACL.StatementProperty:
    return _Statement(and_statement=wafv2.CfnWebACL.AndStatementProperty(statements=list(statements)))


def _not(statement: wafv2.CfnWebACL.StatementProperty) -> wafv2.CfnWebACL.StatementProperty:
    return _Statement(not_statement=wafv2.CfnWebACL.NotStatementProperty(statement=statement))


def _route(row: FunctionSpec) -> wafv2.CfnWebACL.StatementProperty:
    # Before it stands the stage's name, or a custom domain's base path, or nothing.
    path = "^(/[^/]+)?" + re.sub(r"\{\w+\}", "[^/]+", row.path) + "$"
    method = wafv2.CfnWebACL.ByteMatchStatementProperty(
        field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(method={}),
        positional_constraint="EXACTLY",
        search_string=row.method,
        text_transformations=[_AS_SENT],
    )
    place = wafv2.CfnWebACL.RegexMatchStatementProperty(
        field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
        regex_string=path,
        text_transformations=[_AS_SENT],
    )
    return _all((_Statement(byte_match_statement=method), _Statement(regex_match_statement=place)))


def _limited(
    priority: int,
    name: str,
    limit: int,
    scope: wafv2.CfnWebACL.StatementProperty | None = None,
    by: str | None = None,
) -> wafv2.CfnWebACL.RuleProperty:
    """A limit per address, or per value of the header `by`."""
    header = wafv2.CfnWebACL.RateLimitHeaderProperty(name=by or "", text_transformations=[_AS_SENT])
    rate = wafv2.CfnWebACL.RateBasedStatementProperty(
        aggregate_key_type="CUSTOM_KEYS" if by else "IP",
        custom_keys=[wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty(header=header)] if by else None,
        limit=limit,
        evaluation_window_sec=_WINDOW_SECONDS,
        scope_down_statement=scope,
    )
    answer = wafv2.CfnWebACL.CustomResponseProperty(
        response_code=429,
        custom_response_body_key=_TOO_MANY,
        response_headers=[
            wafv2.CfnWebACL.CustomHTTPHeaderProperty(name=name, value=value)
            for name, value in (
                ("Retry-After", str(_RETRY_AFTER_SECONDS)),
                # It says nothing about anybody: pages of every origin may read it, and slow down.
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Expose-Headers", "Retry-After"),
            )
        ],
    )
    return _Rule(
        name=name,
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(
            block=wafv2.CfnWebACL.BlockActionProperty(custom_response=answer)
        ),
        visibility_config=_visibility(name),
        statement=_Statement(rate_based_statement=rate),
    )


def _too_many_document() -> dict[str, object]:
    return {
        "type": "urn:buyer-protection:problem:too-many-requests",
        "title": "Too Many Requests",
        "status": 429,
        "code": "TOO_MANY_REQUESTS",
        "detail": "Too many requests from this address: wait, and try again with the same key.",
    }


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    # No sampled requests: they would keep headers and bodies of people.
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _managed(priority: int, name: str, counted: tuple[str, ...] = ()) -> wafv2.CfnWebACL.RuleProperty:
    overrides = [
        wafv2.CfnWebACL.RuleActionOverrideProperty(
            name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
        )
        for rule in counted
    ]
    group = wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS", name=name, rule_action_overrides=overrides or None
    )
    return _Rule(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visibility(name),
        statement=_Statement(managed_rule_group_statement=group),
    )
