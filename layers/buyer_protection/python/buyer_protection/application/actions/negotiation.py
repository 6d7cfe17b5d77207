"""The negotiation's calls: propose, accept, decline, withdraw, grant the request (R14)."""

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import ActionInput, Command, Unseen, execute
from buyer_protection.application.ports.beside import ProposalTaken
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.answers import offer_answer
from buyer_protection.application.schemas.documents import dispute_answer
from buyer_protection.application.schemas.requests import OfferRequest
from buyer_protection.domain import negotiation, proposals
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action
from buyer_protection.domain.money import Money


def make_offer(context: Context, command: Command, dispute_id: str, request: OfferRequest) -> Answer:
    """201 with the offer, which replaces its maker's standing one."""
    refund = Money(request.refund.amount_minor, request.refund.currency) if request.refund else None

    return execute(
        context,
        command,
        dispute_id,
        Action.MAKE_OFFER,
        lambda s: negotiation.make_offer(s.case, s.actor, request.type, refund, request.note, s.now),
        offer_answer,
    )


def accept_offer(context: Context, command: Command, dispute_id: str, offer_id: str) -> Answer:
    """200: the case is resolved, or waits for the return that was agreed.

    The first yes to the team's proposal leaves the case as it is: the other side must not see it.
    """

    def decide(s: ActionInput) -> Change | Unseen | None:
        if not proposals.is_proposal(s.case, offer_id):
            return negotiation.accept_offer(s.case, s.actor, offer_id, s.now)
        taken = proposals.take(s.case, s.actor, s.now)
        if isinstance(taken, Change):
            return taken
        before, after, window = s.case.proposal, taken.proposal, s.case.window
        if before is None or after is None or before == after:
            return None
        step = ProposalTaken(dispute_id, before, after, window is not None and window.is_strict)
        return Unseen(step, dispute_answer(taken, s.role, s.now, s.actor.actor_id))

    return execute(
        context,
        command,
        dispute_id,
        Action.ACCEPT_OFFER,
        decide,
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
