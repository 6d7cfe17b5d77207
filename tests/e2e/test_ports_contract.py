"""The ports' contract over the emulator's DynamoDB, and a simulated life played again there (Q1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from local import aws
from local.workspace import REGION
from tests.contracts.ports import Ports, over_dynamodb
from tests.contracts.replay import calls_of, replayed
from tests.contracts.suite import PortsContract
from tests.e2e.world import World
from tests.support.in_process import create_table

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]


@pytest.fixture(scope="class")
def own_table(world: World) -> Iterator[str]:
    """A table of its own on the emulator: what these tests write is nobody else's to see."""
    from buyer_protection.adapters.aws.clients import client
    from buyer_protection.adapters.dynamodb.row import Row, configure

    name = f"contract-{secrets.token_hex(4)}"
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in {**_environment(world), "NO_PROXY": "127.0.0.1,localhost"}.items():
            patch.setenv(variable, value)
        client.cache_clear()
        configure(name, REGION, world.workspace.endpoint_url)
        create_table(name)
        yield name
        Row.connection().client.delete_table(TableName=name)
        client.cache_clear()


def _environment(world: World) -> dict[str, str]:
    return {name.upper(): value for name, value in aws.ADMINISTRATOR.items()} | {"AWS_DEFAULT_REGION": REGION}


class TestOverTheEmulator(PortsContract):
    @pytest.fixture
    def ports(self, own_table: Any) -> Ports:
        return over_dynamodb(secrets.token_hex(3))


def test_q1_a_simulated_life_goes_the_same_way_over_the_emulator(own_table: str) -> None:
    _, made = calls_of("contract:57")

    assert replayed(made, over_dynamodb("life")) == len(made) > 100
