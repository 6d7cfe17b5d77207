"""Where the generated documents lie, and how each is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tools.compatibility.releases import DOCUMENTS, candidates
from tools.contract import asyncapi, collection, openapi, reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def contract_pages() -> dict[Path, str]:
    """The contract's documents: path and content. The candidate of a release has today's documents."""
    document = openapi.build()
    found = {
        DOCS / "openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        DOCS / "asyncapi.json": json.dumps(asyncapi.build(), indent=1, ensure_ascii=False) + "\n",
        DOCS / "api-reference.md": reference.render(document),
        DOCS / "how-to" / "buyer-protection.postman_collection.json": collection.render(document),
    }
    kept = {DOCS / name: (DOCS / name).read_text("utf-8") for name in DOCUMENTS if (DOCS / name).exists()}
    today = kept | found
    return found | {
        folder / name: today[DOCS / name]
        for folder in candidates()
        for name in DOCUMENTS
        if DOCS / name in today
    }


def write(pages: Mapping[Path, str]) -> None:
    """Write what has changed, and say so."""
    for path, content in pages.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old != content:
            path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'as it was' if old == content else 'written'}")
