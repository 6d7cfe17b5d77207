"""The real adapters over moto keep the ports' contract, and live simulated lives as the in-memory world did (Q1).

moto is not faithful in two things, which therefore no test here leans on: its transactions are not atomic under
threads (races are held on the emulator), and it knows no ClientRequestToken (a second try of a transaction meets its
own conditions; `took_effect` answers for it, which tests/integration/test_transaction.py holds).
"""

from typing import Any

import pytest

from tests.contracts.ports import Ports, over_dynamodb
from tests.contracts.replay import calls_of, replayed
from tests.contracts.suite import PortsContract
from tests.integration.conftest import aws, table

__all__ = ["aws", "table"]


class TestOverMoto(PortsContract):
    @pytest.fixture
    def ports(self, table: Any) -> Ports:
        return over_dynamodb("t")


# Lives with returns, refusals and lost races among them: test_q1_the_lives_played_again_are_of_many_kinds.
LIVES = ("contract:1", "contract:2", "contract:3", "contract:4", "contract:5", "contract:6")


@pytest.mark.parametrize("seed", LIVES)
def test_q1_a_simulated_life_goes_the_same_way_over_moto(seed: str, table: Any) -> None:
    life, made = calls_of(seed)

    assert replayed(life, made, over_dynamodb("t")) > 20
