"""The team's own proposal in a claim: taken by both sides, each unseen by the other, it is an agreement (R14, R24)."""

from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action, EventType, OfferStatus, OfferType, Role
from buyer_protection.domain.errors import LimitReachedError
from buyer_protection.domain.money import Money
from buyer_protection.domain.negotiation import agree, next_offer_id, offered
from buyer_protection.domain.permissions import check, check_assigned
from buyer_protection.domain.settlement import check_left
from buyer_protection.domain.sides import OpenOffer, Proposal
from buyer_protection.domain.timeline import Actor


def propose(
    case: Dispute, actor: Actor, kind: OfferType, refund: Money | None, note: str, now: datetime
) -> Change:
    """A proposal to both sides, in the place of the team's earlier one. The claim's dates stand."""
    check(case, actor.role, Action.PROPOSE, now)
    check_assigned(case, actor)
    if case.offers_by_team >= case.policy.max_offers_per_party:
        raise LimitReachedError(
            f"The team can make at most {case.policy.max_offers_per_party} proposals.", rule="R14"
        )
    amount = offered(case, kind, refund, is_proposal=True)
    offer = Offer(next_offer_id(case), Role.CASE_MANAGER, kind, amount, note, now)
    standing = Proposal(OpenOffer(offer.offer_id, kind, amount, now))
    data = {
        "offer_id": offer.offer_id,
        "offer_type": kind,
        "refund_minor": amount.amount_minor,
        "currency": amount.currency,
    }
    if case.proposal is not None:
        data["replaces"] = case.proposal.offer.offer_id
    after = replace(case, proposal=standing, offers_by_team=case.offers_by_team + 1)
    change = case.record(now, actor, EventType.PROPOSAL_MADE, data, after)
    closed = {case.proposal.offer.offer_id: OfferStatus.REPLACED} if case.proposal else None
    return replace(change, new_offer=offer, closed_offers=closed)


def is_proposal(case: Dispute, offer_id: str) -> bool:
    """Whether that offer is the team's standing proposal."""
    return case.proposal is not None and case.proposal.offer.offer_id == offer_id


def take(case: Dispute, actor: Actor, now: datetime) -> Change | Dispute:
    """One side says yes to the standing proposal.

    The second yes is the agreement. The first changes nothing that the other side could see: the case as returned,
    which is the very same where this side has said yes before.
    """
    check(case, actor.role, Action.ACCEPT_OFFER, now)
    proposal = case.proposal
    if proposal is None:
        raise AssertionError("only a standing proposal is taken")
    offer = proposal.offer
    refund = check_left(case, offer.refund, rule="R39")
    if proposal.taken_by is None:
        return replace(case, proposal=replace(proposal, taken_by=actor.role))
    if proposal.taken_by is actor.role:
        return case
    return agree(case, actor, offer.offer_id, offer.type, refund, now, made_by=Role.CASE_MANAGER)
