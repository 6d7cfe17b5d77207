"""Builds a layer once for all stacks of a checkout: each of them asks for the same three, and each takes seconds.

For the local stage alone. What goes to an account is built for that deployment.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import jsii
from aws_cdk import ILocalBundling

from infra.paths import ROOT

BUILT: Final = ROOT / ".local" / "cache" / "layers"
# Three layers of the last three versions of this checkout.
KEPT: Final = 9


@jsii.implements(ILocalBundling)
class BuiltOnce:
    """What `builder` makes, kept under `key`, which is another one wherever the result is."""

    def __init__(self, builder: ILocalBundling, key: str, folder: Path = BUILT) -> None:
        self._builder, self._folder, self._kept = builder, folder, folder / key

    def try_bundle(self, output_dir: str, *options: Any, **more: Any) -> bool:
        """Copy what is kept; where nothing is, build it first. What the builder raises leaves nothing behind."""
        if not self._kept.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            half = Path(tempfile.mkdtemp(dir=self._folder))
            try:
                self._builder.try_bundle(str(half), *options, **more)
                # Another process may have been faster; then there is a folder, and it is the same.
                with suppress(OSError):
                    half.replace(self._kept)
            finally:
                shutil.rmtree(half, ignore_errors=True)
            self._forget_old()
        shutil.copytree(self._kept, output_dir, dirs_exist_ok=True)
        return True

    def _forget_old(self) -> None:
        """Keep the newest. What goes has another name before its first file does: nobody copies a part of it."""
        # Another process may do the same at this moment.
        with suppress(OSError):
            newest_last = sorted(self._folder.iterdir(), key=lambda it: it.stat().st_mtime)
            for old in newest_last[:-KEPT]:
                shutil.rmtree(old.replace(Path(tempfile.mkdtemp(dir=self._folder))))
