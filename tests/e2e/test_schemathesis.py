"""Schemathesis from the committed document against the deployed stack (`make fuzz CASES=5000` for the whole of it)."""

from __future__ import annotations

import os

import pytest

from tests.e2e.fuzzing import Fuzzer
from tests.e2e.ground import Ground
from tests.e2e.world import World
from tests.support.sampling import examples

pytestmark = [pytest.mark.usefixtures("calm"), pytest.mark.sampled]

CASES = int(os.environ.get("FUZZ_CASES", "400"))
SAMPLE = 50
SEED = int(os.environ.get("FUZZ_SEED", "20260310"))


def test_the_stack_does_what_its_document_says(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """No 5xx, nothing undocumented, no breach of a schema, nothing malformed taken, nothing well formed refused."""
    cases = examples(CASES, SAMPLE)
    findings = Fuzzer(Ground(world), SEED).run(cases)
    with capsys.disabled():
        print(f"\nSEED={SEED} CASES={cases}: {findings.summary()}")
    assert findings.made == cases
    assert not findings.failures, findings.summary()
