"""How fast this machine is, and how much longer everything takes on it than on a usual one.

A window must end because nobody acted in it, not because the calls in it took longer than the window does. Many of
these calls begin with a process that starts and imports, so that is what is measured: a loop, which lives in the
processor's caches, takes as long on a machine on which all of this takes three times as long.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Final

# A process that imports this much takes so long on a usual machine on which nothing else runs.
_IMPORTS: Final = "import aws_lambda_powertools, boto3, pynamodb.models"
_USUAL_SECONDS: Final = 0.6
_TAKES: Final = 5
# Beyond this nothing would end in time; it fails then, and the machine is the reason.
SLOWEST: Final = 4.0


def slowness() -> float:
    """How many times as long as usual everything takes here now, 1 at least."""
    taken = statistics.median(_seconds_of_a_start() for _ in range(_TAKES))
    return min(max(taken / _USUAL_SECONDS, 1.0), SLOWEST)


def _seconds_of_a_start() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
    return time.perf_counter() - begun
