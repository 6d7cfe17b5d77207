"""Waiting for a condition: polled until it holds or a deadline passes; never a guessed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from tests.e2e.pace import patience

T = TypeVar("T")

POLL_SECONDS = 0.25
# Who waits for a window looks more and more rarely: each look is a call, and many wait at once.
RARELY_SECONDS = 0.75
SLOWER = 1.2
PATIENCE_SECONDS = patience(100)


def utc_now() -> datetime:
    return datetime.now(UTC)


def instant(text: str) -> datetime:
    """The instant that an answer states (RFC 3339)."""
    return datetime.fromisoformat(text)


def stated(moment: datetime) -> str:
    """An instant as a client writes it: UTC with `Z` and milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def until(what: str, condition: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """The first truthy value of `condition`; AssertionError naming `what` where none came in time."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s still not: {what} (last seen: {seen!r})")
        time.sleep(pause)
        pause = min(pause * SLOWER, RARELY_SECONDS)


def until_clock(moment: datetime) -> None:
    """Return at the named instant, as near as the scheduler allows; at once where it has passed."""
    while (left := (moment - utc_now()).total_seconds()) > 0:
        time.sleep(min(left, POLL_SECONDS))
