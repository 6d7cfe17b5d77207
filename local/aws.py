"""boto3 clients on the emulator. Its administrator is the pair `test`/`test`; people get their own."""

from __future__ import annotations

from typing import Any, Final

import boto3
from botocore.config import Config

from local.workspace import REGION, Workspace

ADMINISTRATOR: Final = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# No proxy: the emulator is on this machine, whatever the caller's environment says.
_CONFIG: Final = Config(proxies={}, retries={"mode": "standard", "max_attempts": 3})


def client(workspace: Workspace, service: str) -> Any:
    """A client of `service` with the administrator's rights on the workspace's emulator."""
    session = boto3.session.Session(region_name=REGION, **ADMINISTRATOR)
    return session.client(service, endpoint_url=workspace.endpoint_url, config=_CONFIG)
