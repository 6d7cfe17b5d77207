"""Offers: propose, counter, accept, decline, withdraw (R14)."""

from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.agreement import Offer, Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    PARTIES,
    Action,
    EventType,
    OfferStatus,
    OfferType,
    Reason,
    Role,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImpossibleError,
    LimitReachedError,
    NotFoundError,
)
from buyer_protection.domain.money import Money, zero
from buyer_protection.domain.numbers import offer_number
from buyer_protection.domain.opening import OPENING_OFFER_ID
from buyer_protection.domain.permissions import check
from buyer_protection.domain.settlement import agreed_code, await_return, check_left, close, grants_request
from buyer_protection.domain.sides import OpenOffer
from buyer_protection.domain.timeline import Actor


def make_offer(
    case: Dispute, actor: Actor, kind: OfferType, refund: Money | None, note: str, now: datetime
) -> Change:
    """A proposal that replaces its maker's standing one (R14). With a return only where R36 allows one."""
    check(case, actor.role, Action.MAKE_OFFER, now)
    mine = case.side(actor.role)
    if mine.offers_made >= case.policy.max_offers_per_party:
        raise LimitReachedError(
            f"Each side can make at most {case.policy.max_offers_per_party} offers.", rule="R14"
        )
    amount = offered(case, kind, refund)
    offer_id = next_offer_id(case)
    offer = Offer(offer_id, actor.role, kind, amount, note, now)
    standing = OpenOffer(offer_id, kind, amount, now)
    after = case.with_side(actor.role, mine._replace(offer=standing, offers_made=mine.offers_made + 1))
    if actor.role is Role.BUYER:
        after = replace(after, request_standing=False)
    data = {
        "offer_id": offer_id,
        "offer_type": kind,
        "refund_minor": amount.amount_minor,
        "currency": amount.currency,
    }
    if mine.offer is not None:
        data["replaces"] = mine.offer.offer_id
    change = case.record(now, actor, EventType.OFFER_MADE, data, after)
    closed = {mine.offer.offer_id: OfferStatus.REPLACED} if mine.offer else None
    return replace(change, new_offer=offer, closed_offers=closed)


def _offers_made(case: Dispute) -> int:
    return case.offers_by_team + sum(case.side(role).offers_made for role in PARTIES)


def next_offer_id(case: Dispute) -> str:
    """Offers of both sides and the team's proposals are counted together."""
    return f"of-{_offers_made(case) + 1}"


def offered(case: Dispute, kind: OfferType, refund: Money | None, *, is_proposal: bool = False) -> Money:
    """The amount of a new offer; refused where it could not be paid, or no return be asked for."""
    if kind is OfferType.NO_REFUND:
        if refund is not None:
            refund.within(0, zero(case.max_refundable.currency), rule="R14")
        return zero(case.max_refundable.currency)
    if kind is OfferType.REFUND_WITH_RETURN:
        _check_return_possible(case)
        if not is_proposal and not can_agree_return(case):
            raise ConflictError("A return can be agreed only while negotiating.", rule="R36")
    if refund is None:
        raise ImpossibleError("This offer needs an amount to refund.", rule="R14")
    return check_left(case, refund.within(1, case.max_refundable, rule="R11"), rule="R39")


def can_agree_return(case: Dispute) -> bool:
    """R36: whether a refund against a return can be offered: of what was received, while negotiating."""
    return case.reason is Reason.NOT_AS_DESCRIBED and case.status is Status.NEGOTIATION


def _check_return_possible(case: Dispute) -> None:
    if case.reason is not Reason.NOT_AS_DESCRIBED:
        raise ImpossibleError(
            "Nothing can be sent back: the dispute says that it was not received.",
            code="RETURN_NOT_APPLICABLE",
            rule="R36",
        )


def accept_offer(case: Dispute, actor: Actor, offer_id: str, now: datetime) -> Change:
    """The other side's standing proposal becomes the agreement; nobody accepts their own (R14)."""
    check(case, actor.role, Action.ACCEPT_OFFER, now)
    offer = _standing(case, offer_id)
    if case.side(actor.role).offer == offer:
        raise ForbiddenError("Nobody accepts their own offer.", rule="R14")
    if offer.offer_id == OPENING_OFFER_ID:
        return agree(case, actor, offer.offer_id, offer.type, granted_request(case), now)
    return agree(case, actor, offer.offer_id, offer.type, check_left(case, offer.refund, rule="R39"), now)


def granted_request(case: Dispute) -> Money:
    """What granting the whole request pays: what is left of it, where money was given back elsewhere (R51).

    409 `MORE_THAN_IS_LEFT` where the order itself is worth less than was asked for (R39).
    """
    if not grants_request(case):
        return check_left(case, case.requested_refund, rule="R39")
    asked, left = case.requested_refund, case.grantable
    return left if left.amount_minor < asked.amount_minor else asked


def accept_request(case: Dispute, actor: Actor, now: datetime) -> Change:
    """The seller grants the buyer's whole opening request (R14), unless the buyer has taken it back or replaced it."""
    check(case, actor.role, Action.ACCEPT_REQUEST, now)
    if not case.request_standing:
        raise ConflictError(
            "The buyer has replaced or withdrawn the request.", code="OFFER_NOT_CURRENT", rule="R14"
        )
    return agree(case, actor, OPENING_OFFER_ID, OfferType.REFUND, granted_request(case), now)


def agree(
    case: Dispute,
    actor: Actor,
    offer_id: str,
    kind: OfferType,
    refund: Money,
    now: datetime,
    made_by: Role | None = None,
) -> Change:
    """Both sides agree on that offer. `made_by` is said of the team's proposal alone."""
    with_return = kind is OfferType.REFUND_WITH_RETURN
    code = agreed_code(kind, refund, case.grantable)
    outcome = Outcome(code, refund, with_return, actor.role)
    data = {"offer_id": offer_id, "offer_type": kind, **({"made_by": made_by} if made_by else {})}
    if with_return:
        return await_return(case, now, actor, EventType.OFFER_ACCEPTED, outcome, data, accepted=offer_id)
    return close(
        case, now, actor, EventType.OFFER_ACCEPTED, Status.RESOLVED, outcome, data, accepted=offer_id
    )


def decline_offer(case: Dispute, actor: Actor, offer_id: str, now: datetime) -> Change:
    """The other side says no; the talking goes on (R14)."""
    check(case, actor.role, Action.DECLINE_OFFER, now)
    offer = _standing(case, offer_id)
    if case.side(actor.role).offer == offer:
        raise ForbiddenError("Nobody declines their own offer; it can be withdrawn.", rule="R14")
    return _remove(case, actor, offer, EventType.OFFER_DECLINED, OfferStatus.DECLINED, now)


def withdraw_offer(case: Dispute, actor: Actor, offer_id: str, now: datetime) -> Change:
    """Its maker takes a proposal back (R14)."""
    check(case, actor.role, Action.WITHDRAW_OFFER, now)
    offer = _standing(case, offer_id)
    if case.side(actor.role).offer != offer:
        raise ForbiddenError("Only its maker withdraws an offer.", rule="R14")
    return _remove(case, actor, offer, EventType.OFFER_WITHDRAWN, OfferStatus.WITHDRAWN, now)


def _remove(
    case: Dispute, actor: Actor, offer: OpenOffer, kind: EventType, status: OfferStatus, now: datetime
) -> Change:
    maker = next(role for role in PARTIES if case.side(role).offer == offer)
    after = case.with_side(maker, case.side(maker)._replace(offer=None))
    if kind is EventType.OFFER_WITHDRAWN and offer.offer_id == OPENING_OFFER_ID:
        after = replace(after, request_standing=False)
    change = case.record(now, actor, kind, {"offer_id": offer.offer_id}, after)
    return replace(change, closed_offers={offer.offer_id: status})


def _standing(case: Dispute, offer_id: str) -> OpenOffer:
    """The standing proposal of that id: 404 where there never was one, 409 where it no longer stands."""
    for role in PARTIES:
        offer = case.side(role).offer
        if offer is not None and offer.offer_id == offer_id:
            return offer
    if case.proposal is not None and case.proposal.offer.offer_id == offer_id:
        raise ForbiddenError("The team's proposal is accepted, or left as it is.", rule="R14")
    if not 1 <= offer_number(offer_id) <= _offers_made(case):
        raise NotFoundError(rule="R14")
    raise ConflictError("This offer no longer stands.", code="OFFER_NOT_CURRENT", rule="R14")
