"""The claim: escalation, evidence and the team's decision (R15 to R26)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain import evidence_files
from buyer_protection.domain.dispute import Change, Dispute, Evidence, EvidenceFile, Outcome
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
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
    case: Dispute,
    actor: Actor,
    kind: EvidenceType,
    text: str,
    item_id: str | None,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
) -> Change:
    """One item of evidence; a text counts at once, also when given while negotiating (R21, R22, R26).

    With files it counts once every one of them is verified (`evidence_files.verify`).
    """
    check(case, actor.role, Action.ADD_EVIDENCE, now)
    if not files and not text:
        raise InvalidRequestError(
            "An item of evidence needs a text or a file.",
            rule="R22",
            fields=[FieldError("/text", "REQUIRED")],
        )
    if not files and kind not in TEXT_EVIDENCE:
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
    made = evidence_files.made(case, actor.role)
    if made >= case.policy.max_evidence_per_party:
        raise LimitReachedError(
            f"Each side can add at most {case.policy.max_evidence_per_party} items.", rule="R26"
        )
    number = case.evidence_items + 1
    item = Evidence(
        f"ev-{number}", actor.role, kind, text, item_id, now, counts=not files, files=tuple(files)
    )
    made_counter = "evidence_made_by_buyer" if actor.role is Role.BUYER else "evidence_made_by_seller"
    updates: dict[str, object] = {"evidence_items": number, made_counter: made + 1}
    # Who adds something after all may say again, or may have to say, that this was the last of it.
    updates["buyer_complete" if actor.role is Role.BUYER else "seller_complete"] = False
    if files:
        return evidence_files.submit(case, actor, item, now, updates)
    updates |= evidence_files.counted(case, item)
    change = case.record(now, actor, EventType.EVIDENCE_ADDED, evidence_files.added(case, item), **updates)
    return replace(change, new_evidence=item)


def withdraw_evidence(case: Dispute, actor: Actor, item: Evidence | None, now: datetime) -> Change:
    """R26: its owner takes an item back while negotiating; the row and the timeline keep that it was there."""
    check(case, actor.role, Action.WITHDRAW_EVIDENCE, now)
    if item is None or item.withdrawn_at is not None:
        raise NotFoundError(rule="R26")
    if item.party is not actor.role:
        raise ForbiddenError("Only its owner withdraws an item of evidence.", rule="R26")
    counter = "evidence_by_buyer" if actor.role is Role.BUYER else "evidence_by_seller"
    updates: dict[str, object] = {counter: getattr(case, counter) - 1} if item.counts else {}
    # Its files are not waited for any more.
    updates["pending_uploads"] = evidence_files.without(case, item)
    change = case.record(
        now, actor, EventType.EVIDENCE_WITHDRAWN, {"evidence_id": item.evidence_id}, **updates
    )
    return replace(change, changed_evidence=replace(item, counts=False, withdrawn_at=now))


def complete_evidence(case: Dispute, actor: Actor, now: datetime) -> Change:
    """«Nothing more to add»: once both said so and there is any evidence, the review starts at once (R22)."""
    check(case, actor.role, Action.EVIDENCE_COMPLETE, now)
    if case.buyer_complete if actor.role is Role.BUYER else case.seller_complete:
        raise ConflictError("You have said already that you have nothing to add.", rule="R22")
    if evidence_files.under_way(case, actor.role, now):
        raise ConflictError(
            "Files of yours are still being uploaded or checked; try again when they are.",
            code="UPLOAD_PENDING",
            rule="R22",
        )
    buyer = case.buyer_complete or actor.role is Role.BUYER
    seller = case.seller_complete or actor.role is Role.SELLER
    starts_review = buyer and seller and has_evidence(case)
    updates: dict[str, object] = {"buyer_complete": buyer, "seller_complete": seller}
    if case.evidence_asked_of is actor.role:
        updates["evidence_asked_of"] = None
    data: dict[str, object] = {"party": actor.role, "review_started": starts_review}
    if starts_review:
        updates |= _review(case, now)
        data["decision_due_at"] = instant(now + case.policy.days(case.policy.decision_days))
    return case.record(now, actor, EventType.EVIDENCE_COMPLETED, data, **updates)


def has_evidence(case: Dispute) -> bool:
    """R22: whether either party has given an item that counts."""
    return case.evidence_by_buyer + case.evidence_by_seller > 0


def can_be_judged(case: Dispute) -> bool:
    """R22, R36: what was agreed or decided before a return is never lost for want of more evidence."""
    return has_evidence(case) or case.settlement is not None


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
    check_evidence_date(case, due_at, now)
    previous = case.evidence_due_at
    return case.record(
        now,
        actor,
        EventType.EVIDENCE_WINDOW_SET,
        {"evidence_due_at": instant(due_at), "previous_due_at": instant(previous) if previous else None},
        evidence_due_at=due_at,
    )


def check_evidence_date(case: Dispute, due_at: datetime, now: datetime) -> None:
    """R22: a date that the team sets lies ahead, and not farther than the policy lets it."""
    latest = now + case.policy.days(case.policy.evidence_window_max_days)
    if not now < due_at <= latest:
        raise ImpossibleError(
            f"The date must lie after now and not after {instant(latest)}.",
            code="DATE_OUT_OF_RANGE",
            rule="R22",
        )


class Ruling(NamedTuple):
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
    returnable = case.reason is Reason.NOT_AS_DESCRIBED and case.settlement is None
    if ruling.return_required and (not returnable or refund.is_zero()):
        raise ImpossibleError(
            "A return can be required once, and only for a refund of something that was received.",
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
    # A review of a return is about what was to be paid for it, a first review about what the buyer asked for.
    everything = case.settlement.refund if case.settlement else case.requested_refund
    nothing = zero(everything.currency)
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
