"""Lives of a case that bring every kind of mail to everybody it is meant for, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from buyer_protection.application.actions import beside, claim, messages, negotiation, orders, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.mails.content import reason_to_drop, view_of
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.evidence_files import FilePlace
from buyer_protection.application.ports.mail_view import MailView
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.schemas.requests import (
    ChangeReasonRequest,
    EvidenceQuestionRequest,
    EvidenceRequest,
    EvidenceWindowRequest,
    FileModel,
    MessageRequest,
    MoneyModel,
    OfferRequest,
    ReadRequest,
    TrackingRequest,
)
from buyer_protection.application.workers.uploads import Upload, verify_upload
from buyer_protection.domain.enums import (
    DecisionOutcome,
    EvidenceType,
    MediaType,
    OfferType,
    Reason,
    ReturnCondition,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.refunds import give_up, hold, release
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    SHOP,
    acknowledged,
    address_confirmed,
    call,
    cancel,
    case_of,
    decide,
    doc,
    escalate,
    evidence,
    give_time,
    offer,
    opened,
    put_order_again,
    return_delivered,
    return_shipped,
    shipped_back,
    take_claim,
    tick,
    wait_until_due,
    world,
)
from tests.unit.application.refund_steps import fail, give_back, pay, refund

SITE = "https://shop.example.com"


def deliver(of: World) -> None:
    asked = TrackingRequest("e-1", "sh-1", TrackingStatus.DELIVERED, of.clock.at)
    orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)


def split(of: World) -> None:
    """The shop sends the spoons in a parcel of their own."""
    kept = of.orders_kept["order-1"]
    first = replace(kept.shipments[0], item_ids=("mug",))
    second = replace(first, shipment_id="sh-2", tracking_number="TN-2", item_ids=("spoon",))
    put_order_again(of, replace(kept, shipments=(first, second)))


def report(shipment_id: str, status: TrackingStatus = TrackingStatus.DELIVERED) -> "Step":
    """The carrier says so of that parcel."""

    def step(of: World) -> None:
        asked = TrackingRequest(f"{shipment_id}-{status}", shipment_id, status, of.clock.at)
        orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)

    return step


def talk(of: World) -> None:
    for maker, other in ((SELLER, BUYER), (BUYER, SELLER)):
        for kind in (OfferType.REFUND, OfferType.NO_REFUND):
            offer(of, maker, 700 if kind is OfferType.REFUND else None, kind)
        last = f"of-{len(of.offers[CASE])}"
        negotiation.decline_offer(of.context, call(other), CASE, last)
        offer(of, maker, 800)
        negotiation.withdraw_offer(of.context, call(maker), CASE, f"of-{len(of.offers[CASE])}")


def remind(of: World) -> None:
    while (
        (wake := of.timers.timer(CASE))
        and wake.wake_at
        and wake.wake_at < (case_of(of).deadline or wake.wake_at)
    ):
        of.clock.at = wake.wake_at
        tick(of)


def change_reason(of: World) -> None:
    asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, description="Broken.")
    parcels.change_reason(of.context, call(BUYER), CASE, asked)


def correct_reason(of: World) -> None:
    asked = ChangeReasonRequest(Reason.NOT_RECEIVED, SubReason.IN_TRANSIT)
    parcels.change_reason(of.context, call(BUYER), CASE, asked)


def extend(of: World) -> None:
    asked = EvidenceWindowRequest(of.clock.at + 9 * DAY)
    take_claim(of)
    claim.set_evidence_window(of.context, call(MANAGER), CASE, asked)


def complete(of: World) -> None:
    for side in (BUYER, SELLER):
        giving.complete_evidence(of.context, call(side), CASE)


def settle(of: World) -> None:
    offer(of, BUYER, None, OfferType.NO_REFUND)
    negotiation.accept_offer(of.context, call(SELLER), CASE, f"of-{len(of.offers[CASE])}")


def propose(of: World, kind: OfferType = OfferType.REFUND) -> None:
    take_claim(of)
    beside.propose_settlement(of.context, call(MANAGER), CASE, OfferRequest(kind, MoneyModel(700, "USD")))


def both_take(of: World) -> None:
    negotiation.accept_offer(of.context, call(BUYER), CASE, f"of-{len(of.offers[CASE])}")
    negotiation.accept_offer(of.context, call(SELLER), CASE, f"of-{len(of.offers[CASE])}")


def grant(of: World) -> None:
    negotiation.accept_request(of.context, call(SELLER), CASE)


def agree_on_return(of: World) -> None:
    offer(of, SELLER, 900, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, f"of-{len(of.offers[CASE])}")


def ship_back(of: World) -> None:
    return_shipped(of, delivered=True)


def ship_back_unseen(of: World) -> None:
    return_shipped(of)


def complain(of: World) -> None:
    """The seller says that the return is not in order, and shows it (R36)."""
    item = doc(evidence(of, SELLER))
    acknowledged(of, ReturnCondition.EMPTY_OR_DIFFERENT, (item["evidence_id"],))


def ask(party: Literal["BUYER", "SELLER"]) -> "Step":
    def of_that_party(of: World) -> None:
        asked = EvidenceQuestionRequest(
            party,
            [EvidenceType.PHOTO, EvidenceType.CHAT_LOG],
            of.clock.at + 4 * DAY,
            "Which plug is it?",
        )
        take_claim(of)
        claim.request_evidence(of.context, call(MANAGER), CASE, asked)

    return of_that_party


def write(*senders: Caller) -> "Step":
    def one_after_the_other(of: World) -> None:
        for sender in senders:
            messages.send_message(
                of.context, call(sender), CASE, MessageRequest("Is it <b>still</b> on its way?")
            )

    return one_after_the_other


def read(of: World) -> None:
    for reader in (BUYER, SELLER):
        last = ReadRequest(f"ms-{of.cases_kept[CASE].messages}")
        messages.mark_messages_read(of.context, call(reader), CASE, last)


def upload_something_else(of: World) -> None:
    """A file of each side that is not what was said of it (R26)."""
    for side in (BUYER, SELLER):
        stated = FileModel("a.png", MediaType.PNG, 4, "0" * 64)
        asked = EvidenceRequest(EvidenceType.PHOTO, files=[stated])
        item = doc(giving.add_evidence(of.context, of.files, call(side), CASE, asked))
        place = FilePlace(CASE, item["evidence_id"], "f-1")
        of.files.upload(place.key, b"text")
        verify_upload(of.context, of.files, of.pictures, Upload(place), scanning=False)


Step = Callable[[World], object]
BOTH_GIVE: tuple[Step, ...] = (lambda w: evidence(w, BUYER), lambda w: evidence(w, SELLER))


OFFERS: tuple[Step, ...] = (lambda w: offer(w, SELLER, 400), lambda w: offer(w, BUYER, 600))
LIVES: dict[str, tuple[Reason, tuple[Step, ...]]] = {
    "settled": (Reason.NOT_RECEIVED, (talk, remind, settle)),
    "refused files": (Reason.NOT_RECEIVED, (upload_something_else, settle)),
    "silent": (Reason.NOT_RECEIVED, (remind, wait_until_due, remind, wait_until_due)),
    "with more time": (
        Reason.NOT_AS_DESCRIBED,
        (remind, give_time, agree_on_return, give_time, wait_until_due),
    ),
    "in two parcels": (Reason.NOT_RECEIVED, (split, deliver, report("sh-2"), settle)),
    "not delivered after all": (
        Reason.NOT_RECEIVED,
        (
            split,
            deliver,
            report("sh-2"),
            report("sh-2", TrackingStatus.DELIVERY_CORRECTED),
            report("sh-1", TrackingStatus.DELIVERY_CORRECTED),
            change_reason,
            settle,
        ),
    ),
    "cancelled": (Reason.NOT_RECEIVED, (talk, deliver, change_reason, cancel)),
    "corrected": (Reason.NOT_RECEIVED, (correct_reason, change_reason, settle)),
    "decided": (Reason.NOT_RECEIVED, (deliver, remind, escalate, extend, *BOTH_GIVE, complete, decide)),
    "partial": (
        Reason.NOT_RECEIVED,
        (
            *(wait_until_due, BOTH_GIVE[0], remind, wait_until_due),
            lambda w: decide(w, DecisionOutcome.PARTIAL, 5),
        ),
    ),
    "for the seller": (
        Reason.NOT_RECEIVED,
        (
            *(wait_until_due, BOTH_GIVE[1], remind, wait_until_due),
            lambda w: decide(w, DecisionOutcome.SELLER_FAVOUR),
        ),
    ),
    "agreed in the claim": (
        Reason.NOT_AS_DESCRIBED,
        (remind, escalate, *BOTH_GIVE, *OFFERS, talk, settle),
    ),
    "agreed under review": (
        Reason.NOT_AS_DESCRIBED,
        (remind, escalate, *BOTH_GIVE, wait_until_due, talk, settle),
    ),
    "given back elsewhere": (Reason.NOT_RECEIVED, (give_back(1000), give_back(500), give_back(1001))),
    "granted": (Reason.NOT_RECEIVED, (remind, grant)),
    "paid late": (Reason.NOT_RECEIVED, (grant, fail, refund(give_up), pay, fail)),
    "refund held": (Reason.NOT_RECEIVED, (grant, refund(hold), refund(release), pay)),
    "decided late": (
        Reason.NOT_RECEIVED,
        (remind, escalate, *BOTH_GIVE, complete, wait_until_due, decide),
    ),
    "proposed by the team": (
        Reason.NOT_AS_DESCRIBED,
        (remind, escalate, *BOTH_GIVE, propose, propose, both_take),
    ),
    "a return proposed by the team": (
        Reason.NOT_AS_DESCRIBED,
        (
            *(remind, escalate, *BOTH_GIVE, wait_until_due),
            *(lambda w: propose(w, OfferType.REFUND_WITH_RETURN), both_take, ship_back_unseen),
        ),
    ),
    "granted in the claim": (Reason.NOT_RECEIVED, (remind, escalate, *BOTH_GIVE, grant)),
    "return without address": (Reason.NOT_AS_DESCRIBED, (talk, agree_on_return, remind, wait_until_due)),
    "return never shipped": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, address_confirmed, remind, wait_until_due),
    ),
    "return acknowledged": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, address_confirmed, address_confirmed, shipped_back, remind, acknowledged),
    ),
    "return refused": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, ship_back_unseen, return_delivered, complain, remind, wait_until_due, decide),
    ),
    "decided return refused": (
        Reason.NOT_AS_DESCRIBED,
        (
            remind,
            escalate,
            *BOTH_GIVE,
            wait_until_due,
            lambda w: decide(w, with_return=True),
            ship_back,
            complain,
            wait_until_due,
            lambda w: decide(w, DecisionOutcome.SELLER_FAVOUR),
        ),
    ),
    "asked for more": (
        Reason.NOT_AS_DESCRIBED,
        (
            wait_until_due,
            BOTH_GIVE[1],
            wait_until_due,
            ask("BUYER"),
            BOTH_GIVE[0],
            remind,
            wait_until_due,
            ask("SELLER"),
            remind,
            wait_until_due,
            decide,
        ),
    ),
    "written about": (
        Reason.NOT_RECEIVED,
        (
            write(BUYER, SELLER),
            read,
            write(SELLER),
            read,
            remind,
            escalate,
            write(MANAGER),
            read,
            write(BUYER),
            cancel,
        ),
    ),
    "return delivered": (Reason.NOT_AS_DESCRIBED, (agree_on_return, ship_back, remind, wait_until_due)),
    "return not delivered after all": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, ship_back, report(f"return-{CASE}", TrackingStatus.DELIVERY_CORRECTED)),
    ),
    "return lost": (
        Reason.NOT_AS_DESCRIBED,
        (agree_on_return, ship_back_unseen, wait_until_due, wait_until_due, decide),
    ),
    "decided return": (
        Reason.NOT_AS_DESCRIBED,
        (
            remind,
            escalate,
            *BOTH_GIVE,
            complete,
            lambda w: decide(w, with_return=True),
            remind,
            wait_until_due,
        ),
    ),
}


def stages(name: str) -> Iterator[World]:
    """The world after each step of that life."""
    reason, steps = LIVES[name]
    of = world()
    opened(of, reason)
    yield of
    for step in steps:
        of.clock.at += timedelta(minutes=7)
        step(of)
        yield of


def view(of: World, mail: OutboxMail) -> MailView:
    dossier = of.cases.dossier(CASE)
    loaded = of.orders.load("order-1")
    assert dossier is not None
    assert loaded is not None
    return view_of(mail, dossier, loaded, SITE, of.clock.at)


def worth_sending(of: World, mail: OutboxMail) -> bool:
    dossier = of.cases.dossier(CASE)
    assert dossier is not None
    return reason_to_drop(mail, dossier, of.clock.at) is None


def mails_of(dossier: Dossier | None) -> list[OutboxMail]:
    assert dossier is not None
    return [mail for entry in dossier.timeline for mail in mails_for(entry)]
