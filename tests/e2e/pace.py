"""How fast this machine is, and how long a day of the policy must therefore be.

A window must end because nobody acted in it, not because the calls in it took longer than the window does. Many of
these calls begin with a process that starts and imports, so that is what is measured: a loop, which lives in the
processor's caches, takes as long on a machine on which all of this takes three times as long.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time

# A process that imports this much, on a machine on which a day of five seconds is comfortable for everything that runs
# at once.
_IMPORTS = "import aws_lambda_powertools, boto3, pynamodb.models"
_USUAL_SECONDS = 0.6
_USUAL_DAY_SECONDS = 5
_TAKES = 5
# Beyond this the tests would not end in CI's time; they fail then, and the machine is the reason.
_SLOWEST = 4.0


def _seconds_of_a_start() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
    return time.perf_counter() - begun


def _slowness() -> float:
    taken = statistics.median(_seconds_of_a_start() for _ in range(_TAKES))
    return min(max(taken / _USUAL_SECONDS, 1.0), _SLOWEST)


# How many times as long as usual everything takes here, 1 at least; known once per run.
SLOWNESS = _slowness()
DAY_SECONDS = math.ceil(_USUAL_DAY_SECONDS * SLOWNESS)


def patience(seconds: float) -> float:
    """So long is waited here for what takes less than `seconds` on a usual machine. Not for promises to people."""
    return seconds * SLOWNESS
