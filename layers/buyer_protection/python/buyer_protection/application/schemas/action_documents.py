"""What a reader can do with a case, as the contract shows it: where, until when, and with which body."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.links import action_link
from buyer_protection.domain.available_actions import AvailableAction
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, IfMissed
from buyer_protection.domain.fields import Allowed, fields_of
from buyer_protection.domain.timeline import instant

# The JSON schema of each action's body, by its name in the OpenAPI document; the others take none.
SCHEMAS: Mapping[Action, str] = {
    Action.MAKE_OFFER: "OfferRequest",
    Action.PROPOSE: "OfferRequest",
    Action.ESCALATE: "EscalateRequest",
    Action.CHANGE_REASON: "ChangeReasonRequest",
    Action.CANCEL: "CancelRequest",
    Action.ADD_EVIDENCE: "EvidenceRequest",
    Action.SEND_MESSAGE: "MessageRequest",
    Action.WRITE_NOTE: "NoteRequest",
    Action.MARK_MESSAGES_READ: "ReadRequest",
    Action.SET_EVIDENCE_WINDOW: "EvidenceWindowRequest",
    Action.REQUEST_EVIDENCE: "EvidenceQuestionRequest",
    Action.DECIDE: "DecisionRequest",
    Action.ASSIGN: "AssignRequest",
    Action.CONFIRM_RETURN_ADDRESS: "ReturnAddressRequest",
    Action.REGISTER_RETURN_SHIPMENT: "ReturnShipmentRequest",
    Action.ACKNOWLEDGE_RETURN: "AcknowledgeReturnRequest",
}


class AllowedDocument(Struct, frozen=True):
    """What a member of a body can be now, besides what its JSON schema says. What is absent says nothing.

    values: one of these.
    excluded: none of these.
    minimum: the least, in the member's own unit.
    maximum: the most, in the member's own unit.
    earliest_in: an instant at least so many seconds after the call arrives.
    latest_in: an instant at most so many seconds after the call arrives.
    required: the member must be there, and not be empty.
    absent: the member must be left out.
    depends_on: the member (a JSON pointer) whose value chooses from `by`.
    by: what holds instead, by the value of that other member; what stands beside it holds for any other value.
    """

    values: Sequence[str | bool] | UnsetType = UNSET
    excluded: Sequence[str | int] | UnsetType = UNSET
    minimum: int | UnsetType = UNSET
    maximum: int | UnsetType = UNSET
    earliest_in: int | UnsetType = UNSET
    latest_in: int | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    absent: bool | UnsetType = UNSET
    depends_on: str | UnsetType = UNSET
    by: "Mapping[str, AllowedDocument] | UnsetType" = UNSET


class FieldsDocument(Struct, frozen=True):
    """The body of an action.

    schema: its JSON schema, as a reference into the OpenAPI document.
    allowed: what its members can be now, by their JSON pointers, as far as the case decides it.
    """

    schema: str
    allowed: Mapping[str, AllowedDocument]


class ActionDocument(Struct, frozen=True):
    """One thing the reader can do, now or from `available_from` on, at `href`: a reference relative to the request's
    own path (RFC 3986).

    fields: the action's body; null where it takes none.
    """

    action: Action
    method: str
    href: str
    available_from: At
    due_at: At | None
    mandatory: bool
    if_missed: IfMissed | None
    fields: FieldsDocument | None


def action_document(case: Dispute, offered: AvailableAction) -> ActionDocument:
    """One of the reader's actions."""
    method, href = action_link(offered.action, case.dispute_id, offered.offer_id)
    return ActionDocument(
        offered.action,
        method,
        href,
        instant(offered.available_from),
        at(offered.due_at),
        offered.mandatory,
        offered.if_missed,
        _fields(case, offered.action),
    )


def _fields(case: Dispute, action: Action) -> FieldsDocument | None:
    name = SCHEMAS.get(action)
    if name is None:
        return None
    found = {pointer: _allowed(allowed) for pointer, allowed in fields_of(case, action).items()}
    return FieldsDocument(f"#/components/schemas/{name}", found)


def _allowed(allowed: Allowed) -> AllowedDocument:
    ahead = allowed.ahead
    return AllowedDocument(
        allowed.values or UNSET,
        allowed.excluded or UNSET,
        UNSET if allowed.minimum is None else allowed.minimum,
        UNSET if allowed.maximum is None else allowed.maximum,
        # What is rounded stays within.
        UNSET if ahead is None else ceil(ahead[0].total_seconds()),
        UNSET if ahead is None else floor(ahead[1].total_seconds()),
        allowed.required or UNSET,
        allowed.absent or UNSET,
        allowed.depends_on or UNSET,
        UNSET if not allowed.by else {value: _allowed(it) for value, it in allowed.by.items()},
    )
