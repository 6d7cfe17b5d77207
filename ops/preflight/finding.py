"""What a check is given and what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.stages import Stage


class Level(StrEnum):
    """REFUSED: the deployment would fail, or the stage would not work. WARNING: it works, within a limit."""

    OK = "ok"
    WARNING = "warning"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject`: what was looked at; `text`: what was seen; `cure`: what to do, empty where nothing is.

    `ends`: no further check is worth making.
    """

    level: Level
    subject: str
    text: str
    cure: str = ""
    ends: bool = False


@dataclass(frozen=True)
class Account:
    """The caller's account in one region. `endpoint_url` is None on AWS."""

    region: str
    endpoint_url: str | None = None
    errors = (BotoCoreError, ClientError)

    def client(self, service: str) -> Any:
        """A boto3 client with the caller's own credentials."""
        # Without a proxy to an emulator: it is on this machine.
        proxies: dict[str, str] | None = {} if self.endpoint_url else None
        config = Config(retries={"mode": "standard", "total_max_attempts": 4}, proxies=proxies)
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=config)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be deployed: the stage, its templates by stack name, and the bootstrap version that they need."""

    stage: Stage
    templates: Mapping[str, Mapping[str, Any]]
    bootstrap: int | None

    def resources(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Every resource: its stack, its logical id, itself."""
        for stack, template in self.templates.items():
            for id, resource in template["Resources"].items():
                yield stack, id, resource


def code_of(error: ClientError) -> str:
    """The error's code, as `ResourceNotFoundException`."""
    return str(error.response.get("Error", {}).get("Code", ""))
