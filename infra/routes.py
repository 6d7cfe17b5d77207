"""The one table of functions: a row each. What people call comes from the table of actions; workers are rows here.

The row's id is the folder in `functions/`. A test keeps rows, folders and handlers equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from buyer_protection.domain.actions import ACTIONS, ActionSpec
from buyer_protection.domain.actions import Caller as Auth
from infra.grants import Profile

__all__ = ["SPECS", "Auth", "FunctionSpec", "Kind"]


class Kind(StrEnum):
    """What calls a function."""

    API = "api"
    TASK = "task"
    STREAM = "stream"
    SCHEDULE = "schedule"
    NIGHTLY = "nightly"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function: `timeout` in seconds, `memory` in MB (CPU grows with it)."""

    id: str
    kind: Kind
    grants: Profile
    method: str = ""
    path: str = ""
    auth: Auth = Auth.PERSON
    timeout: int = 10
    memory: int = 1024


def _of(action: ActionSpec) -> FunctionSpec:
    grants = Profile(action.grants.value)
    return FunctionSpec(action.name, Kind.API, grants, action.method, action.path, action.caller)


SPECS: tuple[FunctionSpec, ...] = (
    *(_of(action) for action in ACTIONS),
    FunctionSpec("close_window", Kind.TASK, Profile.WRITE_CASE),
    FunctionSpec("open_mediation", Kind.TASK, Profile.WRITE_CASE),
    FunctionSpec("notify_parties", Kind.TASK, Profile.NOTIFY, timeout=30),
    FunctionSpec("receive_events", Kind.QUEUE, Profile.RECEIVE),
    FunctionSpec("receive_mail_events", Kind.QUEUE, Profile.RECEIVE_MAIL_EVENTS),
    FunctionSpec("verify_upload", Kind.QUEUE, Profile.VERIFY_UPLOAD, timeout=60),
    FunctionSpec("dispatch_changes", Kind.STREAM, Profile.DISPATCH, timeout=60),
    FunctionSpec("audit_cases", Kind.NIGHTLY, Profile.AUDIT, timeout=290),
    FunctionSpec("sweep_deadlines", Kind.SCHEDULE, Profile.SWEEP, timeout=55),
)
