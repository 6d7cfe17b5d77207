"""`python -m tools.supply sbom|licences|check`: see SECURITY.md.

Exit code 0: done, and all is well; 1: a finding; 2: it could not be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.supply import licences, sbom, vulnerabilities
from tools.supply.locks import packages


def write_sbom(arguments: argparse.Namespace) -> int:
    """Write the bill of materials of this version (CycloneDX 1.6)."""
    text = sbom.text_of(sbom.document(packages(), licences.known(), sbom.version_of()))
    if arguments.output:
        Path(arguments.output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def write_licences(arguments: argparse.Namespace) -> int:
    """Write docs/licences.md anew; exit code 1 where a licence is not known."""
    locked = packages()
    if arguments.pythons:
        licences.complete(arguments.pythons, locked)
    licences.write_page(locked)
    of_python = licences.known()
    unknown = [it.purl for it in locked if not licences.licence_of(it, of_python)]
    for purl in unknown:
        print(f"{purl}: no known licence; add it to requirements/licences.json")
    return 1 if unknown else 0


def check(arguments: argparse.Namespace) -> int:
    """Look for known vulnerabilities of the locked versions in a database on this machine."""
    try:
        found = vulnerabilities.find(packages(), vulnerabilities.records(Path(arguments.database)))
    except (OSError, ValueError, vulnerabilities.DatabaseError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for package, id_, aliases, fixed in found:
        kind = "delivered" if package.delivered else "build and tests"
        known_as = f" ({', '.join(aliases)})" if aliases else ""
        print(f"{package.purl}  {kind}  {id_}{known_as}  mended in {', '.join(fixed) or 'no version'}")
    print(f"{len(found)} known vulnerabilities")
    return 1 if found else 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.supply", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="sbom|licences|check")
    made = commands.add_parser("sbom", help=write_sbom.__doc__)
    made.add_argument("--output", help="a file; else it is printed")
    made.set_defaults(command=write_sbom)
    listed = commands.add_parser("licences", help=write_licences.__doc__)
    listed.add_argument("--from", dest="pythons", nargs="+", help="interpreters whose packages are asked")
    listed.set_defaults(command=write_licences)
    checked = commands.add_parser("check", help=check.__doc__)
    checked.add_argument("--database", required=True, help="OSV's records: a folder, or an archive of them")
    checked.set_defaults(command=check)
    arguments = parser.parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())
