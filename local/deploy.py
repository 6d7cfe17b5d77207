"""The real `cdk deploy` of the real application, with its requests sent to the emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from local import aws
from local.workspace import ACCOUNT, CDK, LOCAL, REGION, ROOT, STAGE, VENV, LocalStackError, Workspace

# The synthesizer of the local stage publishes the code into the bucket that `cdk bootstrap` would make.
ASSETS_BUCKET: Final = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
TIMEOUT_SECONDS: Final = 600
LOG_LINES_SHOWN: Final = 40


def deploy(
    workspace: Workspace,
    day_seconds: int,
    origins: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Deploy every stack with a policy day of `day_seconds` seconds; returns its outputs by name.

    Our own pages and those of `origins` may call the API and sign people in. `settings` are further ones of the stage.

    Raises LocalStackError with the end of the CDK's own output when it fails.
    """
    ensure_assets_bucket(workspace)
    command = _command(workspace, day_seconds, origins, settings or {})
    with workspace.deploy_log.open("w") as log:
        try:
            finished = subprocess.run(
                command,
                cwd=ROOT,
                env=_environment(workspace),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise LocalStackError(f"{CDK} is missing: run `make up`, which sets it up.") from None
        except subprocess.TimeoutExpired:
            raise LocalStackError(
                f"cdk deploy took over {TIMEOUT_SECONDS} s; see {workspace.deploy_log}."
            ) from None
    if finished.returncode != 0:
        end = "\n".join(workspace.deploy_log.read_text().splitlines()[-LOG_LINES_SHOWN:])
        raise LocalStackError(f"cdk deploy failed; the end of {workspace.deploy_log}:\n{end}")
    return outputs(workspace)


def _command(
    workspace: Workspace, day_seconds: int, origins: Sequence[str], settings: Mapping[str, str]
) -> list[str]:
    return [
        str(CDK),
        "deploy",
        "--all",
        "--require-approval=never",
        "--method=direct",
        "--ci",
        "--no-notices",
        f"--output={workspace.folder / 'cdk.out'}",
        f"--outputs-file={_outputs_file(workspace)}",
        f"--context=stage={STAGE}",
        f"--context=day_seconds={day_seconds}",
        f"--context=emulator_port={workspace.port}",
        f"--context=site_url={workspace.site_url}",
        *_pages((workspace.site_url, *origins)),
        *(f"--context={name}={value}" for name, value in settings.items()),
    ]


def outputs(workspace: Workspace) -> dict[str, str]:
    """The CloudFormation outputs of all stacks of the last deployment, by output key."""
    stacks: dict[str, dict[str, str]] = json.loads(_outputs_file(workspace).read_text())
    return {key: value for found in stacks.values() for key, value in found.items()}


def _pages(origins: Sequence[str]) -> list[str]:
    settings = {
        "allowed_origins": origins,
        "callback_urls": [f"{origin}/signed-in" for origin in origins],
        "team_callback_urls": [f"{origin}/desk/signed-in" for origin in origins],
    }
    return [f"--context={name}={','.join(values)}" for name, values in settings.items()]


def _outputs_file(workspace: Workspace) -> Path:
    return workspace.folder / "cdk.out" / "outputs.json"


def ensure_assets_bucket(workspace: Workspace) -> None:
    """Make the bucket that `cdk bootstrap` would make: the emulator knows no bootstrap."""
    s3 = aws.client(workspace, "s3")
    if ASSETS_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ASSETS_BUCKET)


def _environment(workspace: Workspace) -> dict[str, str]:
    """The caller's environment without what could lead to a real account, plus the emulator's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    no_proxy = ",".join(filter(None, (kept.get("NO_PROXY"), "localhost", "127.0.0.1")))
    return kept | {
        "PATH": os.pathsep.join((str(VENV / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])),
        "HOME": str(workspace.folder / "home"),
        "TMPDIR": str(workspace.folder / "tmp"),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(LOCAL / "cache" / "uv")),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(LOCAL / "cache" / "jsii"),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "AWS_ENDPOINT_URL": workspace.endpoint_url,
        "AWS_ACCESS_KEY_ID": aws.ADMINISTRATOR["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws.ADMINISTRATOR["aws_secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        # Whoever changes a template has it read by `make lint-templates`; here it would be a sixth of the time.
        "CDK_VALIDATION": "false",
    }
