"""The sending identity and the configuration set of the mails to buyers and sellers."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.stages import Stage


class Mail(Construct):
    """A verified domain, TLS required, addresses that bounced or complained suppressed."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.configuration_set_name = f"{stage.prefix}-mail"
        ses.ConfigurationSet(
            self,
            "Configuration",
            configuration_set_name=self.configuration_set_name,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        self.identity = ses.EmailIdentity(self, "Identity", identity=ses.Identity.domain(stage.mail_domain))
        stack = Stack.of(self)
        # The emulator asks IAM about sending without naming what is sent from.
        self.identity_arn = self.configuration_arn = "*"
        if not stage.local:
            self.identity_arn = stack.format_arn(
                service="ses", resource="identity", resource_name=stage.mail_domain
            )
            self.configuration_arn = stack.format_arn(
                service="ses", resource="configuration-set", resource_name=self.configuration_set_name
            )
