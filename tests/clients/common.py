"""What the Python clients share: keys, answers, and who calls."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

from buyer_protection_client import AuthenticatedClient

T = TypeVar("T")
PATIENCE_SECONDS = 90


def key() -> str:
    """A new key for each POST; the same one again only to repeat the same call."""
    return str(uuid.uuid4())


def given(kind: type[T], answer: object) -> T:
    """The answer, if it is what was hoped for; otherwise its problem document in the error."""
    if not isinstance(answer, kind):
        raise SystemExit(f"not {kind.__name__}: {answer}")
    return answer


def until(what: str, ask: Callable[[], T | None]) -> T:
    """The first answer that is there; ends the program where none comes in time.

    The service runs in other processes and offers nothing to wait for: an integrator without a webhook asks again, too.
    """
    latest = time.monotonic() + PATIENCE_SECONDS
    while (answer := ask()) is None:
        if time.monotonic() > latest:
            raise SystemExit(f"in vain: {what}")
        time.sleep(0.5)
    return answer


def client_of(token: str) -> AuthenticatedClient:
    """The API as that person may call it."""
    return AuthenticatedClient(base_url=os.environ["API_URL"], token=token)
