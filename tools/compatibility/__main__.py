"""`python -m tools.compatibility` prints what has changed since the last release. Ends with 1 where a change breaks
clients, or is in no line of the changelog. `python -m tools.compatibility release 1.0.0` freezes today's documents.
"""

from __future__ import annotations

import sys

from tools.compatibility import releases


def main(arguments: list[str]) -> int:
    """The command."""
    if arguments[:1] == ["release"]:
        (version,) = arguments[1:]
        releases.release(version)
        print(f"docs/releases/{version} and the version in pyproject.toml are written")
        return 0
    found = releases.changes()
    for change in found:
        print(change)
    silent = releases.unnamed(found, releases.CHANGELOG.read_text(encoding="utf-8"))
    for change in silent:
        print(f"not in CHANGELOG.md: {change.place}: {change.text}")
    print(f"{len(found)} changes since {releases.releases()[-1].name}")
    return 1 if silent or any(change.is_breaking for change in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
