"""Unit tests run without a network and without waiting."""

import socket
import time
from types import SimpleNamespace
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from buyer_protection.application.ports import retries

# One machine's speed says nothing about the code; a counterexample must be the same in every run.
settings.register_profile(
    "unit", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unit")


def _no_sockets(*_args: object, **_kwargs: object) -> NoReturn:
    raise AssertionError("a unit test opened a socket")


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", _no_sockets)
    monkeypatch.setattr(socket, "create_connection", _no_sockets)
    monkeypatch.setattr(
        retries, "time", SimpleNamespace(sleep=lambda _seconds: None, monotonic=time.monotonic)
    )
