"""Check an exported case file, offline: python3 docs/verify_export.py export.json --keys keys.json [--head HASH]

The same for an object of the archive of closed cases, whose member `export` is one.

`keys.json` is the answer of `GET /v1/keys`, from the service itself and not from whoever gave the export. A `--head` is
the check code of the history in the mail about the end of the dispute. Needs Python, and its package "cryptography" for
the signature.

- Each entry's hash is the SHA-256, in hex, of the canonical JSON (sorted keys, no spaces, UTF-8) of dispute_id, seq,
  at, actor, type, data and prev_hash; prev_hash is the hash of the entry before, 64 zeros before the first. A member of
  data that its `digests` name too counts as "": what is shown there is a text, of which the entry has the digest alone.
- Each digest is the SHA-256 of the canonical JSON of `salt` and `value`; `texts` says where the text is and its salt.
- The amounts of request, offers and outcome are those of the entries that they come from.
- The signature, ECDSA on P-256 with SHA-256, is over the canonical JSON of `signature.statement`. That names the last
  hash, and the SHA-256 of the whole export with digests in the places of texts, without salts and signature. So an
  erased text, which leaves its digest, leaves the signature good. `dispute.available_actions`, which were possible when
  the export was made, are no part of the record: they count as none.

Exits 0 if all of it was checked and holds, 1 if something is wrong, 2 if nothing is wrong and something could not be
checked: an export of before signatures, or no keys. Prints what it is, and how many texts were not there to be checked.

An entry that is marked "redacted" is shown to a party without what is the team's own, so that its hash cannot be
computed from what is there: only its place in the chain is checked. Entries are marked only if they were written before
the team's words had rows of their own.
"""

import argparse
import base64
import copy
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FORMAT = "buyer-protection-export/2"
ADDRESS = "address_sha256"
FILE_MEMBERS = ("media_type", "name", "sha256", "size")
NAMES = ["buyer_name", "seller_name"]


def canonical(value: object) -> bytes:
    """The one way in which a value is written for a digest."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(value: object) -> str:
    """The digest of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digests_of(entry: Json) -> dict[str, str]:
    """The digests that an entry has, by name."""
    data = entry["data"]
    return {**data.get("digests", {}), **({ADDRESS: data[ADDRESS]} if ADDRESS in data else {})}


def digest(dispute_id: str, entry: Json) -> str:
    """The hash that the entry should have."""
    data = {**entry["data"], **dict.fromkeys(set(entry["data"]) & set(entry["data"].get("digests", {})), "")}
    row = {name: entry[name] for name in ("seq", "at", "actor", "type", "prev_hash")}
    return sha256({"dispute_id": dispute_id, "data": data, **row})


def chain_faults(export: Json) -> Iterator[str]:
    """Entries that are not in their place, or not what they were."""
    previous, entries = "0" * 64, export["timeline"]
    if export["chain"]["genesis"] != previous:
        yield "the chain does not begin where every chain begins"
    for seq, entry in enumerate(entries, start=1):
        if entry["seq"] != seq:
            yield f"entry {seq} is missing"
            return
        if entry["prev_hash"] != previous:
            yield f"entry {seq} does not follow from the one before"
        if not entry.get("redacted") and entry["hash"] != digest(export["dispute"]["dispute_id"], entry):
            yield f"entry {seq} was changed"
        previous = entry["hash"]
    if (previous, len(entries)) != (export["chain"]["head"], export["chain"]["length"]):
        yield "the chain does not end where the file says"


def at(export: Json, path: str) -> Any:
    """What a JSON pointer leads to."""
    found: Any = export
    for step in path.strip("/").split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def members(path: str) -> list[str]:
    """The path itself; those of what its digest is about, where it is a file's."""
    return [f"{path}/{name}" for name in FILE_MEMBERS] if "/files/" in path else [path]


def text_faults(export: Json) -> Iterator[str]:
    """Digests whose text is gone without having been erased, or is another one."""
    texts = export.get("texts", [])
    expected = [(entry["seq"], *one) for entry in export["timeline"] for one in digests_of(entry).items()]
    listed = [(it["seq"], it["name"], it["sha256"]) for it in texts]
    # Exports of before texts were listed had no digest but those of addresses.
    is_old = "texts" not in export and all(name == ADDRESS for _, name, _ in expected)
    if sorted(one for one in listed if one[0]) != sorted(expected) and not is_old:
        yield "the list of texts is not that of the entries' digests"
    if texts and sorted(name for seq, name, _ in listed if not seq) != NAMES:
        yield "the list of texts does not have the names of the parties"
    for text in texts:
        what = f"the {text['name']} of entry {text['seq']}" if text["seq"] else f"the {text['name']}"
        try:
            fault = text_fault(export, text)
        except (KeyError, IndexError, TypeError, ValueError):
            fault = "is not where the file says"
        if fault:
            yield f"{what} {fault}"


def text_fault(export: Json, text: Json) -> str | None:
    """What is wrong with one text."""
    state, paths, salt = text["state"], text["paths"], text["salt"]
    if state == "REPLACED":
        later = (
            it for it in export["timeline"] if it["seq"] > text["seq"] and it["type"] == "REASON_CHANGED"
        )
        return None if any(text["name"] in digests_of(it) for it in later) else "was not replaced"
    if state == "WITHHELD":
        return "is withheld and shown at once" if paths or salt else None
    values = [[at(export, one) for one in members(path)] for path in paths]
    if state == "ERASED":
        return "is marked as erased, and is there" if salt or any(any(one) for one in values) else None
    if state == "SHOWN":
        return None if values and salt and is_unchanged(text, values) else "was changed"
    return "is gone, and was not erased"


def is_unchanged(text: Json, values: Sequence[list[Any]]) -> bool:
    """Whether the text is the one of the digest, at each of its places."""
    paths, salt = text["paths"], text["salt"]
    is_file, is_address = "/files/" in paths[0], text["name"] == ADDRESS
    value = dict(zip(FILE_MEMBERS, values[0], strict=True)) if is_file else values[0][0]
    # The salt of an address is shown with it.
    expected = [[salt] if is_address and path.endswith("/salt") else values[0] for path in paths]
    return (
        values == expected
        and sha256({"lines" if is_address else "value": value, "salt": salt}) == text["sha256"]
    )


def amount_faults(export: Json) -> Iterator[str]:
    """Amounts that are not those of the entries that they come from."""
    dispute, said, offers = export["dispute"], dict.fromkeys(("request", "outcome", "settlement")), {}
    for entry in export["timeline"]:
        data = entry["data"]
        if entry["type"] == "DISPUTE_OPENED":
            said["request"] = offers["of-1"] = (data["requested_refund_minor"], data["currency"])
        elif entry["type"] in ("OFFER_MADE", "PROPOSAL_MADE"):
            offers[data["offer_id"]] = (data["refund_minor"], data["currency"])
        elif entry["type"] == "ESCALATED" and "asked_minor" in data:
            said["request"] = (data["asked_minor"], data["currency"])
        if "outcome" in data:
            name = "settlement" if data.get("return_required") else "outcome"
            said[name] = (data["refund_minor"], data["currency"])
    outcome, settled = dispute["outcome"], export["settlement"]
    shown = {
        "request": amount(dispute["requested_refund"]),
        "outcome": amount(outcome["refund"]) if outcome else None,
        "settlement": amount(settled["refund"]) if settled else None,
    }
    yield from (
        f"the amount of the {name} is not that of its entry" for name in said if shown[name] != said[name]
    )
    for offer in export["offers"]:
        if amount(offer["refund"]) != offers.get(offer["offer_id"]):
            yield f"the amount of offer {offer['offer_id']} is not that of its entry"


def amount(money: Json) -> tuple[int, str]:
    """An amount in minor units, and its currency."""
    return money["amount_minor"], money["currency"]


def document_digest(export: Json) -> str:
    """The digest of the whole export: digests in the places of texts, without salts and signature."""
    sealed = copy.deepcopy({name: part for name, part in export.items() if name != "signature"})
    for text in sealed["texts"]:
        for place in (one for path in text["paths"] for one in members(path)):
            parent, _, name = place.rpartition("/")
            holder = at(sealed, parent)
            holder[int(name) if isinstance(holder, list) else name] = text["sha256"]
        text["salt"] = None
        text["state"] = "SHOWN" if text["state"] == "ERASED" else text["state"]
    sealed["dispute"]["available_actions"] = []
    return sha256(sealed)


def signature_faults(export: Json, keys: Sequence[Json]) -> Iterator[str]:
    """Why the signature is not ours, or is not of this export."""
    statement = export["signature"]["statement"]
    said = {
        "format": FORMAT,
        "dispute_id": export["dispute"]["dispute_id"],
        "exported_at": export["exported_at"],
        "head": export["chain"]["head"],
        "length": export["chain"]["length"],
        "document_sha256": document_digest(export),
    }
    yield from (f"what was signed has another {name}" for name in said if statement[name] != said[name])
    key = next((it for it in keys if it["key_id"] == statement["key_id"]), None)
    if key is None:
        yield f"the key {statement['key_id']} is none of ours"
    elif key["valid_from"] > export["exported_at"]:
        yield "the export is older than its key"
    elif not is_signed(statement, export["signature"]["value"], key):
        yield "the signature is not that of the key"


def is_signed(statement: Json, value: str, key: Json) -> bool:
    """Whether the key has signed the statement."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    public = serialization.load_pem_public_key(key["public_key"].encode())
    algorithms = {statement["algorithm"], key["algorithm"]}
    if algorithms != {"ECDSA_SHA_256"} or not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(base64.b64decode(value, validate=True), canonical(statement), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def faults(export: Json, keys: Sequence[Json] | None = None, heads: Sequence[str] = ()) -> Iterator[str]:
    """All that is wrong; the signature is left aside where there are no keys, or where there is none."""
    yield from chain_faults(export)
    yield from text_faults(export)
    yield from amount_faults(export)
    known = {entry["hash"] for entry in export["timeline"]}
    yield from (f"no entry has the hash {head}" for head in heads if head not in known)
    if "texts" in export and "signature" not in export:
        yield "the signature was taken away"
    elif keys is not None and "signature" in export:
        yield from signature_faults(export, keys)


def first_fault(export: Json, keys: Sequence[Json] | None = None, heads: Sequence[str] = ()) -> str | None:
    """What is wrong first, or None."""
    try:
        return next(faults(export, keys, heads), None)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return f"the file is not an export: {type(error).__name__} {error}"


def summary(export: Json) -> str:
    """What was found where nothing is wrong."""
    redacted = sum(1 for entry in export["timeline"] if entry.get("redacted"))
    states = Counter(text["state"] for text in export.get("texts", []))
    parts = [f"{len(export['timeline'])} entries, unbroken", f"{states['SHOWN']} texts and files, unchanged"]
    parts += [f"{states[it]} {it.lower()}" for it in ("ERASED", "WITHHELD", "REPLACED") if states[it]]
    return ", ".join(parts + ([f"{redacted} entries redacted"] if redacted else []))


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the file that is named on the command line."""
    parser = argparse.ArgumentParser(description="Check an exported case file.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--keys", type=Path, help="the answer of GET /v1/keys")
    parser.add_argument("--head", action="append", default=[], help="the check code of the history in a mail")
    asked = parser.parse_args(arguments)
    file = json.loads(asked.export.read_text(encoding="utf-8"))
    # An object of the archive has the export beside the rows that it was made of.
    export = file.get("export", file)
    keys = json.loads(asked.keys.read_text(encoding="utf-8"))["items"] if asked.keys else None
    # What is copied from a mail may have marks around it that nobody sees.
    fault = first_fault(export, keys, [re.sub("[^0-9a-f]", "", head.lower()) for head in asked.head])
    if fault:
        sys.stdout.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"{summary(export)}\n")
    if "signature" not in export:
        sys.stdout.write("NOT SIGNED: whoever gave this file can have made all of it\n")
        return 2
    if keys is None:
        sys.stdout.write("SIGNATURE NOT CHECKED: give the answer of GET /v1/keys as --keys\n")
        return 2
    signed = export["signature"]["statement"]
    sys.stdout.write(f"signed by {signed['key_id']} at {signed['exported_at']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
