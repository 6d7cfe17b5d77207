"""What the gallery shows: every kind of mail to each of its readers, and the variants whose words differ most."""

from __future__ import annotations

from typing import Final

from buyer_protection.application.ports.mail_view import BUYER, SELLER, MailKind, Window
from tools.gallery.samples import Sample

_NEGOTIATION: Final = Window.NEGOTIATION, 15.0
_EVIDENCE: Final = Window.EVIDENCE, 7.0
_DECISION: Final = Window.DECISION, 7.0
_SHIPMENT: Final = Window.RETURN_SHIPMENT, 10.0
_RECEIPT: Final = Window.RETURN_RECEIPT, 10.0
_DAY_LEFT: Final = 1.0


def _both(
    kind: MailKind, window: tuple[Window, float] | None = None, **changes: object
) -> tuple[Sample, ...]:
    return tuple(_one(kind, who, window, **changes) for who in (BUYER, SELLER))


def _one(
    kind: MailKind, recipient: str, window: tuple[Window, float] | None = None, **changes: object
) -> Sample:
    return Sample(kind, recipient, *(window or (None, None)), **changes)  # type: ignore[arg-type]


_WITH_RETURN: Final = {"offer_type": "REFUND_WITH_RETURN"}
_NO_ADDRESS: Final = "REFUND_WITHOUT_RETURN"
_RULED_RETURN: Final = {"return_required": True, "outcome_code": "DECIDED_BUYER_FAVOUR"}
# At a limit (R50): no further offer, item of evidence, message.
_NO_OFFER, _NO_EVIDENCE = frozenset({"MAKE_OFFER"}), frozenset({"ADD_EVIDENCE"})
_NO_MESSAGE, _NO_REASON = frozenset({"SEND_MESSAGE"}), frozenset({"CHANGE_REASON"})

SAMPLES: Final[tuple[Sample, ...]] = (
    *_both(MailKind.DISPUTE_OPENED, _NEGOTIATION),
    _one(MailKind.DISPUTE_OPENED, BUYER, _NEGOTIATION, variant="not_received", reason="NOT_RECEIVED"),
    *_both(MailKind.DISPUTE_OPENED, _DECISION, variant="late", details={"escalation_available_at": None}),
    *_both(MailKind.OFFER_MADE, _NEGOTIATION, details={"replaced_type": None}),
    _one(MailKind.OFFER_MADE, BUYER, _NEGOTIATION, variant="at_limit", cannot=_NO_OFFER),
    _one(MailKind.OFFER_MADE, BUYER, _NEGOTIATION, variant="with_return", details=_WITH_RETURN),
    _one(MailKind.OFFER_MADE, BUYER, _EVIDENCE, variant="over", details={"still_open": False}),
    *_both(MailKind.OFFER_DECLINED, _NEGOTIATION),
    _one(MailKind.OFFER_DECLINED, BUYER, _NEGOTIATION, variant="at_limit", cannot=_NO_OFFER),
    *_both(MailKind.OFFER_WITHDRAWN, _NEGOTIATION),
    _one(MailKind.OFFER_WITHDRAWN, BUYER, _NEGOTIATION, variant="at_limit", cannot=_NO_OFFER),
    *_both(MailKind.OFFER_ACCEPTED),
    *_both(
        MailKind.OFFER_ACCEPTED, _SHIPMENT, variant="with_return", if_missed=_NO_ADDRESS, details=_WITH_RETURN
    ),
    *_both(MailKind.OFFER_ACCEPTED, _RECEIPT, variant="posted", details=_WITH_RETURN),
    _one(MailKind.OFFER_ACCEPTED, BUYER, _EVIDENCE, variant="moved_on", details=_WITH_RETURN),
    _one(MailKind.OFFER_ACCEPTED, SELLER, variant="of_team", details={"of_team": True}),
    *_both(MailKind.PROPOSAL_MADE, _DECISION, details={"replaced_type": None}),
    _one(MailKind.PROPOSAL_MADE, BUYER, _EVIDENCE, variant="with_return", details=_WITH_RETURN),
    _one(MailKind.PROPOSAL_MADE, SELLER, _EVIDENCE, variant="over", details={"still_open": False}),
    _one(MailKind.OFFER_ACCEPTED, BUYER, variant="no_refund", details={"offer_type": "NO_REFUND"}),
    _one(MailKind.MAY_ESCALATE, BUYER, (Window.NEGOTIATION, 12.0)),
    *_both(MailKind.REMINDER_NEGOTIATION, (Window.NEGOTIATION, _DAY_LEFT)),
    *_both(MailKind.ESCALATED, _EVIDENCE),
    *_both(
        MailKind.ESCALATED, _EVIDENCE, variant="by_the_clock", reason="NOT_RECEIVED",
        details={"escalated_by": "SYSTEM", "claim_reason": None, "claim_text": None},
    ),
    _one(MailKind.ESCALATED, BUYER, _EVIDENCE, variant="no_evidence", details={"can_be_judged": False}),
    _one(MailKind.ESCALATED, BUYER, _SHIPMENT, variant="late", details={"can_agree": False}),
    *_both(MailKind.EVIDENCE_WINDOW_SET, _EVIDENCE),
    _one(MailKind.EVIDENCE_WINDOW_SET, BUYER, _EVIDENCE, variant="at_limit", cannot=_NO_EVIDENCE),
    *_both(MailKind.EVIDENCE_ADDED, _EVIDENCE, if_missed="DECIDED_WITHOUT_YOU"),
    *_both(MailKind.EVIDENCE_REFUSED, _EVIDENCE),
    _one(MailKind.EVIDENCE_REFUSED, BUYER, _DECISION, variant="late",
         details={"refusal": "LATE"}),
    _one(MailKind.EVIDENCE_REFUSED, BUYER, _EVIDENCE, variant="at_limits", cannot=_NO_EVIDENCE | _NO_MESSAGE),
    *_both(MailKind.EVIDENCE_REQUESTED, _EVIDENCE, if_missed="DECIDED_WITHOUT_YOU"),
    _one(MailKind.EVIDENCE_REQUESTED, BUYER, _EVIDENCE, variant="at_limit", cannot=_NO_EVIDENCE),
    *_both(MailKind.REMINDER_EVIDENCE, (Window.EVIDENCE, _DAY_LEFT)),
    *_both(MailKind.UNDER_REVIEW, _DECISION),
    _one(MailKind.UNDER_REVIEW, BUYER, _DECISION, variant="return",
         details={"of_return": True, "can_agree": False}),
    *_both(MailKind.DECIDED),
    *_both(MailKind.DECIDED, _SHIPMENT, variant="with_return", if_missed=_NO_ADDRESS,
           details=_RULED_RETURN),
    *_both(MailKind.DECIDED, _RECEIPT, variant="posted", details=_RULED_RETURN),
    _one(MailKind.DECIDED, SELLER, variant="no_refund",
         details={"outcome_code": "DECIDED_SELLER_FAVOUR", "reasons": ("ITEM_AS_DESCRIBED",)}),
    _one(MailKind.REASON_CHANGED, SELLER, _NEGOTIATION),
    _one(MailKind.REASON_CHANGED, SELLER, (Window.EVIDENCE, _DAY_LEFT), variant="review",
         if_missed="DECIDED_WITHOUT_YOU", details={"review_waits": True}),
    _one(MailKind.REASON_CHANGED, SELLER, _NEGOTIATION, variant="corrected",
         details={"previous_reason": "NOT_AS_DESCRIBED"}),
    _one(MailKind.REASON_CHANGED, SELLER, _DECISION, variant="late", cannot=_NO_OFFER | {"ACCEPT_REQUEST"},
         details={"review_waits": None}),
    _one(MailKind.DELIVERED, BUYER, (Window.REASON_CHANGE, 5.0), reason="NOT_RECEIVED"),
    _one(MailKind.DELIVERED, BUYER, _NEGOTIATION, variant="late", reason="NOT_RECEIVED",
         cannot=_NO_REASON | _NO_MESSAGE, details={"reason_change_due_at": None}),
    _one(MailKind.PARCEL_DELIVERED, BUYER, _NEGOTIATION, reason="NOT_RECEIVED"),
    _one(MailKind.ORDER_UNCOLLECTED, BUYER),
    *_both(MailKind.CANCELLED_BY_BUYER),
    *_both(MailKind.CANCELLED_NO_EVIDENCE, reason="NOT_RECEIVED"),
    *_both(MailKind.REFUNDABLE_CHANGED, _NEGOTIATION),
    _one(MailKind.REFUNDABLE_CHANGED, BUYER, _SHIPMENT, variant="in_return",
         less=True, details={"offers_lapsed": False}),
    _one(MailKind.REASON_CHANGED, SELLER, _SHIPMENT, variant="in_return", cannot=_NO_EVIDENCE),
    *_both(MailKind.REFUNDED_ELSEWHERE),
    *_both(MailKind.DIGEST, _NEGOTIATION),
    *_both(MailKind.DECISION_LATE),
    *_both(MailKind.TIME_GIVEN, _NEGOTIATION),
    _one(MailKind.TIME_GIVEN, BUYER, _SHIPMENT, variant="return"),
    _one(MailKind.REFUND_PAID, BUYER),
    *_both(MailKind.REFUND_HELD),
    *_both(MailKind.REFUND_GIVEN_UP),
    _one(MailKind.REFUND_RETURNED, BUYER),
    *_both(MailKind.RETURN_ADDRESS_CONFIRMED, _SHIPMENT),
    *_both(MailKind.RETURN_ADDRESS_CONFIRMED, _SHIPMENT, variant="less", less=True),
    _one(MailKind.REMINDER_RETURN_SHIPMENT, BUYER, (Window.RETURN_SHIPMENT, _DAY_LEFT)),
    _one(MailKind.REMINDER_RETURN_SHIPMENT, SELLER, (Window.RETURN_SHIPMENT, _DAY_LEFT), if_missed=_NO_ADDRESS),
    *_both(MailKind.RETURN_SHIPPED, _RECEIPT),
    _one(MailKind.RETURN_DELIVERED, SELLER, (Window.RETURN_RECEIPT, 6.0)),
    _one(MailKind.REMINDER_RETURN_RECEIPT, SELLER, (Window.RETURN_RECEIPT, _DAY_LEFT)),
    *_both(MailKind.RETURN_PROBLEM, _EVIDENCE, if_missed="DECIDED_WITHOUT_YOU"),
    *_both(MailKind.RETURN_PROBLEM, _EVIDENCE, if_missed="DECIDED_WITHOUT_YOU", variant="not_acknowledged",
           details={"problem": "NOT_ACKNOWLEDGED", "problem_note": None}),
    _one(MailKind.RETURN_PROBLEM, BUYER, _DECISION, variant="reviewed"),
    _one(MailKind.RETURN_PROBLEM, SELLER, _DECISION, variant="not_acknowledged_reviewed",
         details={"problem": "NOT_ACKNOWLEDGED", "problem_note": None}),
    *_both(MailKind.RETURN_CLOSED, details={"outcome_code": "AGREED_REFUND_WITH_RETURN"}),
    _one(MailKind.RETURN_CLOSED, BUYER, variant="not_shipped", details={"outcome_code": "RETURN_NOT_SHIPPED"}),
    *_both(MailKind.MESSAGE_WAITING, _NEGOTIATION),
    _one(MailKind.MESSAGE_WAITING, BUYER, _NEGOTIATION, variant="at_limit", cannot=_NO_MESSAGE),
    _one(MailKind.MESSAGE_WAITING, SELLER, _DECISION, variant="from_the_team",
         details={"from_role": "CASE_MANAGER"}),
)  # fmt: skip
