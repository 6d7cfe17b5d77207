"""Q33: the actions that each function's role allows are those that it calls, and no other. See `tests/crash/walk.py`.

That nothing is called without a right is held by every test that calls a function over moto (`tests/conftest.py`); that
no right is spare by this walk alone.
"""

import pytest

from infra.called import FILE
from infra.routes import EMULATED_SPECS, SPECS
from tests.crash.record_called import Calls, table, written
from tests.support import called

pytestmark = pytest.mark.verify
# They answer without asking anybody.
WITHOUT_CALLS = {"get_guide_before", "get_me", "get_policy", "preflight", "preview_policy"}


@pytest.fixture(scope="module")
def walked() -> Calls:
    """What each function called."""
    return table()


def test_q33_each_role_allows_what_its_function_calls_and_nothing_else(walked: Calls) -> None:
    seen, allowed = called.as_calls(walked), called.allowed()

    assert sorted(allowed - seen) == [], "nothing calls these: run make golden"
    assert sorted(seen - allowed) == [], "these are called without a right: run make golden"


def test_q33_the_file_is_as_it_is_generated(walked: Calls) -> None:
    assert FILE.read_text(encoding="utf-8") == written(walked)


def test_q33_the_walk_meets_every_function(walked: Calls) -> None:
    assert {name for name, actions in walked.items() if not actions} == WITHOUT_CALLS
    assert set(walked) == {row.id for row in (*SPECS, *EMULATED_SPECS)}


def test_q33_g3_nothing_deletes_a_row(walked: Calls) -> None:
    actions = {action for of in walked.values() for action in of}

    assert {action for action in actions if "Delete" in action} == {"s3:DeleteObjectVersion"}


def test_q33_who_writes_a_case_or_a_stored_response_can_read_it() -> None:
    """What a refused transaction asks: whether it took effect after all, or who was first."""
    writing = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    reading = {"dynamodb:BatchGetItem", "dynamodb:Query"}
    calls = called.allowed()
    for kind in ("CASE#*", "IDEM#*"):
        written_by = {function for function, action, of in calls if of == kind and action in writing}
        read_by = {function for function, action, of in calls if of == kind and action in reading}

        assert written_by - read_by == set()
