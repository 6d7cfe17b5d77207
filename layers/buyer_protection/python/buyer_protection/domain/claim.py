"""The claim: escalation, evidence and the team's decision (R15 to R26)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    Action,
    ClaimReason,
    DecisionOutcome,
    EventType,
    EvidenceType,
    OutcomeCode,
    Reason,
    Role,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    WindowNotOpenError,
)
from buyer_protection.domain.evidence_window import moved, opened, requests_made, reviewed
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.money import Money, zero
from buyer_protection.domain.permissions import check, check_assigned
from buyer_protection.domain.rulings import Ruling
from buyer_protection.domain.settlement import await_return, check_left, close, lapsing
from buyer_protection.domain.texts import check_says_something, says_something
from buyer_protection.domain.timeline import CLOCK, Actor, instant


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
    if claim_reason is ClaimReason.OTHER and not says_something(text):
        raise InvalidRequestError(
            "The claim reason OTHER needs a text.", rule="R20", fields=[FieldError("/text", "REQUIRED")]
        )
    if now < case.escalation_available_at:
        raise WindowNotOpenError(
            "The dispute cannot be escalated yet.", rule="R16", available_at=case.escalation_available_at
        )
    confirmed = replace(case, claim_reason=claim_reason, no_agreement_confirmed_at=now)
    return _escalated(case, actor, now, confirmed, text)


def escalate_by_clock(case: Dispute, now: datetime) -> Change:
    """R15: no resolution within the negotiation window."""
    return _escalated(case, CLOCK, now, case, guard=Guard.AFTER_DEADLINE)


def _escalated(
    case: Dispute,
    actor: Actor,
    now: datetime,
    confirmed: Dispute,
    text: str = "",
    guard: Guard | None = None,
) -> Change:
    """`confirmed`: the case with what its buyer stated, if it was the buyer."""
    evidence_due_at = now + case.policy.days(case.policy.evidence_days)
    lapsed, asked = lapsing(case), asked_last(case)
    data = {
        "escalated_by": actor.role,
        "claim_reason": confirmed.claim_reason,
        "claim_text": text or None,
        "evidence_due_at": instant(evidence_due_at),
        "lapsed_offers": sorted(lapsed),
        "asked_minor": asked.amount_minor,
        "currency": asked.currency,
    }
    after = replace(
        opened(confirmed.without_offers(), evidence_due_at),
        escalated_at=now,
        escalated_by=actor.role,
        asked_refund=None if asked == case.requested_refund else asked,
    )
    change = case.record(now, actor, EventType.ESCALATED, data, after, guard)
    return replace(change, closed_offers=lapsed)


def asked_last(case: Dispute) -> Money:
    """R24: the buyer's own offer of money that stands now, with or without a return; otherwise the opening request."""
    mine = case.side(Role.BUYER).offer
    return case.requested_refund if mine is None or mine.refund.is_zero() else mine.refund


def start_review(case: Dispute, now: datetime) -> Change:
    """R22, R24: the evidence window is over and there is evidence."""
    after, due = reviewed(case, now)
    data = {"decision_due_at": instant(due)}
    return case.record(now, CLOCK, EventType.REVIEW_STARTED, data, after, Guard.AFTER_DEADLINE)


def cancel_for_want_of_evidence(case: Dispute, now: datetime) -> Change:
    """R22: not one item of evidence by the due instant."""
    outcome = Outcome(
        OutcomeCode.CANCELLED_NO_EVIDENCE, zero(case.max_refundable.currency), False, Role.SYSTEM
    )
    return close(case, now, CLOCK, EventType.CANCELLED, Status.CANCELLED, outcome, guard=Guard.AFTER_DEADLINE)


def set_evidence_window(case: Dispute, actor: Actor, due_at: datetime, now: datetime) -> Change:
    """R22: the team sets another date, before the window lapses; the old timer then does nothing."""
    check(case, actor.role, Action.SET_EVIDENCE_WINDOW, now)
    check_assigned(case, actor)
    check_evidence_date(case, due_at, now)
    previous, after = case.evidence_due_at, moved(case, due_at, now)
    due = after.evidence_due_at or due_at
    data = {"evidence_due_at": instant(due), "previous_due_at": instant(previous) if previous else None}
    return case.record(now, actor, EventType.EVIDENCE_WINDOW_SET, data, after)


def evidence_dates(case: Dispute) -> tuple[timedelta, timedelta]:
    """R22: how far ahead a date that the team sets lies, at least and at most."""
    return case.policy.days(1), case.policy.days(case.policy.evidence_window_max_days)


def check_evidence_date(case: Dispute, due_at: datetime, now: datetime) -> None:
    """R22: a date that the team sets lies at least a policy day ahead, and not farther than the policy lets it."""
    earliest, latest = (now + ahead for ahead in evidence_dates(case))
    if not earliest <= due_at <= latest:
        raise ImpossibleError(
            f"The date must not lie before {instant(earliest)} and not after {instant(latest)}.",
            code="DATE_OUT_OF_RANGE",
            rule="R22",
        )


_CODES = {
    DecisionOutcome.BUYER_FAVOUR: OutcomeCode.DECIDED_BUYER_FAVOUR,
    DecisionOutcome.SELLER_FAVOUR: OutcomeCode.DECIDED_SELLER_FAVOUR,
    DecisionOutcome.PARTIAL: OutcomeCode.DECIDED_PARTIAL,
}


def decide(
    case: Dispute, actor: Actor, ruling: Ruling, shared_evidence: frozenset[str], now: datetime
) -> Change:
    """The final decision (R24, R25). `shared_evidence` holds the cited ids that both sides could see."""
    return take_effect(case, actor, ruled(case, actor, ruling, shared_evidence, now), now)


def ruled(
    case: Dispute, actor: Actor, ruling: Ruling, shared_evidence: frozenset[str], now: datetime
) -> Outcome:
    """What the ruling would end the case with; refused where it may not be made."""
    check(case, actor.role, Action.DECIDE, now)
    check_assigned(case, actor)
    check_says_something("/rationale", ruling.rationale)
    _check_none_waits(case)
    refund = _ruled_refund(case, ruling)
    if ruling.return_required and (not can_require_return(case) or refund.is_zero()):
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
    return Outcome(
        _CODES[ruling.outcome],
        refund,
        ruling.return_required,
        Role.CASE_MANAGER,
        tuple(dict.fromkeys(ruling.reasons)),
        ruling.rationale,
        tuple(dict.fromkeys(ruling.evidence_ids)),
    )


def _check_none_waits(case: Dispute) -> None:
    """409 `CONFIRMATION_NEEDED` where a ruling waits already: it is confirmed, refused or withdrawn first (R47)."""
    if case.waiting_ruling is not None:
        raise ConflictError(
            f"The ruling {case.waiting_ruling.decision_id} waits for its confirmation.",
            code="CONFIRMATION_NEEDED",
            rule="R47",
        )


def take_effect(case: Dispute, actor: Actor, outcome: Outcome, now: datetime) -> Change:
    """The team's ruling ends the case, or is paid once the goods are back."""
    data = {"reasons": list(outcome.reasons), "evidence_ids": list(outcome.evidence_ids)}
    if outcome.return_required:
        return await_return(case, now, actor, EventType.DECIDED, outcome, data)
    return close(case, now, actor, EventType.DECIDED, Status.DECIDED, outcome, data)


def can_require_return(case: Dispute) -> bool:
    """R36: whether a ruling can ask for the goods back: once, and of what was received."""
    return case.reason is Reason.NOT_AS_DESCRIBED and case.settlement is None


def ruled_amounts(case: Dispute) -> tuple[Money, Money]:
    """R24: what BUYER_FAVOUR grants (what the buyer asked for last, or what is left of it), and the most that the case
    was opened for.

    A review of a return is about what was to be paid for it, and about no more.
    """
    settled = case.settlement.refund if case.settlement else None
    favour, highest = (settled, settled) if settled else (case.asked, case.max_refundable)
    return Money(min(favour.amount_minor, case.grantable.amount_minor), favour.currency), highest


def _ruled_refund(case: Dispute, ruling: Ruling) -> Money:
    """R24: BUYER_FAVOUR is as `ruled_amounts` says, SELLER_FAVOUR nothing, PARTIAL any other amount up to what is left.
    Else 422."""
    favour, highest = ruled_amounts(case)
    nothing, stated = zero(favour.currency), None
    if ruling.refund is not None:
        stated = check_left(case, ruling.refund.within(0, highest, rule="R24"), rule="R39")
    if ruling.outcome is DecisionOutcome.PARTIAL:
        refund = stated or nothing
        fits = refund not in (nothing, favour)
    else:
        refund = favour if ruling.outcome is DecisionOutcome.BUYER_FAVOUR else nothing
        fits = stated in (None, refund)
    if not fits:
        raise ImpossibleError(
            f"{ruling.outcome} does not go with this refund: BUYER_FAVOUR is {favour.amount_minor},"
            " SELLER_FAVOUR is 0, PARTIAL is any other amount.",
            code="OUTCOME_MISMATCH",
            rule="R24",
        )
    return refund


def assign(case: Dispute, actor: Actor, assignee: str, now: datetime) -> Dispute:
    """R24: a case manager takes the claim, or gives it to a colleague; nobody decides on their own case.

    R45: no change of the case: neither an entry nor a version, as it is nobody's but the team's.
    """
    check(case, actor.role, Action.ASSIGN, now)
    if assignee in {case.buyer_id, case.seller_id}:
        raise ConflictError(
            "A party to the dispute cannot have the claim.", code="ASSIGNEE_IS_PARTY", rule="R24"
        )
    return replace(case, assigned_to=assignee)


def unassign(case: Dispute, actor: Actor, now: datetime) -> Dispute:
    """R47: a case manager gives the claim back to nobody. R45: no change of the case, as `assign`."""
    check(case, actor.role, Action.UNASSIGN, now)
    return replace(case, assigned_to=None)


@dataclass(frozen=True, slots=True)
class EvidenceQuestion:
    """What the team asks of one party, and by when."""

    party: Role
    types: Sequence[EvidenceType]
    due_at: datetime
    question: str


def request_evidence(case: Dispute, actor: Actor, asked: EvidenceQuestion, now: datetime) -> Change:
    """Pause the review for a new evidence window; both parties get a mail (R22, R23, R24).

    Twice at most in the dispute's review, and twice more in the return's (R42).
    """
    check(case, actor.role, Action.REQUEST_EVIDENCE, now)
    check_assigned(case, actor)
    check_says_something("/question", asked.question)
    if requests_made(case) >= case.policy.max_evidence_requests:
        raise LimitReachedError(
            f"Evidence can be asked for at most {case.policy.max_evidence_requests} times.", rule="R24"
        )
    check_evidence_date(case, asked.due_at, now)
    after = opened(case, asked.due_at, asked.party)
    if case.settlement is None:
        after = replace(after, evidence_requests=case.evidence_requests + 1)
    else:
        after = replace(after, return_evidence_requests=case.return_evidence_requests + 1)
    data = {
        "party": asked.party,
        "types": list(dict.fromkeys(asked.types)),
        "question": asked.question,
        "evidence_due_at": instant(asked.due_at),
    }
    return case.record(now, actor, EventType.EVIDENCE_REQUESTED, data, after)
