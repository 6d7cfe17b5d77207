"""The emulator's processes share what a layer holds, and still would not by themselves.

When `..._is_still_needed` fails, the pinned emulator has learned it: remove local/shared_layers.py and these tests.
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from local import aws, emulator
from local.workspace import Workspace
from tests.integration.test_emulator_wrapper_canary import role, zipped

# The emulator is pinned: what it does changes with its version alone.
pytestmark = pytest.mark.verify

NAMES = ("one", "other")
HANDLER = """
import pathlib, shared.words

def handler(event, context):
    return [shared.words.SAID, str(pathlib.Path(shared.words.__file__).resolve())]
"""


def test_processes_share_the_files_of_a_layer_and_another_version_has_others(workspace: Workspace) -> None:
    emulator.start(workspace)

    may = role(workspace)
    first, second = (files_of(workspace, said, may) for said in ("first", "second"))

    assert [len(first), len(second)] == [1, 1]
    assert not first & second


def test_the_sharing_of_layers_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert len(files_of(workspace, "first", role(workspace))) == len(NAMES), (
        "MiniStack shares layers itself now: drop local/shared_layers.py"
    )


def files_of(workspace: Workspace, said: str, may: str) -> set[str]:
    """Where two functions find the module of a layer that says so."""
    functions = aws.client(workspace, "lambda")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/shared/__init__.py", "")
        archive.writestr("python/shared/words.py", f"SAID = {said!r}")
    layer = functions.publish_layer_version(LayerName="words", Content={"ZipFile": content.getvalue()})
    found = set()
    for name in NAMES:
        functions.create_function(
            FunctionName=f"{said}-{name}",
            Runtime="python3.13",
            Handler="handler.handler",
            Role=may,
            Code={"ZipFile": zipped(HANDLER)},
            Layers=[layer["LayerVersionArn"]],
        )
        answer = json.loads(functions.invoke(FunctionName=f"{said}-{name}")["Payload"].read())
        assert answer[0] == said
        found.add(str(answer[1]))
    return found
