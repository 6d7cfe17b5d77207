"""The environment, typed by need: each function reads only what it uses, when it is asked for it, never at import.

Nothing is kept here: who needs a setting more than once keeps what it made of it (`composition.container`).

A setting that is missing or malformed raises `SettingError`, which names the variable.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.archive import Retention
from buyer_protection.domain.era import Era

# Ten years.
_LONGEST_DAYS = 3_660


class SettingError(Exception):
    """An environment variable is missing or malformed; the message names it."""


class SiteSettings(NamedTuple):
    """The stage, and the web pages that may call us (CORS): exact origins."""

    stage: str
    allowed_origins: tuple[str, ...]


class TelemetrySettings(NamedTuple):
    """The stage as a metrics' dimension, and the key of callers' pseudonyms. Powertools reads its own variables."""

    stage: str
    caller_id_key: str


class CloudSettings(NamedTuple):
    """The region, and the endpoint where it is not AWS's own (the local stack)."""

    region: str
    endpoint: str | None


class CaseSettings(NamedTuple):
    """The table, and the length of the policy's day in seconds."""

    table_name: str
    day_seconds: float


class DispatchSettings(NamedTuple):
    """Where executions run, events go, and mails are asked for."""

    state_machine_arn: str
    event_bus_name: str
    notification_queue_url: str


class StreamSettings(NamedTuple):
    """The queue of the changes that the stream processor could not deal with in time."""

    late_changes_queue_url: str


class QueueSettings(NamedTuple):
    """What every queue's URL begins with, the names of all of them, and of those for what failed for good."""

    base_url: str
    names: tuple[str, ...]
    dead_letters: tuple[str, ...]


class MailSettings(NamedTuple):
    """Who mails are from, SES's configuration set, the site of their links, and where those wait that SES defers."""

    sender: str
    configuration_set: str
    site_url: str
    queue_url: str


class SignInSettings(NamedTuple):
    """The two user pools and their clients, and the claim of the public's tokens by which orders name people."""

    public_pool_id: str
    public_client_id: str
    team_pool_id: str
    team_client_id: str
    user_id_claim: str


class EvidenceSettings(NamedTuple):
    """Where evidence files lie, and whether only what the malware scan found clean counts."""

    bucket: str
    malware_scanning: bool


def site() -> SiteSettings:
    """What the edge needs."""
    origins = tuple(origin.strip() for origin in _text("ALLOWED_ORIGINS").split(",") if origin.strip())
    if not origins or "*" in origins:
        raise SettingError("ALLOWED_ORIGINS must name one origin or more, and no wildcard")
    return SiteSettings(stage=_text("STAGE"), allowed_origins=origins)


def telemetry() -> TelemetrySettings:
    """What every function needs to log and count what it did."""
    return TelemetrySettings(_text("STAGE"), _text("CALLER_ID_KEY"))


def cloud() -> CloudSettings:
    """What every client needs. Lambda sets AWS_REGION."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise SettingError("AWS_REGION is not set")
    return CloudSettings(region=region, endpoint=os.environ.get("AWS_ENDPOINT_URL") or None)


def is_in_background() -> bool:
    """Whether a queue, a stream or a schedule calls, which comes again, and not a person, who waits."""
    return os.environ.get("IN_BACKGROUND", "").strip() == "on"


def cases() -> CaseSettings:
    """What every use case needs."""
    return CaseSettings(table_name=_text("TABLE_NAME"), day_seconds=_seconds("DAY_SECONDS"))


def era() -> Era | None:
    """The era of a table that was restored, which began at ERA_FROM (RFC 3339); None where it never was."""
    name = os.environ.get("ERA", "").strip()
    if not name:
        return None
    text = _text("ERA_FROM")
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        since = None
    if since is None or since.tzinfo is None:
        raise SettingError(f"ERA_FROM must be an instant with its offset, not {text!r}")
    return Era(name, since)


def dispatch() -> DispatchSettings:
    """What the stream's reader and the sweeper need."""
    return DispatchSettings(
        state_machine_arn=state_machine_arn(),
        event_bus_name=_text("EVENT_BUS_NAME"),
        notification_queue_url=_text("NOTIFICATION_QUEUE_URL"),
    )


def state_machine_arn() -> str:
    """Where executions run."""
    return _text("STATE_MACHINE_ARN")


def stream() -> StreamSettings:
    """What the stream's reader needs besides."""
    return StreamSettings(late_changes_queue_url=_text("LATE_CHANGES_QUEUE_URL"))


def webhook_queue_url() -> str:
    """Where deliveries of webhooks are asked for."""
    return _text("WEBHOOK_QUEUE_URL")


def queues() -> QueueSettings:
    """What the operators' summary needs to ask SQS."""
    dead_letters = tuple(_text("DEAD_LETTER_QUEUES").split(","))
    return QueueSettings(_text("QUEUES_URL"), (*_text("WORK_QUEUES").split(","), *dead_letters), dead_letters)


def webhooks_reach_any_address() -> bool:
    """Whether webhooks may go to private addresses and by plain HTTP: only where it is said to be so."""
    return os.environ.get("WEBHOOK_ADDRESSES", "").strip() == "any"


def sweep_concurrency() -> int:
    """How many rows the sweeper processes at once."""
    return _number("SWEEP_CONCURRENCY", 1, at_most=64)


def sweep_page() -> int:
    """How many rows of the index the sweeper reads at once."""
    return _number("SWEEP_PAGE", 200, at_most=1_000)


def due_shards() -> tuple[int, int]:
    """Over how many shards rows that become due are written, and in how many they are looked for."""
    written = _number("DUE_SHARDS", 8, at_most=256)
    read = _number("DUE_SHARDS_READ", 8, at_most=256)
    if written > read:
        raise SettingError(f"DUE_SHARDS_READ must be at least DUE_SHARDS, which is {written}, not {read}")
    return written, read


def redress() -> str:
    """Whom mails about a decision name for complaints or out-of-court settlement; empty where nobody is named."""
    return os.environ.get("REDRESS", "").strip()


def site_url() -> str:
    """The site that links of mails lead to."""
    return _text("SITE_URL")


def mail() -> MailSettings:
    """What the notification function needs."""
    return MailSettings(
        sender=_text("MAIL_SENDER"),
        configuration_set=_text("MAIL_CONFIGURATION_SET"),
        site_url=site_url(),
        queue_url=_text("NOTIFICATION_QUEUE_URL"),
    )


def sign_in() -> SignInSettings:
    """What the functions behind the API need to know who calls."""
    return SignInSettings(
        public_pool_id=_text("PUBLIC_POOL_ID"),
        public_client_id=_text("PUBLIC_CLIENT_ID"),
        team_pool_id=_text("TEAM_POOL_ID"),
        team_client_id=_text("TEAM_CLIENT_ID"),
        user_id_claim=_text("USER_ID_CLAIM"),
    )


def team_pool_id() -> str:
    """The team's user pool, for whoever asks it who is in the team."""
    return _text("TEAM_POOL_ID")


def signing_key_arn() -> str:
    """The KMS key that exports are signed with."""
    return _text("SIGNING_KEY_ARN")


def signing_key_arns() -> tuple[str, ...]:
    """Every KMS key that exports were ever signed with, oldest first."""
    return tuple(_text("SIGNING_KEY_ARNS").split(","))


def confirm_above() -> Mapping[str, int]:
    """Above which amount at stake a ruling needs a second confirmation: minor units by currency, as `USD=100000`,
    comma separated. Nothing needs one where it is not set."""
    limits: dict[str, int] = {}
    for part in os.environ.get("CONFIRM_ABOVE", "").split(","):
        currency, _, minor = part.strip().partition("=")
        if not part.strip():
            continue
        if len(currency) != 3 or not currency.isalpha() or not currency.isupper() or not minor.isdecimal():
            raise SettingError(f"CONFIRM_ABOVE names currencies as USD=100000, not {part.strip()!r}")
        limits[currency] = int(minor)
    return limits


def evidence() -> EvidenceSettings:
    """What the functions need that take, check or hand out files. Scanning is on unless it is said to be off."""
    scanning = os.environ.get("MALWARE_SCANNING", "").strip()
    return EvidenceSettings(bucket=_text("EVIDENCE_BUCKET"), malware_scanning=scanning != "off")


def archive_bucket() -> str | None:
    """Where archived cases lie; None for a function that has no right to them."""
    return os.environ.get("ARCHIVE_BUCKET", "").strip() or None


def retention() -> Retention:
    """How long closed cases stay in the table, and in the archive."""
    after = _number("ARCHIVE_AFTER_DAYS", 90, at_most=_LONGEST_DAYS)
    whole = _number("CASE_RETENTION_DAYS", 1_095, at_most=_LONGEST_DAYS)
    if whole <= after:
        raise SettingError(
            f"CASE_RETENTION_DAYS must be above ARCHIVE_AFTER_DAYS, which is {after}, not {whole}"
        )
    return Retention(after, whole)


def order_retention_days() -> int:
    """How long an order that was never disputed stays after its completion."""
    return _number("ORDER_RETENTION_DAYS", 180, at_most=_LONGEST_DAYS)


def _text(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SettingError(f"{name} is not set")
    return value


def _number(name: str, default: int, *, at_most: int) -> int:
    text = os.environ.get(name, str(default)).strip()
    if not text.isdecimal() or not 1 <= int(text) <= at_most:
        raise SettingError(f"{name} must be a number from 1 to {at_most}, not {text!r}")
    return int(text)


def _seconds(name: str) -> float:
    text = _text(name)
    try:
        value = float(text)
    except ValueError:
        raise SettingError(f"{name} must be a number of seconds, not {text!r}") from None
    if not 0 < value <= 86_400:
        raise SettingError(f"{name} must be above 0 and at most 86400, not {text!r}")
    return value
