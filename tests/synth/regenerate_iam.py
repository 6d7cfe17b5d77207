"""Writes the golden list of grants anew: `python -m tests.synth.regenerate_iam`, then read the difference."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.synth.assembly import Synthesis
from tests.synth.test_iam import GOLDEN


def main() -> None:
    """Synthesise production without building layers and list (function, action, resource)."""
    with tempfile.TemporaryDirectory() as outdir:
        grants = sorted(set(Synthesis.written(Path(outdir), stage="prod").grants()))
    lines = ",\n".join(f"  {json.dumps(grant)}" for grant in grants)
    GOLDEN.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
