"""Builds the pages (`web/`) into the asset that the stack `Site` publishes, with the esbuild of its lock file."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from infra.bundling import BundlingError
from infra.paths import ROOT

WEB = ROOT / "web"
# What the build reads; node_modules follow from the lock file.
_SOURCES = ("*.mjs", "index.html", "icon.svg", "package-lock.json", "src/**/*", "locale/**/*")
# The runbook, which operators read on the pages.
_DOCS = ("operations.md", "operations-mail.md", "runbook.md")


def pages(scope: Construct, id: str) -> s3_assets.Asset:
    """The built pages as an archive."""
    image = DockerImage.from_registry("unused")
    return s3_assets.Asset(
        scope,
        id,
        path=str(WEB),
        exclude=["node_modules", "types"],
        bundling=BundlingOptions(image=image, local=_Pages()),
        asset_hash=_digest(),
        asset_hash_type=AssetHashType.CUSTOM,
    )


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted({path for pattern in _SOURCES for path in WEB.glob(pattern) if path.is_file()}):
        digest.update(f"{file.relative_to(WEB)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    for name in _DOCS:
        digest.update((ROOT / "docs" / name).read_bytes())
    return digest.hexdigest()


@jsii.implements(ILocalBundling)
class _Pages:
    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Run the build of the pages. BundlingError where its packages are not installed, or it fails."""
        build_pages(Path(output_dir))
        return True


def build_pages(folder: Path) -> None:
    """Build the pages into `folder`, which is emptied before."""
    node = shutil.which("node") or str(ROOT / ".local" / "venv" / "bin" / "node")
    if not (WEB / "node_modules").is_dir():
        raise BundlingError("the packages of the pages are not installed: make setup-web")
    done = subprocess.run(
        [node, str(WEB / "build.mjs"), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BundlingError(f"the build of the pages failed\n{done.stdout}{done.stderr}")


def as_config(pools: dict[str, dict[str, str]]) -> str:
    """What the pages read from the head of index.html: the sign-in of both pools."""
    return json.dumps({"pools": pools}, sort_keys=True)
