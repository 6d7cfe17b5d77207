"""One synthesis per stage and settings for the whole session: it costs more than all that is asserted of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from aws_cdk import App

from infra.acknowledge import RAW
from infra.application import build
from tests.synth.assembly import Synthesis
from tests.synth.settings import OWN


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesis]:
    """A function from a stage's name (and what `-c` would set) to its synthesis."""

    @cache
    def of(stage: str, **context: str) -> Synthesis:
        return Synthesis.written(tmp_path_factory.mktemp(stage), stage=stage, **context)

    return of


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., App]:
    """A function from a stage's name (and `raw=True` for no acknowledgement of cdk-nag's findings) to its app, not
    synthesised, for what no template says."""

    @cache
    def of(stage: str, *, raw: bool = False) -> App:
        context: dict[str, Any] = {"aws:cdk:bundling-stacks": [], "stage": stage, RAW: str(raw).lower()}
        return build(context, str(tmp_path_factory.mktemp(stage)))

    return of


@pytest.fixture(scope="session")
def prod(synthesise: Callable[..., Synthesis]) -> Synthesis:
    """The stage whose every property matters."""
    return synthesise("prod")


@pytest.fixture(scope="session")
def own(synthesise: Callable[..., Synthesis]) -> Synthesis:
    """Production with all settings of an operator's own."""
    return synthesise("prod", **OWN)


@pytest.fixture(scope="session")
def local(synthesise: Callable[..., Synthesis]) -> Synthesis:
    """The stage on one's own machine."""
    return synthesise("local")
