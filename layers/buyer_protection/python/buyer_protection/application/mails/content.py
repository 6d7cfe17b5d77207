"""From a timeline entry to everything its mail can say (R15, R22, R23, R27, R30, R36)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from buyer_protection.application.mails.advice import can_agree, steps_of
from buyer_protection.application.mails.parcels import kind_now, parcel_facts, why_untrue
from buyer_protection.application.mails.recipients import reminder_of
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.mail_view import SPECS, DetailValue, MailKind, MailView, Window
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.outbound_events import ends_case
from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.available_actions import if_missed, must_act, other_party
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, IfMissed, OfferStatus, Role, Status
from buyer_protection.domain.evidence_window import heard_until
from buyer_protection.domain.order import Order
from buyer_protection.domain.parcels import can_reopen_until
from buyer_protection.domain.permissions import window_is_over
from buyer_protection.domain.refund_request import ABOUT_REFUND
from buyer_protection.domain.timeline import TimelineEntry, instant, parse_instant
from buyer_protection.domain.window_table import WINDOWS, can_be_judged

# What silence leads to where no date is ahead of the reader: no value of IfMissed, as nothing ends for them.
CASE_GOES_ON = "CASE_GOES_ON"

# A mail that only makes sense while its window is open.
_ONLY_WHILE: dict[MailKind, Status] = {
    MailKind.MAY_ESCALATE: Status.NEGOTIATION,
    MailKind.EVIDENCE_WINDOW_SET: Status.CLAIM_EVIDENCE,
    MailKind.RETURN_DELIVERED: Status.RETURN_SHIPPED,
    **{reminder_of(window.name): status for status, window in WINDOWS.items() if window.is_strict},
}


_BARGAINING = frozenset({Status.NEGOTIATION, Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW})
# R50: a mail about a step that the case has left behind says what is no longer true. What the kinds that are not here
# advise follows from what their reader can do when they leave.
_OVERTAKEN_AFTER: dict[MailKind, frozenset[Status]] = {
    MailKind.OFFER_DECLINED: _BARGAINING,
    MailKind.OFFER_WITHDRAWN: _BARGAINING,
    MailKind.UNDER_REVIEW: frozenset({Status.UNDER_REVIEW}),
    MailKind.RETURN_ADDRESS_CONFIRMED: frozenset({Status.AWAITING_RETURN}),
    MailKind.RETURN_SHIPPED: frozenset({Status.RETURN_SHIPPED}),
}
_OF_A_RETURN = frozenset({MailKind.RETURN_ADDRESS_CONFIRMED, MailKind.RETURN_SHIPPED})


def _is_overtaken(mail: OutboxMail, dossier: Dossier, entry: TimelineEntry, now: datetime) -> bool:
    """Whether something later has taken the place of what the mail is about (R50)."""
    case, data = dossier.case, entry.data
    if mail.kind in (MailKind.OFFER_MADE, MailKind.PROPOSAL_MADE):
        offered = data.get("offer_id")
        return any(
            offer.offer_id == offered and offer.status is not OfferStatus.OPEN for offer in dossier.offers
        )
    known = case.return_addresses
    is_address = mail.kind is MailKind.RETURN_ADDRESS_CONFIRMED and known and "address_id" in data
    if is_address and known[-1].address_id != data["address_id"]:
        return True
    needed = _OVERTAKEN_AFTER.get(mail.kind)
    if needed is _BARGAINING and case.settlement is not None:
        return True
    if mail.kind is MailKind.REASON_CHANGED and data.get("previous_reason") == data.get("reason"):
        # A correction: whatever was said of the reason later says it too.
        return any(it.type is entry.type and it.seq > entry.seq for it in dossier.timeline)
    if needed is None or case.status not in needed:
        return needed is not None
    # Of a return whose window has just ended, the clock's own step is what there is to say.
    return mail.kind in _OF_A_RETURN and window_is_over(case, now)


def reason_to_drop(mail: OutboxMail, dossier: Dossier, now: datetime) -> str | None:
    """Why the mail is no longer worth sending; None where it is.

    A closed case sends only what says that it closed, and the last word about its refund (R44); a reminder goes only to
    who still has to act, about the date that still holds, before that date. Raises LookupError where the case has no
    such entry.
    """
    case, entry = dossier.case, _entry(dossier, mail.seq)
    if entry.type in ABOUT_REFUND:
        later = (other.type in ABOUT_REFUND for other in dossier.timeline if other.seq > entry.seq)
        return "REFUND_CHANGED" if any(later) else None
    if case.is_closed and not ends_case(entry):
        return "CASE_CLOSED"
    if mail.kind is MailKind.MESSAGE_WAITING and not case.side(mail.recipient).has_unread:
        return "READ_ALREADY"
    return why_untrue(mail, entry, case) or _why_overtaken(mail, entry, dossier, now)


def _why_overtaken(mail: OutboxMail, entry: TimelineEntry, dossier: Dossier, now: datetime) -> str | None:
    """Where the case has moved on from what the mail is about."""
    case = dossier.case
    needed, left = _status_of(mail.kind, entry), case.grantable.amount_minor
    if needed is not None and (case.status is not needed or _date_is_gone(entry, case, now)):
        return "WINDOW_OVER"
    if mail.kind is MailKind.DECISION_LATE and (case.window is None or case.deadline is not None):
        return "WINDOW_OVER"
    if mail.kind is MailKind.REFUNDABLE_CHANGED and entry.data["max_refundable_minor"] != left:
        return "CHANGED_AGAIN"
    if not case.is_closed and _is_overtaken(mail, dossier, entry, now):
        return "NEWER_STEP"
    if entry.type is EventType.REMINDED and mail.recipient not in must_act(case, now):
        return "DONE_ALREADY"
    return None


def _status_of(kind: MailKind, entry: TimelineEntry) -> Status | None:
    """The status whose window the mail is about; None where it makes sense in any."""
    if kind is MailKind.TIME_GIVEN:
        return next(status for status, window in WINDOWS.items() if window.name == entry.data["window"])
    return _ONLY_WHILE.get(kind)


def _date_is_gone(entry: TimelineEntry, case: Dispute, now: datetime) -> bool:
    """Whether the date that the entry names has passed, or another one has taken its place."""
    if case.deadline is None or now >= case.deadline:
        return True
    named = entry.data.get("evidence_due_at") or entry.data.get("due_at")
    return named is not None and named != instant(case.deadline)


def view_of(
    mail: OutboxMail, dossier: Dossier, loaded: LoadedOrder, site_url: str, now: datetime | None = None
) -> MailView:
    """The facts of one mail, for its recipient; no date is named that has passed `now` (by default, none has; R50)."""
    case, order = dossier.case, loaded.order
    contact = order.buyer if mail.recipient is Role.BUYER else order.seller
    entry = _entry(dossier, mail.seq)
    due_at, window, missed = _due(mail, case, now or entry.at)
    kind = kind_now(mail, case)
    spec = SPECS[kind]
    known = _details(mail, dossier, entry, loaded, now or entry.at)
    return MailView(
        kind=kind,
        recipient=mail.recipient,
        recipient_name=contact.name,
        locale=contact.locale,
        time_zone=contact.time_zone,
        dispute_id=case.dispute_id,
        order_id=case.order_id,
        dispute_url=f"{site_url.rstrip('/')}{dispute_link(case.dispute_id).removeprefix('/v1')}",
        item_titles=_titles(case, order),
        reason=case.reason,
        requested_refund_minor=case.asked.amount_minor,
        currency=case.asked.currency,
        happened_at=entry.at,
        due_at=due_at,
        window=window,
        must_act=mail.recipient in must_act(case, now or entry.at),
        if_missed=missed,
        status=case.status,
        steps=steps_of(case, mail.recipient, now or entry.at),
        details={name: value for name, value in known.items() if name in spec.required + spec.optional},
    )


def digest_of(views: Sequence[MailView]) -> MailView:
    """One mail about all of these, to the same person: each event once, in the order in which they happened (R46)."""
    events = sorted(views, key=lambda view: view.happened_at)
    return replace(events[-1], kind=MailKind.DIGEST, details={}, events=tuple(events))


def _titles(case: Dispute, order: Order) -> tuple[str, ...]:
    """As they were when the case was opened (R40); as they are now in cases of before that was kept."""
    now = {item.item_id: item.title for item in order.items}
    titles = (item.title or now.get(item.item_id) for item in case.items)
    return tuple(title for title in titles if title)


def _entry(dossier: Dossier, seq: int) -> TimelineEntry:
    for entry in dossier.timeline:
        if entry.seq == seq:
            return entry
    raise LookupError(f"no timeline entry {seq}")


def _due(mail: OutboxMail, case: Dispute, now: datetime) -> tuple[datetime | None, Window | None, str | None]:
    """What ends when, and what the clock does then: as the case stands when the mail leaves, whatever it is about."""
    if case.window is None:
        return None, None, None
    until = _ahead(case.reason_change_due_at, now)
    if mail.kind is MailKind.DELIVERED and until is not None:
        return until, Window.REASON_CHANGE, IfMissed.REASON_CHANGE_CLOSES
    if case.deadline is None:
        # The team is late: the only date there was has passed (R24, R50).
        return None, None, None
    # R43: in a window for evidence, the date that this reader can count on, whatever the other side does.
    in_claim = case.status is Status.CLAIM_EVIDENCE
    due = _ahead(heard_until(case, mail.recipient) if in_claim else case.window.due(case), now)
    if due is None:
        return None, None, CASE_GOES_ON
    return due, Window(case.window.name), if_missed(case, mail.recipient)


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and now < at else None


def _return_facts(case: Dispute, entry: TimelineEntry) -> dict[str, DetailValue]:
    data = entry.said
    return {
        "of_return": case.settlement is not None,
        "return_required": bool(data.get("return_required")),
        "return_address": "\n".join(case.return_address) or None,
        "carrier": case.return_parcel.carrier if case.return_parcel else None,
        "tracking_number": case.return_parcel.tracking_number if case.return_parcel else None,
        "problem": data.get("condition"),
        "problem_note": data.get("note") or None,
        "return_result": {
            "DELIVERED": "DELIVERED",
            "ADDRESS_NEVER_CONFIRMED": "NO_ADDRESS",
            "RECEIVED": "RECEIVED",
        }.get(data.get("cause", "")),
    }


def _details(
    mail: OutboxMail, dossier: Dossier, entry: TimelineEntry, loaded: LoadedOrder, now: datetime
) -> dict[str, DetailValue]:
    case, data = dossier.case, entry.said
    facts: dict[str, DetailValue] = {
        "description": case.description,
        "escalation_available_at": _ahead(case.escalation_available_at, now)
        if case.status is Status.NEGOTIATION
        else None,
        "escalated_by": data.get("escalated_by"),
        "claim_reason": case.claim_reason,
        "claim_text": data.get("claim_text"),
        "accepted_by": entry.actor.role if entry.type is EventType.OFFER_ACCEPTED else None,
        "of_team": data.get("made_by") == Role.CASE_MANAGER,
        "outcome_code": data.get("outcome"),
        "reasons": tuple(data.get("reasons", ())),
        "rationale": _rationale(case),
        "previous_reason": data.get("previous_reason"),
        "review_waits": _review_waits(case, entry),
        "sub_reason": case.sub_reason,
        "reason_change_due_at": _ahead(case.reason_change_due_at, now),
        "evidence_types": tuple(data.get("types", ())),
        "question": data.get("question"),
        "asked_of": data.get("party") if entry.type is EventType.EVIDENCE_REQUESTED else None,
        "from_role": entry.actor.role,
        "has_own_evidence": case.side(mail.recipient).evidence > 0,
        "can_reopen_until": can_reopen_until(case, now),
        "left_minor": data.get("max_refundable_minor"),
        "previous_minor": data.get("previous_minor"),
        "cause": data.get("cause") if entry.type is EventType.ORDER_CHANGED else None,
        "offers_lapsed": bool(data.get("lapsed_offers")),
        "can_agree": can_agree(case, now),
        "request_stands": case.request_standing,
        "can_be_judged": can_be_judged(case),
        "for_both": case.evidence_asked_of is None,
        "chain_head": entry.hash if ends_case(entry) else None,
        **_money_facts(case, entry),
        **_return_facts(case, entry),
    }
    if data.get("previous_due_at"):
        facts["previous_due_at"] = _ahead(parse_instant(data["previous_due_at"]), now)
    if entry.type is EventType.DELIVERED:
        facts |= parcel_facts(case, entry, loaded.order)
    facts |= _offer_facts(dossier, data.get("offer_id"), data.get("replaces"))
    facts |= _evidence_facts(dossier, data.get("evidence_id"), data.get("files"))
    waiting = case.side(other_party(mail.recipient)).offer
    if waiting is not None:
        facts["waiting_offer_type"] = waiting.type
        facts["waiting_offer_refund_minor"] = waiting.refund.amount_minor
    return facts


def _review_waits(case: Dispute, entry: TimelineEntry) -> bool | None:
    """R43: whether the evidence is awaited again because of a changed reason; None where it was, and is no more."""
    if "evidence_due_at" not in entry.data:
        return False
    return True if case.status is Status.CLAIM_EVIDENCE else None


def _money_facts(case: Dispute, entry: TimelineEntry) -> dict[str, DetailValue]:
    """What is paid, and what was agreed or decided where that was more: what is left limits it (R39, R50)."""
    settled = case.settlement.refund.amount_minor if case.settlement else 0
    agreed = entry.data.get("agreed_minor")
    if case.settlement is None or case.is_closed:
        paid = entry.data.get("refund_minor", settled)
        return {"refund_minor": paid, "paid_minor": paid, "agreed_minor": agreed}
    left = min(settled, case.grantable.amount_minor)
    about = entry.data.get("refund_minor")
    said = left if about is None else about
    return {"refund_minor": said, "paid_minor": left, "agreed_minor": settled if left < settled else None}


def _rationale(case: Dispute) -> str:
    ruling = case.outcome or case.settlement
    return ruling.rationale if ruling else ""


def _offer_facts(dossier: Dossier, offer_id: str | None, replaced_id: str | None) -> dict[str, DetailValue]:
    offers: dict[str, Offer] = {offer.offer_id: offer for offer in dossier.offers}
    facts: dict[str, DetailValue] = {}
    offer = offers.get(offer_id or "")
    if offer is not None:
        facts = {
            "offer_type": offer.type,
            "offer_refund_minor": offer.refund.amount_minor,
            "offer_by": offer.made_by,
            "offer_note": offer.note or None,
            "still_open": offer.status is OfferStatus.OPEN,
        }
    replaced = offers.get(replaced_id or "")
    if replaced is not None:
        facts["replaced_type"] = replaced.type
        facts["replaced_refund_minor"] = replaced.refund.amount_minor
    return facts


def _evidence_facts(dossier: Dossier, evidence_id: str | None, refused: object) -> dict[str, DetailValue]:
    """The item, and the first of its files that the entry says was refused."""
    item = next((item for item in dossier.evidence if item.evidence_id == evidence_id), None)
    if item is None:
        return {}
    facts: dict[str, DetailValue] = {"evidence_type": item.type, "evidence_text": item.text or None}
    if isinstance(refused, list) and refused:
        file = item.file(refused[0]["file_id"])
        facts |= {"refusal": refused[0]["reason"], "file_name": file.name if file else None}
    return facts
