"""One synthesis per stage for the whole session: starting the CDK's kernel costs more than all assertions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.acknowledge import RAW
from infra.application import build
from tests.synth.assembly import Synthesis

NO_BUNDLING: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Synthesis]]:
    """A function from a stage's name (and `raw=True` for cdk-nag without acknowledgements, and what `-c` would set) to
    its synthesis."""

    @cache
    def of(stage: str, *, raw: bool = False, **context_values: str) -> Synthesis:
        outdir = Path(tmp_path_factory.mktemp(f"{stage}-{'raw' if raw else 'checked'}"))
        context = {**NO_BUNDLING, "stage": stage, RAW: "true" if raw else "false", **context_values}
        app: App = build(context, str(outdir))
        return Synthesis(stage, app, app.synth())

    yield of
    of.cache_clear()


@pytest.fixture(scope="session")
def prod(synthesise: Callable[..., Synthesis]) -> Synthesis:
    """The stage whose every property matters."""
    return synthesise("prod")


@pytest.fixture(scope="session")
def local(synthesise: Callable[..., Synthesis]) -> Synthesis:
    """The stage on one's own machine."""
    return synthesise("local")
