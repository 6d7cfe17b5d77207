"""The documents of the releases, below docs/releases, and what has changed since the last one.

The version in pyproject.toml says what is released. A folder of a later version is a candidate: it has today's
documents, written by `make contract`, until `python -m tools.compatibility release` sets the version.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.compatibility.documents import compare
from tools.compatibility.schemas import Change

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RELEASES = DOCS / "releases"
CHANGELOG = ROOT / "CHANGELOG.md"
PROJECT = ROOT / "pyproject.toml"
# The documents of the contract. One that does not exist in a release is not compared.
DOCUMENTS = ("openapi.json", "asyncapi.json")

Version = tuple[int, int, int]


def version_of(text: str) -> Version:
    """The three numbers of a version; ValueError where there are not three."""
    first, second, third = (int(part) for part in text.split("."))
    return first, second, third


def released() -> Version:
    """The version that is released, or being worked on after 1.0.0."""
    return version_of(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def releases() -> list[Path]:
    """The folders of the releases, the oldest first, candidates included."""
    folders = [folder for folder in RELEASES.iterdir() if folder.is_dir()]
    return sorted(folders, key=lambda folder: version_of(folder.name))


def candidates() -> list[Path]:
    """The folders of what is not released yet."""
    return [folder for folder in releases() if version_of(folder.name) > released()]


def changes() -> list[Change]:
    """What has changed since the newest folder, in every document that it has."""
    folder = releases()[-1]
    found: list[Change] = []
    for name in DOCUMENTS:
        if (folder / name).exists():
            found += compare(_read(folder / name), _read(DOCS / name))
    return found


def unnamed(found: Iterable[Change], changelog: str) -> list[Change]:
    """The changes that "Unreleased" in the changelog does not name: a call, schema, member or value in backticks."""
    part = changelog.partition("\n## Unreleased\n")[2].partition("\n## ")[0]
    named = {word for code in re.findall(r"`([^`]+)`", part) for word in (code, *re.split(r"[\s.]+", code))}
    return [change for change in found if not change.names & named]


def release(text: str) -> None:
    """Write today's documents as those of the version, and set it in pyproject.toml."""
    version_of(text)
    folder = RELEASES / text
    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        if (DOCS / name).exists():
            (folder / name).write_text((DOCS / name).read_text(encoding="utf-8"), encoding="utf-8")
    project = PROJECT.read_text(encoding="utf-8")
    PROJECT.write_text(
        re.sub(r'(?m)^version = ".*"$', f'version = "{text}"', project, count=1), encoding="utf-8"
    )


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
