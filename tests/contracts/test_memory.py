"""The in-memory world keeps the ports' contract (Q1: a simulated world that cannot flatter)."""

import pytest

from buyer_protection.adapters.dynamodb import outbox
from tests.contracts.ports import Ports, in_memory
from tests.contracts.replay import calls_of, replayed
from tests.contracts.suite import PortsContract
from tests.support import fake_workers


class TestInMemory(PortsContract):
    @pytest.fixture
    def ports(self) -> Ports:
        return in_memory()


def test_q1_the_in_memory_world_has_the_numbers_and_sets_of_the_adapters() -> None:
    assert fake_workers.MAIL_GRACE == outbox.GRACE


def test_q1_a_recorded_life_is_the_same_when_it_is_played_again() -> None:
    _, made = calls_of("contract:93")

    assert replayed(made, in_memory()) > 100
