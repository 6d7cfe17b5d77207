"""A call does not fail because another process starts at the same moment, and still would without the correction.

When `..._is_still_needed` fails, the pinned emulator has learned it: remove local/kept_sessions.py and these tests.
"""

from __future__ import annotations

import subprocess

import pytest

from local.workspace import ROOT, VENV_EMULATOR

# The emulator is pinned: what it does changes with its version alone.
pytestmark = pytest.mark.verify

# A session that is looked at adds another one, as a second process would between two steps of the walk.
GROWING = """
from ministack.services import sts
{correction}
class Session(dict):
    def get(self, name, default=None):
        sts._sessions["another"] = {{}}
        return default

sts._sessions["one"] = Session()
sts.register_session("third", {{}})
print(*sorted(sts._sessions))
"""
CORRECTION = "from local.kept_sessions import keep_sessions; keep_sessions(sts)"


def test_a_process_starts_while_another_one_does() -> None:
    assert walk(CORRECTION) == (0, "one third", "")


def test_the_keeping_of_sessions_is_still_needed() -> None:
    code, _, reason = walk("")

    assert (code, reason) == (1, "RuntimeError: dictionary changed size during iteration"), (
        "MiniStack walks through a copy itself now: drop local/kept_sessions.py"
    )


def walk(correction: str) -> tuple[int, str, str]:
    """What registering a session said while the sessions grew: exit code, output, the last line of the error."""
    command = [str(VENV_EMULATOR / "bin" / "python"), "-c", GROWING.format(correction=correction)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout.strip(), "".join(ended.stderr.splitlines()[-1:])
