"""A REST API: made of one document, with its limits, logs, rights to call the functions, and its domain."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.action import retention
from infra.constructs.gateway_body import gateway_body
from infra.constructs.storage import removal
from infra.custom_domain import Domain
from infra.routes import Auth, FunctionSpec, Kind, specs_of
from infra.stages import Stage

# Ids, sizes and times only: no address, no user agent, no name. The functions' lines have the same `request_id`.
_ACCESS_LOG = {
    "stage": "$context.stage",
    "request_id": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    # Whether the firewall let it through, so that its refusals and ours can be distinguished.
    "firewall": "$context.wafResponseCode",
}
# Who called, as the gateway verified it; "-" where it verified nobody.
_CALLER = {
    Auth.PERSON: {"caller": "$context.authorizer.claims.sub", "issuer": "$context.authorizer.claims.iss"},
    Auth.SYSTEM: {"caller": "$context.identity.userArn"},
}


class Edge(Construct):
    """The API `api` of one kind of caller, deployed to a stage named like ours.

    `pool_arns` are of the user pools whose tokens are taken, `functions` the ARNs of what is called, by functions' ids.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        pool_arns: Sequence[str],
        functions: Mapping[str, str],
        caller: Auth = Auth.PERSON,
    ) -> None:
        super().__init__(scope, id)
        self._stage = stage
        self.caller = caller
        self.api = apigateway.SpecRestApi(
            self,
            "Api",
            api_definition=apigateway.ApiDefinition.from_inline(
                gateway_body(
                    name,
                    pool_arns,
                    {id: self._uri(arn) for id, arn in functions.items()},
                    caller,
                )
            ),
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            deploy_options=self._deployment(stage),
            cloud_watch_role=False,
        )
        acknowledge(
            self.api,
            "AwsSolutions-APIG2",
            "The document has the validator; the functions check bodies against the contract's own models.",
        )
        for row in (row for row in specs_of(stage) if row.id in functions):
            if row.is_at(caller) or row.kind is Kind.PREFLIGHT:
                self._permit(row, functions[row.id])

    def _uri(self, function_arn: str) -> str:
        """How the gateway calls a function."""
        stack = Stack.of(self)
        service = f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path"
        return f"{service}/2015-03-31/functions/{function_arn}/invocations"

    def _permit(self, row: FunctionSpec, function_arn: str) -> None:
        """Let the API call the function of a row, for the calls of that row alone; the one for preflights, for whatever
        is no call."""
        method, path = (row.method, row.path) if row.kind is Kind.API else ("*", "/*")
        lambda_.CfnPermission(
            self,
            f"Call{row.id.title().replace('_', '')}",
            action="lambda:InvokeFunction",
            function_name=function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=self.api.arn_for_execute_api(method, re.sub(r"\{\w+\}", "*", path), self._stage.name),
        )

    def serve_at(self, domain: Domain) -> apigateway.DomainName:
        """Serve the API at a domain of the shop's own. Its DNS record is the operator's: the outputs say to what."""
        served = apigateway.DomainName(
            self,
            "Domain",
            domain_name=domain.name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
            mapping=self.api,
            base_path=domain.base_path,
        )
        CfnOutput(self, "DomainTarget", value=served.domain_name_alias_domain_name)
        CfnOutput(self, "DomainTargetZone", value=served.domain_name_alias_hosted_zone_id)
        return served

    def serve_below(self, served: apigateway.DomainName, base_path: str) -> None:
        """Serve the API at a domain that another one is served at too."""
        apigateway.BasePathMapping(
            self,
            "Mapping",
            domain_name=served,
            rest_api=self.api,
            stage=self.api.deployment_stage,
            base_path=base_path,
        )

    def _deployment(self, stage: Stage) -> apigateway.StageOptions:
        by_backend = self.caller is Auth.SYSTEM
        access = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/aws/apigateway/{stage.prefix}{'-backend' if by_backend else ''}",
            retention=retention(stage),
            removal_policy=removal(stage),
        )
        return apigateway.StageOptions(
            stage_name=stage.name,
            throttling_rate_limit=stage.backend_rate_per_second if by_backend else stage.rate_per_second,
            throttling_burst_limit=stage.backend_burst if by_backend else stage.burst,
            # What the function for preflights says of a method depends on which API was asked.
            variables={"callers": self.caller.value},
            metrics_enabled=True,
            tracing_enabled=stage.tracing,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            access_log_destination=apigateway.LogGroupLogDestination(access),
            access_log_format=apigateway.AccessLogFormat.custom(
                json.dumps(_ACCESS_LOG | _CALLER[self.caller])
            ),
        )

    def let_the_service_log(self, *others: Edge) -> None:
        """The account's one setting that lets API Gateway write logs, the others' too; kept when this stack goes."""
        role = iam.Role(
            self,
            "LogWriter",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name(
                    "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
                )
            ],
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        acknowledge(
            role,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs]",
            "API Gateway wants this policy in the account's logging role, which serves every API.",
        )
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        for edge in (self, *others):
            edge.api.deployment_stage.node.add_dependency(account)


def api_url(api: apigateway.IRestApi, stage: Stage, caller: Auth = Auth.PERSON) -> str:
    """The base address; `/v1/...` follows. The emulator serves an API below its own port, see `local/`."""
    domain = stage.domain
    if domain is not None and caller is Auth.PERSON:
        return f"https://{domain.name}" + (f"/{domain.base_path}" if domain.base_path else "")
    if domain is not None and domain.backend_base_path is not None:
        return f"https://{domain.name}/{domain.backend_base_path}"
    stack = Stack.of(api)
    return f"https://{api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}/{stage.name}"
