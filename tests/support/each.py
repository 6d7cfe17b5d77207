"""Thousands of small cases in one test: each can fail by itself, and the message names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

SHOWN, LONGEST = 20, 60


def check_each(check: Callable[..., None], cases: Iterable[Sequence[Any]]) -> None:
    """Call `check(*case)` for every case, and fail with all assertions that failed, each with a note of its case.

    Any other error ends it at once, with such a note as well; without any case it fails.
    """
    tried, failures = list(cases), list[Exception]()
    assert tried, "there is no case"
    for case in tried:
        name = ", ".join(str(part)[:LONGEST] for part in case)
        try:
            check(*case)
        except (AssertionError, pytest.fail.Exception) as error:
            shown = error if isinstance(error, AssertionError) else AssertionError(str(error))
            shown.add_note(f"case: {name}")
            failures.append(shown)
        except Exception as error:
            error.add_note(f"case: {name}")
            raise
    if failures:
        listed = "; ".join(error.__notes__[-1].removeprefix("case: ") for error in failures[:SHOWN])
        raise ExceptionGroup(f"{len(failures)} of {len(tried)} cases fail: {listed}", failures[:SHOWN])


def each_case(cases: Iterable[Sequence[Any]]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make one test of a check and its cases, where `parametrize` would make thousands. It cannot take fixtures."""
    listed = list(cases)

    def of(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            check_each(check, listed)

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return of
