"""The layer that makes copies of pictures: one function's alone, and small enough beside the others (R49)."""

import platform
import sys
from dataclasses import replace
from pathlib import Path

from infra import bundling
from infra.paths import PICTURES
from tests.synth.assembly import Synthesis

# Lambda's limit for a function with its layers, unpacked.
MOST_BYTES = 250 * 1024 * 1024
DEPLOYED = bundling.Target(minor=bundling.MINOR, arm=True, host=False)


def test_r49_the_verifying_function_alone_has_it(prod: Synthesis) -> None:
    layers = {name: len(it["Properties"]["Layers"]) for name, it in prod.functions().items()}
    assert layers["verify_upload"] == 3
    assert {count for name, count in layers.items() if name != "verify_upload"} == {2}


def test_r49_there_are_wheels_for_the_deployed_processor_and_every_python_of_ours(tmp_path: Path) -> None:
    own = bundling.Target(
        min(sys.version_info.minor, bundling.MINOR), platform.machine() != "x86_64", host=True
    )
    for number, target in enumerate((own, DEPLOYED)):
        folder = tmp_path / str(number)
        bundling.install(folder, target, PICTURES)
        assert {"PIL", "pi_heif"} <= {it.name for it in folder.iterdir()}
        size = sum(it.stat().st_size for it in folder.rglob("*") if it.is_file())
        # The other layers have 60 MB together at most (Q22).
        assert size < MOST_BYTES - 100 * 1024 * 1024
    for minor in range(bundling.OLDEST_MINOR, bundling.MINOR):
        bundling.install(tmp_path / f"3.{minor}", replace(DEPLOYED, minor=minor), PICTURES)
