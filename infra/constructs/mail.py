"""The sending identity and the configuration set of the mails to buyers and sellers."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.stages import Stage

# The events that SES reports about a mail, and the `detail-type` of each.
TROUBLES = {
    ses.EmailSendingEvent.BOUNCE: "Email Bounced",
    ses.EmailSendingEvent.COMPLAINT: "Email Complaint Received",
    ses.EmailSendingEvent.REJECT: "Email Rejected",
    ses.EmailSendingEvent.RENDERING_FAILURE: "Email Rendering Failed",
    ses.EmailSendingEvent.DELIVERY_DELAY: "Email Delivery Delayed",
}


class Mail(Construct):
    """An identity (the stage's own or one that the shop has verified), TLS required, every trouble reported, addresses
    that bounced or complained suppressed."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.configuration_set_name = f"{stage.prefix}-mail"
        configuration = ses.ConfigurationSet(
            self,
            "Configuration",
            configuration_set_name=self.configuration_set_name,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        configuration.add_event_destination(
            "Troubles",
            # SES knows the default bus only.
            destination=ses.EventDestination.event_bus(
                events.EventBus.from_event_bus_name(self, "DefaultBus", "default")
            ),
            events=list(TROUBLES),
        )
        stack = Stack.of(self)
        self.identity_arn = stage.mail_identity_arn or stack.format_arn(
            service="ses", resource="identity", resource_name=stage.mail_identity
        )
        if stage.mail_identity_arn is None:
            ses.EmailIdentity(self, "Identity", identity=ses.Identity.domain(stage.mail_domain))
        self.configuration_arn = stack.format_arn(
            service="ses", resource="configuration-set", resource_name=self.configuration_set_name
        )
        if stage.local:
            # The emulator asks IAM about sending without naming what is sent from.
            self.identity_arn = self.configuration_arn = "*"
