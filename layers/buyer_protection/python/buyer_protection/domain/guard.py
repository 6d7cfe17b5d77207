"""On which side of a window's end a change is taken."""

from enum import Enum


class Guard(Enum):
    """On which side of the window's end a change is taken, by the instant of its commit; every store obeys it.

    The first two are disjoint, so that at any instant exactly one of a person and the clock can end a window.
    """

    BEFORE_DEADLINE = "BEFORE_DEADLINE"
    AFTER_DEADLINE = "AFTER_DEADLINE"
    NONE = "NONE"
