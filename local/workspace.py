"""Where a local stack keeps its things: everything of a port is in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
VENV_EMULATOR = LOCAL / "venv-emulator"
CDK = ROOT / "node_modules" / ".bin" / "cdk"

DEFAULT_PORT = 4566
REGION = "us-east-1"
ACCOUNT = "000000000000"
STAGE = "local"
HOST = "127.0.0.1"


class LocalStackError(Exception):
    """The local stack cannot do what was asked; the message says why and what helps."""


@dataclass(frozen=True)
class Workspace:
    """Files and addresses of the stack on `port`."""

    port: int = DEFAULT_PORT

    @property
    def name(self) -> str:
        return "stack" if self.port == DEFAULT_PORT else f"stack-{self.port}"

    @property
    def folder(self) -> Path:
        return LOCAL / self.name

    @property
    def state_file(self) -> Path:
        """What the stack is reached by, for people and programs: `.local/stack.json`."""
        return LOCAL / f"{self.name}.json"

    @property
    def pid_file(self) -> Path:
        return self.folder / "emulator.pid"

    @property
    def persist_mark(self) -> Path:
        """There while the emulator's state is to be kept over its stop."""
        return self.folder / "persist"

    @property
    def kept_file(self) -> Path:
        """What the stack is reached by, kept with the saved state of a stopped one: its people still exist."""
        return self.folder / "kept.json"

    @property
    def emulator_log(self) -> Path:
        return self.folder / "emulator.log"

    @property
    def deploy_log(self) -> Path:
        return self.folder / "deploy.log"

    @property
    def endpoint_url(self) -> str:
        """The AWS endpoint. An address, not a name: SDKs then put the bucket into the path, not the host."""
        return f"http://{HOST}:{self.port}"

    @property
    def site_port(self) -> int:
        """The port of the pages: the next one."""
        return self.port + 1

    @property
    def site_url(self) -> str:
        """Where the pages are."""
        return f"http://localhost:{self.site_port}"

    def ensure(self) -> None:
        """Create the folders that the stack's processes write into."""
        for folder in (self.folder, self.folder / "home", self.folder / "tmp", self.folder / "state"):
            folder.mkdir(parents=True, exist_ok=True)
