"""The order's calls: the shop's projection, the carrier's events, the order page (R1 to R4, R29 to R34)."""

from datetime import datetime, timedelta

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    Command,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import LoadedOrder, TrackingReport
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.order_documents import (
    TrackingDocument,
    eligibility_document,
    order_document,
)
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest, TrackingRequest
from buyer_protection.domain import parcels
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.eligibility import eligibility, finish_by_receipt
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import FieldError, ForbiddenError, InvalidRequestError, NotFoundError
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.parcels import register_delivery
from buyer_protection.domain.returns import RETURN_PREFIX, register_return_delivery
from buyer_protection.domain.timeline import instant, whole_ms

_CLOCK_SKEW = timedelta(minutes=5)


def get_order(context: Context, command: Command, order_id: str) -> Answer:
    """200 for its parties and the team; 404 for everybody else (R1, R4)."""
    loaded, role = _load_for(context, command, order_id)
    completed = is_completed(context, loaded.order, loaded.ledger)
    document = order_document(loaded.order, loaded.ledger, context.policy, role, completed)
    return answer(200, document, version=loaded.order.revision)


def get_dispute_eligibility(context: Context, command: Command, order_id: str) -> Answer:
    """200 for the buyer, with "not yet" as an answer; 404 for everybody else (R1)."""
    loaded, role = _load_for(context, command, order_id)
    if role is not Role.BUYER:
        raise NotFoundError(rule="R1")
    return answer(
        200,
        eligibility_document(eligibility(loaded.order, loaded.ledger, context.policy, context.clock.now())),
    )


def record_tracking_event(
    context: Context, command: Command, order_id: str, request: TrackingRequest
) -> Answer:
    """201 with the event; 200 for an event that is already known, which changes nothing (R29).

    The first DELIVERED during an open NOT_RECEIVED dispute is recorded on the case, and its buyer gets a mail (R30).
    COLLECTION_EXPIRED without an open dispute finishes the order (R31).
    """
    require_system(command.caller)

    def attempt() -> Answer:
        now = context.clock.now()
        loaded = context.orders.load(order_id, idempotency_id=command.idempotency_id)
        if loaded is None:
            raise NotFoundError
        kept = stored_response(command, loaded.idempotency)
        if kept is not None:
            return kept
        if request.shipment_id.startswith(RETURN_PREFIX):
            return _record_return_tracking(context, command, loaded, request, now)
        report = _report(loaded.order, request, now)
        merged = parcels.merged(
            loaded.ledger.tracking.get(report.shipment_id), report.status, report.occurred_at
        )
        made = answer(201, _tracking_document(order_id, report, False), location=f"/v1/orders/{order_id}")
        is_new = context.orders.record_tracking(
            report,
            loaded.ledger,
            merged,
            finished_by=parcels.finishes_order(
                loaded.order, loaded.ledger, {**loaded.ledger.tracking, report.shipment_id: merged}
            ),
            case_change=_case_change(context, loaded, report, now),
            idempotency=idempotency_record_of(command, made),
        )
        return made if is_new else answer(200, _tracking_document(order_id, report, True))

    return retry_on_conflict(attempt)


def confirm_receipt(
    context: Context, command: Command, order_id: str, request: ConfirmReceiptRequest
) -> Answer:
    """200 with the order, completed at once (R3); 409 `DISPUTE_OPEN` while a dispute holds it (R13), `NOT_SHIPPED`
    before all of it was shipped."""

    def attempt() -> Answer:
        now = context.clock.now()
        loaded = context.orders.load(order_id, idempotency_id=command.idempotency_id)
        role = command.caller.role_towards(loaded.order.buyer_id, loaded.order.seller_id) if loaded else None
        if loaded is None or role is None:
            raise NotFoundError(rule="R1")
        if role is not Role.BUYER:
            raise ForbiddenError("Only the buyer confirms the receipt.", rule="R3")
        kept = stored_response(command, loaded.idempotency)
        if kept is not None:
            return kept
        if not request.acknowledge_consequences:
            raise InvalidRequestError(
                "Confirming the receipt completes the order, which can be disputed no more: acknowledge it.",
                rule="R3",
                fields=[FieldError("/acknowledge_consequences", "MUST_BE_TRUE")],
            )
        finished = finish_by_receipt(loaded.order, loaded.ledger, context.policy, now)
        document = order_document(loaded.order, finished, context.policy, role, completed=True)
        made = answer(200, document, version=loaded.order.revision)
        context.orders.finish(loaded.ledger, finished, idempotency=idempotency_record_of(command, made))
        return made

    return retry_on_conflict(attempt)


def _case_change(
    context: Context, loaded: LoadedOrder, report: TrackingReport, now: datetime
) -> Change | None:
    dispute_id = loaded.ledger.active_dispute_id
    if dispute_id is None or not parcels.is_delivery(report.status):
        return None
    open_case = context.cases.load(dispute_id)
    if open_case is None:
        return None
    disputed = [item.item_id for item in open_case.case.items]
    if report.shipment_id not in {s.shipment_id for s in loaded.order.shipments_of(disputed)}:
        return None
    return register_delivery(open_case.case, report.occurred_at, now)


def _load_for(context: Context, command: Command, order_id: str) -> tuple[LoadedOrder, Role]:
    loaded = context.orders.load(order_id)
    role = command.caller.role_towards(loaded.order.buyer_id, loaded.order.seller_id) if loaded else None
    if loaded is None or role is None:
        raise NotFoundError(rule="R1")
    return loaded, role


def is_completed(context: Context, order: Order, ledger: OrderLedger) -> bool:
    """R2, R13: finished, or past its completion with no dispute that holds it."""
    if ledger.finished_at is not None:
        return True
    completion_at = order.completion_at(context.policy)
    return (
        ledger.active_dispute_id is None
        and completion_at is not None
        and context.clock.now() >= completion_at
    )


def _record_return_tracking(
    context: Context, command: Command, loaded: LoadedOrder, request: TrackingRequest, now: datetime
) -> Answer:
    """R36: an event about the goods on their way back. Only DELIVERED matters to the case; once is enough."""
    dispute_id = request.shipment_id.removeprefix(RETURN_PREFIX)
    found = context.cases.load(dispute_id)
    if found is None or found.case.order_id != loaded.order.order_id or found.case.return_parcel is None:
        raise _no_such_shipment()
    _check_not_in_future(request, now)
    occurred_at = whole_ms(request.occurred_at)
    report = TrackingReport(request.event_id, request.shipment_id, request.status, occurred_at, now)
    delivered = parcels.is_delivery(request.status)
    change = register_return_delivery(found.case, occurred_at, now) if delivered else None
    document = _tracking_document(loaded.order.order_id, report, change is None and delivered)
    made = answer(
        200 if document.duplicate else 201, document, location=f"/v1/orders/{loaded.order.order_id}"
    )
    if change is not None:
        change = change.from_call(command.correlation_id)
        context.cases.commit(change, now=now, idempotency=idempotency_record_of(command, made))
    return made


def _no_such_shipment() -> InvalidRequestError:
    return InvalidRequestError(
        "The order has no such shipment.", rule="R29", fields=[FieldError("/shipment_id", "NOT_ON_ORDER")]
    )


def _check_not_in_future(request: TrackingRequest, now: datetime) -> None:
    if request.occurred_at > now + _CLOCK_SKEW:
        raise InvalidRequestError(
            "An event cannot lie in the future.",
            rule="R29",
            fields=[FieldError("/occurred_at", "IN_THE_FUTURE")],
        )


def _report(order: Order, request: TrackingRequest, now: datetime) -> TrackingReport:
    if request.shipment_id not in {s.shipment_id for s in order.shipments}:
        raise _no_such_shipment()
    _check_not_in_future(request, now)
    return TrackingReport(
        request.event_id, request.shipment_id, request.status, whole_ms(request.occurred_at), now
    )


def _tracking_document(order_id: str, report: TrackingReport, duplicate: bool) -> TrackingDocument:
    return TrackingDocument(
        report.event_id, order_id, report.shipment_id, report.status, instant(report.occurred_at), duplicate
    )
