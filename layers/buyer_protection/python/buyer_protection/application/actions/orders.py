"""The order's calls: the shop's projection, the carrier's events, the order page (R1 to R4, R29 to R34)."""

from datetime import datetime

from msgspec import structs

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.current_case import load_current
from buyer_protection.application.actions.execute import (
    Command,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import LoadedOrder, TrackingChange, TrackingReport
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.order_documents import (
    eligibility_document,
    order_document,
    tracking_document,
)
from buyer_protection.application.schemas.queries import EligibilityQuery
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest, TrackingRequest
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.eligibility import eligibility, finish_by_receipt
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
)
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.returns import RETURN_PREFIX
from buyer_protection.domain.timeline import CLOCK_SKEW, whole_ms
from buyer_protection.domain.tracking import (
    Followed,
    Known,
    finished_by_carriers,
    follow_report,
    follow_return,
    is_delivery,
    return_shipment,
    taken_as_of,
    with_report,
)

_WHOLE_ORDER = EligibilityQuery()


def get_order(context: Context, command: Command, order_id: str) -> Answer:
    """200 for its parties, the team and the shop's backend; 404 for everybody else (R1, R4)."""
    loaded, role = _load_for(context, command, order_id)
    completed = is_completed(context, loaded.order, loaded.ledger)
    # Who has heard of no parcel has no history to look for.
    reports = context.orders.tracking_reports(order_id) if loaded.ledger.tracking else []
    now = context.clock.now()
    document = order_document(loaded.order, loaded.ledger, context.policy, role, completed, now, reports)
    return answer(200, document, version=loaded.order.revision)


def get_dispute_eligibility(
    context: Context, command: Command, order_id: str, query: EligibilityQuery = _WHOLE_ORDER
) -> Answer:
    """200 for the buyer and the shop's backend, with "not yet" as an answer, of the whole order or of the items asked
    about together; 404 for everybody else (R1)."""
    loaded, role = _load_for(context, command, order_id)
    if role not in (Role.BUYER, Role.SYSTEM):
        raise NotFoundError(rule="R1")
    now = context.clock.now()
    found = eligibility(loaded.order, loaded.ledger, context.policy, now, query.item_id)
    return answer(200, eligibility_document(found))


def record_tracking_event(
    context: Context, command: Command, order_id: str, request: TrackingRequest
) -> Answer:
    """201 with the event; 200 for an event that is already known, which changes nothing (R29).

    Each disputed parcel that is delivered during an open dispute, or was not after all, is recorded on the case (R30,
    R41). COLLECTION_EXPIRED without an open dispute finishes the order (R31). 409 `EVENT_ID_REUSED` where the id stood
    for another fact.
    """
    require_system(command.caller)

    def attempt() -> Answer:
        now = context.clock.now()
        loaded = context.orders.load(
            order_id, idempotency_id=command.idempotency_id, event_id=request.event_id
        )
        if loaded is None:
            raise NotFoundError
        kept = stored_response(command, loaded.idempotency)
        if kept is not None:
            return kept
        report = TrackingReport(
            request.event_id, request.shipment_id, request.status, whole_ms(request.occurred_at), now
        )
        if loaded.report is not None:
            return _repeated(loaded, loaded.report, report)
        return _take_report(context, command, loaded, report, now)

    return retry_on_conflict(attempt)


def _repeated(loaded: LoadedOrder, known: TrackingReport, report: TrackingReport) -> Answer:
    """R41: the same fact again changes nothing; another fact under the same id is refused."""
    if not known.says_the_same_as(report):
        raise ConflictError("This id stood for another event.", code="EVENT_ID_REUSED", rule="R41")
    return answer(200, tracking_document(loaded.order, known, duplicate=True))


def _take_report(
    context: Context, command: Command, loaded: LoadedOrder, report: TrackingReport, now: datetime
) -> Answer:
    order, case = loaded.order, _case_with_return(context, loaded, report)
    shipment = order.shipment(report.shipment_id) if case is None else return_shipment(case)
    if shipment is None:
        raise InvalidRequestError(
            "The order has no such shipment.",
            rule="R29",
            fields=[FieldError("/shipment_id", "NOT_ON_ORDER")],
        )
    if report.occurred_at > now + CLOCK_SKEW:
        raise InvalidRequestError(
            "An event cannot lie in the future.",
            rule="R29",
            fields=[FieldError("/occurred_at", "IN_THE_FUTURE")],
        )
    if case is not None and (current := load_current(context.cases, case.dispute_id, now)) is not None:
        # R42: what is delivered after the end of its window does not pay the return out unheard.
        case = current.case
    document = tracking_document(order, report, shipment=shipment)
    at = taken_as_of(report.occurred_at, loaded.ledger.tracking.get(shipment.shipment_id), now)
    ledger = with_report(loaded.ledger, shipment, report.status, at, now)
    if case is None:
        ledger = finished_by_carriers(order, ledger, now)
        followed = _follow_report(context, loaded, ledger, now)
    else:
        change = follow_return(case, ledger.tracking[shipment.shipment_id], now)
        if change is None and is_delivery(report.status):
            return answer(200, structs.replace(document, duplicate=True))
        followed = Followed(case, change.after, change) if change is not None else None
    if followed is not None:
        followed = followed.from_call(command.correlation_id)
    made = answer(201, document, location=f"/v1/orders/{order.order_id}")
    report = structs.replace(report, tracking_number=shipment.tracking_number)
    idempotency = idempotency_record_of(command, made)
    change_of = TrackingChange(report, loaded.ledger, ledger, followed, idempotency)
    if not context.orders.record_tracking(change_of):
        # Somebody else has taken an event of this id: whether it says the same is seen once it is read.
        raise ConflictingWriteError
    return made


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
        document = order_document(loaded.order, finished, context.policy, role, True, now)
        made = answer(200, document, version=loaded.order.revision)
        context.orders.finish(loaded.ledger, finished, idempotency=idempotency_record_of(command, made))
        return made

    return retry_on_conflict(attempt)


def _follow_report(
    context: Context, loaded: LoadedOrder, ledger: OrderLedger, now: datetime
) -> Followed | None:
    """What becomes of the dispute that holds the order; None where none does, or it learns nothing."""
    dispute_id = loaded.ledger.active_dispute_id
    found = context.cases.load(dispute_id) if dispute_id is not None else None
    if found is None:
        return None
    before, after = Known(loaded.order, loaded.ledger), Known(loaded.order, ledger)
    return follow_report(found.case, before, after, now)


def _case_with_return(context: Context, loaded: LoadedOrder, report: TrackingReport) -> Dispute | None:
    """R36: the case whose goods are on their way back in this parcel; None where it is no such parcel of the order."""
    if not report.shipment_id.startswith(RETURN_PREFIX):
        return None
    found = context.cases.load(report.shipment_id.removeprefix(RETURN_PREFIX))
    if found is None or found.case.order_id != loaded.order.order_id or found.case.return_parcel is None:
        return None
    return found.case


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
