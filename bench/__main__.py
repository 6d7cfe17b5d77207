"""`make bench`: measure, and print one table. Progress goes to stderr, the table to stdout and `.local/bench.json`.

What cannot be measured is a row that says why; the run goes on, and ends with exit code 1 and the names of what is
missing. Whether a bar holds does not change the exit code. `--only Q15,Q18` measures a part, `--cases` is how full the
table is made for Q19. The local stack for Q17 to Q21 and Q23 is started at `--port`, with days of `--day-seconds`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bench import bill, clock, cold, counts, growth, layers, lives, warm
from bench.figures import Line, missing, not_measured, render
from bench.layers import BuiltLayers, Mounts
from local import stack
from local.state import StackInfo
from local.workspace import LOCAL, ROOT, VENV, Workspace

PORT = 4630
OUT = LOCAL / "bench.json"
ALL = ("Q15", "Q16", "Q17", "Q18", "Q19", "Q20", "Q21", "Q22", "Q23")
OF_THE_STACK = frozenset({"Q17", "Q18", "Q19", "Q20", "Q21", "Q23"})
OF_THE_LAYERS = frozenset({"Q15", "Q16", "Q17", "Q22"})
OF_THE_ACTIONS = frozenset({"Q17", "Q18", "Q21"})
LAYER_GATE_MB, LAYER_AIM_MB, FUNCTION_GATE_KB = 5.5, 3.0, 60.0

T = TypeVar("T")


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
    """Measure what was asked for; 0 where everything was measured, 1 where something is missing."""
    arguments = _arguments(argv)
    report = Progress()
    run = Run(frozenset(arguments.only), report)
    run.measure(Workspace(arguments.port), arguments.cases, arguments.day_seconds)
    chosen = sorted((line for line in run.lines if line.id in run.wanted), key=lambda line: line.id)
    report("done")
    OUT.write_text(
        json.dumps({**_conditions(report.seconds), "lines": [line.to_dict() for line in chosen]}, indent=2)
    )
    print(render(chosen))
    misses = sum(line.verdict.startswith("MISSES") for line in chosen)
    print(f"\n{misses} of {len(chosen)} figures miss their gate.")
    absent = missing(chosen)
    for name in absent:
        print(f"Not measured: {name}", file=sys.stderr)
    return 1 if absent else 0


class Run:
    """One run: what is wanted, and the lines found so far."""

    def __init__(self, wanted: frozenset[str], report: Progress) -> None:
        self.wanted = wanted
        self.lines: list[Line] = []
        self._report = report

    def measure(self, workspace: Workspace, cases: int, day_seconds: int) -> None:
        """All that is wanted. CPU is measured once the stack is gone, on a machine that does nothing else of ours."""
        built = None
        if self.wanted & OF_THE_LAYERS:
            built = self._attempt(OF_THE_LAYERS, "layers", lambda: layers.build(self._report))
        found = self._on_a_stack(workspace, cases, day_seconds) if self.wanted & OF_THE_STACK else None
        if built is None:
            return
        mounts, sizes = built
        self._add({"Q22"}, "sizes", lambda: _sizes(sizes))
        self._add({"Q15", "Q16"}, "cold starts", lambda: cold.measure(mounts, self._report))
        if found is not None:
            self._add({"Q17"}, "warm actions", lambda: _warm(mounts, found, self._report))

    def _on_a_stack(self, workspace: Workspace, cases: int, day_seconds: int) -> dict[str, Any] | None:
        """What needs a local stack, which ends with it; while lives wait for deadlines, actions are counted."""
        self._report(f"bringing a local stack up on port {workspace.port}")
        try:
            info = self._attempt(
                OF_THE_STACK,
                "local stack",
                lambda: stack.up(workspace, day_seconds=day_seconds, report=self._report),
            )
            return self._with(info, workspace, cases) if info is not None else None
        finally:
            stack.down(workspace)
            self._report("the stack is down")

    def _with(self, info: StackInfo, workspace: Workspace, cases: int) -> dict[str, Any] | None:
        endpoint, report, found = info.endpoint_url, self._report, None
        with ThreadPoolExecutor(1) as pool:
            played: Future[None] = pool.submit(
                self._add, {"Q20"}, "lives", lambda: lives.measure(info, workspace, report)
            )
            if self.wanted & OF_THE_ACTIONS:
                report("counting the calls and units of each action and of a whole case")
                found = self._attempt(
                    OF_THE_ACTIONS, "actions", lambda: _in_a_process("bench.actions", endpoint)
                )
            played.result()
        if found is not None:
            whole = found["contested"]
            self._add({"Q18"}, "actions", lambda: counts.lines_of(found["costs"]) + counts.following(whole))
            self._add({"Q21"}, "price", lambda: bill.lines_of(whole))
        self._add({"Q23"}, "clock", lambda: clock.measure(info, workspace, report))
        self._add({"Q19"}, "growth", lambda: _growth(endpoint, cases, report))
        return found

    def _add(self, ids: Iterable[str], what: str, part: Callable[[], list[Line]]) -> None:
        """The lines of a part, where one of its ids is wanted."""
        if self.wanted & set(ids):
            self.lines += self._attempt(ids, what, part) or []

    def _attempt(self, ids: Iterable[str], what: str, part: Callable[[], T]) -> T | None:
        """What the part returns; None where it fails, with a line for each wanted id that then has no figure."""
        with ThreadPoolExecutor(1) as pool:
            attempt = pool.submit(part)
        failure = attempt.exception()
        if failure is None:
            return attempt.result()
        self._report("".join(traceback.format_exception(failure)))
        self.lines += [not_measured(id, what, failure) for id in sorted(self.wanted & set(ids))]
        return None


def _growth(endpoint: str, cases: int, report: Progress) -> list[Line]:
    report(f"the hundredth action, and the same among {cases:,} cases")
    return growth.lines_of(_in_a_process("bench.growth", endpoint, str(cases)))


def _in_a_process(module: str, endpoint: str, *more: str) -> dict[str, Any]:
    """What a module of handlers that run in a process of their own has found."""
    layers.FOLDER.mkdir(parents=True, exist_ok=True)
    out = layers.FOLDER / f"{module}.json"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    paths = (ROOT, ROOT / "layers" / "buyer_protection" / "python")
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
        "AWS_CONFIG_FILE": os.devnull,
    }
    command = [str(VENV / "bin" / "python"), "-m", module, endpoint, str(out), *more]
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
    parser.add_argument("--only", type=_ids, default=ALL, help="ids, comma separated")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--day-seconds", type=int, default=lives.DAY_SECONDS, help="longer on a busy machine")
    parser.add_argument(
        "--cases", type=_cases, default=growth.MANY, help=f"for Q19, up to {growth.FULL} as in the bar"
    )
    return parser.parse_args(argv)


def _ids(text: str) -> tuple[str, ...]:
    ids = tuple(one.strip().upper() for one in text.split(",") if one.strip())
    unknown = sorted(set(ids) - set(ALL))
    if unknown or not ids:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or text!r}: the ids are {', '.join(ALL)}")
    return ids


def _cases(text: str) -> int:
    number = int(text)
    if number <= growth.FEW:
        raise argparse.ArgumentTypeError(f"more than {growth.FEW}, which it is compared with")
    return number


if __name__ == "__main__":
    Path(LOCAL / "tmp").mkdir(parents=True, exist_ok=True)
    sys.exit(main())
