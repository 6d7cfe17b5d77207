"""The REST API: routes from the one table, who may call them, limits, logs, refusals as problem documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.action import retention
from infra.routes import SPECS, Auth, Kind
from infra.stages import Stage

_HEADERS = ["authorization", "content-type", "idempotency-key", "if-match", "x-correlation-id"]
_EXPOSED = ["ETag", "Location", "Retry-After", "X-Correlation-Id"]
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway answers by itself, before any function runs."""

    name: str
    status: int
    code: str
    title: str
    detail: str


REFUSALS = (
    Refusal(
        "UNAUTHORIZED", 401, "UNAUTHENTICATED", "Unauthorized", "Sign in: the token is missing or invalid."
    ),
    Refusal(
        "EXPIRED_TOKEN", 401, "UNAUTHENTICATED", "Unauthorized", "The token or the signature has expired."
    ),
    Refusal(
        "INVALID_SIGNATURE",
        401,
        "UNAUTHENTICATED",
        "Unauthorized",
        "The signature does not match the request.",
    ),
    Refusal("ACCESS_DENIED", 403, "FORBIDDEN", "Forbidden", "This caller may not use this call."),
    Refusal("WAF_FILTERED", 403, "FORBIDDEN", "Forbidden", "The request was refused by the firewall."),
    # Also what an unsigned call of a system route gets: those routes do not show themselves to the public.
    Refusal("MISSING_AUTHENTICATION_TOKEN", 404, "NOT_FOUND", "Not Found", "There is no such resource."),
    Refusal("RESOURCE_NOT_FOUND", 404, "NOT_FOUND", "Not Found", "There is no such resource."),
    Refusal("REQUEST_TOO_LARGE", 413, "REQUEST_TOO_LARGE", "Content Too Large", "The request is too large."),
    Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Send JSON."),
    Refusal("BAD_REQUEST_BODY", 400, "VALIDATION_FAILED", "Bad Request", "The body is malformed."),
    Refusal(
        "BAD_REQUEST_PARAMETERS",
        400,
        "VALIDATION_FAILED",
        "Bad Request",
        "A parameter is missing or malformed.",
    ),
    Refusal("THROTTLED", 429, "TOO_MANY_REQUESTS", "Too Many Requests", "Slow down and try again."),
    Refusal("QUOTA_EXCEEDED", 429, "TOO_MANY_REQUESTS", "Too Many Requests", "The quota is used up for now."),
    Refusal("INTEGRATION_FAILURE", 500, "INTERNAL", "Internal Server Error", "Try again with the same key."),
    Refusal("INTEGRATION_TIMEOUT", 504, "INTERNAL", "Gateway Timeout", "Try again with the same key."),
    Refusal("AUTHORIZER_FAILURE", 500, "INTERNAL", "Internal Server Error", "Try again."),
    # The rest of each family, such as a person's token where the backend's signature is wanted.
    Refusal("DEFAULT_4XX", 403, "FORBIDDEN", "Forbidden", "This caller may not use this call."),
    Refusal("DEFAULT_5XX", 500, "INTERNAL", "Internal Server Error", "Try again."),
)
_RETRY_AFTER_SECONDS = 1


class Edge(Construct):
    """The API `api`, deployed to a stage named like ours."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        pools: Sequence[cognito.IUserPool],
        functions: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, id)
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"{stage.prefix}-api",
            description="Disputes: opening, negotiation, mediation",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            deploy_options=self._deployment(stage),
            cloud_watch_role=False,
            default_cors_preflight_options=apigateway.CorsOptions(
                allow_origins=list(stage.allowed_origins),
                allow_headers=_HEADERS,
                allow_methods=["GET", "POST"],
                expose_headers=_EXPOSED,
                max_age=Duration.hours(1),
            ),
        )
        if not stage.local:
            self._let_the_service_log()
        self._routes(pools, functions)
        for refusal in REFUSALS:
            self._refuse(refusal, stage)

    def _deployment(self, stage: Stage) -> apigateway.StageOptions:
        access = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/aws/apigateway/{stage.prefix}",
            retention=retention(stage),
            removal_policy=RemovalPolicy.DESTROY,
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

    def _routes(self, pools: Sequence[cognito.IUserPool], functions: Mapping[str, lambda_.Function]) -> None:
        # It says that a token is genuine; which pool it is of, and what it is good for, the function reads.
        authorizer = apigateway.CognitoUserPoolsAuthorizer(self, "People", cognito_user_pools=list(pools))
        validator = self.api.add_request_validator(
            "Validator", validate_request_body=True, validate_request_parameters=True
        )
        for row in SPECS:
            if row.kind is not Kind.API:
                continue
            person = row.auth is Auth.PERSON
            method = self.api.root.resource_for_path(row.path).add_method(
                row.method,
                apigateway.LambdaIntegration(functions[row.id], allow_test_invoke=False),
                authorization_type=(
                    apigateway.AuthorizationType.COGNITO if person else apigateway.AuthorizationType.IAM
                ),
                authorizer=authorizer if person else None,
                request_validator=validator,
            )
            if not person:
                acknowledge(
                    method, "AwsSolutions-COG4", "The shop's backend signs its calls with IAM (SigV4)."
                )

    def _refuse(self, refusal: Refusal, stage: Stage) -> None:
        headers = _refusal_headers(stage)
        if refusal.status == 429:
            headers["Retry-After"] = f"'{_RETRY_AFTER_SECONDS}'"
        document = {
            # As the functions' own refusals spell it.
            "type": f"urn:buyer-protection:problem:{refusal.code.lower().replace('_', '-')}",
            "title": refusal.title,
            "status": refusal.status,
            "code": refusal.code,
            "detail": refusal.detail,
            "request_id": "$context.requestId",
        }
        self.api.add_gateway_response(
            refusal.name.title().replace("_", ""),
            type=apigateway.ResponseType.of(refusal.name),
            status_code=str(refusal.status),
            response_headers=headers,
            templates={"application/json": json.dumps(document)},
        )


def _refusal_headers(stage: Stage) -> dict[str, str]:
    # The gateway cannot choose among origins in its own answers: the shop's first one may read them in a
    # browser.
    return {
        "Content-Type": "'application/problem+json'",
        "Access-Control-Allow-Origin": f"'{stage.allowed_origins[0]}'",
        "Access-Control-Expose-Headers": f"'{','.join(_EXPOSED)}'",
    }


def api_url(api: apigateway.RestApi, stage: Stage) -> str:
    """The base address; `/v1/...` follows. The emulator serves an API below its own port, see `local/`."""
    stack = Stack.of(api)
    return f"https://{api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}/{stage.name}"
