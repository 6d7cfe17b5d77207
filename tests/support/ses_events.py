"""What SES puts on EventBridge's default bus about a mail, in the shape that it documents."""

from typing import Any

DETAIL_TYPES = {
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Reject": "Email Rejected",
    "Rendering Failure": "Email Rendering Failed",
    "DeliveryDelay": "Email Delivery Delayed",
}
CONFIGURATION_SET = "BuyerProtection-local-mail"


def bounce(*, permanent: bool = True) -> dict[str, Any]:
    """The part that says how it bounced."""
    return {
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": "0100018f0000-6c1ff6cb-000000",
            "bounceType": "Permanent" if permanent else "Transient",
            "bounceSubType": "General" if permanent else "MailboxFull",
            "bouncedRecipients": [
                {
                    "emailAddress": "forwarded@elsewhere.example",
                    "action": "failed",
                    "status": "5.1.1" if permanent else "4.2.2",
                    "diagnosticCode": "smtp; 550 5.1.1 no such user forwarded@elsewhere.example",
                }
            ],
            "timestamp": "2026-03-11T12:00:00.456789Z",
            "reportingMTA": "dsn; mta.example.com",
        },
    }


def complaint(feedback_type: str | None = "abuse") -> dict[str, Any]:
    """The part that says who complained."""
    details: dict[str, Any] = {
        "feedbackId": "0100018f0000-c0ffee-000000",
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": "buyer@example.com"}],
        "timestamp": "2026-03-11T12:00:00.456Z",
        "userAgent": "ExampleCorp Feedback Loop (V0.01)",
        "arrivalDate": "2026-03-11T12:00:00.000Z",
    }
    return {
        "eventType": "Complaint",
        "complaint": details | ({"complaintFeedbackType": feedback_type} if feedback_type else {}),
    }


REJECT = {"eventType": "Reject", "reject": {"reason": "Bad content"}}
RENDERING_FAILURE = {
    "eventType": "Rendering Failure",
    "failure": {
        "errorMessage": "Attribute 'name' is not present in the rendering data.",
        "templateName": "t",
    },
}
DELIVERY_DELAY = {
    "eventType": "DeliveryDelay",
    "deliveryDelay": {
        "timestamp": "2026-03-11T12:00:00.456Z",
        "delayType": "MailboxFull",
        "expirationTime": "2026-03-12T02:00:00.000Z",
        "delayedRecipients": [
            {"emailAddress": "buyer@example.com", "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 full"}
        ],
    },
}


def envelope(
    what: dict[str, Any],
    dispute_id: str = "dp-1",
    recipient: str = "BUYER",
    to: str = "buyer@example.com",
    configuration_set: str = CONFIGURATION_SET,
) -> dict[str, Any]:
    """The event as a rule's target gets it."""
    tags = {
        "ses:operation": ["SendEmail"],
        "ses:configuration-set": [configuration_set],
        "ses:from-domain": ["shop.example.com"],
        "ses:source-ip": ["192.0.2.0"],
        "dispute_id": [dispute_id],
        "kind": ["DISPUTE_OPENED"],
        "recipient": [recipient],
        "seq": ["1"],
    }
    mail = {
        "timestamp": "2026-03-11T11:59:00.000Z",
        "source": "disputes@shop.example.com",
        "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/shop.example.com",
        "sendingAccountId": "000000000000",
        "messageId": "0100018f0000-6c1ff6cb-7d5e-4d1b-000000",
        "destination": [to],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "disputes@shop.example.com"},
            {"name": "To", "value": to},
            {"name": "Subject", "value": "Order A-1: a dispute was opened"},
        ],
        "commonHeaders": {"from": ["disputes@shop.example.com"], "to": [to], "subject": "Order A-1"},
        "tags": tags,
    }
    return {
        "version": "0",
        "id": "12a18625-3cb0-fb36-4a92-2c0f0e6d0000",
        "detail-type": DETAIL_TYPES[what["eventType"]],
        "source": "aws.ses",
        "account": "000000000000",
        "time": "2026-03-11T12:00:01Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:ses:us-east-1:000000000000:configuration-set/{configuration_set}"],
        "detail": {**what, "mail": mail},
    }
