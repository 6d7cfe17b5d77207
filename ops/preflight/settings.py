"""What the settings name must be there already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from ops.preflight.finding import Account, Finding, Level, Plan, code_of
from ops.preflight.stacks import owned_by


def mail_identity(on: Account, plan: Plan) -> Iterator[Finding]:
    """The identity that mails are sent from: the stage's own is not there yet, or the shop's is and is verified."""
    name, given = plan.stage.mail_identity, plan.stage.mail_identity_arn is not None
    subject = f"mail identity {name}"
    found = _identity(on, name)
    if found is None:
        if given:
            cure = "Verify it in SES first, or leave mail_identity_arn out."
            yield Finding(Level.REFUSED, subject, "mail_identity_arn names it, and it does not exist", cure)
        else:
            cure = "After the deployment, add the DKIM records that SES shows to the domain's DNS."
            yield Finding(Level.WARNING, subject, "will be made, and must then be verified", cure)
        return
    if not given and not any(name in owned_by(on, stack) for stack in plan.templates):
        yield Finding(
            Level.REFUSED,
            subject,
            "exists already and is not this stage's: a second one of that name is refused",
            f"Set mail_identity_arn to it (arn:aws:ses:{on.region}:<account>:identity/{name}).",
        )
        return
    if not found.get("VerifiedForSendingStatus", False):
        cure = "Add the DKIM records that SES shows to the domain's DNS."
        yield Finding(Level.WARNING, subject, "is not verified yet: no mail leaves", cure)
        return
    yield Finding(Level.OK, subject, "is verified")


def _identity(on: Account, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = on.client("sesv2").get_email_identity(EmailIdentity=name)
    except ClientError as error:
        if code_of(error) != "NotFoundException":
            raise
        return None
    return found


def provider_secret(on: Account, plan: Plan) -> Iterator[Finding]:
    """The secret of our client at the marketplace's own provider is in Secrets Manager."""
    if not plan.stage.sign_in.federated:
        return
    name = plan.stage.sign_in.oidc_secret
    subject = f"secret {name}"
    try:
        on.client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        cure = f'aws secretsmanager create-secret --name {name} --secret-string "$SECRET"'
        yield Finding(Level.REFUSED, subject, "oidc_secret names it, and it does not exist", cure)
        return
    yield Finding(Level.OK, subject, "is there")
