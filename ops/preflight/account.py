"""The account itself: is it the one, is it prepared, what does it allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from ops.preflight.finding import Account, Finding, Level, Plan, code_of

# Where `cdk bootstrap` writes down its version, with its default qualifier.
_BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
# Lambda lets nobody reserve what would leave less than this to everything else.
_LEFT_UNRESERVED = 100
# A fresh account has ten. Below a hundred, a busy minute of people's calls and workers is throttled.
_FEW = 100
# Step Functions says so of an account without a raised quota.
_OPEN_EXECUTIONS = 1_000_000
# A stage's cases wait for up to 45 days each, so that a share that is used already is used for weeks.
_SHARE_USED = 0.5


def is_the_one_meant(on: Account, plan: Plan) -> Iterator[Finding]:
    """The caller's credentials work, and are of the account that the settings name."""
    subject = "account"
    try:
        caller = on.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        yield Finding(
            Level.REFUSED, subject, str(error), "Sign in: `aws sts get-caller-identity`.", ends=True
        )
        return
    seen, meant = str(caller["Account"]), plan.stage.account
    if meant is not None and seen != meant:
        text = f"the credentials are of {seen}, the settings name {meant}"
        yield Finding(Level.REFUSED, subject, text, "Use the other profile, or correct `account`.", ends=True)
        return
    yield Finding(Level.OK, subject, f"{seen} in {on.region}, as {caller['Arn']}")


def is_bootstrapped(on: Account, plan: Plan) -> Iterator[Finding]:
    """The CDK's bucket and roles are there, in the version that the templates need."""
    subject, cure = "bootstrap", "Run `make bootstrap` with the same settings."
    if plan.bootstrap is None:
        yield Finding(Level.OK, subject, "not needed: the caller's own credentials deploy")
        return
    try:
        version = int(on.client("ssm").get_parameter(Name=_BOOTSTRAP)["Parameter"]["Value"])
    except ClientError as error:
        if code_of(error) != "ParameterNotFound":
            raise
        yield Finding(
            Level.REFUSED, subject, "this account and region are not bootstrapped for the CDK", cure
        )
        return
    if version < plan.bootstrap:
        text = f"version {version}; the templates need {plan.bootstrap}"
        yield Finding(Level.REFUSED, subject, text, cure)
        return
    yield Finding(Level.OK, subject, f"version {version}")


def has_concurrency(on: Account, plan: Plan) -> Iterator[Finding]:
    """Lambda's concurrent executions: enough for what the stage reserves, and for people."""
    subject = "Lambda concurrency"
    limit = on.client("lambda").get_account_settings()["AccountLimit"]
    total, free = int(limit["ConcurrentExecutions"]), int(limit["UnreservedConcurrentExecutions"])
    wanted = sum(
        int(it["Properties"].get("ReservedConcurrentExecutions", 0))
        for _, _, it in plan.resources()
        if it["Type"] == "AWS::Lambda::Function"
    )
    if wanted and free - wanted < _LEFT_UNRESERVED and not _is_reserved_already(on, plan):
        yield Finding(
            Level.REFUSED,
            subject,
            f"{free} of {total} are unreserved, {wanted} are to be reserved, and {_LEFT_UNRESERVED} must be left",
            "Leave out sweeper_concurrency and audit_concurrency, or have the quota raised"
            " (Service Quotas, Lambda, L-B99A9384).",
        )
        return
    if total < _FEW:
        cure = "Have the quota raised before people come (Service Quotas, Lambda, L-B99A9384)."
        yield Finding(Level.WARNING, subject, f"{total} in all: a busy minute is throttled", cure)
        return
    yield Finding(Level.OK, subject, f"{free} of {total} are unreserved, {wanted} are to be reserved")


def _is_reserved_already(on: Account, plan: Plan) -> bool:
    """Whether an earlier deployment of this stage reserved what these templates ask for."""
    client = on.client("lambda")
    for _, _, it in plan.resources():
        wanted = it.get("Properties", {}).get("ReservedConcurrentExecutions")
        if it["Type"] != "AWS::Lambda::Function" or wanted is None:
            continue
        try:
            kept = client.get_function_concurrency(FunctionName=it["Properties"]["FunctionName"])
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return False
        if int(kept.get("ReservedConcurrentExecutions", 0)) < int(wanted):
            return False
    return True


def may_send_mails(on: Account, _plan: Plan) -> Iterator[Finding]:
    """SES: sending is on, and the account is out of the sandbox."""
    subject = "SES"
    found = on.client("sesv2").get_account()
    quota = found.get("SendQuota", {})
    a_day, a_second = int(quota.get("Max24HourSend", 0)), quota.get("MaxSendRate", 0)
    if not found.get("SendingEnabled", False):
        cure = "SES console, Reputation: find out why, and ask support to have it switched on."
        yield Finding(Level.REFUSED, subject, "sending is switched off for this account", cure)
    elif not found.get("ProductionAccessEnabled", False):
        text = f"in the sandbox: mails reach verified addresses only, {a_day} a day"
        yield Finding(Level.WARNING, subject, text, "SES console, Get set up: request production access.")
    else:
        yield Finding(Level.OK, subject, f"{a_day} mails a day, {a_second:g} a second")


def has_executions(on: Account, _plan: Plan) -> Iterator[Finding]:
    """Step Functions' open executions: one waits for each open case, and the quota is the account's and region's."""
    subject = "open executions"
    count, limit = (_latest(on, f"OpenExecution{name}") for name in ("Count", "Limit"))
    limit = limit or _OPEN_EXECUTIONS
    if count is None:
        yield Finding(Level.OK, subject, f"none is known; an account begins with {_OPEN_EXECUTIONS:,}")
    elif count > limit * _SHARE_USED:
        cure = "Have the quota of open executions raised first (Service Quotas, Step Functions)."
        yield Finding(
            Level.WARNING, subject, f"{count:,.0f} of {limit:,.0f} are used by what runs already", cure
        )
    else:
        yield Finding(Level.OK, subject, f"{count:,.0f} of {limit:,.0f} are used")


def _latest(on: Account, metric: str) -> float | None:
    """The highest value of one of the account's metrics in the last day; None where it has none."""
    now = datetime.now(UTC)
    points = on.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/States",
        MetricName=metric,
        StartTime=now - timedelta(days=1),
        EndTime=now,
        Period=3_600,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((float(it["Maximum"]) for it in points), default=None)
