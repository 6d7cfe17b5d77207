"""What a running stack is reached by: read from and written to `.local/stack.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from typing import Any

from local.workspace import LocalStackError, Workspace


@dataclass(frozen=True)
class Person:
    """Someone who signs in with USER_PASSWORD_AUTH; `sub` is the id that orders name as buyer or seller.

    Members of the team have a `totp_secret` (base32), from which the codes of their second factor are made.
    """

    username: str
    password: str
    sub: str
    totp_secret: str | None = None

    @property
    def is_of_the_team(self) -> bool:
        """Whether they sign in at the team's pool."""
        return self.totp_secret is not None


@dataclass(frozen=True)
class Backend:
    """The shop's own system: an IAM user that may make the IAM-signed calls and nothing else."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class StackInfo:
    """Addresses, names and people of one stack. `api_url` and `backend_api_url` end in the stage; `/v1/...` follows."""

    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    table_name: str
    state_machine_arn: str
    event_bus_name: str
    evidence_bucket: str
    endpoint_url: str
    region: str
    day_seconds: int
    people: dict[str, Person]
    backend: Backend
    # Absent from what an older version saved.
    team_pool_id: str = ""
    team_pool_client_id: str = ""
    late_changes_queue_url: str = ""
    backend_api_url: str = ""
    site_url: str = ""

    def save(self, workspace: Workspace) -> None:
        """Write the state file."""
        _write(workspace, json.dumps(asdict(self), indent=2) + "\n")


def keep(workspace: Workspace) -> None:
    """Put the state file beside the saved state of the stack, which nothing reaches any more."""
    workspace.state_file.replace(workspace.kept_file)


def take_up(workspace: Workspace) -> None:
    """The kept file is the state file again; the copy stays, should the stack end without saving anew."""
    _write(workspace, workspace.kept_file.read_text())


def load(workspace: Workspace) -> StackInfo:
    """Read the stack's state file. Raises LocalStackError when no stack was deployed on that port."""
    try:
        return parse(workspace.state_file.read_text())
    except FileNotFoundError:
        raise LocalStackError(
            f"{workspace.state_file} is missing: run `make up PORT={workspace.port}` first."
        ) from None


def parse(text: str) -> StackInfo:
    """What a state file holds; fields that only another version knows are left out."""
    raw: dict[str, Any] = json.loads(text)
    people = {name: Person(**person) for name, person in raw.pop("people").items()}
    backend = Backend(**raw.pop("backend"))
    known = {field.name for field in fields(StackInfo)}
    return StackInfo(**{k: v for k, v in raw.items() if k in known}, people=people, backend=backend)


def _write(workspace: Workspace, text: str) -> None:
    """Readable by its owner only: it holds passwords and keys."""
    workspace.state_file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(workspace.state_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
