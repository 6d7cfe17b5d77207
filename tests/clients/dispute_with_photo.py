"""A dispute with a photo, played with the client that openapi-python-client generates from docs/openapi.json.

API_URL, ORDER_ID, BUYER_TOKEN and SELLER_TOKEN come from the environment; the order was just shipped. Run by
tests/e2e/test_clients.py; tests/clients/dispute_with_photo.ts is the same in TypeScript.
"""

from __future__ import annotations

import base64
import hashlib
import os

import httpx
from buyer_protection_client import AuthenticatedClient
from buyer_protection_client.api.disputes import get_dispute, get_timeline, open_dispute
from buyer_protection_client.api.evidence import add_evidence, get_evidence
from buyer_protection_client.api.negotiation import accept_offer, make_offer
from buyer_protection_client.api.orders import get_dispute_eligibility
from buyer_protection_client.models.dispute_document import DisputeDocument
from buyer_protection_client.models.dispute_opened_entry import DisputeOpenedEntry
from buyer_protection_client.models.eligibility_document import EligibilityDocument
from buyer_protection_client.models.evidence_document import EvidenceDocument
from buyer_protection_client.models.evidence_request import EvidenceRequest
from buyer_protection_client.models.file_model import FileModel
from buyer_protection_client.models.known_evidence_type import KnownEvidenceType
from buyer_protection_client.models.known_media_type import KnownMediaType
from buyer_protection_client.models.known_offer_type import KnownOfferType
from buyer_protection_client.models.known_reason import KnownReason
from buyer_protection_client.models.known_status import KnownStatus
from buyer_protection_client.models.money_model import MoneyModel
from buyer_protection_client.models.offer_document import OfferDocument
from buyer_protection_client.models.offer_request import OfferRequest
from buyer_protection_client.models.open_dispute_request import OpenDisputeRequest
from buyer_protection_client.models.timeline_list import TimelineList
from buyer_protection_client.models.upload_document import UploadDocument
from common import client_of, given, key, until

# 16 x 16 pixels of grey: what is no picture is refused.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAPElEQVR4nF3BwQAAIADAwCGEEEIIIY"
    "QQQgghhBBCCCGEEEII/XcHFoQoJCELRahCE7owhCksYQtHuMKTDy93eAFhAbv2AAAAAElFTkSuQmCC"
)


def upload(form: UploadDocument, content: bytes) -> None:
    """S3 takes the form's fields first, then the file."""
    sent = httpx.post(
        form.url, data=form.fields.additional_properties, files={"file": ("photo.png", content)}
    )
    sent.raise_for_status()


def give_photo(buyer: AuthenticatedClient, dispute_id: str) -> EvidenceDocument:
    """Announce a photo, upload it, and wait until it counts."""
    photo = FileModel(
        name="lamp.png",
        media_type=KnownMediaType.IMAGEPNG,
        size=len(PHOTO),
        sha256=hashlib.sha256(PHOTO).hexdigest(),
    )
    body = EvidenceRequest(type_=KnownEvidenceType.PHOTO, text="The lamp is red.", files=[photo])
    item = given(
        EvidenceDocument, add_evidence.sync(dispute_id, client=buyer, body=body, idempotency_key=key())
    )
    upload(given(UploadDocument, item.files[0].upload), PHOTO)

    def verified() -> EvidenceDocument | None:
        now = given(EvidenceDocument, get_evidence.sync(dispute_id, item.evidence_id, client=buyer))
        return now if now.counts else None

    return until("the photo is verified", verified)


def main() -> None:
    buyer, seller = client_of(os.environ["BUYER_TOKEN"]), client_of(os.environ["SELLER_TOKEN"])
    order_id = os.environ["ORDER_ID"]

    can = given(EligibilityDocument, get_dispute_eligibility.sync(order_id, client=buyer))
    print(f"eligible: {str(can.eligible).lower()}")

    opening = OpenDisputeRequest(
        order_id=order_id,
        reason=KnownReason.NOT_AS_DESCRIBED,
        description="The lamp is red, not blue.",
        requested_refund=MoneyModel(can.max_refundable.amount_minor, can.max_refundable.currency),
    )
    dispute = given(DisputeDocument, open_dispute.sync(client=buyer, body=opening, idempotency_key=key()))
    print(f"status: {dispute.status}")

    print(f"photo: {give_photo(buyer, dispute.dispute_id).status}")

    half = MoneyModel(can.max_refundable.amount_minor // 2, can.max_refundable.currency)
    body = OfferRequest(type_=KnownOfferType.REFUND, refund=half, note="Half of it back?")
    offer = given(
        OfferDocument, make_offer.sync(dispute.dispute_id, client=seller, body=body, idempotency_key=key())
    )
    accepted = accept_offer.sync(dispute.dispute_id, offer.offer_id, client=buyer, idempotency_key=key())
    given(DisputeDocument, accepted)

    dispute = given(DisputeDocument, get_dispute.sync(dispute.dispute_id, client=seller))
    if dispute.status != KnownStatus.RESOLVED:
        raise SystemExit(f"not resolved: {dispute.status}")
    print(f"status: {dispute.status}")

    timeline = given(TimelineList, get_timeline.sync(dispute.dispute_id, client=buyer))
    first = given(DisputeOpenedEntry, timeline.items[0])
    print(f"asked: {first.data.requested_refund_minor} {first.data.currency}")
    print(f"timeline: {' '.join(entry.type_ for entry in timeline.items)}")


if __name__ == "__main__":
    main()
