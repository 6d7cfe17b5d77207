"""The negotiation's calls: propose, accept, decline, withdraw, grant the request (R14)."""

from datetime import datetime

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, execute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer, offer_document
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.requests import OfferRequest
from buyer_protection.domain import negotiation
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.money import Money


def make_offer(context: Context, command: Command, dispute_id: str, request: OfferRequest) -> Answer:
    """201 with the offer, which replaces its maker's standing one."""
    refund = Money(request.refund.amount_minor, request.refund.currency) if request.refund else None

    def created(change: Change, _role: Role, _now: datetime) -> Answer:
        if change.new_offer is None:
            raise AssertionError("an offer that was made is part of its change")
        location = f"{dispute_link(dispute_id)}/offers/{change.new_offer.offer_id}"
        document = offer_document(dispute_id, change.new_offer)
        return answer(201, document, version=change.after.version, location=location)

    return execute(
        context,
        command,
        dispute_id,
        Action.MAKE_OFFER,
        lambda s: negotiation.make_offer(s.case, s.actor, request.type, refund, request.note, s.now),
        created,
    )


def accept_offer(context: Context, command: Command, dispute_id: str, offer_id: str) -> Answer:
    """200: the case is resolved, or waits for the return that was agreed."""
    return execute(
        context,
        command,
        dispute_id,
        Action.ACCEPT_OFFER,
        lambda s: negotiation.accept_offer(s.case, s.actor, offer_id, s.now),
    )


def decline_offer(context: Context, command: Command, dispute_id: str, offer_id: str) -> Answer:
    """200: the talking goes on."""
    return execute(
        context,
        command,
        dispute_id,
        Action.DECLINE_OFFER,
        lambda s: negotiation.decline_offer(s.case, s.actor, offer_id, s.now),
    )


def withdraw_offer(context: Context, command: Command, dispute_id: str, offer_id: str) -> Answer:
    """200: the offer no longer stands."""
    return execute(
        context,
        command,
        dispute_id,
        Action.WITHDRAW_OFFER,
        lambda s: negotiation.withdraw_offer(s.case, s.actor, offer_id, s.now),
    )


def accept_request(context: Context, command: Command, dispute_id: str) -> Answer:
    """200: the seller grants the whole request."""
    return execute(
        context,
        command,
        dispute_id,
        Action.ACCEPT_REQUEST,
        lambda s: negotiation.accept_request(s.case, s.actor, s.now),
    )
