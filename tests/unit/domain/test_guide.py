"""The evidence guide: what helps whom, and what is already there (R10, R22, R26, R32, R33, R35)."""

from dataclasses import replace
from itertools import product

import pytest

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, SUB_REASONS, EvidenceType, Reason, Role, SubReason
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.guide import GuideLine, Weight, evidence_guide
from tests.support.builders import OPENED, case_negotiating

B, S = Role.BUYER, Role.SELLER
T = EvidenceType
# What each side cannot do without; with a signature asked for, the seller shows the signature (R32).
REQUIRED = {
    (Reason.NOT_RECEIVED, B, False): [T.STATEMENT],
    (Reason.NOT_RECEIVED, B, True): [T.STATEMENT],
    (Reason.NOT_RECEIVED, S, False): [T.PROOF_OF_SHIPMENT, T.PROOF_OF_DELIVERY],
    (Reason.NOT_RECEIVED, S, True): [T.PROOF_OF_SHIPMENT, T.PROOF_OF_DELIVERY_SIGNATURE],
    (Reason.NOT_AS_DESCRIBED, B, False): [T.PHOTO],
    (Reason.NOT_AS_DESCRIBED, B, True): [T.PHOTO],
    (Reason.NOT_AS_DESCRIBED, S, False): [T.LISTING_SNAPSHOT],
    (Reason.NOT_AS_DESCRIBED, S, True): [T.LISTING_SNAPSHOT],
}


def item(kind: EvidenceType, party: Role = B, *, counts: bool = True) -> Evidence:
    return Evidence("ev-1", party, kind, "x", None, OPENED, counts=counts)


def about(reason: Reason, sub_reason: SubReason | None = None) -> Dispute:
    return replace(case_negotiating(reason), sub_reason=sub_reason)


def guide(
    case: Dispute, role: Role, *evidence: Evidence, signature_asked: bool = False
) -> tuple[GuideLine, ...]:
    return evidence_guide(case, role, evidence, signature_asked=signature_asked)


def kinds(lines: tuple[GuideLine, ...], weight: Weight) -> list[EvidenceType]:
    return [line.type for line in lines if line.weight is weight]


@pytest.mark.parametrize(("reason", "role", "signed"), REQUIRED)
def test_r10_r32_each_side_is_shown_what_it_cannot_do_without(
    reason: Reason, role: Role, *, signed: bool
) -> None:
    lines = guide(about(reason), role, signature_asked=signed)
    assert kinds(lines, Weight.REQUIRED) == REQUIRED[reason, role, signed]
    assert kinds(lines, Weight.HELPFUL)


def test_r32_a_parcel_against_signature_asks_for_the_signature_and_delivery_still_helps() -> None:
    lines = guide(about(Reason.NOT_RECEIVED), S, signature_asked=True)
    assert T.PROOF_OF_DELIVERY in kinds(lines, Weight.HELPFUL)


@pytest.mark.parametrize(
    ("reason", "sub_reason", "kind"),
    [
        (Reason.NOT_RECEIVED, SubReason.CUSTOMS_HELD, T.CUSTOMS_DOCUMENT),
        (Reason.NOT_RECEIVED, SubReason.WRONG_ADDRESS, T.ADDRESS_CHANGE_CONSENT),
        (Reason.NOT_AS_DESCRIBED, SubReason.COUNTERFEIT, T.THIRD_PARTY_REPORT),
    ],
)
@pytest.mark.parametrize("role", PARTIES)
def test_r33_r35_the_finer_reason_puts_its_own_document_first_among_what_helps(
    reason: Reason, sub_reason: SubReason, kind: EvidenceType, role: Role
) -> None:
    assert kinds(guide(about(reason, sub_reason), role), Weight.HELPFUL)[0] is kind


@pytest.mark.parametrize(
    ("sub_reason", "kind"),
    [(SubReason.CUSTOMS_HELD, T.CUSTOMS_DOCUMENT), (SubReason.WRONG_ADDRESS, T.ADDRESS_CHANGE_CONSENT)],
)
def test_r33_r35_another_finer_reason_does_not_ask_the_buyer_for_that_document(
    sub_reason: SubReason, kind: EvidenceType
) -> None:
    for other in {None, *SUB_REASONS[Reason.NOT_RECEIVED]} - {sub_reason}:
        assert kind not in [line.type for line in guide(about(Reason.NOT_RECEIVED, other), B)]


@pytest.mark.parametrize(
    ("reason", "sub_reason"), [(r, s) for r in Reason for s in [None, *sorted(SUB_REASONS[r])]]
)
def test_r26_the_required_come_first_and_no_type_stands_twice(
    reason: Reason, sub_reason: SubReason | None
) -> None:
    for role, signed in product(PARTIES, (False, True)):
        lines = guide(about(reason, sub_reason), role, signature_asked=signed)
        weights = [line.weight for line in lines]
        assert weights == sorted(weights, reverse=True)
        assert len({line.type for line in lines}) == len(lines)
        assert all(isinstance(line.type, EvidenceType) for line in lines)


def test_r26_the_guide_counts_the_partys_own_complete_items() -> None:
    given = [
        item(T.PHOTO),
        item(T.PHOTO),
        item(T.PHOTO, counts=False),
        item(T.PHOTO, S),
        replace(item(T.STATEMENT), counts=False, withdrawn_at=OPENED),
        item(T.CHAT_LOG),
        item(T.CUSTOMS_DOCUMENT),
    ]
    counted = {line.type: line.given for line in guide(about(Reason.NOT_AS_DESCRIBED), B, *given)}
    assert (counted[T.PHOTO], counted[T.STATEMENT], counted[T.CHAT_LOG]) == (2, 0, 1)
    assert T.CUSTOMS_DOCUMENT not in counted
    sellers = {line.type: line.given for line in guide(about(Reason.NOT_AS_DESCRIBED), S, *given)}
    assert (sellers[T.PHOTO], sellers[T.LISTING_SNAPSHOT]) == (1, 0)
