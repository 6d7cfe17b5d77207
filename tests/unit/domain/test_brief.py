"""The claim brief: facts, the rules that bear on them, an arithmetic suggestion (R21, R24, R31 to R35)."""

from dataclasses import replace

import pytest

from buyer_protection.domain import claim
from buyer_protection.domain.brief import ParcelFact, parcel_facts, rules_that_bear, suggest
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DeliveryMethod,
    EvidenceType,
    MediaType,
    Reason,
    Role,
    TrackingStatus,
)
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.order import ParcelTracking
from tests.support.builders import (
    DAY,
    MANAGER,
    OPENED,
    PAID,
    SHIPPED,
    case_in_claim,
    case_negotiating,
    case_return_reviewed,
    case_under_review,
    escalated,
    ledger,
    order,
    ruling,
    shipment,
    usd,
)

NR, NAD = case_in_claim(), case_in_claim(Reason.NOT_AS_DESCRIBED)


def parcel(
    status: TrackingStatus | None = None,
    method: DeliveryMethod = DeliveryMethod.DRIVER_RELEASE,
    *,
    delivered: bool = False,
) -> ParcelFact:
    return ParcelFact("sh-1", method, SHIPPED, status, OPENED if delivered else None)


def item(party: Role, kind: EvidenceType = EvidenceType.STATEMENT, *, counts: bool = True) -> Evidence:
    return Evidence("ev-1", party, kind, "x", None, OPENED, counts)


SIGNED = DeliveryMethod.SIGNATURE
BUYER_SAYS, SELLER_SAYS = item(Role.BUYER), item(Role.SELLER)
PROOF = item(Role.SELLER, EvidenceType.PROOF_OF_DELIVERY)
SIGNATURE = item(Role.SELLER, EvidenceType.PROOF_OF_DELIVERY_SIGNATURE)
FOR_BUYER, FOR_SELLER, SPLIT = (
    DecisionOutcome.BUYER_FAVOUR,
    DecisionOutcome.SELLER_FAVOUR,
    DecisionOutcome.PARTIAL,
)


@pytest.mark.parametrize(
    ("case", "parcels", "evidence", "outcome", "minor", "grounds"),
    [
        (NR, [parcel()], [], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (NR, [], [], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (NR, [parcel(delivered=True)], [], FOR_SELLER, 0, ("DELIVERY_PROVED",)),
        (NR, [parcel(delivered=True), parcel()], [], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (NR, [parcel()], [PROOF], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY", "PROOF_TO_BE_READ")),
        (NR, [parcel()], [SELLER_SAYS], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (NR, [parcel()], [replace(PROOF, counts=False)], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (NR, [parcel()], [replace(PROOF, party=Role.BUYER)], FOR_BUYER, PAID, ("NO_PROOF_OF_DELIVERY",)),
        (
            NR,
            [parcel(method=SIGNED, delivered=True)],
            [PROOF],
            FOR_BUYER,
            PAID,
            ("SIGNATURE_MISSING", "PROOF_TO_BE_READ"),
        ),
        (
            NR,
            [parcel(method=SIGNED)],
            [SIGNATURE],
            FOR_BUYER,
            PAID,
            ("NO_PROOF_OF_DELIVERY", "PROOF_TO_BE_READ"),
        ),
        (
            NR,
            [parcel(method=SIGNED, delivered=True)],
            [SIGNATURE],
            FOR_SELLER,
            0,
            ("DELIVERY_PROVED", "PROOF_TO_BE_READ"),
        ),
        (NAD, [parcel()], [], FOR_SELLER, 0, ("NOBODY_GAVE_EVIDENCE",)),
        (NAD, [parcel()], [replace(BUYER_SAYS, counts=False)], FOR_SELLER, 0, ("NOBODY_GAVE_EVIDENCE",)),
        (NR, [parcel(TrackingStatus.COLLECTION_EXPIRED)], [], FOR_SELLER, 0, ("PARCEL_NOT_COLLECTED",)),
        (NAD, [parcel()], [BUYER_SAYS], FOR_BUYER, PAID, ("ONLY_BUYER_GAVE_EVIDENCE",)),
        (NAD, [parcel()], [SELLER_SAYS], FOR_SELLER, 0, ("ONLY_SELLER_GAVE_EVIDENCE",)),
        (NAD, [parcel()], [BUYER_SAYS, SELLER_SAYS], SPLIT, PAID // 2, ("BOTH_GAVE_EVIDENCE",)),
        (
            NAD,
            [parcel()],
            [BUYER_SAYS, replace(SELLER_SAYS, counts=False)],
            FOR_BUYER,
            PAID,
            ("ONLY_BUYER_GAVE_EVIDENCE",),
        ),
    ],
)
def test_r24_r31_r32_the_suggestion_follows_from_stated_facts(
    case: Dispute,
    parcels: list[ParcelFact],
    evidence: list[Evidence],
    outcome: DecisionOutcome,
    minor: int,
    grounds: tuple[str, ...],
) -> None:
    suggestion = suggest(case, parcels, evidence)
    assert (suggestion.outcome, suggestion.refund, suggestion.grounds) == (outcome, usd(minor), grounds)


@pytest.mark.parametrize(("asked", "outcome", "minor"), [(1, FOR_BUYER, 1), (2, SPLIT, 1), (3, SPLIT, 1)])
def test_r24_a_suggested_half_is_always_one_that_can_be_decided(
    asked: int, outcome: DecisionOutcome, minor: int
) -> None:
    case = replace(NAD, requested_refund=usd(asked))
    suggestion = suggest(case, [], [BUYER_SAYS, SELLER_SAYS])
    assert (suggestion.outcome, suggestion.refund) == (outcome, usd(minor))
    both = ("BOTH_GAVE_EVIDENCE", "NOTHING_TO_SPLIT")
    assert suggestion.grounds == (both if asked == 1 else ("BOTH_GAVE_EVIDENCE",))


@pytest.mark.parametrize(
    ("case", "facts", "rules"),
    [
        (NR, [parcel()], "R20 R21 R22 R24 R25 R29 R30"),
        (NAD, [parcel()], "R20 R21 R22 R24 R25 R36"),
        (replace(NR, escalated_by=Role.SYSTEM), [], "R15 R21 R22 R24 R25 R29 R30"),
        (NR, [parcel(TrackingStatus.COLLECTION_EXPIRED)], "R20 R21 R22 R24 R25 R29 R30 R31"),
        (NR, [parcel(method=SIGNED)], "R20 R21 R22 R24 R25 R29 R30 R32"),
        (NAD, [parcel(TrackingStatus.CUSTOMS_HELD)], "R20 R21 R22 R24 R25 R35 R36"),
    ],
)
def test_r21_r35_the_brief_names_the_rules_that_bear_on_the_claim(
    case: Dispute, facts: list[ParcelFact], rules: str
) -> None:
    assert rules_that_bear(case, facts) == tuple(rules.split())


def test_r29_r32_the_parcels_of_the_disputed_items_are_stated_with_what_their_carriers_said() -> None:
    parcels = (
        shipment(item_ids=("mug",), delivery_method=SIGNED),
        shipment(SHIPPED, "sh-2", item_ids=("spoon",)),
        shipment(SHIPPED, "sh-3", item_ids=("plate",)),
    )
    seen = {"sh-1": ParcelTracking(TrackingStatus.DELIVERED, OPENED, OPENED)}
    facts = parcel_facts(
        escalated(case_negotiating(), OPENED + 4 * DAY), order(shipments=parcels), ledger(tracking=seen)
    )
    assert facts == (
        ParcelFact("sh-1", SIGNED, SHIPPED, TrackingStatus.DELIVERED, OPENED),
        ParcelFact("sh-2", DeliveryMethod.DRIVER_RELEASE, SHIPPED, None, None),
    )


# --- C6 ---


@pytest.mark.parametrize("given", [[], [BUYER_SAYS], [SELLER_SAYS], [BUYER_SAYS, SELLER_SAYS]])
def test_c6_a_review_of_a_return_is_about_what_was_settled(given: list[Evidence]) -> None:
    case = case_return_reviewed()
    assert case.settlement is not None
    settled = case.settlement.refund.amount_minor
    expected = {FOR_BUYER: settled, FOR_SELLER: 0, SPLIT: settled // 2}
    suggestion = suggest(case, [], given)
    assert suggestion.refund == usd(expected[suggestion.outcome])
    assert settled != case.requested_refund.amount_minor


@pytest.mark.parametrize(
    ("left", "outcome", "minor"), [(600, SPLIT, 300), (1, FOR_BUYER, 1), (0, FOR_BUYER, 0)]
)
def test_c6_r39_a_suggestion_never_names_more_than_is_left(
    left: int, outcome: DecisionOutcome, minor: int
) -> None:
    suggestion = suggest(replace(NAD, left=usd(left)), [], [BUYER_SAYS, SELLER_SAYS])
    assert (suggestion.outcome, suggestion.refund) == (outcome, usd(minor))


def test_c6_c8_a_suggestion_is_about_what_was_asked_for_last() -> None:
    assert suggest(replace(NAD, asked_refund=usd(700)), [], [BUYER_SAYS]).refund == usd(700)


@pytest.mark.parametrize("kind", [EvidenceType.PROOF_OF_DELIVERY, EvidenceType.PROOF_OF_DELIVERY_SIGNATURE])
def test_c6_a_file_that_is_called_a_proof_wins_nothing_by_its_name(kind: EvidenceType) -> None:
    named = replace(PROOF, type=kind)
    assert suggest(NR, [parcel()], [named]).outcome is FOR_BUYER
    assert suggest(NR, [], [named]).outcome is FOR_BUYER


def test_c6_a_suggestion_says_what_it_did_not_look_at() -> None:
    file = EvidenceFile("f-1", "a.jpg", MediaType.JPEG, 10, "0" * 64)
    assert suggest(replace(NR, description=""), [], []).not_looked_at == ()
    assert suggest(NR, [], []).not_looked_at == ("TEXTS",)
    talked = replace(NR, messages=1, offers_by_seller=1)
    shown = replace(SELLER_SAYS, files=(file,))
    assert suggest(talked, [], [shown]).not_looked_at == ("TEXTS", "FILES", "MESSAGES", "OFFERS")


@pytest.mark.parametrize("given", [[], [BUYER_SAYS], [SELLER_SAYS], [BUYER_SAYS, SELLER_SAYS]])
@pytest.mark.parametrize("reviewed", [case_under_review(), case_under_review(Reason.NOT_AS_DESCRIBED)])
def test_c6_r24_every_suggestion_could_be_decided_as_it_stands(
    reviewed: Dispute, given: list[Evidence]
) -> None:
    suggestion = suggest(reviewed, [], given)
    decided = claim.decide(
        reviewed,
        MANAGER,
        ruling(suggestion.outcome, suggestion.refund.amount_minor),
        frozenset(),
        OPENED + 12 * DAY,
    )
    assert decided.after.outcome is not None
    assert decided.after.outcome.refund == suggestion.refund
