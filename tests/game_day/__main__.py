"""`make game-day`: twelve failures on the local stack, one after the other; a table at the end; exit code 1 where
something was not seen, not mended by its page, or not whole afterwards."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.state import load
from local.workspace import LocalStackError, Workspace
from ops.__main__ import DONE
from ops.__main__ import main as operate
from tests.e2e.conftest import started
from tests.e2e.pace import DAY_SECONDS
from tests.e2e.rehearsal import LONG_DAY
from tests.e2e.watching import again_and_again, check_all_end_right
from tests.e2e.world import World
from tests.game_day import of_restore
from tests.game_day.day import DEADLINE_SECONDS, WHY, Day, Failure, Measured, table_of
from tests.game_day.of_clock import OF_CLOCK
from tests.game_day.of_queues import OF_QUEUES
from tests.game_day.of_table import OF_TABLE
from tests.game_day.page import PAGE, page

_LOOK_SECONDS = 1.0


def main() -> int:
    """Play the chosen failures, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.game_day", description=__doc__)
    parser.add_argument("--only", default="", help="failures whose name contains this")
    parser.add_argument("--port", type=int, help="a stack that runs already, and goes on running")
    arguments = parser.parse_args()
    os.environ["OPERATOR"] = "game day"
    with tempfile.TemporaryDirectory() as folder:
        restore = of_restore.failure(Path(folder))
        chosen = [
            it
            for it in (*OF_QUEUES, *OF_CLOCK, *OF_TABLE, restore)
            if arguments.only.lower() in it.name.lower()
        ]
        if not chosen:
            parser.error("no failure has such a name")
        rows: list[Measured] = []
        summary: list[str] = []
        wrong = 0
        # The table is restored on a stack of its own.
        for failures, day_seconds in (
            ([it for it in chosen if it is not restore], DAY_SECONDS),
            ([it for it in chosen if it is restore], LONG_DAY),
        ):
            if failures:
                with _world(arguments.port, day_seconds) as world:
                    wrong += _played(world, failures, rows, summary if restore not in failures else None)
    print(table_of(rows))
    if not wrong and len(rows) == len(chosen) and not arguments.only:
        PAGE.write_text(page(rows, summary[0]), encoding="utf-8")
    print(f"\n{len(rows)} of {len(chosen)} failures were seen and mended; {wrong} went wrong")
    return 1 if wrong else 0


@contextmanager
def _world(port: int | None, day_seconds: int) -> Iterator[World]:
    if port is not None:
        workspace = Workspace(port)
        if not workspace.state_file.exists():
            raise LocalStackError(f"no stack runs on port {port}")
        made = World(workspace, load(workspace))
        _ = made.bus
        yield made
        return
    with started(day_seconds) as made:
        yield made


def _played(
    world: World, failures: Sequence[Failure], rows: list[Measured], summary: list[str] | None
) -> int:
    """How many went wrong. With a `summary` to be added to, all cases are watched, and the end of the day counts."""
    port = str(world.workspace.port)
    day = Day(world, lambda *words: operate(["--port", port, *words]))
    wrong = 0
    with again_and_again(day.watch.look if summary is not None else lambda: None, _LOOK_SECONDS):
        for failure in failures:
            wrong += not _one(day, failure)
        rows += day.rows
        if summary is not None:
            wrong += not _tried("the end of the day", lambda: summary.append(_end(day)))
    return wrong


def _one(day: Day, failure: Failure) -> bool:
    print(f"== {failure.name}: {failure.caused}", flush=True)
    return _tried(failure.name, lambda: print(table_of([day.play(failure)]), flush=True))


def _tried(name: str, do: Callable[[], object]) -> bool:
    try:
        do()
    # What a stack, its services and commands raise where something is not as it must be: the others are played too.
    except (AssertionError, BotoCoreError, ClientError, HTTPException, LookupError, OSError):
        print(f"WRONG: {name}\n{traceback.format_exc()}", file=sys.stderr, flush=True)
        return False
    return True


def _end(day: Day) -> str:
    """Every case ends right, every date was met, nothing disagrees; the day in a sentence."""
    cases = [*day.watch.cases, *day.watch.left]
    check_all_end_right(cases)
    said = (
        f"{len(cases)} cases ended right; {day.watch.met} dates were met, the latest "
        f"{day.watch.latest:.0f} s late."
    )
    print(said)
    assert day.watch.latest < DEADLINE_SECONDS
    assert day.operate("queues", "list") == DONE
    assert day.operate("cases", "list", "--overdue") == DONE
    assert day.operate("audit", "run", *WHY) == DONE
    return said


if __name__ == "__main__":
    sys.exit(main())
