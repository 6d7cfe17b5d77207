"""A dispute that ends with a return, played with the client that openapi-python-client generates.

API_URL, ORDER_ID, BUYER_TOKEN and SELLER_TOKEN come from the environment; the order was just shipped. Run by
tests/e2e/test_clients.py; tests/clients/dispute_with_return.ts is the same in TypeScript.
"""

from __future__ import annotations

import os

from buyer_protection_client.api.disputes import get_timeline, open_dispute
from buyer_protection_client.api.negotiation import accept_offer, make_offer
from buyer_protection_client.api.return_ import (
    acknowledge_return,
    confirm_return_address,
    register_return_shipment,
)
from buyer_protection_client.models.acknowledge_return_request import AcknowledgeReturnRequest
from buyer_protection_client.models.address_model import AddressModel
from buyer_protection_client.models.dispute_document import DisputeDocument
from buyer_protection_client.models.known_offer_type import KnownOfferType
from buyer_protection_client.models.known_reason import KnownReason
from buyer_protection_client.models.known_return_condition import KnownReturnCondition
from buyer_protection_client.models.money_model import MoneyModel
from buyer_protection_client.models.offer_document import OfferDocument
from buyer_protection_client.models.offer_request import OfferRequest
from buyer_protection_client.models.open_dispute_request import OpenDisputeRequest
from buyer_protection_client.models.outcome_document import OutcomeDocument
from buyer_protection_client.models.return_address_request import ReturnAddressRequest
from buyer_protection_client.models.return_shipment_request import ReturnShipmentRequest
from buyer_protection_client.models.timeline_list import TimelineList
from common import client_of, given, key


def main() -> None:
    buyer, seller = client_of(os.environ["BUYER_TOKEN"]), client_of(os.environ["SELLER_TOKEN"])
    everything = MoneyModel(4990, "USD")

    opening = OpenDisputeRequest(
        order_id=os.environ["ORDER_ID"],
        reason=KnownReason.NOT_AS_DESCRIBED,
        description="The lamp is red, not blue.",
        requested_refund=everything,
    )
    dispute = given(DisputeDocument, open_dispute.sync(client=buyer, body=opening, idempotency_key=key()))
    dispute_id = dispute.dispute_id
    print(f"status: {dispute.status}")

    body = OfferRequest(type_=KnownOfferType.REFUND_WITH_RETURN, refund=everything)
    answer = make_offer.sync(dispute_id, client=seller, body=body, idempotency_key=key())
    offer = given(OfferDocument, answer)
    accepted = accept_offer.sync(dispute_id, offer.offer_id, client=buyer, idempotency_key=key())
    print(f"status: {given(DisputeDocument, accepted).status}")

    address = ReturnAddressRequest(AddressModel(["Lamp Street 1", "Shenzhen"], country="CN"))
    confirmed = confirm_return_address.sync(dispute_id, client=seller, body=address, idempotency_key=key())
    address_id = given(DisputeDocument, confirmed).return_addresses[-1].address_id

    parcel = ReturnShipmentRequest("Post", "RT123456789BR", address_id=address_id)
    shipped = register_return_shipment.sync(dispute_id, client=buyer, body=parcel, idempotency_key=key())
    print(f"status: {given(DisputeDocument, shipped).status}")

    in_order = AcknowledgeReturnRequest(KnownReturnCondition.ITEM_RECEIVED)
    ended = acknowledge_return.sync(dispute_id, client=seller, body=in_order, idempotency_key=key())
    dispute = given(DisputeDocument, ended)
    outcome = given(OutcomeDocument, dispute.outcome)
    print(f"status: {dispute.status}")
    print(f"outcome: {outcome.code} {outcome.refund.amount_minor} {outcome.refund.currency}")

    timeline = given(TimelineList, get_timeline.sync(dispute_id, client=buyer))
    print(f"timeline: {' '.join(entry.type_ for entry in timeline.items)}")


if __name__ == "__main__":
    main()
