"""Which locked versions are known to be vulnerable, by records in OSV's format that the operator supplies: no network.

OSV publishes one archive an ecosystem (`PyPI/all.zip`, `npm/all.zip`); a folder of records does as well.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import InvalidVersion, Version

from tools.supply.locks import Package

_ECOSYSTEMS = {"PyPI": "pypi", "npm": "npm"}
_NUMBERS = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?")
# A version sorts by its numbers; before them all pre-releases of it.
Key = tuple[Any, ...]
# A version that is none: it counts as affected rather than not.
_UNCOMPARABLE: Key = (1,)


class Finding(NamedTuple):
    """One vulnerability of one locked version; `fixed` are the versions that the record names as mended."""

    package: Package
    id: str
    aliases: tuple[str, ...]
    fixed: tuple[str, ...]


class DatabaseError(Exception):
    """There is no record at the place that was named: an empty database would find nothing, and look well."""


def records(place: Path) -> Iterator[dict[str, Any]]:
    """The records of a folder, an archive, or archives in a folder. DatabaseError where there is none."""
    count = 0
    for text in _texts(place):
        count += 1
        yield json.loads(text)
    if not count:
        raise DatabaseError(f"{place} has no record in OSV's format")


def _texts(place: Path) -> Iterator[bytes]:
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if file.suffix == ".json":
            yield file.read_bytes()
        elif file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                for name in sorted(archive.namelist()):
                    if name.endswith(".json"):
                        yield archive.read(name)


def find(packages: Sequence[Package], known: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Every locked version that a record is about, sorted; records that were withdrawn are about none."""
    by_name: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        by_name.setdefault((package.ecosystem, package.name), []).append(package)
    found = set()
    for record in known:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            of = affected.get("package", {})
            ecosystem = _ECOSYSTEMS.get(str(of.get("ecosystem")), "")
            name = str(of.get("name"))
            name = re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name
            for package in by_name.get((ecosystem, name), ()):
                if _is_affected(package, affected):
                    aliases = tuple(sorted(record.get("aliases", ())))
                    found.add(Finding(package, str(record["id"]), aliases, _fixed(affected)))
    return sorted(found)


def _is_affected(package: Package, affected: Mapping[str, Any]) -> bool:
    if package.version in affected.get("versions", ()):
        return True
    ranges = (it for it in affected.get("ranges", ()) if it.get("type") in ("ECOSYSTEM", "SEMVER"))
    return any(_is_within(package, it.get("events", ())) for it in ranges)


def _is_within(package: Package, events: Sequence[Mapping[str, str]]) -> bool:
    """OSV: sorted by version, each event says from where on it is (or is not) affected."""
    key = _key(package.ecosystem, package.version)
    if key == _UNCOMPARABLE:
        return True
    kinds = {"introduced": True, "fixed": False, "last_affected": False}
    steps = sorted(
        (_key(package.ecosystem, version), kind)
        for event in events
        for kind, version in event.items()
        if kind in kinds
    )
    inside = False
    for at, kind in steps:
        if at < key or (at == key and kind != "last_affected"):
            inside = kinds[kind]
    return inside


def _key(ecosystem: str, version: str) -> Key:
    if version == "0":
        return (-1,)
    if ecosystem == "pypi":
        try:
            return (0, Version(version))
        except InvalidVersion:
            return _UNCOMPARABLE
    found = _NUMBERS.match(version)
    if found is None:
        return _UNCOMPARABLE
    before = found[4]
    parts = tuple(
        (0, int(it), "") if it.isdigit() else (1, 0, it) for it in (before.split(".") if before else ())
    )
    return (0, int(found[1]), int(found[2]), int(found[3]), not before, parts)


def _fixed(affected: Mapping[str, Any]) -> tuple[str, ...]:
    events = (event for it in affected.get("ranges", ()) for event in it.get("events", ()))
    return tuple(sorted({event["fixed"] for event in events if "fixed" in event}))
