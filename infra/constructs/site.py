"""Where the pages are: a private bucket behind CloudFront, and the API behind the same host."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.firewall import VIEWER
from infra.stages import Stage

# Every address is the one page, which knows what to show; files alone have addresses of their own.
_DEEP_LINKS = (
    "function handler(event) { var request = event.request; "
    "if (!/^\\/(assets\\/|embed\\/|embed\\.json$|icon\\.svg$)/.test(request.uri)) { request.uri = '/index.html'; } "
    "return request; }"
)
# The API's firewall limits calls by address, and sees CloudFront's.
_WHO_ASKS = (
    "function handler(event) { event.request.headers['"
    + VIEWER
    + "'] = { value: event.viewer.ip }; return event.request; }"
)
_YEAR = Duration.days(365)


def content_security_policy(connected: Sequence[str], files: str) -> str:
    """What a page may load and call: itself, the sign-in of `connected`, and the evidence at `files`."""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {files}",
        "media-src": files,
        "connect-src": " ".join(dict.fromkeys(("'self'", *connected, files))),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class Site(Construct):
    """The bucket of the files and the distribution. `policy` is the pages' content security policy, `api` the origin of
    `/v1/*`."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, policy: str, api: cloudfront.IOrigin
    ) -> None:
        super().__init__(scope, id)
        self.bucket = s3.Bucket(
            self,
            "Pages",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not stage.local,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # Every file is in the repository: publishing anew brings them back.
            removal_policy=RemovalPolicy.DESTROY,
        )
        certificate = self._certificate(stage)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{stage.prefix}: pages",
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            default_root_object="index.html",
            default_behavior=self._of_pages(stage, policy),
            additional_behaviors={"/v1/*": self._of_the_api(stage, api)},
            domain_names=None if certificate is None else [str(urlsplit(stage.site_url).hostname)],
            certificate=certificate,
        )
        self._acknowledge(stage)

    def _certificate(self, stage: Stage) -> acm.ICertificate | None:
        """The certificate of `site_url`'s host, where the stage has one."""
        if stage.site_certificate_arn is None:
            return None
        return acm.Certificate.from_certificate_arn(self, "Certificate", stage.site_certificate_arn)

    def _of_pages(self, stage: Stage, policy: str) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self.bucket,
                origin_access_control=cloudfront.S3OriginAccessControl(
                    self, "Access", origin_access_control_name=f"pages-{stage.prefix}"
                ),
            ),
            viewer_protocol_policy=_viewers(stage),
            # index.html says that it is to be asked for each time, everything else may be kept for good.
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers("PageHeaders", policy, open_to_all=True),
            function_associations=[self._function("DeepLinks", _DEEP_LINKS)],
        )

    def _function(self, id: str, code: str) -> cloudfront.FunctionAssociation:
        return cloudfront.FunctionAssociation(
            event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
            function=cloudfront.Function(
                self,
                id,
                code=cloudfront.FunctionCode.from_inline(code),
                runtime=cloudfront.FunctionRuntime.JS_2_0,
            ),
        )

    def _of_the_api(self, stage: Stage, api: cloudfront.IOrigin) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=api,
            viewer_protocol_policy=_viewers(stage),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            # An answer of the API is never a page.
            response_headers_policy=self._headers("ApiHeaders", "default-src 'none'; frame-ancestors 'none'"),
            # The emulator has no firewall.
            function_associations=None if stage.local else [self._function("Viewer", _WHO_ASKS)],
        )

    def _headers(
        self, id: str, policy: str, *, open_to_all: bool = False
    ) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            id,
            # Pages of shops load the element. The files are public; the API says for itself who may call.
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            )
            if open_to_all
            else None,
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=_YEAR, override=True
                ),
            ),
        )

    def _acknowledge(self, stage: Stage) -> None:
        for rule, reason in (
            ("AwsSolutions-CFR1", "People ask for refunds from wherever they are."),
            (
                "AwsSolutions-CFR2",
                "The files are static; the firewall stands before the API, which /v1/* leads to.",
            ),
            (
                "AwsSolutions-CFR3",
                "An access log would keep the addresses of people; the API logs ids alone.",
            ),
        ):
            acknowledge(self.distribution, rule, reason)
        if stage.site_certificate_arn is None:
            acknowledge(
                self.distribution,
                "AwsSolutions-CFR4",
                "Without site_certificate_arn the pages are at CloudFront's own domain, with its certificate.",
            )
        if stage.local:
            acknowledge(
                self.distribution,
                "AwsSolutions-CFR5",
                "The emulator listens on the loopback address without TLS.",
            )
            acknowledge(
                self.bucket, "AwsSolutions-S10", "The emulator listens on the loopback address without TLS."
            )
        acknowledge(self.bucket, "AwsSolutions-S1", "CloudFront alone reads it, and its files are public.")


def _viewers(stage: Stage) -> cloudfront.ViewerProtocolPolicy:
    policies = cloudfront.ViewerProtocolPolicy
    return policies.ALLOW_ALL if stage.local else policies.REDIRECT_TO_HTTPS
