"""`make bench`: measure, and print one table. Progress goes to stderr, the table to stdout and `.local/bench.json`.

The exit code says whether everything was measured, never whether a bar holds. `--only Q15,Q16` measures a part,
`--port` is where the local stack is started for Q17 to Q20 and Q23.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import clock, cold, growth, layers, lives, warm
from bench.counts import lines_of
from bench.figures import Line, render
from bench.layers import BuiltLayers, Mounts
from local import stack
from local.workspace import LOCAL, ROOT, VENV, Workspace

PORT = 4630
OUT = LOCAL / "bench.json"
ALL = ("Q15", "Q16", "Q17", "Q18", "Q19", "Q20", "Q22", "Q23")
LAYER_GATE_MB, LAYER_AIM_MB, FUNCTION_GATE_KB = 5.5, 3.0, 60.0


class Progress:
    """Lines with the time since the start, on stderr."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def __call__(self, line: str) -> None:
        print(f"[{self.seconds:6.1f} s] {line}", file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Measure what was asked for; 0 unless measuring failed, which raises."""
    arguments = _arguments(argv)
    wanted = set(arguments.only.split(","))
    report = Progress()
    mounts, sizes = layers.build(report)
    lines = _sizes(sizes) if "Q22" in wanted else []
    recorded: dict[str, Any] = {}
    if wanted & {"Q17", "Q18", "Q19", "Q20", "Q23"}:
        counted, recorded = _on_a_stack(Workspace(arguments.port), report, wanted)
        lines += counted
    # After the stack is gone: CPU is measured on a machine that does nothing else of ours.
    if wanted & {"Q15", "Q16"}:
        lines += cold.measure(mounts, report)
    if "Q17" in wanted:
        lines += _warm(mounts, recorded, report)
    chosen = sorted((line for line in lines if line.id in wanted), key=lambda line: line.id)
    report("done")
    OUT.write_text(
        json.dumps({**_conditions(report.seconds), "lines": [line.to_dict() for line in chosen]}, indent=2)
    )
    print(render(chosen))
    print(
        f"\n{sum(line.verdict.startswith('MISSES') for line in chosen)} of {len(chosen)} figures miss their gate."
    )
    return 0


def _on_a_stack(
    workspace: Workspace, report: Progress, wanted: set[str]
) -> tuple[list[Line], dict[str, Any]]:
    """Q18 to Q20 and Q23 on a stack that ends with them; while lives wait for their deadlines, actions are counted."""
    report(f"bringing a local stack up on port {workspace.port}")
    try:
        info = stack.up(workspace, day_seconds=lives.DAY_SECONDS, report=report)
        with ThreadPoolExecutor(1) as pool:
            played: Future[list[Line]] | None = (
                pool.submit(lives.measure, info, workspace, report) if "Q20" in wanted else None
            )
            report("counting the calls and units of each action")
            found = _actions(info.endpoint_url)
            lived = played.result() if played else []
        clocked = clock.measure(info, workspace, report) if "Q23" in wanted else []
        grown = _growth(info.endpoint_url, report) if "Q19" in wanted else []
    finally:
        stack.down(workspace)
        report("the stack is down")
    return lines_of(found["costs"]) + lived + clocked + grown, found


def _actions(endpoint: str) -> dict[str, Any]:
    return _in_a_process("bench.actions", endpoint)


def _growth(endpoint: str, report: Progress) -> list[Line]:
    report(f"the hundredth action, and the same among {growth.MANY} cases")
    return growth.lines_of(_in_a_process("bench.growth", endpoint))


def _in_a_process(module: str, endpoint: str) -> dict[str, Any]:
    """What a module of handlers that run in a process of their own has found."""
    out = layers.FOLDER / f"{module}.json"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    paths = (ROOT, ROOT / "layers" / "buyer_protection" / "python")
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
        "AWS_CONFIG_FILE": os.devnull,
    }
    command = [str(VENV / "bin" / "python"), "-m", module, endpoint, str(out)]
    subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True
    )
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def _warm(mounts: Mounts, recorded: dict[str, Any], report: Progress) -> list[Line]:
    return warm.measure(mounts, recorded["recordings"], recorded["table"], report)


def _sizes(built: list[BuiltLayers]) -> list[Line]:
    lines = []
    for one in built:
        pyc = f"{one.compiled} .pyc files" if one.compiled else "no .pyc files: no such interpreter here"
        split = f"own {one.own / 1e6:.2f} MB, third-party {one.third_party / 1e6:.2f} MB"
        megabytes = (one.own + one.third_party) / 1e6
        gate, aim = (LAYER_GATE_MB, LAYER_AIM_MB) if one.compiled else (None, None)
        lines.append(Line("Q22", f"layers' zips, {one.target}", split, pyc, megabytes, "MB", gate, aim))
    zips = layers.function_sizes()
    largest = max(zips, key=lambda name: zips[name])
    reference = f"{len(zips)} functions, all together {sum(zips.values()) / 1e3:.1f} KB"
    size = zips[largest] / 1e3
    lines.append(
        Line(
            "Q22",
            f"largest function's zip, {largest}",
            f"{size:.2f} KB",
            reference,
            size,
            "KB",
            FUNCTION_GATE_KB,
        )
    )
    return lines


def _conditions(seconds: float) -> dict[str, Any]:
    load = os.getloadavg()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in load],
    }


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default=",".join(ALL), help="ids, comma separated")
    parser.add_argument("--port", type=int, default=PORT)
    return parser.parse_args(argv)


if __name__ == "__main__":
    Path(LOCAL / "tmp").mkdir(parents=True, exist_ok=True)
    sys.exit(main())
