"""What `make test` and `make verify` share out among them, and how the tests without a stack are spread over processes.

Called by itself, `pytest <file>` runs every test of the file in full.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.sampling import sampling, set_sampling

# One synthesis of a stage serves every test of the folder, so that one process runs them all.
WHOLE_FOLDERS = ("tests/synth/",)
# So many new objects before the collector of garbage looks at them.
NEW_OBJECTS = 20_000
# Minutes each, and nothing costly to share: any process takes the next one.
SINGLE_TESTS = ("tests/crash/test_matrix.py", "tests/crash/test_planted.py", "tests/upgrade/")


@pytest.fixture(autouse=True)
def no_function_calls_what_it_has_no_right_to() -> Iterator[None]:
    """Q33, in every test in which a function itself calls AWS: the role of that function allows each of them."""
    yield
    called = sys.modules.get("tests.support.called")
    if called is not None:
        assert called.take_not_allowed() == [], "infra/called.json lacks these: run make golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sample", action="store_true", help="run a part of what is marked `sampled`")


def pytest_configure(config: pytest.Config) -> None:
    set_sampling(bool(config.getoption("--sample")))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a parametrized test with `sampled(every=n)`, keep each n-th case, the first one always."""
    if not sampling():
        return
    seen: dict[str, int] = {}
    kept, dropped = [], []
    for item in items:
        mark = item.get_closest_marker("sampled")
        every = mark.kwargs.get("every", 1) if mark and hasattr(item, "callspec") else 1
        name = item.nodeid.partition("[")[0]
        number = seen[name] = seen.get(name, -1) + 1
        (dropped if number % every else kept).append(item)
    items[:] = kept
    if dropped:
        config.hook.pytest_deselected(items=dropped)


def pytest_collection_finish() -> None:
    """What is there now stays: the collector of garbage, which took a sixth of the time, need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A process takes a file at a time, a folder where its tests share what is costly, or a single long test."""
    from xdist.scheduler import LoadScopeScheduling

    class ByCost(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(SINGLE_TESTS):
                return nodeid
            whole = [folder for folder in WHOLE_FOLDERS if nodeid.startswith(folder)]
            return whole[0] if whole else nodeid.partition("::")[0]

    return ByCost(config, log)
