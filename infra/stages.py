"""The stages as data: everything that differs between one's own machine, the shared test account and
production.

A value that is the same everywhere belongs into the construct that uses it, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment target.

    `day_seconds` is the length of the policy's day in seconds (86,400 but on a demo), `back_off_seconds` the
    pause of the state machine after a failed step, `log_days` the retention of logs in days, `evidence_days`
    that of evidence. With `malware_scanning`, an evidence file counts only once GuardDuty found it clean.

    `sweeper_concurrency` and `audit_concurrency` reserve that many concurrent executions for the two; None reserves
    none, since a fresh account has ten in all and refuses any reservation. Neither runs beside itself without one: each
    ends before it is called again, and a failed call is not repeated.
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
    emulated: bool = False
    malware_scanning: bool = True
    protected: bool = True
    account: str | None = None
    region: str | None = None
    log_level: str = "INFO"
    sweeper_concurrency: int | None = None
    audit_concurrency: int | None = None

    @property
    def local(self) -> bool:
        """Whether the stack runs on the emulator on one's own machine.

        The emulator lacks TLS, WAF associations, the account's API logging role, and key policies; sign-in
        there takes a user name and a password without a second factor, so that a script can act as a person.
        """
        return self.emulated

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
    site_url="http://localhost:8080",
    allowed_origins=("http://localhost:8080",),
    mail_domain="shop.example.com",
    mail_sender="disputes@shop.example.com",
    rate_per_second=5_000,
    burst=5_000,
    emulated=True,
    malware_scanning=False,
    protected=False,
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
    log_level="DEBUG",
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
)
STAGES = {stage.name: stage for stage in (LOCAL, DEV, PROD)}


def from_context(read: Callable[[str], object]) -> Stage:
    """The stage that the CDK context names, with what the context overrides.

    Keys: `stage`, `day_seconds`, `account`, `region`, `site_url`, `allowed_origins` (comma separated),
    `mail_domain`, `mail_sender`, `sweeper_concurrency`, `audit_concurrency`. Raises ValueError for an unknown stage and
    for a value that is not allowed.
    """
    name = str(read("stage") or LOCAL.name)
    if name not in STAGES:
        raise ValueError(f"unknown stage {name!r}: one of {', '.join(STAGES)}")
    stage = STAGES[name]
    texts = {
        key: str(value)
        for key in ("account", "region", "site_url", "mail_domain", "mail_sender")
        if (value := read(key)) is not None
    }
    stage = replace(stage, **texts)  # type: ignore[arg-type]
    if (origins := read("allowed_origins")) is not None:
        stage = replace(stage, allowed_origins=tuple(o.strip() for o in str(origins).split(",") if o.strip()))
    if (day := read("day_seconds")) is not None:
        stage = replace(stage, day_seconds=float(str(day)))
    if (sweeper := read("sweeper_concurrency")) is not None:
        stage = replace(stage, sweeper_concurrency=_at_least_one("sweeper_concurrency", sweeper))
    if (audit := read("audit_concurrency")) is not None:
        stage = replace(stage, audit_concurrency=_at_least_one("audit_concurrency", audit))
    if stage.day_seconds <= 0:
        raise ValueError("day_seconds must be positive")
    if stage.name == PROD.name and stage.day_seconds != DAY_SECONDS:
        raise ValueError("a day of production has 86,400 seconds")
    return stage


def _at_least_one(name: str, value: object) -> int:
    number = int(str(value))
    if number < 1:
        raise ValueError(f"{name} must be at least 1: with 0 the function never runs")
    return number
