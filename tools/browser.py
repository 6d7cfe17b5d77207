"""A Chromium for browser tests and pictures: finds one, and installs one where there is none.

`python -m tools.browser` prints its path. It takes the browser that CHROMIUM names, one on the path, or the one that it
installed before; otherwise it installs Debian's package where it may (as root), and npm's build of Chromium below
`.local/` where it may not. That build needs the system's NSS libraries (Debian: libnss3).

The headless shell comes first: the same engine without windows takes a third of the processor's time. Where another
Chromium is there already, only the command installs it beside that one, as a whole run of the pages is worth it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SHELL: Final = "chromium-headless-shell"
NAMES: Final = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As Debian names them; where the first is not known, the second is.
PACKAGES: Final = (SHELL, "chromium")
APT_SECONDS: Final = 300
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


def add_shell() -> None:
    """Install the headless shell beside what is there, where it can be; a browser that was named stays the one."""
    if not os.environ.get("CHROMIUM") and shutil.which(SHELL) is None and find_browser() is not None:
        _by_apt(PACKAGES[:1])


def _by_apt(packages: Sequence[str] = PACKAGES) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    _apt("update")
    for package in packages:
        if _apt("install", "-y", "--no-install-recommends", package, "fonts-noto-core"):
            return


def _apt(*words: str) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *words]
    try:
        done = subprocess.run(command, env=quiet, stdout=sys.stderr, check=False, timeout=APT_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


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
    add_shell()
    try:
        print(install())
    except NoBrowserError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
