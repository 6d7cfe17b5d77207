"""How long a day of the policy must be in the tests, and how long to wait for what: by the pace of this machine."""

from __future__ import annotations

import math

from local.pace import slowness

# A day of so many seconds is comfortable on a usual machine for everything that runs at once.
_USUAL_DAY_SECONDS = 5

# Known once per run.
SLOWNESS = slowness()
DAY_SECONDS = math.ceil(_USUAL_DAY_SECONDS * SLOWNESS)


def patience(seconds: float) -> float:
    """So long is waited here for what takes less than `seconds` on a usual machine. Not for promises to people."""
    return seconds * SLOWNESS
