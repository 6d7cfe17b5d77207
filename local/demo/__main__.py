"""`python -m local.demo`: bring a stack up, run whole disputes on it, show and check what came of them.

Exit code 0 where everything is as it must be, 1 where it is not, 130 after an interrupt.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import types
from collections.abc import Callable
from pathlib import Path

from local import emulator, stack, state
from local.demo.bulk import day_seconds_for, run_bulk
from local.demo.case import DemoError
from local.demo.display import Display
from local.demo.orders import Plan, read_plans
from local.demo.side_by_side import Stage, run_stories
from local.pace import slowness
from local.state import StackInfo
from local.workspace import DEFAULT_PORT, LocalStackError, Workspace


def main(argv: list[str] | None = None) -> int:
    """Run the demo; whatever it started, it stops again."""
    arguments = _arguments(argv)
    display, workspace = Display(), Workspace(arguments.port)
    day_seconds = arguments.day_seconds or math.ceil(stack.DEFAULT_DAY_SECONDS * slowness())
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        plans = read_plans(arguments.orders, arguments.limit) if arguments.orders else []
        findings = _on_a_stack(workspace, display, plans, day_seconds)
    except KeyboardInterrupt:
        display.say("interrupted")
        return 130
    except (DemoError, LocalStackError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return _verdict(display, findings)


def _on_a_stack(workspace: Workspace, display: Display, plans: list[Plan], day_seconds: int) -> list[str]:
    """The demo on the stack that runs already, or on a fresh one that ends with it."""
    play: Callable[[Stage], list[str]] = (lambda stage: run_bulk(stage, plans)) if plans else run_stories
    if emulator.running_pid(workspace) is not None and workspace.state_file.exists():
        info = state.load(workspace)
        display.say(f"Using the stack that runs on port {workspace.port} (a day lasts {info.day_seconds} s)")
        return play(Stage.of(info, workspace, display))
    try:
        info = _bring_up(
            workspace, display, day_seconds_for(len(plans), day_seconds) if plans else day_seconds
        )
        return play(Stage.of(info, workspace, display))
    finally:
        _stop(workspace, display)


def _stop(workspace: Workspace, display: Display) -> None:
    """Stop the demo's own stack; a second Ctrl-C must not leave half of it running."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    with display.busy("Stopping the stack ..."):
        # Nothing of it is kept, and a gentle end would wait for all that sleeps in it.
        emulator.stop(workspace, gently=False)
        stack.down(workspace)


def _bring_up(workspace: Workspace, display: Display, day_seconds: int) -> StackInfo:
    with display.busy(f"Bringing a stack up; a day of the policy lasts {day_seconds} s on it"):
        return stack.up(workspace, day_seconds=day_seconds, report=display.say)


def _verdict(display: Display, findings: list[str]) -> int:
    display.console.print()
    if not findings:
        display.say("Everything is as it must be.", style="bold green")
        return 0
    display.say(f"{len(findings)} things are not as they must be:", style="bold red")
    for finding in findings:
        display.say(f"  - {finding}", style="red")
    return 1


def _interrupt(_signal: int, _frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or DEFAULT_PORT))
    parser.add_argument(
        "--day-seconds",
        type=int,
        default=int(os.environ.get("DAY_SECONDS") or 0),
        help="how long a day of the policy lasts, by itself as this machine needs; many orders get a longer one",
    )
    orders = os.environ.get("ORDERS")
    parser.add_argument(
        "--orders", type=Path, default=Path(orders) if orders else None, help="run these orders"
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=int(os.environ.get("LIMIT") or 0),
        help="only so many of the orders that came late or never (0: all)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
