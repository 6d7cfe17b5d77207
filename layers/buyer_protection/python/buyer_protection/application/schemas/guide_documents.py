"""The evidence guide as the contract shows it: of one party's side of a case, or of both before there is one."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, DeliveryMethod, EvidenceType, Reason, Role, SubReason
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.guide import GuideLine, Weight, evidence_guide, guide_of


class GuideLineDocument(Struct, frozen=True):
    """A type of evidence, whether it is REQUIRED or HELPFUL, and how many complete items the party has given.

    type: the type of evidence.
    weight: how much it matters to this side.
    given: complete items of the type that this side has given; 0 before there is a case.
    """

    type: EvidenceType
    weight: Weight
    given: int


class SideGuideDocument(Struct, frozen=True):
    """What one side should give as evidence.

    party: BUYER or SELLER.
    lines: the types, the required ones first.
    """

    party: Role
    lines: Sequence[GuideLineDocument]


def case_guide(
    case: Dispute, party: Role, evidence: Sequence[Evidence], order: LoadedOrder | None
) -> list[GuideLineDocument]:
    """What this party should give in this case."""
    parcels = order.order.shipments_of([item.item_id for item in case.items]) if order else ()
    signature_asked = any(parcel.delivery_method is DeliveryMethod.SIGNATURE for parcel in parcels)
    return _lines(evidence_guide(case, party, evidence, signature_asked=signature_asked))


def guide_before(reason: Reason, sub_reason: SubReason | None) -> list[SideGuideDocument]:
    """What each side should give in a dispute for this reason."""
    return [SideGuideDocument(party, _lines(guide_of(reason, sub_reason, party))) for party in PARTIES]


def _lines(lines: Sequence[GuideLine]) -> list[GuideLineDocument]:
    return [GuideLineDocument(line.type, line.weight, line.given) for line in lines]
