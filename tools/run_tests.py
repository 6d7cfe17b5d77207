"""`make test` and `make verify`: which tests each of them runs, in which processes, and one closing line for all.

Tests with a stack mostly wait and need short answers; those without one need the processor. So they run side by side,
and the latter give way to all others (`nice`). `AT_ONCE` parts run at a time; the next begins as soon as one is over.
The readers of the templates and of the document are no tests, but as long as some, and run beside them.
`python -m tools.run_tests test|verify [PATH ...] -- [PYTEST OPTION ...]`; `python -m tools.run_tests report SECONDS`
prints one closing line for all reports that are there. `test` leaves the templates to `verify` unless they are named.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
REPORTS: Final = ROOT / ".local" / "reports"
HOME: Final = ROOT / ".local" / "home"
POLL_SECONDS: Final = 0.2
AT_ONCE: Final = 4
NO_TESTS: Final = 5
# The one line of a JUnit report that counts.
SUITE: Final = re.compile(r"<testsuite [^>]*>")
FAILED_COMMAND: Final = '<testsuite name="command" errors="1" failures="0" skipped="0" tests="1">'
NUMBER: Final = re.compile(r'\b(errors|failures|skipped|tests)="(\d+)"')

E2E: Final = "tests/e2e"
# People at the pages read and type: a stack with longer days.
PAGES: Final = "tests/browser"
# These bring up stacks, deploy, or break functions for everybody: apart from those that share one stack.
APART: Final = tuple(
    f"{E2E}/test_{name}.py"
    for name in (
        "deploy_page", "two_stacks", "update_from_first_release", "second_deployment", "restored_table",
        "broken_functions",
    )
)  # fmt: skip
# The templates change with `infra/` alone, and cost a quarter of the time of all tests without a stack.
TEMPLATES: Final = "tests/synth"
READERS: Final = {
    name: ("make", "--no-print-directory", goal)
    for name, goal in (("readers", "lint-templates"), ("document", "document-verify"))
}
# The longest first, so that no process is left with one of them at the end.
WITHOUT_STACK: Final = (
    "tests/crash", "tests/upgrade", "tests/model", "tests/simulation", "tests/integration", "tests/contracts",
    "tests/unit",
)  # fmt: skip
IN_PROCESSES: Final = ("--numprocesses", "auto", "--no-loadscope-reorder")
SELECTED: Final = {
    "test": ("-m", "not verify", "--sample"),
    "verify": ("-m", "verify or sampled"),
}


@dataclass(frozen=True)
class Part:
    """Tests that run in a pytest of their own; `gives_way` where others wait for short answers meanwhile, `is_whole`
    where the goal runs all of them and not what is marked for it. With `command` no tests, but that."""

    name: str
    paths: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    gives_way: bool = False
    is_whole: bool = False
    command: tuple[str, ...] = ()


def parts_of(goal: str, paths: list[str]) -> list[Part]:
    """What runs, in the order of its beginning; with `paths` only what lies below one of them.

    What has a stack waits for most of its time, so three such parts begin at once; what needs none fills the gaps, and
    is what is left for all processors at the end. The readers come first, since one of them takes long by itself.
    """
    is_verify = goal == "verify"
    apart = (E2E, PAGES, TEMPLATES) if is_verify else (E2E, PAGES)
    alone = [path for path in paths if not path.startswith(apart)]
    templates = [path for path in paths if path.startswith(TEMPLATES)] if is_verify else []
    stacked = [path for path in paths if path.startswith(E2E)]
    pages = [path for path in paths if path.startswith(PAGES)]
    if paths:
        parts = [
            Part("local", tuple(alone), IN_PROCESSES, gives_way=True),
            Part("stack", tuple(stacked)),
            Part("pages", tuple(pages)),
            Part("templates", tuple(templates), is_whole=True),
        ]
        return [part for part in parts if part.paths]
    aside = tuple(f"--ignore={path}" for path in APART)
    local = Part("local", WITHOUT_STACK, IN_PROCESSES, gives_way=True)
    stack = Part("stack", (E2E,), aside)
    if not is_verify:
        return [local, stack]
    return [
        local,
        stack,
        Part("pages", (PAGES,)),
        Part("apart", APART),
        *(Part(name, command=command, gives_way=True) for name, command in READERS.items()),
        Part("templates", (TEMPLATES,), gives_way=True, is_whole=True),
    ]


class Running:
    """A part under way; what it prints goes to a file. A command that fails leaves a report too, of one error."""

    def __init__(self, goal: str, part: Part, options: list[str]) -> None:
        self.part = part
        self.log = REPORTS / f"{goal}-{part.name}.log"
        self.report = self.log.with_suffix(".xml")
        # So many bytes of the log; None where not even its name was.
        self.shown: int | None = None
        command = [*part.command] or [
            sys.executable, "-m", "pytest", *(() if part.is_whole else SELECTED[goal]), *part.options,
            f"--junitxml={self.report}",
            *part.paths, *options,
        ]  # fmt: skip
        if part.gives_way:
            command = ["nice", "-n", "10", *command]
        # The CDK writes to the home directory, and no setting changes that.
        environment = {**os.environ, "HOME": str(HOME), "TZ": "UTC"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def show(self) -> None:
        """Print what it has printed since the last time."""
        if self.shown is None:
            print(f"== {self.part.name}", flush=True)
        with self.log.open("rb") as log:
            log.seek(self.shown or 0)
            sys.stdout.buffer.write(log.read())
            sys.stdout.flush()
            self.shown = log.tell()

    def stop(self) -> None:
        """End it politely: a stack that it has started goes down with it, and what make has started with make."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if self.part.command else signal.SIGINT)
            self.process.wait()

    def close(self) -> None:
        """Let the closing lines count a command that failed."""
        if self.part.command and self.process.returncode:
            self.report.write_text(FAILED_COMMAND, encoding="utf-8")


def run(goal: str, paths: list[str], options: list[str]) -> int:
    """Run the parts of a goal side by side, show one after the other, and print the closing line."""
    for folder in (REPORTS, HOME):
        folder.mkdir(parents=True, exist_ok=True)
    for old in REPORTS.glob(f"{goal}-*"):
        old.unlink()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun = time.monotonic()
    running: list[Running] = []
    try:
        play(parts_of(goal, paths), running, lambda part: Running(goal, part, options))
    finally:
        for one in running:
            one.stop()
    for one in running:
        one.close()
    reports = [one.report for one in running if not one.part.command or one.report.exists()]
    print(closing_line(reports, time.monotonic() - begun))
    # A part of which a narrowed choice leaves nothing has not failed.
    empty = [one for one in running if one.process.returncode == NO_TESTS and not one.part.command]
    failed = [one for one in running if one.process.returncode and not (one in empty and (paths or options))]
    return 1 if failed or len(empty) == len(running) else 0


def play(parts: list[Part], running: list[Running], begin: Callable[[Part], Running]) -> None:
    """Run the parts, `AT_ONCE` at a time, and show one after the other; `running` gets each that has begun."""
    waiting, unshown = deque(parts), deque[Running]()
    while waiting or unshown:
        while waiting and sum(not one.is_over for one in running) < AT_ONCE:
            running.append(begin(waiting.popleft()))
            unshown.append(running[-1])
        # Looked at before it is shown: what it printed last is shown too.
        ended = unshown[0].is_over
        unshown[0].show()
        if ended:
            unshown.popleft()
        else:
            time.sleep(POLL_SECONDS)


def closing_line(reports: list[Path], seconds: float) -> str:
    """As pytest closes a run, over several: a report that is missing is an error."""
    counts: Counter[str] = Counter()
    for report in reports:
        suite = SUITE.search(report.read_text(encoding="utf-8")) if report.exists() else None
        if suite is None:
            counts["errors"] += 1
            continue
        found = {name: int(number) for name, number in NUMBER.findall(suite[0])}
        bad = found["failures"], found["errors"], found["skipped"]
        counts.update(failed=bad[0], errors=bad[1], skipped=bad[2], passed=found["tests"] - sum(bad))
    counted = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "errors") if counts[name]]
    counted = [text.removesuffix("s") if text == "1 errors" else text for text in counted]
    minutes, rest = divmod(round(seconds), 60)
    clock = f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    return f" {', '.join(counted) or 'no tests ran'} in {seconds:.2f}s ({clock}) ".center(80, "=")


def main(words: list[str]) -> int:
    """The command; its exit code is 0 where everything passed."""
    if words[0] == "report":
        print(closing_line(sorted(REPORTS.glob("*.xml")), float(words[1])))
        return 0
    paths, options = words[1 : words.index("--")], words[words.index("--") + 1 :]
    return run(words[0], paths, options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
