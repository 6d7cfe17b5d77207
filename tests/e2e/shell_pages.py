"""Pages with commands for a shell: the blocks in order, run one after the other as a reader pastes them."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

from local.workspace import ROOT
from tests.e2e.world import World

SECONDS = 120
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANSWERS = re.compile(r"Answers\s+`(\d{3})`")
# "Answers `409` with `TOO_EARLY`", "Prints `a: 1`": what has to be in the output.
WORDS = re.compile(r"(?:Prints\s+`(?P<printed>[^`]+)`|(?:with|and)\s+`(?P<word>[A-Za-z_]+)`)")
STATUS = re.compile(r"^(\d{3})$", re.MULTILINE)
MARK = "=== end of block"


@dataclass(frozen=True)
class Step:
    """A block of commands, the HTTP status that the text before it promises (None: nothing), and words it promises."""

    commands: str
    status: str | None
    words: tuple[str, ...]


def steps_of(text: str) -> list[Step]:
    """The text's `sh` blocks in order."""
    found, at = [], 0
    for block in BLOCK.finditer(text):
        said = re.split(r"\n\n", text[at : block.start()].rstrip())[-1]
        statuses = ANSWERS.findall(said)
        promise = re.search(r"(?:Answers|Prints)\s+`.*", said, re.DOTALL)
        words = tuple(it["printed"] or it["word"] for it in WORDS.finditer(promise[0])) if promise else ()
        found.append(Step(block[1], statuses[-1] if statuses else None, words))
        at = block.end()
    return found


def outputs_of(world: World, steps: list[Step]) -> list[str]:
    """What each block printed; fails where a command does."""
    script = "".join(f"{step.commands}\necho '{MARK}'; echo '{MARK}' >&2\n" for step in steps)
    # The stack of the tests instead of the one that `make up` records; the commands are not touched.
    environment = os.environ | {"STACK": str(world.workspace.state_file), "NO_PROXY": "localhost,127.0.0.1"}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    both = zip(done.stdout.split(f"{MARK}\n"), done.stderr.split(f"{MARK}\n"), strict=True)
    return [out + err for out, err in both][: len(steps)]


def assert_as_promised(steps: list[Step], outputs: list[str]) -> None:
    """Each block answered with the status, and printed the words, that the page says."""
    for step, output in zip(steps, outputs, strict=True):
        if step.status is not None:
            assert STATUS.findall(output) == [step.status], f"{step.commands}\n{output}"
        for word in step.words:
            assert word in output, f"{word}: {step.commands}\n{output}"
