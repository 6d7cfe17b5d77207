"""What proves that a text or a file is what it was (G6): the timeline's entries hold their digests, not themselves.

Each digest has a salt of its own, so that nobody finds a text by trying. Salt and text lie together, in the text's
row or beside the entry, and are erased together (R48): the entry, its hash and the chain stay as they are.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile, FileCopy
from buyer_protection.domain.timeline import SaltedText, TimelineEntry, next_entry

# The member of an entry's data that has the digests, by name.
DIGESTS = "digests"
# Texts that no row has but the entry's own: `data` keeps "" in their places.
OWN_TEXTS: Mapping[EventType, tuple[str, ...]] = {
    EventType.ESCALATED: ("claim_text",),
    EventType.EVIDENCE_REQUESTED: ("question",),
    EventType.RETURN_SHIPPED: ("carrier", "tracking_number"),
    EventType.RETURN_PROBLEM: ("note",),
}


def canonical(value: object) -> bytes:
    """The one way in which a value is written for a digest: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: object, salt: str) -> str:
    """SHA-256, in hex, of the canonical JSON of `salt` and `value`."""
    return hashlib.sha256(canonical({"salt": salt, "value": value})).hexdigest()


def file_facts(file: EvidenceFile | FileCopy) -> dict[str, object]:
    """What the digest of a file is about: `sha256` is that of the original, as it was uploaded, or of the copy."""
    return {"media_type": file.media_type, "name": file.name, "sha256": file.sha256, "size": file.size}


def copy_of(file_id: str) -> str:
    """The name of the digest of the copy that was made of a picture (R49)."""
    return f"{file_id}_copy"


def sealed(change: Change, new_salt: Callable[[], str]) -> Change:
    """The change with the digests in its entries, and a new salt with each text and file that it brings.

    Itself where it brings none. The entries are chained anew from where the case stood.
    """
    found = [_values_of(change, entry) for entry in change.entries]
    if not any(found):
        return change
    chained: list[TimelineEntry] = []
    previous = change.entries[0].prev_hash
    for entry, values in zip(change.entries, found, strict=True):
        salts = {name: new_salt() for name in values}
        change = _with_salts(change, entry, salts)
        chained.append(_follows(entry, previous, values, salts))
        previous = chained[-1].hash
    after = replace(change.after, timeline_hash=previous)
    return replace(change, after=after, earlier=tuple(chained[:-1]), entry=chained[-1])


def _follows(
    entry: TimelineEntry, previous: str, values: Mapping[str, Any], salts: Mapping[str, str]
) -> TimelineEntry:
    """The entry with these digests, after the one whose hash that is."""
    own = {name: value for name, value in values.items() if name in OWN_TEXTS.get(entry.type, ())}
    data = {**entry.data, **dict.fromkeys(own, "")}
    if values:
        data[DIGESTS] = {name: digest_of(value, salts[name]) for name, value in values.items()}
    made = next_entry(entry.dispute_id, entry.seq, previous, entry.at, entry.actor, entry.type, data)
    return replace(
        made,
        correlation_id=entry.correlation_id,
        person_id=entry.person_id,
        texts={name: SaltedText(text, salts[name]) for name, text in own.items()},
    )


def ruling_of(case: Dispute, entry: TimelineEntry) -> Outcome | None:
    """The ruling that a DECIDED entry is about: what a return was asked for with is the settlement."""
    return case.settlement if entry.data.get("return_required") else case.outcome


def _values_of(change: Change, entry: TimelineEntry) -> dict[str, Any]:
    """The texts and files that an entry of the change is about, by name; an empty text is none."""
    after, own = change.after, OWN_TEXTS.get(entry.type)
    found: dict[str, Any] = {}
    if own is not None:
        found = {name: entry.data.get(name) for name in own}
    match entry.type:
        case EventType.DISPUTE_OPENED:
            contact = after.seller_contacted
            found = {"description": after.description, "how": contact.how if contact else ""}
        case EventType.REASON_CHANGED if after.description != change.before.description:
            found = {"description": after.description}
        case EventType.OFFER_MADE | EventType.PROPOSAL_MADE if change.new_offer is not None:
            found = {"note": change.new_offer.note}
        case EventType.MESSAGE_SENT if change.new_message is not None:
            found = {"text": change.new_message.text}
        case EventType.EVIDENCE_SUBMITTED | EventType.EVIDENCE_ADDED if change.new_evidence is not None:
            files = {file.file_id: file_facts(file) for file in change.new_evidence.files}
            found = {"text": change.new_evidence.text, **files}
        case EventType.EVIDENCE_FILE_VERIFIED | EventType.EVIDENCE_ADDED if (
            change.changed_evidence is not None
        ):
            # R49: the copy that was made of the picture which is verified now.
            seen = change.changed_evidence.files
            found = {copy_of(it.file_id): file_facts(it.copy) for it in seen if it.copy and not it.copy.salt}
        case EventType.DECIDED:
            ruling = ruling_of(after, entry)
            found = {"rationale": ruling.rationale if ruling else ""}
    return {name: value for name, value in found.items() if value}


def _with_salts(change: Change, entry: TimelineEntry, salts: Mapping[str, str]) -> Change:
    """The change with these salts beside the texts that have rows of their own."""
    after = change.after
    if not salts or entry.type in OWN_TEXTS:
        return change
    if entry.type in (EventType.DISPUTE_OPENED, EventType.REASON_CHANGED):
        return replace(change, after=replace(after, salts={**after.salts, **salts}))
    if change.new_offer is not None:
        return replace(change, new_offer=replace(change.new_offer, salt=salts["note"]))
    if change.new_message is not None:
        return replace(change, new_message=replace(change.new_message, salt=salts["text"]))
    if change.new_evidence is not None:
        return replace(change, new_evidence=_salted(change.new_evidence, salts))
    if change.changed_evidence is not None:
        return replace(change, changed_evidence=_with_salted_copies(change.changed_evidence, salts))
    field = "settlement" if entry.data.get("return_required") else "outcome"
    ruling = replace(getattr(after, field), salt=salts["rationale"])
    return replace(change, after=replace(after, **{field: ruling}))


def _salted(item: Evidence, salts: Mapping[str, str]) -> Evidence:
    files = tuple(replace(file, salt=salts[file.file_id]) for file in item.files)
    return replace(item, salt=salts.get("text", ""), files=files)


def _with_salted_copies(item: Evidence, salts: Mapping[str, str]) -> Evidence:
    files = (
        replace(file, copy=replace(file.copy, salt=salts[copy_of(file.file_id)]))
        if file.copy and copy_of(file.file_id) in salts
        else file
        for file in item.files
    )
    return replace(item, files=tuple(files))
