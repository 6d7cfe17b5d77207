"""The claim: escalation, evidence and the team's decision (R15 to R26)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from buyer_protection.domain.dispute import Change, Dispute, Evidence, Outcome
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    WindowNotOpenError,
)
from buyer_protection.domain.money import Money, zero
from buyer_protection.domain.settlement import await_return, close, lapsing
from buyer_protection.domain.timeline import CLOCK, Actor, instant
from buyer_protection.domain.transitions import check
from buyer_protection.domain.vocabulary import (
    Action,
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EventType,
    EvidenceType,
    OutcomeCode,
    Reason,
    Role,
    Status,
)

TEXT_EVIDENCE = frozenset({EvidenceType.STATEMENT, EvidenceType.CHAT_LOG, EvidenceType.OTHER})


def escalate(
    case: Dispute,
    actor: Actor,
    *,
    confirm_no_agreement: bool,
    claim_reason: ClaimReason,
    text: str,
    now: datetime,
) -> Change:
    """The buyer asks the team to mediate, from three days after the first request on (R16 to R20)."""
    check(case, actor.role, Action.ESCALATE, now)
    if not confirm_no_agreement:
        raise InvalidRequestError(
            "Escalating states that no fair agreement could be reached: confirm it.",
            rule="R19",
            fields=[FieldError("/confirm_no_agreement", "MUST_BE_TRUE")],
        )
    if claim_reason is ClaimReason.OTHER and not text.strip():
        raise InvalidRequestError(
            "The claim reason OTHER needs a text.", rule="R20", fields=[FieldError("/text", "REQUIRED")]
        )
    if now < case.escalation_available_at:
        raise WindowNotOpenError(
            "The dispute cannot be escalated yet.", rule="R16", available_at=case.escalation_available_at
        )
    return _escalated(case, actor, now, text, claim_reason=claim_reason, no_agreement_confirmed_at=now)


def escalate_by_clock(case: Dispute, now: datetime) -> Change:
    """R15: no resolution within the negotiation window."""
    return _escalated(case, CLOCK, now)


def _escalated(case: Dispute, actor: Actor, now: datetime, text: str = "", **updates: object) -> Change:
    evidence_due_at = now + case.policy.days(case.policy.evidence_days)
    lapsed = lapsing(case)
    change = case.record(
        now,
        actor,
        EventType.ESCALATED,
        {
            "escalated_by": actor.role,
            "claim_reason": updates.get("claim_reason"),
            "claim_text": text or None,
            "evidence_due_at": instant(evidence_due_at),
            "lapsed_offers": sorted(lapsed),
        },
        status=Status.CLAIM_EVIDENCE,
        escalated_at=now,
        escalated_by=actor.role,
        evidence_due_at=evidence_due_at,
        buyer_offer=None,
        seller_offer=None,
        **updates,
    )
    return replace(change, closed_offers=lapsed)


def add_evidence(
    case: Dispute, actor: Actor, kind: EvidenceType, text: str, item_id: str | None, now: datetime
) -> Change:
    """One item of evidence; a text counts at once, also when given while negotiating (R21, R22, R26)."""
    check(case, actor.role, Action.ADD_EVIDENCE, now)
    if kind not in TEXT_EVIDENCE:
        raise InvalidRequestError(
            f"{kind} needs a file; text alone is taken for {', '.join(sorted(TEXT_EVIDENCE))}.",
            rule="R22",
            fields=[FieldError("/type", "NEEDS_FILE")],
        )
    if item_id is not None and item_id not in {item.item_id for item in case.items}:
        raise InvalidRequestError(
            "The item is not part of this dispute.",
            rule="R1",
            fields=[FieldError("/item_id", "NOT_IN_DISPUTE")],
        )
    given = case.evidence_by_buyer if actor.role is Role.BUYER else case.evidence_by_seller
    if given >= case.policy.max_evidence_per_party:
        raise LimitReachedError(
            f"Each side can add at most {case.policy.max_evidence_per_party} items.", rule="R26"
        )
    number = case.evidence_items + 1
    item = Evidence(f"ev-{number}", actor.role, kind, text, item_id, now)
    counter = "evidence_by_buyer" if actor.role is Role.BUYER else "evidence_by_seller"
    change = case.record(
        now,
        actor,
        EventType.EVIDENCE_ADDED,
        {
            "evidence_id": item.evidence_id,
            "evidence_type": kind,
            "item_id": item_id,
            "in_claim": case.escalated_at is not None,
        },
        evidence_items=number,
        # Who adds something after all may say again, or may have to say, that this was the last of it.
        **{counter: given + 1, "buyer_complete" if actor.role is Role.BUYER else "seller_complete": False},
    )
    return replace(change, new_evidence=item)


def complete_evidence(case: Dispute, actor: Actor, now: datetime) -> Change:
    """«Nothing more to add»: once both said so and there is any evidence, the review starts at once (R22)."""
    check(case, actor.role, Action.EVIDENCE_COMPLETE, now)
    if case.buyer_complete if actor.role is Role.BUYER else case.seller_complete:
        raise ConflictError("You have said already that you have nothing to add.", rule="R22")
    buyer = case.buyer_complete or actor.role is Role.BUYER
    seller = case.seller_complete or actor.role is Role.SELLER
    starts_review = buyer and seller and has_evidence(case)
    updates: dict[str, object] = {"buyer_complete": buyer, "seller_complete": seller}
    data: dict[str, object] = {"party": actor.role, "review_started": starts_review}
    if starts_review:
        updates |= _review(case, now)
        data["decision_due_at"] = instant(now + case.policy.days(case.policy.decision_days))
    return case.record(now, actor, EventType.EVIDENCE_COMPLETED, data, **updates)


def has_evidence(case: Dispute) -> bool:
    """R22: whether either party has given an item that counts."""
    return case.evidence_by_buyer + case.evidence_by_seller > 0


def _review(case: Dispute, now: datetime) -> dict[str, object]:
    return {
        "status": Status.UNDER_REVIEW,
        "decision_due_at": now + case.policy.days(case.policy.decision_days),
        "missed_noted": False,
    }


def start_review(case: Dispute, now: datetime) -> Change:
    """R22, R24: the evidence window is over and there is evidence."""
    updates = _review(case, now)
    due = now + case.policy.days(case.policy.decision_days)
    return case.record(now, CLOCK, EventType.REVIEW_STARTED, {"decision_due_at": instant(due)}, **updates)


def cancel_for_want_of_evidence(case: Dispute, now: datetime) -> Change:
    """R22: not one item of evidence by the due instant."""
    outcome = Outcome(
        OutcomeCode.CANCELLED_NO_EVIDENCE, zero(case.max_refundable.currency), False, Role.SYSTEM
    )
    return close(case, now, CLOCK, EventType.CANCELLED, Status.CANCELLED, outcome)


def set_evidence_window(case: Dispute, actor: Actor, due_at: datetime, now: datetime) -> Change:
    """R22: the team sets another date, before the window lapses; the old timer then does nothing."""
    check(case, actor.role, Action.SET_EVIDENCE_WINDOW, now)
    latest = now + case.policy.days(case.policy.evidence_window_max_days)
    if not now < due_at <= latest:
        raise ImpossibleError(
            f"The date must lie after now and not after {instant(latest)}.",
            code="DATE_OUT_OF_RANGE",
            rule="R22",
        )
    previous = case.evidence_due_at
    return case.record(
        now,
        actor,
        EventType.EVIDENCE_WINDOW_SET,
        {"evidence_due_at": instant(due_at), "previous_due_at": instant(previous) if previous else None},
        evidence_due_at=due_at,
    )


@dataclass(frozen=True, slots=True)
class Ruling:
    """R24: the team's decision as given. `refund` may be left out where the outcome says it all."""

    outcome: DecisionOutcome
    refund: Money | None
    return_required: bool
    reasons: Sequence[DecisionReason]
    rationale: str
    evidence_ids: Sequence[str]


_CODES = {
    DecisionOutcome.BUYER_FAVOUR: OutcomeCode.DECIDED_BUYER_FAVOUR,
    DecisionOutcome.SELLER_FAVOUR: OutcomeCode.DECIDED_SELLER_FAVOUR,
    DecisionOutcome.PARTIAL: OutcomeCode.DECIDED_PARTIAL,
}


def decide(
    case: Dispute, actor: Actor, ruling: Ruling, shared_evidence: frozenset[str], now: datetime
) -> Change:
    """The final decision (R24, R25). `shared_evidence` holds the cited ids that both sides could see."""
    check(case, actor.role, Action.DECIDE, now)
    refund = _ruled_refund(case, ruling)
    if ruling.return_required and (case.reason is not Reason.NOT_AS_DESCRIBED or refund.is_zero()):
        raise ImpossibleError(
            "A return can be required only for a refund of something that was received.",
            code="RETURN_NOT_APPLICABLE",
            rule="R36",
        )
    hidden = [evidence_id for evidence_id in ruling.evidence_ids if evidence_id not in shared_evidence]
    if hidden:
        raise ImpossibleError(
            f"Only evidence that both sides could see may be cited; not {', '.join(hidden)}.",
            code="EVIDENCE_NOT_SHARED",
            rule="R24",
        )
    outcome = Outcome(
        _CODES[ruling.outcome],
        refund,
        ruling.return_required,
        Role.CASE_MANAGER,
        tuple(ruling.reasons),
        ruling.rationale,
        tuple(ruling.evidence_ids),
    )
    data = {"reasons": list(ruling.reasons), "evidence_ids": list(ruling.evidence_ids)}
    if ruling.return_required:
        return await_return(case, now, actor, EventType.DECIDED, outcome, data)
    return close(case, now, actor, EventType.DECIDED, Status.DECIDED, outcome, data)


def _ruled_refund(case: Dispute, ruling: Ruling) -> Money:
    """BUYER_FAVOUR is all that the buyer asked for, SELLER_FAVOUR nothing, PARTIAL truly between: else 422."""
    nothing, everything = zero(case.requested_refund.currency), case.requested_refund
    stated = ruling.refund.within(0, everything, rule="R24") if ruling.refund is not None else None
    if ruling.outcome is DecisionOutcome.PARTIAL:
        refund = stated or nothing
        fits = refund not in (nothing, everything)
    else:
        refund = everything if ruling.outcome is DecisionOutcome.BUYER_FAVOUR else nothing
        fits = stated in (None, refund)
    if not fits:
        raise ImpossibleError(
            f"{ruling.outcome} does not go with this refund: BUYER_FAVOUR is {everything.amount_minor},"
            " SELLER_FAVOUR is 0, PARTIAL lies between.",
            code="OUTCOME_MISMATCH",
            rule="R24",
        )
    return refund
