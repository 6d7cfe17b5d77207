"""A function's process is a copy of one that has imported the layers, and would not be by itself; and it differs in
nothing else from one that was started.

When `..._is_still_needed` fails, the pinned emulator has learned it: remove local/forked_workers.py and these tests.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from typing import Any

import pytest

from local import aws, emulator
from local.workspace import Workspace
from tests.integration.test_emulator_wrapper_canary import role, zipped

# The emulator is pinned: what it does changes with its version alone.
pytestmark = pytest.mark.verify

# Elsewhere each process is started, and all else is the same.
COPIES = sys.platform == "linux"
END_SECONDS = 5
# One of the packages that are imported before a copy is made.
LAYER = {
    "python/pynamodb/__init__.py": "",
    "python/pynamodb/models.py": "import os; IMPORTED_BY = os.getpid(); print('imported', flush=True)",
}
HANDLER = """
import os, subprocess, sys, time
import pynamodb.models

calls = 0

def handler(event, context):
    global calls
    calls += 1
    print("called", event, flush=True)
    if event.get("ends"):
        os._exit(event["ends"])
    time.sleep(event.get("sleeps", 0))
    return {
        "imported_by": pynamodb.models.IMPORTED_BY,
        "pid": os.getpid(),
        "calls": calls,
        "name": os.environ["NAME"],
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "folder": os.path.basename(os.getcwd()),
        "of_the_script": [it for it in sys.path if it.endswith("local")],
        "code_of_a_child": subprocess.run([sys.executable, "-c", "raise SystemExit(3)"]).returncode,
    }
"""


class Functions:
    """Two functions with one layer, of an emulator that runs."""

    def __init__(self, workspace: Workspace) -> None:
        self.client = aws.client(workspace, "lambda")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, source in LAYER.items():
                archive.writestr(name, source)
        layer = self.client.publish_layer_version(
            LayerName="imported", Content={"ZipFile": content.getvalue()}
        )
        may = role(workspace)
        for name in ("one", "other"):
            self.client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Handler="handler.handler",
                Role=may,
                Code={"ZipFile": zipped(HANDLER)},
                Layers=[layer["LayerVersionArn"]],
                Environment={"Variables": {"NAME": f"of {name}"}},
                Timeout=10,
            )

    def call(self, name: str, **event: Any) -> Any:
        """What the function answered, or the answer of the service about its failure."""
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail")
        body = json.loads(answer["Payload"].read())
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return {**body, "log": log, "failed": "FunctionError" in answer}


def test_each_process_is_a_copy_and_its_own(workspace: Workspace) -> None:
    emulator.start(workspace)
    functions = Functions(workspace)

    one, again, other = functions.call("one"), functions.call("one"), functions.call("other")

    assert (one["imported_by"] == other["imported_by"]) is COPIES
    assert len({one["pid"], other["pid"]}) == 2
    assert (one["imported_by"] not in (one["pid"], other["pid"])) is COPIES
    assert (again["pid"], again["calls"], other["calls"]) == (one["pid"], 2, 1)
    for name, found in (("one", one), ("other", other)):
        assert (found["name"], found["function"], found["folder"]) == (f"of {name}", name, "code")
        assert found["code_of_a_child"] == 3
        assert found["of_the_script"] == []
        assert "called {}" in found["log"]


def test_a_process_that_hangs_or_ends_is_followed_by_another(workspace: Workspace) -> None:
    emulator.start(workspace)
    functions = Functions(workspace)
    first = functions.call("one")

    late = functions.call("one", sleeps=60)
    second = functions.call("one")
    ended = functions.call("one", ends=5)
    third = functions.call("one")

    assert late["failed"]
    assert "timed out" in late["errorMessage"]
    assert ended["failed"]
    assert len({first["pid"], second["pid"], third["pid"]}) == 3
    for gone in (first, second):
        assert emulator._wait_until_gone(gone["pid"], END_SECONDS)
    emulator.stop(workspace)
    for gone in (third["pid"], third["imported_by"]):
        assert emulator._wait_until_gone(gone, END_SECONDS)


def test_the_copying_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)
    found = Functions(workspace).call("one")

    assert found["imported_by"] == found["pid"], (
        "MiniStack does not start processes anew any more: drop local/forked_workers.py"
    )
