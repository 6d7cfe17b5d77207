"""Examples of an export and of the keys that it can be checked with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.application.actions import case_file, keys
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.schemas import documents
from buyer_protection.application.schemas.evidence_documents import evidence_document
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Role
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.timeline import GENESIS, instant

_PEM = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5jrF0GzNlTDbZFisj5B6HLsX7u6h
0yWU88dZEZXYm5IxfnJOz3JKSIhDABmxpM1XJd/m3R5n68VjD1RTpDfDxQ==
-----END PUBLIC KEY-----
"""


def salt() -> str:
    """The same for every text of the examples."""
    return "0f5a1c27e4d94b8fa3c6d2b1907e5f48"


class _Signer:
    key_id, algorithm = "0b8f2a64-52d6-4a06-9a3f-1f6f1f3a7c52", "ECDSA_SHA_256"

    def sign(self, message: bytes) -> bytes:
        """No signature, but as long as one."""
        return message[:70]


def export_answers(changes: Sequence[Change], item: Evidence) -> dict[str, Any]:
    """A claim that was decided, as its buyer exports it the day after, and the one key there is."""
    last = changes[-1]
    now = last.entry.at + timedelta(days=1)
    offers = [change.new_offer for change in changes if change.new_offer]
    entries = [change.entry for change in changes]
    dossier = Dossier(last.after, offers, [item], entries, [], None)
    dispute_id = last.after.dispute_id
    file = case_file.CaseFile(
        exported_at=instant(now),
        dispute=documents.dispute_document(last.after, Role.BUYER, now),
        settlement=documents.outcome_document(last.after.settlement),
        offers=[documents.offer_document(dispute_id, offer) for offer in offers],
        evidence=[evidence_document(dispute_id, item)],
        messages=[],
        timeline=[documents.timeline_document(entry, Role.BUYER) for entry in entries],
        chain=case_file.ChainDocument(
            "SHA-256 over canonical JSON", GENESIS, last.after.timeline_hash, last.after.timeline_seq
        ),
        texts=(),
    )
    made_at = instant(datetime(2026, 1, 12, 9, tzinfo=UTC))
    key = keys.KeyDocument(_Signer.key_id, _Signer.algorithm, _PEM, made_at, True)
    return {
        "export_case": case_file.signed(file, dossier, _Signer(), salt),
        "list_keys": keys.KeysDocument([key]),
    }
