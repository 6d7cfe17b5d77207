"""A Chromium for browser tests and pictures: finds one, and installs one where there is none.

`python -m tools.browser` prints its path. It takes the browser that CHROMIUM names, one on the path, or the one that it
installed before; otherwise it installs Debian's package where it may (as root), and npm's build of Chromium below
`.local/` where it may not. That build needs the system's NSS libraries (Debian: libnss3).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ROOT: Final = Path(__file__).parents[1]
_FROM_NPM: Final = _ROOT / "tools" / "chromium"
_BELOW: Final = _ROOT / ".local" / "chromium"
_UNPACKED: Final = _BELOW / "chromium"
_UNPACK: Final = "import('@sparticuz/chromium').then(({default: it}) => it.executablePath())"


class NoBrowserError(RuntimeError):
    """There is no Chromium, and none could be installed."""


def find_browser() -> str | None:
    """The path of a Chromium, None where there is none: what CHROMIUM names, one on the path, or our own."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(_UNPACKED) if _UNPACKED.exists() else None)


def install() -> str:
    """The path of a Chromium, which is installed where it is missing. Raises NoBrowserError."""
    if (found := find_browser()) is not None:
        return found
    for way in (_by_apt, _by_npm):
        way()
        if (found := find_browser()) is not None and _runs(found):
            return found
    raise NoBrowserError(
        "No Chromium could be installed. On Debian: apt-get install chromium; elsewhere name one: CHROMIUM=/path/to/it"
    )


def _by_apt() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-core"]):
        subprocess.run(["apt-get", "-qq", *command], env=quiet, stdout=sys.stderr, check=False)


def _by_npm() -> None:
    shutil.rmtree(_BELOW, ignore_errors=True)
    shutil.copytree(_FROM_NPM, _BELOW)
    here = {**os.environ, "TMPDIR": str(_BELOW)}
    for command in (["npm", "ci", "--loglevel=error", "--no-audit", "--no-fund"], ["node", "-e", _UNPACK]):
        subprocess.run(command, cwd=_BELOW, env=here, stdout=sys.stderr, check=False)


def _runs(program: str) -> bool:
    asked = subprocess.run([program, "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def main() -> int:
    """Print the path; exit code 1 where there is no browser."""
    try:
        print(install())
    except NoBrowserError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
