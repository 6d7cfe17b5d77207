"""Q17: what a warm action costs beside the DynamoDB calls that it must make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bench.figures import Line, milliseconds, paired_ratio
from bench.layers import FOLDER, Mounts
from bench.processes import Probe, cpu_seconds, function_environment
from local.workspace import ROOT

# A read sends one call, a write a read and a transaction.
READ_GATE, READ_AIM = 1.6, 1.4
WRITE_GATE, WRITE_AIM = 2.0, 1.6


def measure(
    mounts: Mounts, recordings: dict[str, Any], table: str, report: Callable[[str], None]
) -> list[Line]:
    """For each recorded action a line beside the calls of its own client, and one beside those of a default client."""
    recorded, out = FOLDER / "recordings.json", FOLDER / "warm.json"
    recorded.write_text(json.dumps(recordings))
    report(f"warm handlers on a canned wire: {', '.join(recordings)}")
    arguments = [str(ROOT / "bench" / "replay.py"), str(recorded), str(ROOT / "functions"), str(out)]
    code = f"import runpy, sys; sys.argv = {arguments!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    environment = {**function_environment(mounts), "TABLE_NAME": table}
    cpu_seconds(Probe("the warm handlers", code, (mounts.built,), environment))
    found = json.loads(out.read_text())
    return [line for action, taken in found.items() for line in _lines(action, taken)]


def _lines(action: str, taken: dict[str, Any]) -> list[Line]:
    ours = milliseconds(taken["ours"])
    raw = f"its {taken['calls']} raw calls {milliseconds(taken['raw'])}"
    usual = f"raw, parameters validated {milliseconds(taken['usual'])}"
    gate, aim = (READ_GATE, READ_AIM) if taken["calls"] == 1 else (WRITE_GATE, WRITE_AIM)
    beside_raw, beside_usual = (paired_ratio(taken["ours"], taken[name]) for name in ("raw", "usual"))
    return [
        Line("Q17", f"warm {action}", ours, raw, beside_raw, "x", gate, aim),
        Line("Q17", f"warm {action}, beside a default client", ours, usual, beside_usual, "x"),
    ]
