"""What leaves by the calls about a person's data (R48)."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.evidence_documents import DownloadDocument
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.domain.enums import Role
from buyer_protection.domain.erasure import Erasure, ErasureStatus
from buyer_protection.domain.timeline import instant


class PersonQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a person's data: of so many cases and orders, and where the last part ended."""


class ErasureDocument(Struct, frozen=True):
    """A request to erase a person's data.

    requested_at: when it was asked for
    effective_at: when erasing begins; until then it can be stopped
    ended_at: when it was stopped, or done; null while it waits
    """

    person_id: str
    status: ErasureStatus
    requested_at: At
    effective_at: At
    ended_at: At | None


class PersonRowDocument(Struct, frozen=True):
    """What one record holds of the person.

    kind: what kind of record: `ORDER`, `FACTS` (what was opened), `OFFER`, `EVIDENCE`, `MESSAGE`, `TL` (the timeline)
    record_id: which offer, item of evidence, message or entry of the timeline; empty where there is one only
    values: what it holds, by name; nothing of the other side, nor of the team
    downloads: where the files of an item of evidence can be had, by file id
    """

    kind: str
    record_id: str
    values: Mapping[str, Any]
    downloads: Mapping[str, DownloadDocument] | UnsetType = UNSET


class PersonPartDocument(Struct, frozen=True):
    """What is kept of the person with one dispute, or with one order.

    role: on which side the person is
    dispute_id: the dispute; null for an order
    order_id: the order; null for a dispute
    records: what holds something of the person
    """

    role: Role
    dispute_id: str | None
    order_id: str | None
    records: Sequence[PersonRowDocument]


class PersonExportDocument(Struct, frozen=True):
    """What is kept of a person: disputes first, then orders, of the side as buyer and of that as seller.

    items: what is kept, by dispute and order
    """

    person_id: str
    items: Sequence[PersonPartDocument]
    next_page_token: str | None
    as_of: At


def erasure_document(erasure: Erasure) -> ErasureDocument:
    """A request as the contract shows it."""
    return ErasureDocument(
        erasure.person_id,
        erasure.status,
        instant(erasure.requested_at),
        instant(erasure.effective_at),
        at(erasure.ended_at),
    )
