"""What `make` sets up, and when."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def interpreter(path: Path, version: str) -> Path:
    """Something that says that it is this Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "Python {version}"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is set up with 3.11.9."""
    shutil.copy(MAKEFILE, tmp_path)
    interpreter(tmp_path / ".local" / "venv" / "bin" / "python", "3.11.9")
    wanted = [
        "requirements/bootstrap.txt",
        "requirements/dev.txt",
        "requirements/emulator.txt",
        "package.json",
        "web/package.json",
    ]
    stamps = [f".local/stamps/{name}" for name in ("venv", "venv-emulator", "npm", "web")]
    for name in [*wanted, "package-lock.json", "web/package-lock.json", *stamps]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def is_set_up_again(checkout: Path, *settings: str) -> bool:
    command = ["make", "--dry-run", "lint", *settings]
    # What `make test PYTHON=...` was called with is no setting of this one.
    others = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=checkout, env=others, capture_output=True, text=True, check=True)
    assert "ruff check" in done.stdout
    return "-m venv --clear" in done.stdout


def test_another_interpreter_sets_up_again_what_is_set_up(checkout: Path, tmp_path: Path) -> None:
    other = interpreter(tmp_path / "python3.13", "3.13.0")
    assert is_set_up_again(checkout, f"PYTHON={other}")


def test_the_same_interpreter_or_none_named_leaves_it_as_it_is(checkout: Path, tmp_path: Path) -> None:
    same = interpreter(tmp_path / "python3.11", "3.11.9")
    assert not is_set_up_again(checkout, f"PYTHON={same}")
    assert not is_set_up_again(checkout)
