"""Parts of what is enumerated: `make test` (`pytest --sample`) tries a part, `make verify` the whole."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")

_settings = {"sample": False}


def set_sampling(on: bool) -> None:
    """Called once at the start of the tests, with what `--sample` says."""
    _settings["sample"] = on


def sampling() -> bool:
    """Whether a part of each matrix is enough."""
    return _settings["sample"]


def examples(whole: int, part: int) -> int:
    """How many random examples, rounds or requests to try: `part` under `--sample`, `whole` otherwise."""
    return part if sampling() else whole


def sample(
    items: Iterable[T],
    every: int,
    *kinds: Callable[[T], Hashable],
    keep: Callable[[T], bool] = lambda _: False,
) -> list[T]:
    """All items; under `--sample` each `every`-th, the first of each kind, and what `keep` wants, always the same."""
    if not sampling():
        return list(items)
    seen: set[tuple[int, Hashable]] = set()
    found = []
    for number, item in enumerate(items):
        new = {(index, kind(item)) for index, kind in enumerate(kinds)} - seen
        if number % every == 0 or new or keep(item):
            found.append(item)
        seen |= new
    return found
