"""The return's calls: address, shipment, acknowledgement (R36)."""

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import ActionInput, Command, execute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
)
from buyer_protection.domain import returns
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import FieldError, InvalidRequestError
from buyer_protection.domain.permissions import check
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.texts import check_says_something
from buyer_protection.domain.timeline import whole_ms


def confirm_return_address(
    context: Context, command: Command, dispute_id: str, request: ReturnAddressRequest
) -> Answer:
    """200: the buyer can ship, and has the whole window for it."""
    place = request.address
    lines = [*place.lines, f"{place.postal_code} {place.country}".strip()]

    def confirm(s: ActionInput) -> Change:
        check(s.case, s.role, Action.CONFIRM_RETURN_ADDRESS, s.now)
        # Nobody can send anything to blank lines, and the clock would end the return as not shipped.
        check_says_something("/address/lines", *place.lines)
        return returns.confirm_address(s.case, s.actor, lines, s.now, context.ids.salt())

    return execute(context, command, dispute_id, Action.CONFIRM_RETURN_ADDRESS, confirm)


def register_return_shipment(
    context: Context, command: Command, dispute_id: str, request: ReturnShipmentRequest
) -> Answer:
    """200: the goods are on their way back; 409 `RETURN_ADDRESS_UNCONFIRMED` before the seller gave an address."""

    def register(s: ActionInput) -> Change:
        shipped_at = whole_ms(request.shipped_at) if request.shipped_at else s.now
        if shipped_at > s.now:
            raise InvalidRequestError(
                "The parcel cannot have been sent in the future.",
                rule="R36",
                fields=[FieldError("/shipped_at", "IN_THE_FUTURE")],
            )
        # R41: no goods went long before there was an address; a day is left for dates without a time.
        confirmed_at = s.case.return_address_confirmed_at
        if confirmed_at is not None:
            shipped_at = max(shipped_at, confirmed_at - s.case.policy.days(1))
        parcel = ReturnParcel(request.carrier, request.tracking_number, shipped_at, request.address_id or "")
        return returns.register_shipment(s.case, s.actor, parcel, s.now)

    return execute(
        context,
        command,
        dispute_id,
        Action.REGISTER_RETURN_SHIPMENT,
        register,
    )


def acknowledge_return(
    context: Context, command: Command, dispute_id: str, request: AcknowledgeReturnRequest
) -> Answer:
    """200: the case ends as settled, or goes to the team with the seller's evidence."""
    said = returns.Acknowledgement(request.condition, request.note, request.evidence_ids)

    def acknowledge(s: ActionInput) -> Change:
        own = {item.evidence_id for item in s.evidence.values() if item.party is Role.SELLER and item.counts}
        return returns.acknowledge(s.case, s.actor, said, frozenset(own), s.now)

    return execute(
        context,
        command,
        dispute_id,
        Action.ACKNOWLEDGE_RETURN,
        acknowledge,
        evidence_ids=request.evidence_ids,
    )
