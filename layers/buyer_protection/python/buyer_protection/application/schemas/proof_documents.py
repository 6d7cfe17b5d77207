"""What an export adds so that anybody can check it offline: see docs/verify_export.py, which reads it back.

The signature is over the digests of texts, never over the texts: whoever erases one from a file that was signed before
leaves the signature as good as it was (R48).
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.signing import Signer
from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.proof import DIGESTS, canonical, copy_of, digest_of, ruling_of
from buyer_protection.domain.timeline import TimelineEntry

FORMAT = "buyer-protection-export/2"
# An address's digest has been a member of its own since before the others were.
ADDRESS = "address_sha256"
# The members of a file that its digest is about.
FILE_MEMBERS = ("media_type", "name", "sha256", "size")
# What the parties are called is in no entry: its digest is made for the export.
NAMES = {"buyer_name": "/dispute/buyer/display_name", "seller_name": "/dispute/seller/display_name"}


class TextState(StrEnum):
    """Where the text or file of a digest is.

    SHOWN: It is in this export, under `paths`.
    ERASED: It was erased, with its salt; its digest stays.
    WITHHELD: It is kept and not shown: its owner took it back, or this reader may not read it.
    REPLACED: A later entry put another text in its place.
    MISSING: It is not kept any more, though nobody erased it: the export proves nothing of it.
    """

    SHOWN = "SHOWN"
    ERASED = "ERASED"
    WITHHELD = "WITHHELD"
    REPLACED = "REPLACED"
    MISSING = "MISSING"


class TextDocument(Struct, frozen=True):
    """Where the text or file is that an entry has the digest of.

    seq: number of the entry; 0 for the names of the parties, which are in none
    name: name of the digest in the entry's `digests`; `address_sha256` for a return address
    sha256: the digest: SHA-256, in hex, of the canonical JSON of `salt` and `value` (`salt` and `lines` of an address)
    paths: JSON pointers to the text in this export, the same at each; to a file's object; empty where it is not there
    salt: what the digest was made with; null where the text is not shown
    state: where the text is
    """

    seq: int
    name: str
    sha256: str
    paths: Sequence[str]
    salt: str | None
    state: TextState


class StatementDocument(Struct, frozen=True):
    """What is signed: its canonical JSON (sorted keys, no spaces, UTF-8).

    format: `buyer-protection-export/2`
    exported_at: when the export was made
    head: hash of the last entry
    length: number of entries
    document_sha256: digest of the export without `signature`, `dispute.available_actions` and the salts in `texts`,
    with digests in the places of texts
    key_id: which of the keys of `GET /v1/keys` it is signed with
    algorithm: how: `ECDSA_SHA_256` is ECDSA on P-256 with SHA-256, in DER
    """

    format: str
    dispute_id: str
    exported_at: At
    head: str
    length: int
    document_sha256: str
    key_id: str
    algorithm: str


class SignatureDocument(Struct, frozen=True):
    """The signature of a statement.

    statement: what is signed
    value: the signature, in base64
    """

    statement: StatementDocument
    value: str


class _Found(NamedTuple):
    """A text that is kept: its salt, empty once it is erased, and where it stands in the export."""

    salt: str
    paths: Sequence[str]
    is_erased: bool = False


def texts_of(dossier: Dossier, file: Mapping[str, Any], new_salt: Callable[[], str]) -> list[TextDocument]:
    """Each digest of the timeline, with where its text is in `file`, the export as plain values; and the names'."""
    places = _Places(dossier, file)
    names = [_name(name, path, _at(file, path), new_salt()) for name, path in NAMES.items()]
    digests = [(entry, *one) for entry in dossier.timeline for one in digests_of(entry.data).items()]
    return names + [_text(places, entry, name, sha256) for entry, name, sha256 in digests]


def _name(name: str, path: str, shown: str, salt: str) -> TextDocument:
    return TextDocument(0, name, digest_of(shown, salt), (path,), salt, TextState.SHOWN)


def digests_of(data: Mapping[str, Any]) -> Mapping[str, str]:
    """The digests that an entry has, by name."""
    address = {ADDRESS: data[ADDRESS]} if ADDRESS in data else {}
    return {**data.get(DIGESTS, {}), **address}


def _text(places: "_Places", entry: TimelineEntry, name: str, sha256: str) -> TextDocument:
    found = places.find(entry, name)
    if name == "description" and places.new_description(after=entry.seq):
        state = TextState.REPLACED
    elif found is None:
        state = TextState.MISSING
    elif not found.paths:
        state = TextState.ERASED if found.is_erased else TextState.WITHHELD
    else:
        state = TextState.SHOWN if found.salt else TextState.ERASED
        return TextDocument(entry.seq, name, sha256, found.paths, found.salt or None, state)
    return TextDocument(entry.seq, name, sha256, (), None, state)


class _Places:
    """Where the texts of a case are in its export."""

    def __init__(self, dossier: Dossier, file: Mapping[str, Any]) -> None:
        self._dossier, self._file = dossier, file
        self._case = dossier.case
        self._index = {
            (kind, row[key]): number
            for kind, key in (("offers", "offer_id"), ("messages", "message_id"), ("evidence", "evidence_id"))
            for number, row in enumerate(file[kind])
        }

    def new_description(self, *, after: int) -> bool:
        """Whether a later entry brought another description."""
        return any(
            entry.type is EventType.REASON_CHANGED and "description" in digests_of(entry.data)
            for entry in self._dossier.timeline
            if entry.seq > after
        )

    def find(self, entry: TimelineEntry, name: str) -> _Found | None:
        """The text of that name of an entry; None where no row has it any more."""
        data = entry.data
        if name in data and name != ADDRESS:
            return self._own(entry, name)
        match entry.type:
            case EventType.DISPUTE_OPENED | EventType.REASON_CHANGED:
                path = "/dispute/seller_contacted/how" if name == "how" else f"/dispute/{name}"
                return _Found(self._case.salts.get(name, ""), (path,))
            case EventType.OFFER_MADE | EventType.PROPOSAL_MADE:
                offers = (it.salt for it in self._dossier.offers if it.offer_id == data["offer_id"])
                return self._row(next(offers, None), "offers", data["offer_id"], name)
            case EventType.MESSAGE_SENT:
                messages = (it.salt for it in self._dossier.messages if it.message_id == data["message_id"])
                return self._row(next(messages, None), "messages", data["message_id"], name)
            case EventType.EVIDENCE_SUBMITTED | EventType.EVIDENCE_ADDED | EventType.EVIDENCE_FILE_VERIFIED:
                return self._evidence(data["evidence_id"], name)
            case EventType.DECIDED:
                return self._rationale(entry)
            case EventType.RETURN_ADDRESS_CONFIRMED:
                return self._address(data["address_id"])
            case _:
                return None

    def _own(self, entry: TimelineEntry, name: str) -> _Found:
        own = entry.texts.get(name)
        paths = [f"/timeline/{entry.seq - 1}/data/{name}"]
        if entry.type is EventType.RETURN_SHIPPED and self._file["dispute"]["return_parcel"]:
            paths.append(f"/dispute/return_parcel/{name}")
        return _Found(own.salt if own else "", paths)

    def _row(self, salt: str | None, kind: str, row_id: str, path: str) -> _Found | None:
        if salt is None:
            return None
        number = self._index.get((kind, row_id))
        return _Found(salt, () if number is None else (f"/{kind}/{number}/{path}",))

    def _evidence(self, evidence_id: str, name: str) -> _Found | None:
        item = next((it for it in self._dossier.evidence if it.evidence_id == evidence_id), None)
        if item is None:
            return None
        if item.erased and name != "text":
            # Nothing is left of a file but its digest.
            return _Found("", (), is_erased=True)
        if name == "text":
            return self._row(item.salt, "evidence", evidence_id, "text")
        for number, file in enumerate(item.files):
            if name == file.file_id:
                return self._row(file.salt, "evidence", evidence_id, f"files/{number}")
            if name == copy_of(file.file_id) and file.copy is not None:
                return self._row(file.copy.salt, "evidence", evidence_id, f"files/{number}/copy")
        return None

    def _rationale(self, entry: TimelineEntry) -> _Found | None:
        ruling = ruling_of(self._case, entry)
        if ruling is None:
            return None
        # What a return ends with repeats what it was asked for with.
        shown = {at: _at(self._file, at) for at in ("/settlement", "/dispute/settlement", "/dispute/outcome")}
        said = [at for at, one in shown.items() if one and one["rationale"] == ruling.rationale]
        return _Found(ruling.salt, [f"{at}/rationale" for at in said])

    def _address(self, address_id: str) -> _Found | None:
        shown = self._file["dispute"]["return_addresses"]
        number = next((n for n, one in enumerate(shown) if one["address_id"] == address_id), None)
        if number is None:
            return None
        place, one = f"/dispute/return_addresses/{number}", shown[number]
        same = ["/dispute/return_address"] if self._file["dispute"]["return_address"] == one["lines"] else []
        return _Found(one["salt"], [f"{place}/lines", *same, f"{place}/salt"])


def document_digest(file: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the canonical JSON of the export, which has digests in the places of texts and no salts."""
    sealed: Any = _copied({name: part for name, part in file.items() if name != "signature"})
    for text in sealed["texts"]:
        for path in text["paths"]:
            for place in _members(file, path):
                _put(sealed, place, text["sha256"])
        text["salt"] = None
        if text["state"] == TextState.ERASED:
            text["state"] = TextState.SHOWN
    # What can be done next is no part of the record, and its links are made relative as they leave.
    sealed["dispute"]["available_actions"] = []
    return hashlib.sha256(canonical(sealed)).hexdigest()


def signature_of(file: Mapping[str, Any], signer: Signer) -> SignatureDocument:
    """The signature of an export, which is given as plain values."""
    statement = StatementDocument(
        format=FORMAT,
        dispute_id=file["dispute"]["dispute_id"],
        exported_at=file["exported_at"],
        head=file["chain"]["head"],
        length=file["chain"]["length"],
        document_sha256=document_digest(file),
        key_id=signer.key_id,
        algorithm=signer.algorithm,
    )
    values = {name: getattr(statement, name) for name in statement.__struct_fields__}
    value = signer.sign(canonical(values))
    return SignatureDocument(statement, base64.b64encode(value).decode())


def _members(file: Any, path: str) -> Iterator[str]:
    """The path itself; those of its members where it is a file's."""
    value = _at(file, path)
    yield from (f"{path}/{name}" for name in FILE_MEMBERS) if "/files/" in path and value else (path,)


def _at(file: Any, path: str) -> Any:
    for step in path.strip("/").split("/"):
        file = file[int(step)] if isinstance(file, list) else file[step]
    return file


def _put(file: Any, path: str, value: object) -> None:
    parent, _, name = path.rpartition("/")
    place = _at(file, parent)
    if isinstance(place, list):
        place[int(name)] = value
    else:
        place[name] = value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value
