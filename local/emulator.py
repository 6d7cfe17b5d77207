"""MiniStack as a process of its own: start, wait until healthy, stop with everything it started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from local.ministack_wrapper import AS_PUBLISHED
from local.workspace import HOST, REGION, ROOT, VENV_EMULATOR, LocalStackError, Workspace

HEALTH_SECONDS: Final = 60.0
GENTLE_SECONDS: Final = 20.0
HARD_SECONDS: Final = 5.0
FREED_SECONDS = 2.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def start(workspace: Workspace, *, persist: bool = False, corrected: bool = True) -> int:
    """Start the emulator on the workspace's port and return its process id once it answers.

    `persist` goes on from what an earlier gentle stop has saved, and saves at the next one; without it, what was
    saved is forgotten. `corrected=False` runs the emulator as published, without the wrapper's corrections (for the
    canary). Raises LocalStackError when the port is taken, the environment is missing, or the emulator does not get
    healthy.
    """
    python = VENV_EMULATOR / "bin" / "python"
    if not python.exists():
        raise LocalStackError(f"{python} is missing: run `make up`, which sets it up.")
    _require_free_port(workspace.port)
    _require_free_port(workspace.site_port)
    workspace.ensure()
    if persist:
        workspace.persist_mark.touch()
    else:
        forget_state(workspace)
    command = [str(python), str(ROOT / "local" / "ministack_wrapper.py")]
    if not corrected:
        command.append(AS_PUBLISHED)
    with workspace.emulator_log.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=workspace.folder,
            env=_environment(workspace, persist=persist),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session, thus a process group, of its own: stop() ends the group with all its workers.
            start_new_session=True,
        )
    workspace.pid_file.write_text(str(process.pid))
    try:
        _wait_until_healthy(workspace, process)
    except BaseException:
        stop(workspace)
        raise
    return process.pid


def stop(workspace: Workspace, *, gently: bool = True) -> bool:
    """End the emulator and every process of its group; False if none was running.

    `gently=False` skips SIGTERM, as a power cut would: nothing is saved.
    """
    pid = running_pid(workspace)
    if pid is None:
        workspace.pid_file.unlink(missing_ok=True)
        return False
    if gently:
        os.kill(pid, signal.SIGTERM)
        _wait_until_gone(pid, GENTLE_SECONDS)
    _kill_group(pid)
    if not _wait_until_gone(pid, HARD_SECONDS):
        raise LocalStackError(f"The emulator (process {pid}) does not end; see {workspace.emulator_log}.")
    workspace.pid_file.unlink(missing_ok=True)
    return True


def restart(workspace: Workspace, *, gently: bool = True) -> int:
    """Stop a persisting emulator and start it again from its saved state; returns the new process id."""
    stop(workspace, gently=gently)
    return start(workspace, persist=True)


def running_pid(workspace: Workspace) -> int | None:
    """The emulator's process id if it is alive and is the emulator, not a later owner of the number."""
    try:
        pid = int(workspace.pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    _reap(pid)
    return pid if "ministack_wrapper.py" in _command_of(pid) else None


def health(workspace: Workspace) -> dict[str, Any] | None:
    """The emulator's own health report, or None while it does not answer."""
    try:
        with _NO_PROXY.open(f"{workspace.endpoint_url}/_ministack/health", timeout=2) as answer:
            report: dict[str, Any] = json.loads(answer.read())
            return report
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError):
        return None


def _environment(workspace: Workspace, *, persist: bool) -> dict[str, str]:
    """What the emulator, and through it every function, sees: nothing of the caller's own environment."""
    environment = {
        "PATH": os.pathsep.join((str(VENV_EMULATOR / "bin"), "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": str(workspace.folder / "home"),
        "TMPDIR": str(workspace.folder / "tmp"),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(workspace.port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Docker is never used, even where a daemon runs.
        "DOCKER_HOST": f"unix://{workspace.folder / 'no-docker.sock'}",
        "NO_PROXY": "localhost,127.0.0.1",
        # Every waiting execution holds a thread of the emulator.
        "MINISTACK_WORKER_THREADS": "256",
        # Surplus function processes go soon; the first of each function stays warm.
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "STATE_DIR": str(workspace.folder / "state"),
        "S3_DATA_DIR": str(workspace.folder / "state" / "s3"),
    }
    if persist:
        environment |= {"PERSIST_STATE": "1", "S3_PERSIST": "1"}
    return environment


def persists(workspace: Workspace) -> bool:
    """Whether the emulator was last started to keep its state."""
    return workspace.persist_mark.exists()


def forget_state(workspace: Workspace) -> None:
    """Remove what a stopped emulator has saved, and its log."""
    for name in ("state", "tmp"):
        shutil.rmtree(workspace.folder / name, ignore_errors=True)
    workspace.ensure()
    for file in (workspace.persist_mark, workspace.kept_file, workspace.emulator_log):
        file.unlink(missing_ok=True)


def _require_free_port(port: int) -> None:
    # A process that was ended keeps its sockets until the last of its threads is gone.
    latest = time.monotonic() + FREED_SECONDS
    while _is_taken(port):
        if time.monotonic() > latest:
            raise LocalStackError(
                f"Port {port} is in use. Stop what listens there (`make down PORT={port}` if it is a "
                f"stack of this checkout) or choose another: `make up PORT={port + 2}`."
            )
        time.sleep(0.05)


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _wait_until_healthy(workspace: Workspace, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + HEALTH_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise LocalStackError(
                f"The emulator ended with code {process.returncode}; see {workspace.emulator_log}."
            )
        if health(workspace) is not None:
            return
        time.sleep(0.1)
    raise LocalStackError(
        f"The emulator was not healthy after {HEALTH_SECONDS:.0f} s; see {workspace.emulator_log}."
    )


def _wait_until_gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        _reap(pid)
        if not _alive(pid):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended and only waits for its parent to notice. Unknown where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"


def _command_of(pid: int) -> str:
    """The process's command line, empty if there is no such process. Slim containers have no `ps`."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout


def _reap(pid: int) -> None:
    """Take leave of our own ended child; the emulator of another process is none of ours."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
