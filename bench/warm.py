"""Q17: what a warm action costs beside the DynamoDB calls that it must make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bench.figures import Line, milliseconds, paired_ratio
from bench.layers import FOLDER, Mounts
from bench.processes import Probe, cpu_seconds, function_environment
from local.workspace import ROOT

GATE, AIM = 1.5, 1.3


def measure(
    mounts: Mounts, recordings: dict[str, Any], table: str, report: Callable[[str], None]
) -> list[Line]:
    """One line for each recorded action."""
    recorded, out = FOLDER / "recordings.json", FOLDER / "warm.json"
    recorded.write_text(json.dumps(recordings))
    report(f"warm handlers on a canned wire: {', '.join(recordings)}")
    arguments = [str(ROOT / "bench" / "replay.py"), str(recorded), str(ROOT / "functions"), str(out)]
    code = f"import runpy, sys; sys.argv = {arguments!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    environment = {**function_environment(mounts), "TABLE_NAME": table}
    cpu_seconds(Probe("the warm handlers", code, (mounts.built,), environment))
    found = json.loads(out.read_text())
    return [
        Line(
            "Q17",
            f"warm {action}",
            milliseconds(taken["ours"]),
            f"its {taken['calls']} raw calls {milliseconds(taken['raw'])}",
            paired_ratio(taken["ours"], taken["raw"]),
            "x",
            GATE,
            AIM,
        )
        for action, taken in found.items()
    ]
