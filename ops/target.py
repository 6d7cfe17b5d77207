"""Which stage a command works on: a table on AWS, or the stack of one's own machine by its `.local/stack.json`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from buyer_protection.adapters.dynamodb.row import configure

LOCAL_PORT = 4566
_KEPT = Path(__file__).resolve().parents[1] / ".local"
# The emulator's administrator; nothing but the emulator knows it.
_LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class TargetError(Exception):
    """The stage cannot be reached as it was named; the message says why."""


@dataclass(frozen=True)
class Target:
    """A stage's table and retry queue. `endpoint_url` is None on AWS."""

    table_name: str
    region: str
    endpoint_url: str | None = None
    retry_queue_url: str = ""

    def connect(self) -> None:
        """Use this stage's table for the rest of the process."""
        if self.endpoint_url is not None:
            host = str(urlsplit(self.endpoint_url).hostname)
            # No proxy: the emulator runs on this machine, whatever the caller's environment says.
            os.environ.update(_LOCAL_CREDENTIALS, NO_PROXY=host, no_proxy=host)
        configure(self.table_name, self.region, self.endpoint_url)

    def client(self, service: str) -> Any:
        """A boto3 client of the stage's `service`, with the credentials of the environment."""
        config = Config(proxies={}) if self.endpoint_url else None
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=config)

    def retry_queue(self) -> str:
        """The URL of the queue of changes that are retried."""
        if not self.retry_queue_url:
            raise TargetError("--queue is missing: the output LateChangesQueueUrl of the stack Messaging")
        return self.retry_queue_url


def on_aws(table_name: str, region: str, retry_queue_url: str = "") -> Target:
    """A stage on AWS, with the caller's own credentials."""
    return Target(table_name, region, None, retry_queue_url)


def on_this_machine(port: int, folder: Path = _KEPT) -> Target:
    """The stack that `make up` keeps on that port. TargetError where there is none."""
    file = folder / ("stack.json" if port == LOCAL_PORT else f"stack-{port}.json")
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return Target(
            kept["table_name"], kept["region"], kept["endpoint_url"], kept.get("late_changes_queue_url", "")
        )
    except (KeyError, OSError, ValueError) as error:
        raise TargetError(f"no stack of {file}; start one with `make up PORT={port}`") from error
