"""The one table of functions: a row each. What people call comes from the table of actions; workers are rows here.

The row's id is the folder in `functions/`. A test keeps rows, folders and handlers equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from buyer_protection.domain.actions import ACTIONS, TEST_ACTIONS, ActionSpec
from buyer_protection.domain.actions import Caller as Auth
from infra.stages import Stage

__all__ = ["CALLED", "EMULATED_SPECS", "SPECS", "Auth", "FunctionSpec", "Home", "Kind", "specs_of"]


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
    """The stack that a function lives in, by its last word: workers, what the parties call, and what the team's desk
    or the shop's integrations call."""

    WORKERS = "Workers"
    PARTIES = "Parties"
    DESK = "Desk"


# The tags of what is deployed beside the desk: neither has as many functions as what the parties call.
_AT_THE_DESK = frozenset({"Claim", "Events", "Operations", "People"})
# What the gateway calls.
CALLED = (Kind.API, Kind.PREFLIGHT)


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function: `timeout` in seconds, `memory` in MB (CPU grows with it).

    `feeds_itself`: what it sends comes back to it, for longer than the sixteen calls after which Lambda ends such a
    chain. The bound is then our own. `batch_size`: how many messages of its queue it gets at once. `makes_copies`:
    whether it has the layer for pictures.
    """

    id: str
    kind: Kind
    method: str = ""
    path: str = ""
    callers: frozenset[Auth] = frozenset()
    timeout: int = 10
    memory: int = 1024
    feeds_itself: bool = False
    home: Home = Home.WORKERS
    batch_size: int = 10
    makes_copies: bool = False

    @property
    def is_for_people(self) -> bool:
        """Whether people call it, with a token."""
        return Auth.PERSON in self.callers

    @property
    def is_for_backend(self) -> bool:
        """Whether the shop's backend calls it, with a signature."""
        return Auth.SYSTEM in self.callers

    def is_at(self, api: Auth) -> bool:
        """Whether the API of that kind of caller has the call: people's has every one, those of the backend too."""
        return self.kind is Kind.API and (api is Auth.PERSON or self.is_for_backend)


def _of(action: ActionSpec) -> FunctionSpec:
    home = Home.DESK if action.tag in _AT_THE_DESK else Home.PARTIES
    return FunctionSpec(action.name, Kind.API, action.method, action.path, action.callers, home=home)


SPECS: tuple[FunctionSpec, ...] = (
    *(_of(action) for action in ACTIONS),
    FunctionSpec("preflight", Kind.PREFLIGHT, memory=256, home=Home.PARTIES),
    FunctionSpec("close_window", Kind.TASK),
    FunctionSpec("open_mediation", Kind.TASK),
    # A mail that SES does not take goes back into the queue 294 times at most, for three days (decision 0027).
    FunctionSpec("notify_parties", Kind.TASK, timeout=30, feeds_itself=True),
    FunctionSpec("receive_events", Kind.QUEUE),
    FunctionSpec("receive_mail_events", Kind.QUEUE),
    # Ten endpoints in a row may each use up their five seconds.
    FunctionSpec("deliver_webhooks", Kind.QUEUE, timeout=90, memory=512),
    # A sixth of the time after which their queues bring again what failed: four minutes (decision 0058). One picture at
    # a time may take most of it, and much memory (decision 0074).
    FunctionSpec("verify_upload", Kind.QUEUE, timeout=40, memory=2048, batch_size=1, makes_copies=True),
    FunctionSpec("dispatch_changes", Kind.STREAM, timeout=40),
    FunctionSpec("audit_cases", Kind.NIGHTLY, timeout=290),
    FunctionSpec("sweep_deadlines", Kind.SCHEDULE, timeout=55),
)

# What only stages with `emulated` have.
EMULATED_SPECS: tuple[FunctionSpec, ...] = tuple(_of(action) for action in TEST_ACTIONS)


def specs_of(stage: Stage) -> tuple[FunctionSpec, ...]:
    """The functions of a stage."""
    return (*SPECS, *EMULATED_SPECS) if stage.emulated else SPECS
