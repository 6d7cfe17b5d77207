"""The REST API: made of one document, with its limits, logs, rights to call the functions, and its domain."""

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
from infra.routes import CALLED, SPECS, FunctionSpec, Kind
from infra.stages import Stage

# Ids, sizes and times only: no address, no user agent, no person.
_ACCESS_LOG = {
    "request_id": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "bytes": "$context.responseLength",
}


class Edge(Construct):
    """The API `api`, deployed to a stage named like ours, and its custom domain where the stage has one.

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
    ) -> None:
        super().__init__(scope, id)
        self._stage = stage
        self.api = apigateway.SpecRestApi(
            self,
            "Api",
            api_definition=apigateway.ApiDefinition.from_inline(
                gateway_body(
                    name,
                    pool_arns,
                    {id: self._uri(arn) for id, arn in functions.items()},
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
        if not stage.local:
            self._let_the_service_log()
        for row in SPECS:
            if row.kind in CALLED:
                self._permit(row, functions[row.id])
        if stage.domain is not None:
            self._serve_at(stage.domain)

    def _uri(self, function_arn: str) -> str:
        """How the gateway calls a function."""
        stack = Stack.of(self)
        service = f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path"
        return f"{service}/2015-03-31/functions/{function_arn}/invocations"

    def _permit(self, row: FunctionSpec, function_arn: str) -> None:
        """Let the API call the function of a row, for the calls of that row alone."""
        method, path = (row.method, row.path) if row.kind is Kind.API else ("OPTIONS", "/*")
        lambda_.CfnPermission(
            self,
            f"Call{row.id.title().replace('_', '')}",
            action="lambda:InvokeFunction",
            function_name=function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=self.api.arn_for_execute_api(method, re.sub(r"\{\w+\}", "*", path), self._stage.name),
        )

    def _serve_at(self, domain: Domain) -> None:
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

    def _deployment(self, stage: Stage) -> apigateway.StageOptions:
        access = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/aws/apigateway/{stage.prefix}",
            retention=retention(stage),
            removal_policy=removal(stage),
        )
        return apigateway.StageOptions(
            stage_name=stage.name,
            throttling_rate_limit=stage.rate_per_second,
            throttling_burst_limit=stage.burst,
            metrics_enabled=True,
            tracing_enabled=True,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            access_log_destination=apigateway.LogGroupLogDestination(access),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
        )

    def _let_the_service_log(self) -> None:
        """The account's one setting that lets API Gateway write logs; kept when this stack goes."""
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
        self.api.deployment_stage.node.add_dependency(account)


def api_url(api: apigateway.IRestApi, stage: Stage) -> str:
    """The base address; `/v1/...` follows. The emulator serves an API below its own port, see `local/`."""
    if stage.domain is not None:
        return f"https://{stage.domain.name}" + (
            f"/{stage.domain.base_path}" if stage.domain.base_path else ""
        )
    stack = Stack.of(api)
    return f"https://{api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}/{stage.name}"
