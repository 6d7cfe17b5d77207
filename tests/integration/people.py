"""An order, its people, and cases in every status, made by the domain's own functions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.orders import TrackingChange, TrackingReport
from buyer_protection.domain import claim, evidence, negotiation, parcels, returns, windows
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EventType,
    EvidenceType,
    MediaType,
    OfferType,
    Reason,
    Role,
    Status,
    SubReason,
)
from buyer_protection.domain.evidence_item import Copies, Evidence, EvidenceFile, FileCopy
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.money import Money
from buyer_protection.domain.opening import OpeningRequest, open_dispute
from buyer_protection.domain.order import (
    Contact,
    DisputedItem,
    Order,
    OrderItem,
    OrderLedger,
    ParcelTracking,
    Shipment,
)
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.proof import sealed
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.rulings import Ruling
from buyer_protection.domain.sides import ContactRecord
from buyer_protection.domain.timeline import MEDIATION, Actor
from buyer_protection.domain.tracking import Followed, Known, follow_report, with_report

OPENED = datetime(2026, 3, 9, 12, 0, 0, 123_000, tzinfo=UTC)
BUYER = Actor(Role.BUYER, "3e50d9ae-6d3b-4acf-9f7f-e462a63fda3c")
SELLER = Actor(Role.SELLER, "9f1c2d3e-6d3b-4acf-9f7f-0a1b2c3d4e5f")
MANAGER = Actor(Role.CASE_MANAGER, "c0ffee00-6d3b-4acf-9f7f-0a1b2c3d4e5f")
DISPUTE_ID = "dp-01jp2n8k7q0000000000000001"
ORDER_ID = "8174659302114837"
PAID = Money(1999, "USD")
DESCRIPTION = (
    "The parcel arrived, but the lamp inside is not the one in the listing: another colour, another plug."
)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def order(order_id: str = ORDER_ID) -> Order:
    return Order(
        order_id=order_id,
        buyer_id=BUYER.actor_id,
        seller_id=SELLER.actor_id,
        buyer=Contact("buyer@example.com", "Ana", "pt-BR", "America/Sao_Paulo"),
        seller=Contact("seller@example.com", "Lamp Shop"),
        currency="USD",
        items=(OrderItem("i-1", "Desk lamp", 1, 1499), OrderItem("i-2", "Bulb", 2, 500)),
        placed_at=OPENED - days(9),
        shipments=(Shipment("s-1", "Carrier", "LX0001", OPENED - days(6)),),
        guaranteed_delivery_days=60,
        address_lines=("Rua A 1",),
        country="BR",
    )


def opening(
    dispute_id: str = DISPUTE_ID,
    ledger: OrderLedger | None = None,
    now: datetime = OPENED,
    refund: Money = PAID,
    order_id: str = ORDER_ID,
    items: Sequence[DisputedItem] = (),
) -> Change:
    contact = ContactRecord(True, "chat")
    request = OpeningRequest(
        Reason.NOT_AS_DESCRIBED, SubReason.DIFFERENT, DESCRIPTION, refund, items, contact
    )
    held = ledger or OrderLedger(order_id)
    return sealed(open_dispute(dispute_id, order(order_id), held, request, ALIEXPRESS_CLASSIC, now), salt)


def salt() -> str:
    """As long as a real one; the same for all texts."""
    return "5a17" * 8


def tracked(
    report: TrackingReport,
    before: OrderLedger,
    seen: ParcelTracking,
    *,
    finished_by: str | None = None,
    case_change: Change | None = None,
    idempotency: IdempotencyRecord | None = None,
) -> TrackingChange:
    """A carrier's report that makes this of its parcel."""
    after = replace(before, tracking={**before.tracking, report.shipment_id: seen})
    if finished_by is not None:
        done = report.received_at
        after = replace(after, finished_at=done, finished_by=finished_by, version=before.version + 1)
    followed = case_change and Followed(case_change.before, case_change.after, case_change)
    return TrackingChange(report, before, after, followed, idempotency)


def delivered(case: Dispute, report: TrackingReport) -> Change:
    """What the report of a delivery makes of the open case."""
    of, books = order(case.order_id), OrderLedger(case.order_id)
    known = with_report(books, of.shipments[0], report.status, report.occurred_at, report.received_at)
    followed = follow_report(case, Known(of, books), Known(of, known), report.received_at)
    assert followed is not None
    assert followed.change is not None
    return followed.change


def counter_offer(case: Dispute, now: datetime, kind: OfferType = OfferType.REFUND) -> Change:
    refund, note = Money(700, "USD"), "Keep it, and have this back."
    return sealed(negotiation.make_offer(case, SELLER, kind, refund, note, now), salt)


def escalation(case: Dispute, now: datetime, text: str = "") -> Change:
    stated = claim.escalate(
        case,
        BUYER,
        confirm_no_agreement=True,
        claim_reason=ClaimReason.SELLER_NOT_RESPONDING,
        text=text,
        now=now,
    )
    return sealed(stated, salt)


def statement(
    case: Dispute, now: datetime, actor: Actor = BUYER, text: str = "It is red, not blue."
) -> Change:
    return sealed(evidence.add_evidence(case, actor, EvidenceType.STATEMENT, text, "i-1", now), salt)


def mediation_opened(case: Dispute, now: datetime) -> Change:
    return case.record(
        now, MEDIATION, EventType.MEDIATION_OPENED, {}, replace(case, mediation_opened_at=now), Guard.NONE
    )


def taking(case: Dispute, now: datetime) -> Dispute:
    """The manager takes the claim (R47): kept beside the case (R45)."""
    return claim.assign(case, MANAGER, MANAGER.actor_id, now)


def decision(case: Dispute, now: datetime, *, with_return: bool = False) -> Change:
    ruling = Ruling(
        DecisionOutcome.PARTIAL,
        Money(1200, "USD"),
        with_return,
        (DecisionReason.ITEM_DIFFERENT,),
        "The listing shows a blue lamp; the photographs show a red one.",
        ("ev-1",),
    )
    return sealed(claim.decide(case, MANAGER, ruling, frozenset({"ev-1"}), now), salt)


def next_step(case: Dispute, now: datetime) -> Change:
    """The clock's step, which must be due."""
    change = windows.close_window(case, now)
    assert change is not None
    return change


def contested() -> Iterator[tuple[Change, datetime]]:
    """A whole life up to a partial decision: each change, and when."""
    opened = opening()
    yield opened, OPENED
    offered = counter_offer(opened.after, OPENED + days(1))
    yield offered, OPENED + days(1)
    declined = negotiation.decline_offer(offered.after, BUYER, "of-2", OPENED + days(2))
    yield declined, OPENED + days(2)
    at = OPENED + days(3)
    reminded = next_step(declined.after, at)
    yield reminded, at
    escalated = escalation(reminded.after, at + days(0.5))
    yield escalated, at + days(0.5)
    mediated = mediation_opened(escalated.after, at + days(0.6))
    yield mediated, at + days(0.6)
    given = statement(mediated.after, at + days(1))
    yield given, at + days(1)
    done = evidence.complete_evidence(given.after, BUYER, at + days(2))
    yield done, at + days(2)
    due = done.after.evidence_due_at
    assert due is not None
    reminded = next_step(done.after, due - days(1))
    yield reminded, due - days(1)
    review = next_step(reminded.after, due)
    yield review, due
    decided = decision(taking(review.after, due + days(0.5)), due + days(1))
    # Who has the claim is no part of the changes (R45).
    before, after = (replace(case, assigned_to=None) for case in (decided.before, decided.after))
    yield replace(decided, before=before, after=after), due + days(1)


def in_every_status() -> dict[Status, Dispute]:
    """One case for each status, as the domain leaves it."""
    opened = opening().after
    at = OPENED + days(4)
    claimed = statement(escalation(opened, at, "He never answered.").after, at + days(1)).after
    done = evidence.complete_evidence(claimed, BUYER, at + days(2)).after
    reviewed = taking(evidence.complete_evidence(done, SELLER, at + days(2)).after, at + days(2))
    back = decision(reviewed, at + days(3), with_return=True).after
    addressed = returns.confirm_address(back, SELLER, ("9 Quay", "2000 CN"), at + days(3.5)).after
    sent = ReturnParcel("Carrier", "RT-1", at + days(4))
    shipped = returns.register_shipment(addressed, BUYER, sent, at + days(4)).after
    arrived = returns.register_return_delivery(shipped, at + days(5), at + days(5))
    assert arrived is not None
    delivered = replace(opened, reason=Reason.NOT_RECEIVED, sub_reason=None, seller_contacted=None)
    cancelled = parcels.cancel(delivered, BUYER, acknowledge_consequences=True, now=at).after
    agreed = negotiation.accept_request(opened, SELLER, at).after
    decided = decision(reviewed, at + days(3)).after
    all_of_them = (opened, claimed, reviewed, back, arrived.after, agreed, decided, cancelled)
    return {case.status: case for case in all_of_them}


COPIES = Copies(
    FileCopy("a.jpg", MediaType.JPEG, 9, "1" * 64, "v-2"),
    FileCopy("a.jpg", MediaType.JPEG, 3, "2" * 64, "v-3"),
)


def with_photo(cases: CaseStore, case: Dispute) -> tuple[Dispute, Evidence]:
    """The case and its item of two photos that count, verified before there were copies."""
    now = OPENED + timedelta(hours=1)
    files = [EvidenceFile(it, "a.jpg", MediaType.JPEG, 9, "0" * 64) for it in ("f-1", "f-2")]
    change = evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, now, files)
    item = change.new_evidence
    for file_id in ("f-1", "f-2"):
        cases.commit(change, now=now)
        seen = evidence.verify(change.after, item, file_id, "v-1", None, now) if item else None
        assert seen is not None
        change, item = seen, seen.changed_evidence
    cases.commit(change, now=now)
    assert item is not None
    return change.after, item
