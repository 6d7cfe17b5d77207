"""Check the timeline of an exported case file, offline: python3 docs/verify_export.py export.json

Needs nothing but Python. Each entry's hash is the SHA-256, in hex, of the canonical JSON (sorted keys, no spaces,
UTF-8) of dispute_id, seq, at, actor, type, data and prev_hash; prev_hash is the hash of the entry before, 64 zeros
before the first. Exits 1, and says where, if the chain is broken or not the one the file names.

An entry that is marked "redacted" is shown to a party without what is the team's own, so that its hash cannot be
computed from what is there: only its place in the chain is checked, and how many there are is said. Entries are marked
only if they were written before the team's words had rows of their own.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def digest(dispute_id: str, entry: dict[str, Any]) -> str:
    """The hash that the entry should have."""
    row = {name: entry[name] for name in ("seq", "at", "actor", "type", "data", "prev_hash")}
    canonical = json.dumps({"dispute_id": dispute_id, **row}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_fault(export: dict[str, Any]) -> str | None:
    """What is wrong with the chain, or None."""
    previous, entries = export["chain"]["genesis"], export["timeline"]
    for seq, entry in enumerate(entries, start=1):
        if entry["seq"] != seq:
            return f"entry {seq} is missing"
        if entry["prev_hash"] != previous:
            return f"entry {seq} does not follow from the one before"
        if not entry.get("redacted") and entry["hash"] != digest(export["dispute"]["dispute_id"], entry):
            return f"entry {seq} was changed"
        previous = entry["hash"]
    if (previous, len(entries)) != (export["chain"]["head"], export["chain"]["length"]):
        return "the chain does not end where the file says"
    return None


def main() -> int:
    """Check the file named on the command line."""
    export = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    fault = first_fault(export)
    redacted = sum(1 for entry in export["timeline"] if entry.get("redacted"))
    unbroken = f"{len(export['timeline'])} entries, unbroken" + (f", {redacted} of them redacted" if redacted else "")
    sys.stdout.write(f"{fault or unbroken}\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
