"""A part of a list, as stores give it."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """A part of a list, and where it goes on (the store's own key; the edge makes it opaque).

    `places`, where a list can be gone on with behind any of its items: one key for each.
    """

    items: Sequence[T]
    next_key: Mapping[str, Any] | None = None
    places: Sequence[Mapping[str, Any]] = ()
