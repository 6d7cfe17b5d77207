"""CPU of fresh processes: user and system time of the whole process, interpreter included, as the kernel counts it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.layers import Mounts
from local.workspace import ROOT, VENV_EMULATOR
from tests.support import api_events, in_process

# What Lambda's own runtime has: an interpreter and boto3, nothing of ours.
PYTHON = VENV_EMULATOR / "bin" / "python"
REGION = "us-east-1"


class ProbeError(Exception):
    """A measured process failed; the message ends with what it printed."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A fresh process: `code` is run with `paths` first in its sys.path. Nothing is cached unless `writes` says so."""

    name: str
    code: str
    paths: tuple[Path, ...] = ()
    environment: Mapping[str, str] | None = None
    writes: bool = False


def function_environment(mounts: Mounts) -> dict[str, str]:
    """What a function finds in its environment; nothing in it leads anywhere."""
    return {
        **api_events.ENVIRONMENT,
        **in_process.WORKERS,
        "TABLE_NAME": "bench",
        "AWS_DATA_PATH": str(mounts.service_data),
    }


def base_environment() -> dict[str, str]:
    """What every measured process finds: Lambda's own variables, and no road to a real account."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(ROOT / ".local" / "bench"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    }


def cpu_seconds(probe: Probe) -> float:
    """Run the probe once. Raises ProbeError when it fails."""
    environment = base_environment() | dict(probe.environment or {})
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in probe.paths)
    command = [str(PYTHON), *([] if probe.writes else ["-B"]), "-c", probe.code]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    printed = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise ProbeError(f"{probe.name}: exit code {process.returncode}\n{printed[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def interleaved(
    probes: Sequence[Probe], rounds: int, progress: Callable[[int], None] = lambda _round: None
) -> dict[str, list[float]]:
    """`rounds` times each probe, one after the other, in turning order; CPU seconds by probe name."""
    taken: dict[str, list[float]] = {probe.name: [] for probe in probes}
    for turn in range(rounds):
        progress(turn)
        shift = turn % len(probes)
        for probe in (*probes[shift:], *probes[:shift]):
            taken[probe.name].append(cpu_seconds(probe))
    return taken
