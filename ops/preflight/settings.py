"""What the settings name must be there already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.preflight.finding import Account, Finding, Level, Plan, code_of
from ops.preflight.stacks import owned_by

_RENEWED: Final = timedelta(days=30)


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


def adopted_table(_on: Account, plan: Plan) -> Iterator[Finding]:
    """A table that was restored has an era: without one, events and refunds of other facts get ids of the gap again."""
    stage = plan.stage
    if stage.table_name is None:
        return
    subject = f"table {stage.table_name}"
    if stage.era is None:
        yield Finding(
            Level.WARNING,
            subject,
            "table_name is set without era: after a restore to an earlier instant, ids of events and refunds would "
            "be used a second time for other facts",
            "Set era and era_from (docs/restore.md), unless nothing of the table was lost.",
        )
    else:
        yield Finding(Level.OK, subject, f"is adopted with the era {stage.era}")


def certificate(on: Account, plan: Plan) -> Iterator[Finding]:
    """The certificate of the API's own domain: issued, for that name, and not about to end."""
    domain = plan.stage.domain
    if domain is None:
        return
    subject = f"certificate of {domain.name}"
    try:
        found = on.client("acm").describe_certificate(CertificateArn=domain.certificate_arn)["Certificate"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        cure = f"Request one in {on.region} (ACM), or correct api_certificate_arn."
        yield Finding(
            Level.REFUSED, subject, f"api_certificate_arn names one that is not in {on.region}", cure
        )
        return
    names = {found.get("DomainName", ""), *found.get("SubjectAlternativeNames", ())}
    if not names & {domain.name, f"*.{domain.name.partition('.')[2]}"}:
        text = f"it is for {', '.join(sorted(names))}"
        yield Finding(Level.REFUSED, subject, text, f"Request one for {domain.name} in ACM.")
    elif found.get("Status") != "ISSUED":
        cure = "Add the records that ACM shows to the domain's DNS, and wait until it is issued."
        yield Finding(Level.REFUSED, subject, f"its status is {found.get('Status')}", cure)
    elif (ends := found.get("NotAfter")) is not None and ends < datetime.now(UTC) + _RENEWED:
        cure = "ACM renews it where its DNS records still stand: look at its renewal status."
        yield Finding(Level.WARNING, subject, f"it ends on {ends:%Y-%m-%d}", cure)
    else:
        yield Finding(Level.OK, subject, "is issued")
