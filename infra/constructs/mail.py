"""The sending identity and the configuration set of the mails to buyers and sellers."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.constructs.storage import removal
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

    def __init__(self, scope: Construct, id: str, *, stage: Stage, configuration_set_name: str) -> None:
        super().__init__(scope, id)
        configuration = ses.ConfigurationSet(
            self,
            "Configuration",
            configuration_set_name=configuration_set_name,
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
        configuration.apply_removal_policy(removal(stage))
        if stage.mail_identity_arn is None:
            identity = ses.EmailIdentity(self, "Identity", identity=ses.Identity.domain(stage.mail_domain))
            identity.apply_removal_policy(removal(stage))


def mail_arns(stack: Stack, stage: Stage, configuration_set_name: str) -> tuple[str, str]:
    """The ARNs of what mails are sent from, and of their configuration set."""
    if stage.local:
        # The emulator asks IAM about sending without naming what is sent from.
        return "*", "*"
    identity = stack.format_arn(service="ses", resource="identity", resource_name=stage.mail_identity)
    configuration = stack.format_arn(
        service="ses", resource="configuration-set", resource_name=configuration_set_name
    )
    return stage.mail_identity_arn or identity, configuration
