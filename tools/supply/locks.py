"""The lock files as packages: what is delivered (the functions' layer, the pages), and what builds and tests it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lock files of Python, and whether what they name is delivered.
_PYTHON = {
    "layers/dependencies/requirements.txt": True,
    "layers/pictures/requirements.txt": True,
    "requirements/bootstrap.txt": False,
    "requirements/dev.txt": False,
    "requirements/emulator.txt": False,
    "requirements/verify.txt": False,
}
_NODE = (
    "package-lock.json",
    "tools/chromium/package-lock.json",
    "tools/document/package-lock.json",
    "web/package-lock.json",
    "web/types/package-lock.json",
)
# What esbuild puts into the pages: npm's "dev" says nothing of that.
BUNDLED = frozenset({"preact"})
_PINNED = re.compile(r"^([A-Za-z0-9_.\-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One locked version. `ecosystem` is `pypi` or `npm`; `hashes` are pairs of algorithm and hexadecimal digits."""

    ecosystem: str
    name: str
    version: str
    delivered: bool
    hashes: tuple[tuple[str, str], ...] = ()
    declared: str = ""

    @property
    def purl(self) -> str:
        """The package's URL, by which tools of others know it."""
        return f"pkg:{self.ecosystem}/{self.name.replace('@', '%40')}@{self.version}"


def lock_files() -> tuple[str, ...]:
    """All lock files that are read."""
    return (*_PYTHON, *_NODE)


def packages(root: Path = ROOT) -> list[Package]:
    """Every locked version once, sorted; delivered where any lock file delivers it."""
    found: dict[str, Package] = {}
    for package in (*_of_python(root), *_of_node(root)):
        known = found.get(package.purl)
        found[package.purl] = package if known is None else _both(known, package)
    return sorted(found.values())


def _both(one: Package, other: Package) -> Package:
    hashes = tuple(sorted({*one.hashes, *other.hashes}))
    return replace(one, delivered=one.delivered or other.delivered, hashes=hashes)


def _of_python(root: Path) -> Iterator[Package]:
    for file, delivered in _PYTHON.items():
        text = (root / file).read_text(encoding="utf-8")
        pins = list(_PINNED.finditer(text))
        ends = [pin.start() for pin in pins[1:]] + [len(text)]
        for pin, end in zip(pins, ends, strict=True):
            hashes = sorted(set(_SHA256.findall(text[pin.start() : end])))
            name = re.sub(r"[-_.]+", "-", pin[1]).lower()
            yield Package("pypi", name, pin[2], delivered, tuple(("SHA-256", it) for it in hashes))


def _of_node(root: Path) -> Iterator[Package]:
    for file in _NODE:
        locked = json.loads((root / file).read_text(encoding="utf-8"))["packages"]
        for path, it in locked.items():
            if path and not it.get("link"):
                name = it.get("name") or path.rpartition("node_modules/")[2]
                declared = it.get("license")
                yield Package(
                    "npm",
                    name,
                    it["version"],
                    name in BUNDLED,
                    tuple(_integrity(it.get("integrity", ""))),
                    declared if isinstance(declared, str) else "",
                )


def _integrity(text: str) -> Iterator[tuple[str, str]]:
    for one in text.split():
        algorithm, _, digest = one.partition("-")
        yield f"SHA-{algorithm.removeprefix('sha')}", base64.b64decode(digest).hex()
