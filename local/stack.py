"""The local stack as a whole: up, down, and what is up. `python -m local.stack up|down|state`."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from infra.stages import LOCAL as LOCAL_STAGE
from local import deploy, emulator, people, state
from local.state import StackInfo
from local.workspace import DEFAULT_PORT, LOCAL, REGION, STAGE, LocalStackError, Workspace

DEFAULT_DAY_SECONDS: Final = 2
# As a browser writes it: scheme, host and perhaps a port, in lower case.
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
Report = Callable[[str], None]


def up(
    workspace: Workspace,
    *,
    day_seconds: int = DEFAULT_DAY_SECONDS,
    origins: Sequence[str] = (),
    persist: bool = False,
    settings: Mapping[str, str] | None = None,
    report: Report = print,
) -> StackInfo:
    """Start the emulator, deploy the application, create its people; returns what the stack is reached by.

    A stack of this checkout that runs on the port already gets the present code deployed and keeps its data and people.
    `day_seconds` is the length of the policy's day, `origins` are those of other pages than ours that may call the API.
    `persist` saves everything at `down`, and goes on from what was saved; without it that is forgotten. `settings` are
    further ones of the stage (docs/deploy.md). Raises LocalStackError; a stack that could not be finished is stopped
    again.
    """
    if day_seconds < 1:
        raise LocalStackError("DAY_SECONDS must be a whole number of at least 1.")
    if wrong := [origin for origin in origins if not ORIGIN.fullmatch(origin)]:
        raise LocalStackError(
            f"ORIGINS are like http://localhost:3000, without a path, not {', '.join(wrong)}."
        )
    if emulator.running_pid(workspace) is not None and workspace.state_file.exists():
        report(f"Deploying onto the running stack on port {workspace.port} ...")
        return _redeploy(workspace, day_seconds, origins, settings)
    emulator.stop(workspace)
    if persist and workspace.kept_file.exists():
        return _go_on(workspace, day_seconds, origins, settings, report)
    emulator.forget_state(workspace)
    report(f"Starting the emulated AWS on port {workspace.port} ...")
    emulator.start(workspace, persist=persist)
    try:
        report("Deploying the CDK application (the first time builds the layers) ...")
        outputs = deploy.deploy(workspace, day_seconds, origins, settings)
        report("Creating the people ...")
        info = _first_state(workspace, outputs, day_seconds)
    except BaseException:
        down(workspace)
        raise
    info.save(workspace)
    return info


def down(workspace: Workspace) -> bool:
    """Stop the stack and forget its data, unless it was started to keep them; the logs stay in its folder.

    False if nothing was running.
    """
    was_running = emulator.stop(workspace)
    if was_running and emulator.persists(workspace) and workspace.state_file.exists():
        state.keep(workspace)
    workspace.state_file.unlink(missing_ok=True)
    kept = workspace.kept_file.exists()
    for name in ("tmp", "home", "cdk.out", *(() if kept else ("state",))):
        shutil.rmtree(workspace.folder / name, ignore_errors=True)
    return was_running


def all_workspaces() -> list[Workspace]:
    """Every workspace of this checkout that has a folder, whether its stack runs or not."""
    names = [folder.name for folder in LOCAL.glob("stack*") if folder.is_dir()]
    ports = [DEFAULT_PORT if name == "stack" else int(name.removeprefix("stack-")) for name in names]
    return [Workspace(port) for port in sorted(ports)]


def _go_on(
    workspace: Workspace,
    day_seconds: int,
    origins: Sequence[str],
    settings: Mapping[str, str] | None,
    report: Report,
) -> StackInfo:
    """Start from the saved state, with its people and cases, and deploy the present code onto it.

    Executions that waited have failed; the sweeper's next rounds bring their cases on.
    """
    report(f"Starting the emulated AWS on port {workspace.port} from its saved state ...")
    emulator.start(workspace, persist=True)
    state.take_up(workspace)
    report("Deploying the present code onto it ...")
    try:
        return _redeploy(workspace, day_seconds, origins, settings)
    except BaseException:
        emulator.stop(workspace, gently=False)
        workspace.state_file.unlink(missing_ok=True)
        raise


def _first_state(workspace: Workspace, outputs: dict[str, str], day_seconds: int) -> StackInfo:
    people.verify_sender(workspace, LOCAL_STAGE.mail_sender)
    return StackInfo(
        api_url=_api_url(workspace, outputs["ApiId"]),
        site_url=workspace.site_url,
        user_pool_id=outputs["UserPoolId"],
        user_pool_client_id=outputs["UserPoolClientId"],
        team_pool_id=outputs["TeamPoolId"],
        team_pool_client_id=outputs["TeamPoolClientId"],
        table_name=outputs["TableName"],
        state_machine_arn=outputs["StateMachineArn"],
        event_bus_name=outputs["EventBusName"],
        evidence_bucket=outputs["EvidenceBucketName"],
        endpoint_url=workspace.endpoint_url,
        region=REGION,
        day_seconds=day_seconds,
        people=people.create_people(workspace, outputs),
        backend=people.create_backend(workspace, outputs),
        backend_api_url=_api_url(workspace, outputs["BackendApiId"]),
        late_changes_queue_url=outputs["LateChangesQueueUrl"],
    )


def _redeploy(
    workspace: Workspace, day_seconds: int, origins: Sequence[str], settings: Mapping[str, str] | None
) -> StackInfo:
    known = state.load(workspace)
    outputs = deploy.deploy(workspace, day_seconds, origins, settings)
    # A stack that an older version saved had no team of its own.
    team = {} if known.team_pool_id else people.create_team(workspace, outputs)
    # Nor had its backend an API of its own.
    people.allow_backend(workspace, outputs)
    info = replace(
        known,
        api_url=_api_url(workspace, outputs["ApiId"]),
        backend_api_url=_api_url(workspace, outputs["BackendApiId"]),
        site_url=workspace.site_url,
        day_seconds=day_seconds,
        # A table that was restored has another name.
        table_name=outputs["TableName"],
        late_changes_queue_url=outputs["LateChangesQueueUrl"],
        team_pool_id=outputs["TeamPoolId"],
        team_pool_client_id=outputs["TeamPoolClientId"],
        people=known.people | team,
    )
    info.save(workspace)
    return info


def _api_url(workspace: Workspace, api_id: str) -> str:
    """The emulator's address of an API's stage; the host that AWS would give it leads nowhere here."""
    return f"http://localhost:{workspace.port}/restapis/{api_id}/{STAGE}/_user_request_"


def _describe(workspace: Workspace) -> str:
    if emulator.running_pid(workspace) is None:
        return f"port {workspace.port}: down"
    if not workspace.state_file.exists():
        return f"port {workspace.port}: the emulator runs, nothing is deployed"
    info = state.load(workspace)
    return f"port {workspace.port}: up, {info.api_url}, a policy day lasts {info.day_seconds} s"


def _where_to_click(info: StackInfo) -> str:
    """The pages, and with which names and passwords one signs in there."""
    names = [f"  {person.username:<22}{person.password}" for person in info.people.values()]
    return "\n".join((f"Pages: {info.site_url}, signed in as", *names))


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="start, deploy, create the people")
    starting.add_argument("--port", type=int, default=DEFAULT_PORT)
    starting.add_argument("--day-seconds", type=int, default=DEFAULT_DAY_SECONDS)
    starting.add_argument("--origins", default="", help="of the pages that may call the API, comma separated")
    starting.add_argument(
        "--persist", action="store_true", help="go on from the saved state; save it at down"
    )
    for name, text in (("down", "stop and forget"), ("state", "what is up")):
        command = commands.add_parser(name, help=f"{text}; without --port every stack of this checkout")
        command.add_argument("--port", type=int, default=None)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run one command; a LocalStackError becomes a message and exit code 1."""
    arguments = _arguments(argv)
    try:
        if arguments.command == "up":
            workspace = Workspace(arguments.port)
            origins = tuple(one.strip() for one in arguments.origins.split(",") if one.strip())
            up(workspace, day_seconds=arguments.day_seconds, origins=origins, persist=arguments.persist)
            print(f"{_describe(workspace)}\n{_where_to_click(state.load(workspace))}")
            print(f"Addresses and people: {workspace.state_file}")
            return 0
        chosen = all_workspaces() if arguments.port is None else [Workspace(arguments.port)]
        for workspace in chosen:
            if arguments.command == "down":
                stopped = down(workspace)
                print(f"port {workspace.port}: {'stopped' if stopped else 'was not running'}")
            else:
                print(_describe(workspace))
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
