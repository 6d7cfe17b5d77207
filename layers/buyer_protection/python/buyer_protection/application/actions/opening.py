"""POST /disputes: the buyer opens a dispute (R1 to R12)."""

from datetime import datetime

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, idempotency_record_of, stored_response
from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.schemas.documents import answer, dispute_document
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.requests import OpenDisputeRequest, SellerContact
from buyer_protection.domain import opening
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import HeldError, NotFoundError
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem
from buyer_protection.domain.proof import sealed
from buyer_protection.domain.sides import ContactRecord


def open_dispute(context: Context, command: Command, request: OpenDisputeRequest) -> Answer:
    """201 with the dispute and its `Location`; 404 unless the caller is the order's buyer (R1).

    HeldError while operators let nobody open one; a call that was accepted before has its answer all the same.
    """
    dispute_id = context.ids.dispute_id()

    def load() -> LoadedOrder:
        loaded = context.orders.load(
            request.order_id, idempotency_id=command.idempotency_id, for_opening=True
        )
        if loaded is None or command.caller.is_system or loaded.order.buyer_id != command.caller.caller_id:
            raise NotFoundError(rule="R1")
        return loaded

    def decide(loaded: LoadedOrder, now: datetime) -> Decision[Answer]:
        stored = stored_response(command, loaded.idempotency)
        if stored is not None:
            return Decision(stored)
        if loaded.is_opening_held:
            raise HeldError("No dispute can be opened at the moment; try again later with the same key.")
        change = opening.open_dispute(
            dispute_id, loaded.order, loaded.ledger, _wish(request), context.policy, now
        )
        document = dispute_document(change.after, Role.BUYER, now)
        made = answer(201, document, version=change.after.version, location=dispute_link(dispute_id))
        change = sealed(change.from_call(command.correlation_id), context.ids.salt)
        return Decision(made, change, idempotency_record_of(command, made))

    return change_case(context.cases, context.clock, load, decide)


def _wish(request: OpenDisputeRequest) -> opening.OpeningRequest:
    money = request.requested_refund
    return opening.OpeningRequest(
        reason=request.reason,
        sub_reason=request.sub_reason,
        description=request.description,
        requested_refund=Money(money.amount_minor, money.currency),
        items=[DisputedItem(item.item_id, item.quantity) for item in request.items or ()],
        seller_contacted=_contact(request.seller_contacted),
    )


def _contact(declared: bool | SellerContact | None) -> ContactRecord | None:
    """R5, R6: declared, not proved."""
    if declared is None:
        return None
    if isinstance(declared, bool):
        return ContactRecord(declared)
    return ContactRecord(declared.contacted, declared.how)
