"""Lets two of the emulator's processes start at the same moment.

The start of each notes a session of its role. MiniStack looks through all sessions then, for those that are over, and
where another process starts meanwhile, the call of one of them fails with "dictionary changed size during iteration".
"""

from __future__ import annotations

from typing import Any, Final

EVICTION: Final = "_evict_expired_sessions"


def keep_sessions(sts: Any) -> None:
    """Put correction 9 into the given `ministack.services.sts` module: no session is looked for.

    Sessions stay until the emulator ends. Who shows one that is over is refused all the same.
    """
    setattr(sts, EVICTION, lambda: None)
