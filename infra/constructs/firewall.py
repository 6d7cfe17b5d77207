"""The web application firewall before the API."""

from __future__ import annotations

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.stages import Stage

_REQUESTS_PER_ADDRESS = 2_000
# A dispute's text may quote a listing's HTML, and be long: these rules count here, the functions validate.
_COUNTED = ("SizeRestrictions_BODY", "CrossSiteScripting_BODY")

_Rule = wafv2.CfnWebACL.RuleProperty


class Firewall(Construct):
    """AWS's common rules and known bad inputs, and a limit per address (2,000 requests in five minutes)."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, resource_arn: str) -> None:
        super().__init__(scope, id)
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            name=f"{stage.prefix}-api",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("Api"),
            rules=[
                _managed(0, "AWSManagedRulesCommonRuleSet", _COUNTED),
                _managed(1, "AWSManagedRulesKnownBadInputsRuleSet"),
                _Rule(
                    name="PerAddress",
                    priority=2,
                    action=wafv2.CfnWebACL.RuleActionProperty(block={}),
                    visibility_config=_visibility("PerAddress"),
                    statement=wafv2.CfnWebACL.StatementProperty(
                        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                            aggregate_key_type="IP", limit=_REQUESTS_PER_ADDRESS
                        )
                    ),
                ),
            ],
        )
        wafv2.CfnWebACLAssociation(self, "Association", resource_arn=resource_arn, web_acl_arn=acl.attr_arn)


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
        statement=wafv2.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
    )
