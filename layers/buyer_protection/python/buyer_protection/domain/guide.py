"""The evidence guide: what helps whom, per reason (R10, R22, R26, R32, R33, R35). Advice, never a guard."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EvidenceType, Reason, Role, SubReason
from buyer_protection.domain.evidence_item import Evidence


class Weight(StrEnum):
    """How much a type of evidence matters to a side."""

    REQUIRED = "REQUIRED"
    HELPFUL = "HELPFUL"


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A type of evidence, its weight, and how many complete items of it the party has given."""

    type: EvidenceType
    weight: Weight
    given: int


_T = EvidenceType
_GUIDE: dict[tuple[Reason, Role], tuple[tuple[EvidenceType, ...], tuple[EvidenceType, ...]]] = {
    (Reason.NOT_RECEIVED, Role.BUYER): ((_T.STATEMENT,), (_T.CHAT_LOG, _T.THIRD_PARTY_REPORT)),
    (Reason.NOT_RECEIVED, Role.SELLER): (
        (_T.PROOF_OF_SHIPMENT, _T.PROOF_OF_DELIVERY),
        (_T.CHAT_LOG, _T.PROOF_OF_REFUND, _T.ADDRESS_CHANGE_CONSENT),
    ),
    (Reason.NOT_AS_DESCRIBED, Role.BUYER): (
        (_T.PHOTO,),
        (_T.VIDEO, _T.STATEMENT, _T.CHAT_LOG, _T.THIRD_PARTY_REPORT),
    ),
    (Reason.NOT_AS_DESCRIBED, Role.SELLER): (
        (_T.LISTING_SNAPSHOT,),
        (_T.PHOTO, _T.VIDEO, _T.CHAT_LOG, _T.PROOF_OF_REFUND, _T.PROOF_OF_RETURN),
    ),
}
_BY_SUB_REASON: dict[SubReason, EvidenceType] = {
    SubReason.CUSTOMS_HELD: _T.CUSTOMS_DOCUMENT,
    SubReason.WRONG_ADDRESS: _T.ADDRESS_CHANGE_CONSENT,
    SubReason.COUNTERFEIT: _T.THIRD_PARTY_REPORT,
}


def evidence_guide(
    case: Dispute, role: Role, evidence: Sequence[Evidence], *, signature_asked: bool
) -> tuple[GuideLine, ...]:
    """What this party should give, the required first. A parcel against signature asks for the signature (R32)."""
    given = [item.type for item in evidence if item.party is role and item.counts]
    return guide_of(case.reason, case.sub_reason, role, given, signature_asked=signature_asked)


def guide_of(
    reason: Reason,
    sub_reason: SubReason | None,
    role: Role,
    given: Sequence[EvidenceType] = (),
    *,
    signature_asked: bool = False,
) -> tuple[GuideLine, ...]:
    """The same of a dispute for this reason, before there is one: nothing is `given` then."""
    required, helpful = _GUIDE[reason, role]
    if signature_asked and reason is Reason.NOT_RECEIVED and role is Role.SELLER:
        required = (_T.PROOF_OF_SHIPMENT, _T.PROOF_OF_DELIVERY_SIGNATURE)
        helpful = (_T.PROOF_OF_DELIVERY, *helpful)
    special = _BY_SUB_REASON.get(sub_reason) if sub_reason else None
    if special is not None and special not in required:
        helpful = (special, *(kind for kind in helpful if kind is not special))
    lines = [GuideLine(kind, Weight.REQUIRED, given.count(kind)) for kind in required]
    return (*lines, *(GuideLine(kind, Weight.HELPFUL, given.count(kind)) for kind in helpful))
