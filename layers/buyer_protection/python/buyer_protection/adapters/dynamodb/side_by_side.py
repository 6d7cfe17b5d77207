"""Reads of several partitions at once: a list over shards takes the time of one of them (decision 0075)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from buyer_protection.adapters.dynamodb.row import Row

T = TypeVar("T")
K = TypeVar("K")

# Fewer than the connections that the one client keeps open (botocore's ten).
AT_ONCE = 8


def side_by_side(ask: Callable[[K], T], keys: Sequence[K]) -> list[T]:
    """What `ask` says of each key, in their order; the first failure is raised once all have ended."""
    if len(keys) <= 1:
        return [ask(key) for key in keys]
    # Only lists over shards pay for it, and not every start of a function.
    from concurrent.futures import ThreadPoolExecutor

    # A client is anybody's, its making is not.
    _ = Row.connection().client
    with ThreadPoolExecutor(min(AT_ONCE, len(keys))) as pool:
        return list(pool.map(ask, keys))
