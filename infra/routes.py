"""The one table of functions: a row each. What people call comes from the table of actions; workers are rows here.

The row's id is the folder in `functions/`. A test keeps rows, folders and handlers equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from buyer_protection.domain.actions import ACTIONS, ActionSpec
from buyer_protection.domain.actions import Caller as Auth
from infra.grants import Profile

__all__ = ["CALLED", "SPECS", "Auth", "FunctionSpec", "Home", "Kind"]


class Kind(StrEnum):
    """What calls a function."""

    API = "api"
    PREFLIGHT = "preflight"
    TASK = "task"
    STREAM = "stream"
    SCHEDULE = "schedule"
    NIGHTLY = "nightly"
    QUEUE = "queue"


class Home(StrEnum):
    """The stack that a function lives in, by its last word: workers, and what the parties or the team's desk call."""

    WORKERS = "Workers"
    PARTIES = "Parties"
    DESK = "Desk"


# What the gateway calls.
CALLED = (Kind.API, Kind.PREFLIGHT)


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function: `timeout` in seconds, `memory` in MB (CPU grows with it).

    `feeds_itself`: what it sends comes back to it, for longer than the sixteen calls after which Lambda ends such a
    chain. The bound is then our own.
    """

    id: str
    kind: Kind
    grants: Profile
    method: str = ""
    path: str = ""
    auth: Auth = Auth.PERSON
    timeout: int = 10
    memory: int = 1024
    feeds_itself: bool = False
    home: Home = Home.WORKERS


def _of(action: ActionSpec) -> FunctionSpec:
    grants = Profile(action.grants.value)
    home = Home.DESK if action.tag in ("Claim", "Operations") else Home.PARTIES
    return FunctionSpec(action.name, Kind.API, grants, action.method, action.path, action.caller, home=home)


SPECS: tuple[FunctionSpec, ...] = (
    *(_of(action) for action in ACTIONS),
    FunctionSpec("preflight", Kind.PREFLIGHT, Profile.NOTHING, memory=256, home=Home.PARTIES),
    FunctionSpec("close_window", Kind.TASK, Profile.WRITE_CASE),
    FunctionSpec("open_mediation", Kind.TASK, Profile.WRITE_CASE),
    # A mail that SES does not take goes back into the queue 294 times at most, for three days (decision 0027).
    FunctionSpec("notify_parties", Kind.TASK, Profile.NOTIFY, timeout=30, feeds_itself=True),
    FunctionSpec("receive_events", Kind.QUEUE, Profile.RECEIVE),
    FunctionSpec("receive_mail_events", Kind.QUEUE, Profile.RECEIVE_MAIL_EVENTS),
    FunctionSpec("verify_upload", Kind.QUEUE, Profile.VERIFY_UPLOAD, timeout=60),
    FunctionSpec("dispatch_changes", Kind.STREAM, Profile.DISPATCH, timeout=60),
    FunctionSpec("audit_cases", Kind.NIGHTLY, Profile.AUDIT, timeout=290),
    FunctionSpec("sweep_deadlines", Kind.SCHEDULE, Profile.SWEEP, timeout=55),
)
