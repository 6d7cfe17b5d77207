"""What an operator sets for an account of their own with `-c`: each setting is in the template that it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.stages import from_context
from tests.synth.assembly import Synthesis

Synthesise = Callable[..., Synthesis]
# Everything an operator sets, in one synthesis: each takes seconds.
SETTINGS = {
    "sweeper_concurrency": "1",
    "audit_concurrency": "2",
}


@pytest.fixture(scope="module")
def own(synthesise: Synthesise) -> Synthesis:
    """Production with settings of an operator's own."""
    return synthesise("prod", **SETTINGS)


def _read(**context: Any) -> Any:
    return context.get


def test_the_concurrency_of_sweeper_and_audit_is_reserved_where_it_is_set(own: Synthesis) -> None:
    reserved = {
        name: it["Properties"]["ReservedConcurrentExecutions"]
        for name, it in own.functions().items()
        if "ReservedConcurrentExecutions" in it["Properties"]
    }

    assert reserved == {"sweep_deadlines": 1, "audit_cases": 2}


@pytest.mark.parametrize("setting", ["sweeper_concurrency", "audit_concurrency"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_concurrency_that_stops_the_function_is_refused(setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{setting} must be at least 1|invalid literal"):
        from_context(_read(stage="prod", **{setting: value}))
