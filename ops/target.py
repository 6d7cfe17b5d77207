"""Which stage a command works on: a table on AWS, or the stack of one's own machine by its `.local/stack.json`."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from buyer_protection.adapters.dynamodb.row import configure

LOCAL_PORT = 4566
LOCAL_STAGE = "local"
_TABLE = re.compile(r"BuyerProtection-(.+)-cases")
_KEPT = Path(__file__).resolve().parents[1] / ".local"
# The emulator's administrator; nothing but the emulator knows it.
_LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class TargetError(Exception):
    """The stage cannot be reached as it was named; the message says why."""


@dataclass(frozen=True)
class Target:
    """A stage's table and retry queue. `endpoint_url` is None on AWS.

    `stage` is what its other resources are named by, where the table's name does not say it: one that was restored.
    """

    table_name: str
    region: str
    endpoint_url: str | None = None
    retry_queue_url: str = ""
    stage: str = ""
    _clients: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def name_of(self, name: str) -> str:
        """The physical name of what is called `name` within the stage. TargetError where the stage is not known."""
        found = _TABLE.fullmatch(self.table_name)
        stage = self.stage or (found[1] if found else "")
        if not stage:
            raise TargetError("--stage is missing: the table's name does not say whose queues and functions")
        return f"BuyerProtection-{stage}-{name}"

    def connect(self) -> None:
        """Use this stage's table for the rest of the process."""
        if self.endpoint_url is not None:
            host = str(urlsplit(self.endpoint_url).hostname)
            # No proxy: the emulator runs on this machine, whatever the caller's environment says.
            os.environ.update(_LOCAL_CREDENTIALS, NO_PROXY=host, no_proxy=host)
        configure(self.table_name, self.region, self.endpoint_url)

    def client(self, service: str, settings: Config | None = None) -> Any:
        """A boto3 client of the stage's `service`, with the credentials of the environment."""
        if settings is None and service in self._clients:
            return self._clients[service]
        config = settings or Config()
        if self.endpoint_url:
            config = config.merge(Config(proxies={}))
        made = boto3.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=config)
        if settings is None:
            self._clients[service] = made
        return made

    def queue(self, name: str) -> str:
        """The URL of a queue of the stage."""
        return str(self.client("sqs").get_queue_url(QueueName=self.name_of(name))["QueueUrl"])

    def retry_queue(self) -> str:
        """The URL of the queue of changes that are retried."""
        if self.retry_queue_url:
            return self.retry_queue_url
        if self.stage:
            return self.queue("late-changes")
        raise TargetError("--queue is missing: the output LateChangesQueueUrl of the stack Messaging")


def on_aws(table_name: str, region: str, retry_queue_url: str = "", stage: str = "") -> Target:
    """A stage on AWS, with the caller's own credentials. The stage's name says the table's, unless that is named."""
    return Target(table_name or f"BuyerProtection-{stage}-cases", region, None, retry_queue_url, stage)


def on_this_machine(port: int, folder: Path = _KEPT) -> Target:
    """The stack that `make up` keeps on that port. TargetError where there is none."""
    file = folder / ("stack.json" if port == LOCAL_PORT else f"stack-{port}.json")
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        queue = kept.get("late_changes_queue_url", "")
        return Target(kept["table_name"], kept["region"], kept["endpoint_url"], queue, LOCAL_STAGE)
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError) as error:
        raise TargetError(f"no stack of {file}; start one with `make up PORT={port}`") from error
