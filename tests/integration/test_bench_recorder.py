"""What `make bench` counts with works on the emulator; it changes its process, and so has one of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from local import emulator
from local.workspace import ROOT, Workspace

pytestmark = pytest.mark.verify

_COUNTS = """
import sys

from bench.recorder import new_recorder
from tests.support import in_process
from tests.support.api_events import person

recorder = new_recorder(sys.argv[1])
answer = in_process.call("get_dispute", person("buyer-1"), dispute_id="dp-none")
print(answer["statusCode"], [call.operation for call in recorder.meter.calls], recorder.bytes_stored())
recorder.close()
"""


def test_q18_the_calls_of_an_action_on_a_new_table_are_counted_and_none_of_making_it(
    workspace: Workspace,
) -> None:
    emulator.start(workspace)
    endpoint = f"http://127.0.0.1:{workspace.port}"

    done = subprocess.run(
        [sys.executable, "-c", _COUNTS, endpoint], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "404 ['BatchGetItem'] 0"
