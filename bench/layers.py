"""The layers as the application builds them, laid out as Lambda mounts them: both in one folder."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local.workspace import LOCAL, ROOT

if TYPE_CHECKING:
    from infra.bundling import Target

FOLDER = LOCAL / "bench"
_PYC = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True, slots=True)
class Mounts:
    """Three copies of the same packages, for this machine's interpreter."""

    built: Path  # as the layers are shipped: .pyc files with unchecked hashes
    bare: Path  # the same without any .pyc file
    warm: Path  # the same as an interpreter leaves it that could write: its own .pyc files, by timestamp

    @property
    def service_data(self) -> Path:
        """What AWS_DATA_PATH names."""
        return self.built / "aws_service_data"


@dataclass(frozen=True, slots=True)
class BuiltLayers:
    """One target's layers: bytes of the two zips, and how many .pyc files they hold."""

    target: str
    own: int
    third_party: int
    compiled: int


def build(report: Callable[[str], None]) -> tuple[Mounts, list[BuiltLayers]]:
    """Build for this machine and for the deployed stages' runtime. Raises BundlingError."""
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    from infra import bundling, stages

    _forget()
    here, deployed = bundling.target_of(stages.LOCAL), bundling.target_of(stages.PROD)
    sizes = []
    for name, target in (("here", here), ("deployed", deployed)):
        report(f"building the layers for {_describe(target)}")
        sizes.append(_build_for(FOLDER / name, target))
    return _mount(FOLDER / "here"), sizes


def zip_size(folder: Path, *, ignore: tuple[str, ...] = ()) -> int:
    """Bytes of a zip of the folder's content, deflated as the CDK does it."""
    archive = FOLDER / "size.zip"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            if not any(part in ignore for part in file.parts):
                packed.write(file, file.relative_to(folder))
    size = archive.stat().st_size
    archive.unlink()
    return size


def function_sizes() -> dict[str, int]:
    """Bytes of each function's zip, by id."""
    folders = (handler.parent for handler in (ROOT / "functions").glob("*/handler.py"))
    return {folder.name: zip_size(folder, ignore=("__pycache__",)) for folder in sorted(folders)}


def _build_for(folder: Path, target: Target) -> BuiltLayers:
    from infra import bundling

    # The very builders of the application's layers, without a synthesis around them.
    bundling._Dependencies(target).try_bundle(str(folder / "third_party"))
    bundling._OwnCode(target).try_bundle(str(folder / "own"))
    compiled = sum(1 for _ in folder.rglob("*.pyc"))
    return BuiltLayers(
        _describe(target), zip_size(folder / "own"), zip_size(folder / "third_party"), compiled
    )


def _forget() -> None:
    """Remove what an earlier run left, whose folders nobody but root may write into."""
    for folder in (path for path in FOLDER.rglob("*") if path.is_dir() and not path.is_symlink()):
        folder.chmod(0o755)
    shutil.rmtree(FOLDER, ignore_errors=True)


def _describe(target: Target) -> str:
    return f"Python {target.version} on {'arm64' if target.arm else 'x86-64'}"


def _mount(folder: Path) -> Mounts:
    mounts = Mounts(folder / "built", folder / "bare", folder / "warm")
    for layer in ("third_party", "own"):
        source = folder / layer / "python"
        shutil.copytree(source, mounts.built, dirs_exist_ok=True)
        shutil.copytree(source, mounts.bare, dirs_exist_ok=True, ignore=_PYC)
        shutil.copytree(source, mounts.warm, dirs_exist_ok=True, ignore=_PYC)
    for path in sorted(mounts.built.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return mounts
