"""What stands in a dispute to be accepted: the newest offer of a side, and the team's proposal (R14)."""

from msgspec import Struct

from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, OfferType, Role
from buyer_protection.domain.timeline import instant


class CurrentOfferDocument(Struct, frozen=True):
    """The newest standing proposal."""

    offer_id: str
    made_by: Role
    type: OfferType
    refund: MoneyDocument
    made_at: At


class ProposalDocument(Struct, frozen=True):
    """What the team proposes to both sides. It is an agreement once both have accepted it (R14).

    made_by: always CASE_MANAGER.
    accepted_by_me: whether the reader's side has accepted it. Whether the other has is shown to nobody (R45); null for
    readers who are no party.
    """

    offer_id: str
    made_by: Role
    type: OfferType
    refund: MoneyDocument
    made_at: At
    accepted_by_me: bool | None


def current_offer(case: Dispute) -> CurrentOfferDocument | None:
    """The newest standing offer of a side; None where none stands."""
    offer = case.current_offer
    if offer is None:
        return None
    maker = Role.BUYER if offer == case.side(Role.BUYER).offer else Role.SELLER
    return CurrentOfferDocument(
        offer.offer_id, maker, offer.type, money(offer.refund), instant(offer.made_at)
    )


def standing_proposal(case: Dispute, reader: Role) -> ProposalDocument | None:
    """The team's standing proposal as this reader sees it; None where none stands."""
    proposal = case.proposal
    if proposal is None:
        return None
    offer = proposal.offer
    return ProposalDocument(
        offer.offer_id,
        Role.CASE_MANAGER,
        offer.type,
        money(offer.refund),
        instant(offer.made_at),
        proposal.taken_by is reader if reader in PARTIES else None,
    )
