"""`make races`: so many rounds of every race on an emulator of its own; exit code 1 where anything was violated."""

from __future__ import annotations

import argparse
import shutil
import sys
import time

from local import emulator
from local.workspace import Workspace
from tests.races.meeting import Tally, meeting
from tests.races.variants import VARIANTS

PORT = 4640
SHOWN = 5


def main() -> int:
    """Print a row for each variant: rounds, who won how often, how the losers were refused, violations."""
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--only", default="", help="variants whose name contains this")
    parser.add_argument("--port", type=int, default=PORT)
    arguments = parser.parse_args()
    chosen = [name for name in VARIANTS if arguments.only in name]
    if not chosen or arguments.rounds < 1:
        parser.error(
            f"nothing to race: --only is a part of one of {', '.join(VARIANTS)}; --rounds at least 1"
        )
    workspace = Workspace(arguments.port)
    violations = 0
    emulator.start(workspace)
    try:
        with meeting(workspace.endpoint_url) as gathered:
            for name in chosen:
                begun = time.monotonic()
                tally = gathered.race(name, arguments.rounds, _progress)
                violations += len(tally.violations)
                print(row(tally, time.monotonic() - begun), flush=True)
    finally:
        emulator.stop(workspace, gently=False)
        shutil.rmtree(workspace.folder, ignore_errors=True)
    print(f"{violations} violations in {arguments.rounds} rounds of {len(chosen)} races")
    return 1 if violations else 0


def row(tally: Tally, seconds: float) -> str:
    """The table's row, with who won in which mode below it."""
    lines = [
        f"{tally.variant}: {tally.rounds} rounds in {seconds:.0f} s, {len(tally.violations)} violations",
        f"    {'won':30} {_counts(tally.winners)}",
        f"    {'answers to the losers':30} {_counts(tally.lost)}",
    ]
    lines += [f"    {mode:30} {_counts(winners)}" for mode, winners in tally.by_mode.items()]
    return "\n".join([*lines, *(f"    VIOLATION {text}" for text in tally.violations[:SHOWN])])


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items())) or "-"


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
