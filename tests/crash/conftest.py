"""One world over moto for all flows of a module: each begins from a copy of where it was."""

from collections.abc import Iterator

import pytest

from tests.crash.world import World, world_over_moto


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    from moto import mock_aws

    with mock_aws(), pytest.MonkeyPatch.context() as patch, world_over_moto(patch) as made:
        yield made
