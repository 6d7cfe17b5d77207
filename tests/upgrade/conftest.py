"""The crash matrix's world, with the shards that the recorded rows are in."""

from collections.abc import Iterator

import pytest

from tests.crash.conftest import a_world
from tests.crash.world import World

# As every stage has had since the first release.
DUE_SHARDS = 8


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world(DUE_SHARDS) as made:
        yield made
