"""Copies of pictures (port `Pictures`), each made by a process of its own, which has limits and none of our rights."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from buyer_protection.application.ports.pictures import CleaningFailedError, CleanPicture
from buyer_protection.domain.enums import FileRefusal, MediaType

# Longer than the process may compute: what is slow without computing is not the file's fault.
WAIT_SECONDS = 30
COMMAND = ("-m", "buyer_protection.adapters.pictures.cleaning")
# How a process ends that a file has brought down, or that has used up its time.
_BY_THE_FILE = frozenset(
    -number
    for number in (
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGSEGV,
        signal.SIGXCPU,
    )
)


class SeparatePictures:
    """A process for each picture."""

    def clean(self, content: bytes, media_type: MediaType) -> CleanPicture | FileRefusal:
        """See `Pictures.clean`."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "original")
            source.write_bytes(content)
            said = asyncio.run(_answer(media_type, source, folder))
            if said in set(FileRefusal):
                return FileRefusal(said)
            copy, thumbnail = (Path(folder, name).read_bytes() for name in ("copy", "thumbnail"))
            return CleanPicture(copy, MediaType(said), thumbnail)


async def _answer(media_type: MediaType, source: Path, folder: str) -> str:
    """What the process says of the file; CleaningFailedError where it says nothing and the file is not to blame."""
    command = (sys.executable, *COMMAND, media_type.value, str(source), folder)
    process = await asyncio.create_subprocess_exec(
        *command, env=_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise CleaningFailedError("no answer in time") from None
    if process.returncode in _BY_THE_FILE:
        return FileRefusal.NOT_READABLE
    if process.returncode != 0 or not said:
        raise CleaningFailedError(f"exit code {process.returncode}")
    return said.decode()


def _environment() -> dict[str, str]:
    """Where modules are, and nothing of the function's own settings and credentials."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(it for it in sys.path if it)}
