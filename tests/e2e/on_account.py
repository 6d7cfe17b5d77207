"""The commands of docs/deploy.md as an operator gives them, with an emulator as the account."""

from __future__ import annotations

import os
import subprocess

from local import aws
from local.workspace import REGION, ROOT, Workspace
from tests.e2e.pace import patience

SECONDS = patience(300)


def make(account: Workspace, goal: str, *settings: str) -> subprocess.CompletedProcess[str]:
    """`make <goal> <settings>` with the emulator's administrator as the caller, and no other setting of AWS."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    caller = {
        "AWS_ENDPOINT_URL": account.endpoint_url,
        "AWS_ACCESS_KEY_ID": aws.ADMINISTRATOR["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws.ADMINISTRATOR["aws_secret_access_key"],
        "AWS_REGION": REGION,
        "NO_PROXY": "localhost,127.0.0.1",
    }
    return subprocess.run(
        ["make", "-s", goal, *settings],
        cwd=ROOT,
        env=own | caller,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
