"""The pages: their files, the distribution that serves them and the API, and the publishing of a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, CustomResource, Duration, Fn, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.bundling import target_of
from infra.constructs.action import log_group_of
from infra.constructs.firewall import PAGES_KEY
from infra.constructs.people import PROVIDER, sign_in_prefix
from infra.constructs.site import Site, content_security_policy
from infra.names import Export, Names
from infra.pages import as_config, pages
from infra.stages import Stage

_PUBLISHER = Path(__file__).resolve().parent.parent / "publisher"


class SiteStack(Stack):
    """`BuyerProtection-<stage>-Site`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        names = Names(self, stage)
        people, team = (self._sign_in(stage, whose) for whose in ("people", "team"))
        policy = content_security_policy((people, team), self._evidence(stage, names))
        site = Site(self, "Site", stage=stage, policy=policy, api=self._api(stage, names))
        publisher = self._publisher(stage, names, site, built := pages(self, "Built"))
        published = CustomResource(
            self,
            "Published",
            resource_type="Custom::Pages",
            service_token=publisher.function_arn,
            service_timeout=Duration.minutes(5),
            properties={
                "Bucket": site.bucket.bucket_name,
                "AssetBucket": built.s3_bucket_name,
                "AssetKey": built.s3_object_key,
                "Config": as_config(
                    {
                        "people": _pool(
                            stage, people, names.imported(Export.USER_POOL_CLIENT_ID), "/signed-in", "/"
                        ),
                        "team": _pool(
                            stage,
                            team,
                            names.imported(Export.TEAM_POOL_CLIENT_ID),
                            "/desk/signed-in",
                            "/desk",
                        ),
                    }
                ),
            },
        )
        # The rights come before, and go after.
        published.node.add_dependency(publisher)
        CfnOutput(self, "SiteUrl", value=stage.site_url)
        CfnOutput(self, "SiteTarget", value=site.distribution.distribution_domain_name)

    def _sign_in(self, stage: Stage, whose: str) -> str:
        """The origin of a pool's sign-in pages. The emulator's stand at its own address."""
        if stage.local:
            return f"http://localhost:{stage.emulator_port}"
        return f"https://{sign_in_prefix(stage, whose)}.auth.{self.region}.amazoncognito.com"

    def _evidence(self, stage: Stage, names: Names) -> str:
        """The origin that evidence files are uploaded to and shown from."""
        if stage.local:
            return f"http://127.0.0.1:{stage.emulator_port}"
        return f"https://{names.imported(Export.EVIDENCE_BUCKET_NAME)}.s3.{self.region}.{self.url_suffix}"

    def _api(self, stage: Stage, names: Names) -> cloudfront.IOrigin:
        api_id = Fn.import_value(names.api_id_export)
        if stage.local:
            # The emulator takes no host of API Gateway's as an origin.
            return origins.HttpOrigin(
                "localhost",
                http_port=stage.emulator_port,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
                origin_path=f"/restapis/{api_id}/{stage.name}/_user_request_",
            )
        return origins.HttpOrigin(
            f"{api_id}.execute-api.{self.region}.{self.url_suffix}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            origin_path=f"/{stage.name}",
            custom_headers={PAGES_KEY: names.imported(Export.CALLER_ID_KEY)},
        )

    def _publisher(self, stage: Stage, names: Names, site: Site, built: s3_assets.Asset) -> lambda_.Function:
        """The function behind the custom resource."""
        name = names.of("publish_site")
        logs = log_group_of(Construct(self, "Publisher"), stage, f"/aws/lambda/{name}")
        role = self._publisher_role(site, built, logs.log_group_arn)
        build = target_of(stage)
        function = lambda_.Function(
            self,
            "PublisherFunction",
            function_name=name,
            runtime=build.runtime,
            architecture=build.architecture,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(_PUBLISHER), exclude=["__pycache__", "*.pyc"]),
            role=role.without_policy_updates(),
            timeout=Duration.minutes(2),
            memory_size=512,
            log_group=logs,
        )
        acknowledge(
            function,
            "AwsSolutions-L1",
            "The function runs on the newest Python that the tests run on, as all others do.",
        )
        function.node.add_dependency(role)
        return function

    def _publisher_role(self, site: Site, built: s3_assets.Asset, log_group_arn: str) -> iam.Role:
        """It reads the one archive and writes the one bucket."""
        archive = f"arn:{self.partition}:s3:::{built.s3_bucket_name}/{built.s3_object_key}"
        files = site.bucket.arn_for_objects("*")
        grants = (
            (["s3:GetObject"], archive),
            (["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], files),
            (["s3:ListBucket"], site.bucket.bucket_arn),
            (["logs:CreateLogStream", "logs:PutLogEvents"], log_group_arn),
        )
        statements = [iam.PolicyStatement(actions=actions, resources=[arn]) for actions, arn in grants]
        role = iam.Role(
            self,
            "PublisherRole",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"publish": iam.PolicyDocument(statements=statements)},
        )
        resource = site.bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError("a bucket is a CfnBucket")
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::<{self.get_logical_id(resource)}.Arn>/*]",
            "The pages' files have whatever names the build gives them, in this one bucket.",
        )
        return role


def _pool(stage: Stage, domain: str, client_id: str, callback: str, home: str) -> dict[str, str]:
    """What the pages know of a user pool."""
    found = {
        "domain": domain,
        "client_id": client_id,
        "callback": f"{stage.site_url}{callback}",
        "home": f"{stage.site_url}{home}",
    }
    if stage.sign_in.federated and callback == "/signed-in":
        found["provider"] = PROVIDER
    return found
