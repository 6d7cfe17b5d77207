"""Progress for people: a live line for each script on a terminal, plain lines everywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from local.demo.schedule import utc_now


class CountdownColumn(ProgressColumn):
    """Seconds until the task's `until`, while that lies ahead."""

    def render(self, task: Task) -> Text:
        until: datetime | None = task.fields.get("until")
        left = (until - utc_now()).total_seconds() if until else 0
        return Text(f"next look in {left:.0f} s" if left >= 1 else "", style="dim")


class Display:
    """Where everything is written. Safe to use from several threads."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        # Into a file or a CI log a line may be as long as it likes to be; tables and frames need a width.
        if not self.console.is_terminal:
            self.console.width = 120
        self._started = time.monotonic()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    @property
    def elapsed(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self._started

    def say(self, line: str, *, style: str = "") -> None:
        """One line with the time since the start."""
        self.console.print(Text.assemble((f"[{self.elapsed:6.1f} s] ", "dim"), (line, style)))

    def heading(self, line: str) -> None:
        """The start of a part of the report."""
        self.console.print()
        self.console.rule(Text(line, style="bold"), align="left")

    @contextmanager
    def busy(self, line: str) -> Iterator[None]:
        """While something long runs: a spinner on a terminal, a plain line elsewhere."""
        self.say(line)
        if not self.console.is_terminal:
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            progress.add_task(line, total=None)
            yield

    @contextmanager
    def following(self, names: dict[str, str]) -> Iterator[None]:
        """A live line for each script: what it is about, and when it goes on."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), CountdownColumn())
        with self._live(*columns):
            if self._progress is not None:
                for name, title in names.items():
                    self._tasks[name] = self._progress.add_task(title, total=None, until=None)
            yield

    @contextmanager
    def counting(self, line: str, total: int) -> Iterator[None]:
        """A bar of so many; `count` moves it."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with self._live(*columns):
            if self._progress is not None:
                self._tasks["count"] = self._progress.add_task(line, total=total)
            yield

    def waits(self, name: str, until: datetime) -> None:
        """The script sleeps until then."""
        if self._progress is not None and name in self._tasks:
            self._progress.update(self._tasks[name], until=until)

    def count(self, done: int, line: str) -> None:
        """So many are done."""
        if self._progress is not None and "count" in self._tasks:
            self._progress.update(self._tasks["count"], completed=done, description=line)

    @contextmanager
    def _live(self, *columns: ProgressColumn) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        with Progress(*columns, console=self.console, transient=True) as progress:
            self._progress = progress
            try:
                yield
            finally:
                self._progress = None
                self._tasks.clear()
