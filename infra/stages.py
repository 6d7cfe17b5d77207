"""The stages as data: everything that differs between one's own machine, the shared test account and
production.

A value that is the same everywhere belongs into the construct that uses it, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from infra import custom_domain, load, retention, sign_in
from infra.custom_domain import Domain
from infra.load import Load
from infra.retention import Retention
from infra.sign_in import SignIn

DAY_SECONDS = 86_400
# The source of our own events: `docs/events/`.
OWN_SOURCE = "buyer-protection"
# The port of the emulator, whose next one has the pages.
EMULATOR_PORT = 4566
_LOCAL_SITE = f"http://localhost:{EMULATOR_PORT + 1}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment target.

    `day_seconds` is the length of the policy's day in seconds (86,400 but on a demo), `back_off_seconds` the
    pause of the state machine after a failed step, `log_days` the retention of logs in days, `evidence_days`
    that of evidence. With `malware_scanning`, an evidence file counts only once GuardDuty found it clean.

    `sweeper_concurrency` and `audit_concurrency` reserve that many concurrent executions for the two; None reserves
    none, since a fresh account has ten in all and refuses any reservation. Neither does the same work twice at once
    without one: each ends before it is called again, and a failed call is not repeated. `python` is the path of the
    interpreter that compiles the layers, where it is not found by itself. `load` is what the stage is sized for,
    `retention` what it keeps for how long.

    Mails are sent from an identity of the stage's own for `mail_domain`; where the shop has verified one already, which
    a second would collide with, `mail_identity_arn` names it (of the stage's account and region). `bus_accounts` are
    the ids of other accounts whose systems put the shop's events onto the bus. The shop's order systems name themselves
    by one of `shop_sources`, its payment systems by one of `payment_sources`: nobody else is heard on the bus.

    `rate_per_second` and `burst` are what people's API takes in all, `backend_rate_per_second` and `backend_burst` what
    the backend's does: neither takes from the other.

    Where more is at stake than `confirm_above` says for the currency (`USD=100000`, in minor units), a ruling of the
    team waits for a second member's confirmation (R47); no other ruling does.

    Our own pages are at `site_url`, served by CloudFront with the certificate `site_certificate_arn` (of us-east-1) for
    that host. The pages of `allowed_origins` may call the API, which is served at its `domain` too where it has one.
    Alarms that wake somebody go to `pages_to`, those that wait for the morning to `tickets_to`: e-mail addresses and
    https addresses of an on-call service. What an alarm says ends in a link below `runbook_url`, where the page
    `docs/runbook.md` can be read.
    `emulator_port` is where the emulator listens that an emulated stage runs on.
    Exports are signed with the last of `signing_keys` keys; one more takes its place, and those before stay published.

    With `tracing`, requests are traced by X-Ray and every step of an execution is logged; without it, failures are.

    With `evidence_copy_arn`, each evidence file is copied to that bucket of the account `evidence_copy_account`, under
    its key `evidence_copy_key_arn`: what is locked there (Object Lock) nobody of this account can delete or change.

    A table that was restored under another name is adopted by `table_name` and `table_stream_arn`; the stage then makes
    none of its own, and keeps the one that it has made. `era` (a number or short word, another one after each restore)
    goes into the ids of events and refunds of what happens from `era_from` on, the instant to which it was restored.

    Mails about a decision name `redress`, the body for complaints or out-of-court settlement; nobody without it.
    """

    name: str
    day_seconds: float
    back_off_seconds: int
    log_days: int
    evidence_days: int
    site_url: str
    allowed_origins: tuple[str, ...]
    mail_domain: str
    mail_sender: str
    rate_per_second: int
    burst: int
    backend_rate_per_second: int
    backend_burst: int
    emulated: bool = False
    malware_scanning: bool = True
    protected: bool = True
    account: str | None = None
    region: str | None = None
    log_level: str = "INFO"
    tracing: bool = False
    sweeper_concurrency: int | None = None
    audit_concurrency: int | None = None
    python: str | None = None
    mail_identity_arn: str | None = None
    table_name: str | None = None
    table_stream_arn: str | None = None
    era: str | None = None
    era_from: str | None = None
    redress: str | None = None
    bus_accounts: tuple[str, ...] = ()
    shop_sources: tuple[str, ...] = ("shop.orders",)
    payment_sources: tuple[str, ...] = ("shop.payments",)
    confirm_above: tuple[str, ...] = ()
    sign_in: SignIn = field(default_factory=SignIn)
    domain: Domain | None = None
    site_certificate_arn: str | None = None
    emulator_port: int = EMULATOR_PORT
    pages_to: tuple[str, ...] = ()
    tickets_to: tuple[str, ...] = ()
    runbook_url: str = "docs/runbook.md"
    signing_keys: int = 1
    load: Load = field(default_factory=Load)
    retention: Retention = field(default_factory=Retention)
    evidence_copy_arn: str | None = None
    evidence_copy_account: str | None = None
    evidence_copy_key_arn: str | None = None

    @property
    def local(self) -> bool:
        """Whether the stack runs on the emulator on one's own machine.

        The emulator lacks TLS, WAF associations, policies of a bus, the account's API logging role, and key policies;
        sign-in there takes a password through the API too, so that a script can act as a person.
        """
        return self.emulated

    @property
    def mail_identity(self) -> str:
        """The name of the identity that mails are sent from, a domain or an address."""
        return (
            self.mail_domain if self.mail_identity_arn is None else self.mail_identity_arn.partition("/")[2]
        )

    @property
    def prefix(self) -> str:
        """First part of every physical name, `BuyerProtection-<stage>`."""
        return f"BuyerProtection-{self.name}"


LOCAL = Stage(
    name="local",
    day_seconds=2,
    back_off_seconds=1,
    log_days=1,
    evidence_days=7,
    site_url=_LOCAL_SITE,
    allowed_origins=(_LOCAL_SITE,),
    mail_domain="shop.example.com",
    mail_sender="disputes@shop.example.com",
    rate_per_second=5_000,
    burst=5_000,
    backend_rate_per_second=5_000,
    backend_burst=5_000,
    emulated=True,
    tracing=True,
    malware_scanning=False,
    protected=False,
    # A currency in which nothing else is tried on one's own machine.
    confirm_above=("CHF=1000",),
    # An hour and two of days of two seconds: what is tried on one's own machine is still in the table.
    retention=Retention(archive_after_days=1_800, case_retention_days=3_600, order_retention_days=3_600),
    account="000000000000",
    region="us-east-1",
)
DEV = Stage(
    name="dev",
    day_seconds=DAY_SECONDS,
    back_off_seconds=60,
    log_days=30,
    evidence_days=180,
    site_url="https://dev.shop.example.com",
    allowed_origins=("https://dev.shop.example.com",),
    mail_domain="dev.shop.example.com",
    mail_sender="disputes@dev.shop.example.com",
    rate_per_second=50,
    burst=100,
    backend_rate_per_second=50,
    backend_burst=100,
    log_level="DEBUG",
    tracing=True,
)
PROD = Stage(
    name="prod",
    day_seconds=DAY_SECONDS,
    back_off_seconds=60,
    log_days=365,
    evidence_days=1_095,
    site_url="https://shop.example.com",
    allowed_origins=(
        "https://shop.example.com",
        "https://seller.shop.example.com",
        "https://desk.shop.example.com",
    ),
    mail_domain="shop.example.com",
    mail_sender="disputes@shop.example.com",
    rate_per_second=500,
    burst=1_000,
    backend_rate_per_second=500,
    backend_burst=1_000,
)
STAGES = {stage.name: stage for stage in (LOCAL, DEV, PROD)}

_TEXTS = (
    "account",
    "region",
    "site_url",
    "mail_domain",
    "mail_sender",
    "mail_identity_arn",
    "python",
    "table_name",
    "table_stream_arn",
    "era",
    "era_from",
    "redress",
    "site_certificate_arn",
    "runbook_url",
    "evidence_copy_arn",
    "evidence_copy_account",
    "evidence_copy_key_arn",
)
_SUBSCRIBERS = ("pages_to", "tickets_to")
_LISTS = (
    "allowed_origins",
    "bus_accounts",
    "shop_sources",
    "payment_sources",
    "confirm_above",
    *_SUBSCRIBERS,
)
_CONCURRENCY = ("sweeper_concurrency", "audit_concurrency")
_INTEGERS = (*_CONCURRENCY, "emulator_port", "signing_keys")
# The longest name of a function has room for it.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")
_ACCOUNT = re.compile(r"\d{12}")
_ERA = re.compile(r"[a-z0-9]{1,10}")
# No address of a page: what is written like one, a mail leaves out.
_NAMED_BODY = re.compile(r"(?!.*(?://|www\.))\S(?:[^\n\r]{0,78}\S)?")
_LIMIT = re.compile(r"[A-Z]{3}=\d{1,13}")
_SUBSCRIBER = re.compile(r"https://\S+|[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_SOURCE = re.compile(r"[\w./-]{1,256}")
_BUCKET = re.compile(r"arn:aws[\w-]*:s3:::[a-z0-9.-]{3,63}")
_KEY = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:(\d{12}):key/\S+")
_CERTIFICATE = re.compile(r"arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate/\S+")
_IDENTITY = re.compile(r"arn:aws[\w-]*:ses:[\w-]+:\d{12}:identity/(\S+)")


def from_context(read: Callable[[str], object]) -> Stage:
    """The stage that the CDK context names, with what the context overrides.

    Keys: `stage`, `like`, `emulated`, and the fields of `Stage` in `_TEXTS`, `_LISTS` (comma separated) and
    `_INTEGERS`, `day_seconds`, and those of `infra.sign_in` and `infra.custom_domain`. Raises ValueError for an
    unknown stage and for a value that is not allowed.
    """
    name = str(read("stage") or LOCAL.name)
    like = str(read("like") or name)
    if like not in STAGES:
        raise ValueError(f"unknown stage {like!r}: one of {', '.join(STAGES)}, or -c like=<one of them>")
    if not _NAME.fullmatch(name) or (name in STAGES and name != like):
        raise ValueError(f"{name!r} cannot name a stage: 20 small letters, digits and hyphens at most")
    changed: dict[str, Any] = {}
    for key in (*_TEXTS, *_LISTS, *_INTEGERS, "day_seconds"):
        if (value := read(key)) is not None:
            changed[key] = _read_as(key, str(value))
    changed |= _emulated(read("emulated"))
    if (tracing := read("tracing")) is not None:
        changed["tracing"] = _is_true("tracing", tracing)
    changed |= {"sign_in": sign_in.from_context(read), "domain": custom_domain.from_context(read)}
    changed["load"] = load.from_context(read, STAGES[like].load)
    changed["retention"] = retention.from_context(read, STAGES[like].retention)
    stage = replace(STAGES[like], name=name, **changed)
    if like == PROD.name and not stage.emulated and stage.day_seconds != DAY_SECONDS:
        raise ValueError("a day of production has 86,400 seconds")
    _check(stage)
    return stage


def _emulated(value: object) -> dict[str, Any]:
    """What makes a stage one for the emulator (`infra.emulated` lists what it leaves out), whatever it is like."""
    if value is None or not _is_true("emulated", value):
        return {}
    return {"emulated": True, "malware_scanning": False}


def _is_true(key: str, value: object) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{key} is true or false, not {value!r}")
    return str(value).lower() == "true"


def _read_as(key: str, text: str) -> str | tuple[str, ...] | int | float:
    if key in _LISTS:
        return tuple(one.strip() for one in text.split(",") if one.strip())
    if key in _INTEGERS:
        return int(text)
    return text if key in _TEXTS else float(text)


def _check(stage: Stage) -> None:
    if stage.day_seconds <= 0:
        raise ValueError("day_seconds must be positive")
    if (stage.table_name is None) is not (stage.table_stream_arn is None):
        raise ValueError("table_name and table_stream_arn go together: they are of a table that was restored")
    _check_era(stage.era, stage.era_from)
    _check_numbers(stage)
    if wrong := [account for account in stage.bus_accounts if not _ACCOUNT.fullmatch(account)]:
        raise ValueError(f"bus_accounts takes account ids of twelve digits, not {', '.join(wrong)}")
    if wrong := [limit for limit in stage.confirm_above if not _LIMIT.fullmatch(limit)]:
        raise ValueError(f"confirm_above takes currencies as USD=100000, not {', '.join(wrong)}")
    _check_others(stage)
    if stage.site_certificate_arn is not None and not _CERTIFICATE.fullmatch(stage.site_certificate_arn):
        raise ValueError(
            "site_certificate_arn is that of an ACM certificate in us-east-1, where CloudFront looks"
        )
    if stage.mail_identity_arn is not None:
        _check_identity(stage.mail_identity_arn, stage.mail_sender)


def _check_era(name: str | None, since: str | None) -> None:
    if (name is None) is not (since is None):
        raise ValueError(
            "era and era_from go together: a name, and the instant that the table was restored to"
        )
    if name is None or since is None:
        return
    if not _ERA.fullmatch(name):
        raise ValueError(f"era takes ten small letters and digits at most, not {name!r}")
    try:
        has_offset = datetime.fromisoformat(since).tzinfo is not None
    except ValueError:
        has_offset = False
    if not has_offset:
        raise ValueError(f"era_from takes an instant such as 2026-03-09T12:00:00Z, not {since!r}")


def _check_others(stage: Stage) -> None:
    """Whom the stage listens to, whom it notifies, and where copies go."""
    _check_copy(stage)
    if stage.redress is not None and not _NAMED_BODY.fullmatch(stage.redress):
        raise ValueError("redress is a name of 80 characters at most; mails link to their case alone")
    for key in _SUBSCRIBERS:
        _check_subscribers(key, getattr(stage, key))
    for key in ("shop_sources", "payment_sources"):
        _check_sources(key, getattr(stage, key))


def _check_copy(stage: Stage) -> None:
    copy = (stage.evidence_copy_arn, stage.evidence_copy_account, stage.evidence_copy_key_arn)
    if copy == (None, None, None):
        return
    bucket, account, key = (text or "" for text in copy)
    found = _KEY.fullmatch(key)
    if not _BUCKET.fullmatch(bucket) or not _ACCOUNT.fullmatch(account) or found is None:
        raise ValueError(
            "evidence_copy_arn, evidence_copy_account and evidence_copy_key_arn go together: "
            "a bucket's ARN, its account's twelve digits, and the ARN of that account's key"
        )
    if found[1] != account or account == stage.account:
        raise ValueError("evidence_copy_account is another account than the stage's, and the key's own")


def _check_subscribers(key: str, subscribers: tuple[str, ...]) -> None:
    if wrong := [one for one in subscribers if not _SUBSCRIBER.fullmatch(one)]:
        raise ValueError(f"{key} takes e-mail addresses and https addresses, not {', '.join(wrong)}")


def _check_numbers(stage: Stage) -> None:
    if stage.signing_keys < 1:
        raise ValueError(
            "signing_keys must be at least 1, and is never lowered: what has signed an export stays"
        )
    for key in _CONCURRENCY:
        reserved = getattr(stage, key)
        if reserved is not None and reserved < 1:
            raise ValueError(f"{key} must be at least 1: with 0 the function never runs")
    if stage.sweeper_concurrency is not None and stage.sweeper_concurrency < stage.load.sweepers:
        raise ValueError("sweeper_concurrency must be at least sweepers, which run beside each other")


def _check_sources(key: str, sources: tuple[str, ...]) -> None:
    if not sources:
        raise ValueError(f"{key} must name at least one source")
    for source in sources:
        # EventBridge keeps names that begin with `aws.` for itself; ours is never taken for the shop's.
        if source == OWN_SOURCE or source.startswith("aws.") or not _SOURCE.fullmatch(source):
            raise ValueError(f"{key} names a source of the shop's own, not {source!r}")


def _check_identity(arn: str, sender: str) -> None:
    found = _IDENTITY.fullmatch(arn)
    if found is None:
        raise ValueError(
            "mail_identity_arn is that of an SES identity: arn:aws:ses:<region>:<account>:identity/<name>"
        )
    if sender != found[1] and not f".{sender.rpartition('@')[2]}".endswith(f".{found[1]}"):
        raise ValueError(f"the identity {found[1]} does not let anybody send as {sender}: set mail_sender")
