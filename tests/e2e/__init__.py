"""Whole disputes on the deployed stack: real gateway, functions, table, stream, state machine, queues, mails."""

import pytest

# What stories and helpers assert is to say what it saw, as the tests' own assertions do.
pytest.register_assert_rewrite(
    *(
        f"tests.e2e.{name}"
        for name in (
            "canaries",
            "case",
            "checks",
            "matrix",
            "repeats",
            "restarting",
            "stories",
            "uploads",
            "warming",
        )
    )
)
