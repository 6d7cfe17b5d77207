"""`python -m ops.mail_check --stage prod`: can this account send the stage's mails? Run before and after deploying.

Asks SES only, changes nothing, and says for whatever is not as it must be what to do about it. Ends with 1 where mails
would not arrive, with 0 where they do (warnings included). Takes the caller's own AWS credentials and region.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

import boto3
from botocore.exceptions import ClientError

from infra.stages import STAGES, Stage

SUPPRESSED: Final = frozenset({"BOUNCE", "COMPLAINT"})
# The events that the deployed configuration set must report: `TROUBLES` of `infra/constructs/mail.py`.
REPORTED: Final = frozenset({"BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE", "DELIVERY_DELAY"})
# From this share of the day's quota on, there is little room left for a bad day.
NEARLY_USED: Final = 0.8


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "WARNING"
    FAILED = "FAILED"


class Finding(NamedTuple):
    """One thing that was looked at, in words for an operator."""

    level: Level
    text: str


def findings(ses: Any, stage: Stage, *, deployed: bool = True) -> Iterator[Finding]:
    """What SES says of the account and, unless `deployed` is False, of the stage's identity and configuration set."""
    yield from _account(ses.get_account())
    if deployed:
        yield from _identity(_asked(ses.get_email_identity, EmailIdentity=stage.mail_identity), stage)
        yield from _configuration(ses, f"{stage.prefix}-mail")


def _account(account: dict[str, Any]) -> Iterator[Finding]:
    status = account.get("EnforcementStatus", "HEALTHY")
    if not account.get("SendingEnabled", False) or status == "SHUTDOWN":
        yield Finding(
            Level.FAILED,
            "Sending is paused for this account. Mails wait in their queue for three days and are then given up: see "
            "the account's reputation page in the SES console, mend the cause, and ask for a review.",
        )
    elif status == "PROBATION":
        yield Finding(Level.WARNING, "The account is under review: mend the cause before sending is paused.")
    else:
        yield Finding(Level.OK, "The account may send.")
    if account.get("ProductionAccessEnabled", False):
        yield Finding(Level.OK, "The account is out of the sandbox.")
    else:
        yield Finding(
            Level.FAILED,
            "The account is in the sandbox: mails go to verified addresses only, all others wait. Ask for production "
            "access in the SES console (as transactional mail), or verify the addresses you test with.",
        )
    yield from _quota(account.get("SendQuota", {}))


def _quota(quota: dict[str, float]) -> Iterator[Finding]:
    most, used = quota.get("Max24HourSend", 0.0), quota.get("SentLast24Hours", 0.0)
    usage = f"{used:.0f} of {most:.0f} mails sent in the last day, at most {quota.get('MaxSendRate', 0):g} a second."
    # SES says -1 for an account without a limit.
    nearly_used = most > 0 and used >= NEARLY_USED * most
    yield (
        Finding(Level.WARNING, f"{usage} Ask for a larger quota.")
        if nearly_used
        else Finding(Level.OK, usage)
    )


def _identity(identity: dict[str, Any] | None, stage: Stage) -> Iterator[Finding]:
    domain = stage.mail_domain
    if identity is None:
        yield Finding(
            Level.FAILED, f"{domain} is no identity of this account and region: deploy the stage first."
        )
        return
    if identity.get("VerifiedForSendingStatus", False):
        yield Finding(Level.OK, f"{domain} is verified.")
    else:
        yield Finding(
            Level.FAILED,
            f"{domain} is not verified (status {identity.get('VerificationStatus', 'unknown')}): every mail waits. "
            "Publish the three CNAME records that the SES console shows for it.",
        )
    dkim = identity.get("DkimAttributes", {}).get("Status", "NOT_STARTED")
    if dkim != "SUCCESS":
        yield Finding(
            Level.WARNING,
            f"DKIM of {domain} is {dkim}: mails are sent, and many of them taken for spam. Check its CNAME records.",
        )


def _configuration(ses: Any, name: str) -> Iterator[Finding]:
    configuration = _asked(ses.get_configuration_set, ConfigurationSetName=name)
    if configuration is None:
        yield Finding(Level.FAILED, f"There is no configuration set {name}: deploy the stage first.")
        return
    if not configuration.get("SendingOptions", {}).get("SendingEnabled", True):
        yield Finding(Level.FAILED, f"Sending is switched off in the configuration set {name}: mails wait.")
    missing = SUPPRESSED - set(configuration.get("SuppressionOptions", {}).get("SuppressedReasons", ()))
    if missing:
        yield Finding(Level.FAILED, f"{name} does not suppress {_listed(missing)}: deploy the stage again.")
    reported = {
        kind
        for one in ses.get_configuration_set_event_destinations(ConfigurationSetName=name)[
            "EventDestinations"
        ]
        if one.get("Enabled") and "EventBridgeDestination" in one
        for kind in one["MatchingEventTypes"]
    }
    if REPORTED - reported:
        yield Finding(
            Level.FAILED,
            f"{name} does not report {_listed(REPORTED - reported)}: bounces would be missed. Deploy it again.",
        )
    if not missing and reported >= REPORTED:
        yield Finding(Level.OK, f"{name} suppresses what bounced or complained, and reports every problem.")


def _asked(ask: Any, **what: str) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = ask(**what)
    except ClientError as error:
        if error.response["Error"].get("Code") != "NotFoundException":
            raise
        return None
    return answer


def _listed(words: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(words))


def parser_of_command() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m ops.mail_check", description=__doc__)
    parser.add_argument("--stage", choices=sorted(STAGES), required=True)
    parser.add_argument("--region", help="where the stage is deployed; the caller's own by default")
    parser.add_argument(
        "--domain", help="where the stage is deployed with another `mail_domain` than its own"
    )
    parser.add_argument("--before", action="store_true", help="before the first deployment: the account only")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the findings; 1 where any of them keeps mails from arriving."""
    chosen = parser_of_command().parse_args(arguments)
    ses = boto3.session.Session(region_name=chosen.region).client("sesv2")
    stage = STAGES[chosen.stage]
    stage = replace(stage, mail_domain=chosen.domain or stage.mail_domain)
    found = list(findings(ses, stage, deployed=not chosen.before))
    for finding in found:
        print(f"{finding.level:8}{finding.text}")
    failed = sum(finding.level is Level.FAILED for finding in found)
    print(f"Mails of {chosen.stage}: " + (f"{failed} to mend before they arrive." if failed else "ready."))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
