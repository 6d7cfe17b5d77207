"""The real adapters over moto keep the ports' contract, and live simulated lives as the in-memory world did (Q1).

moto is not faithful in two things, which therefore no test here leans on: its transactions are not atomic under
threads (races are held on the emulator), and it knows no ClientRequestToken (a second try of a transaction meets its
own conditions; `took_effect` answers for it, which tests/integration/test_transaction.py holds).
"""

from typing import Any

import pytest

from buyer_protection.application.ports.errors import ConflictingWriteError
from tests.contracts.ports import Ports, over_dynamodb
from tests.contracts.replay import calls_of, replayed
from tests.contracts.suite import PortsContract
from tests.integration.conftest import aws, table

__all__ = ["aws", "table"]


class TestOverMoto(PortsContract):
    @pytest.fixture
    def ports(self, table: Any) -> Ports:
        return over_dynamodb("t")


# Seeds found by search: their lives contain lost races, messages delivered twice, mails that another process claimed,
# a restart, and a refund that is asked for again. The second test checks that they still do.
LIVES = ("contract:40", "contract:21", "contract:23")


@pytest.mark.sampled(every=len(LIVES))
@pytest.mark.parametrize("seed", LIVES)
def test_q1_a_simulated_life_goes_the_same_way_over_moto(seed: str, table: Any) -> None:
    _, made = calls_of(seed)

    assert replayed(made, over_dynamodb("t")) == len(made) > 100


def test_q1_the_lives_that_are_played_again_hold_refusals_of_many_kinds() -> None:
    made = [call for seed in LIVES for call in calls_of(seed)[1]]

    assert any(call.became is ConflictingWriteError for call in made)
    refused = {call.method for call in made if call.became is False}
    assert "lease" in refused
    # A carrier's event that came twice was found when the order was read.
    assert any(call.method == "load" and call.port == "orders" and call.became.report for call in made)
    assert {"overdue", "note_asked", "next_generation", "park", "settle", "dossier"} <= {
        call.method for call in made
    }
