"""The bill of materials as CycloneDX 1.6, by the lock files alone: the same input gives the same bytes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.supply.licences import licence_of
from tools.supply.locks import ROOT, Package


def document(packages: Sequence[Package], licences: Mapping[str, str], version: str) -> dict[str, Any]:
    """The document. It has neither time nor serial number: both would make each run another document."""
    name = f"pkg:generic/buyer-protection@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": "buyer-protection",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "purl": name,
            }
        },
        "components": [_component(it, licence_of(it, licences)) for it in packages],
        "dependencies": [{"ref": name, "dependsOn": sorted(it.purl for it in packages if it.delivered)}],
    }


def version_of(root: Path = ROOT) -> str:
    """The project's version."""
    return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def text_of(document_: Mapping[str, Any]) -> str:
    """As it is written to a file."""
    return json.dumps(document_, indent=1, sort_keys=True) + "\n"


def _component(package: Package, licence: str) -> dict[str, Any]:
    group, _, name = package.name.rpartition("/")
    return {
        "type": "library",
        "bom-ref": package.purl,
        **({"group": group} if group else {}),
        "name": name,
        "version": package.version,
        # What only builds and tests is no part of what runs.
        "scope": "required" if package.delivered else "excluded",
        "purl": package.purl,
        "licenses": [{"expression": licence}] if licence else [],
        "hashes": [{"alg": algorithm, "content": digits} for algorithm, digits in package.hashes],
    }
