"""`python -m ops preflight|bootstrap|deploy|smoke|destroy`: a stage on an account, with the caller's own credentials.

Every one of them takes the stage, a file of settings and single settings above it. See docs/deploy.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from infra.paths import ROOT
from ops.preflight import Account, Finding, Level, Plan, look
from ops.smoke import SmokeError, play
from ops.smoke import Stage as Deployed
from ops.stage_settings import SettingsError, settings_of, stage_of

DONE, REFUSED, IMPOSSIBLE = 0, 1, 2
_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_FOLDER = ROOT / ".local"
# The templates alone: a check of the account needs no layer.
_UNBUILT: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}


def preflight(arguments: argparse.Namespace) -> int:
    """Ask the account for all that would refuse the deployment; changes nothing."""
    context = _settings(arguments)
    folder = _assembly(context)
    print(f"Stage {arguments.stage}:")
    return _report(look(_account(context), _plan(context, {**context, **_UNBUILT}, folder)))


def bootstrap(arguments: argparse.Namespace) -> int:
    """Prepare account and region for the CDK, once: its bucket and its roles."""
    context = _settings(arguments)
    on = _account(context)
    account = context.get("account") or str(on.client("sts").get_caller_identity()["Account"])
    return _cdk(["bootstrap", f"aws://{account}/{on.region}"], context, on.region)


def deploy(arguments: argparse.Namespace) -> int:
    """Build the stage, look at the account, deploy every stack in its order, and keep the outputs in `.local/`."""
    context = _settings(arguments)
    on, folder = _account(context), _assembly(context)
    plan = _plan(context, context, folder)
    if _report(look(on, plan)) != DONE:
        return REFUSED
    outputs = _FOLDER / f"outputs-{arguments.stage}.json"
    options = [
        f"--require-approval={'never' if arguments.yes else 'broadening'}",
        f"--outputs-file={outputs}",
    ]
    if plan.stage.emulated:
        options.append("--method=direct")
    status = _cdk(["deploy", "--all", "--ci", *options], context, on.region, folder)
    if status == DONE:
        print(
            f"Deployed. The outputs are in {outputs.relative_to(ROOT)}; next: docs/deploy.md, After a deployment."
        )
    return status


def smoke(arguments: argparse.Namespace) -> int:
    """Play one synthetic case on the deployed stage: order, dispute, execution, mails, end."""
    try:
        play(Deployed.of(_account(_settings(arguments)), arguments.stage, arguments.api_url))
    except SmokeError as error:
        print(f"FAILED: {error}")
        return REFUSED
    print("The stage works.")
    return DONE


def destroy(arguments: argparse.Namespace) -> int:
    """Remove the stage's stacks; what a protected stage keeps is listed in docs/deploy.md."""
    context = _settings(arguments)
    on, folder = _account(context), _assembly(context)
    _plan(context, {**context, **_UNBUILT}, folder)
    return _cdk(["destroy", "--all", *(["--force"] if arguments.yes else [])], context, on.region, folder)


def add_commands(commands: Any) -> None:
    """These commands and what they take."""
    for command in (preflight, bootstrap, deploy, smoke, destroy):
        parser = commands.add_parser(command.__name__, help=command.__doc__)
        parser.add_argument("--stage", required=True, help="dev, prod, or any name with -c like=dev")
        parser.add_argument("--settings", help="a JSON file of settings, see docs/deploy.md")
        parser.add_argument("-c", dest="context", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--yes", action="store_true", help="ask nothing")
        parser.set_defaults(command=command, needs_table=False)
        if command is smoke:
            parser.add_argument("--api-url", help="instead of the output ApiUrl: a domain of your own")


def _settings(arguments: argparse.Namespace) -> dict[str, str]:
    return settings_of(arguments.stage, arguments.settings, arguments.context)


def _account(context: Mapping[str, str]) -> Account:
    # boto3 itself reads AWS_DEFAULT_REGION alone.
    region = stage_of(context).region or os.environ.get("AWS_REGION") or boto3.session.Session().region_name
    if not region:
        raise SettingsError("no region: set `region` in the settings, or AWS_REGION")
    return Account(region, os.environ.get("AWS_ENDPOINT_URL") or None)


def _assembly(context: Mapping[str, str]) -> Path:
    return _FOLDER / "deploy" / context["stage"]


def _plan(context: Mapping[str, str], synthesised: Mapping[str, Any], folder: Path) -> Plan:
    """Synthesise into `folder`. The stage's account and region are the caller's where the settings name none."""
    from infra.application import build

    folder.mkdir(parents=True, exist_ok=True)
    assembly = build(synthesised, str(folder)).synth()
    versions = [stack.requires_bootstrap_stack_version for stack in assembly.stacks]
    return Plan(
        stage_of(context),
        {stack.stack_name: stack.template for stack in assembly.stacks},
        max((int(version) for version in versions if version), default=None),
    )


def _report(findings: Sequence[Finding]) -> int:
    width = max(len(it.level) for it in findings)
    for it in findings:
        print(f"  {it.level.value:<{width}}  {it.subject}: {it.text}")
        if it.cure:
            print(f"  {'':<{width}}  -> {it.cure}")
    refused = sum(it.level is Level.REFUSED for it in findings)
    if refused:
        print(f"{refused} of {len(findings)} findings would refuse the deployment; nothing was changed.")
    return REFUSED if refused else DONE


def _cdk(words: Sequence[str], context: Mapping[str, str], region: str, app: Path | None = None) -> int:
    """Run the pinned CDK CLI with this interpreter, the caller's credentials and the settings."""
    if not _CDK.exists():
        print(
            f"error: {_CDK.relative_to(ROOT)} is missing: run `make deploy`, which sets it up",
            file=sys.stderr,
        )
        return IMPOSSIBLE
    settings = [f"--context={name}={value}" for name, value in context.items()]
    command = [str(_CDK), *words, "--no-notices", *(settings if app is None else [f"--app={app}"])]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    environment = os.environ | {"PATH": path, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    finished = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return DONE if finished.returncode == 0 else IMPOSSIBLE
