"""Unpacks each layer once for all of the emulator's processes, as AWS mounts one read-only copy into each."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any, Final

# The emulator unpacks into a folder of this name, one for each layer of each process.
LAYER: Final = "layer_"
_unpacking: Final = Lock()


class LayerFile(zipfile.ZipFile):
    """A ZIP file that, where it is a layer, is unpacked into a shared folder and linked from the process's own."""

    def __init__(self, file: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(file, *arguments, **options)
        self._is_layer = isinstance(file, str) and Path(file).name.startswith(LAYER)

    def namelist(self) -> list[str]:
        """Of a layer the top folders only: the emulator looks at each name before each unpacking, for paths that lead
        outside, which unpacking does not follow anyway."""
        names = super().namelist()
        return sorted({name.partition("/")[0] for name in names}) if self._is_layer else names

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """As published for a function's code; links into the shared folder for a layer."""
        if not self._is_layer or members is not None:
            super().extractall(path, members, pwd)
            return
        shared = self._unpacked()
        for entry in shared.iterdir():
            Path(path, entry.name).symlink_to(entry)

    def _unpacked(self) -> Path:
        """The folder that holds the layer's files; its name is their digest, so that another version has another."""
        content = Path(str(self.filename)).read_bytes()
        shared = Path(tempfile.gettempdir(), "layers", hashlib.sha256(content).hexdigest())
        with _unpacking:
            if not shared.exists():
                shared.parent.mkdir(exist_ok=True)
                half = Path(tempfile.mkdtemp(dir=shared.parent))
                super().extractall(half, super().namelist())
                half.replace(shared)
        return shared


def share_layers(lambda_runtime: Any) -> None:
    """Put correction 8 into the given `ministack.core.lambda_runtime` module."""
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": LayerFile})
