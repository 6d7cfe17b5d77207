"""The window for evidence: whose is awaited, until when, and what that makes of its end (R22, R42, R43).

`Dispute.evidence_due_at` is when the clock acts: the last instant at which somebody's evidence is awaited. The end of
the window that was set is `window_until`; an answer to a late item, or an upload under way, may lie beyond it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Role, Status
from buyer_protection.domain.settlement import under_review
from buyer_protection.domain.window_table import can_be_judged

# R22: how long after the last form's end an upload that began in time may take to be looked at, by the world's clock.
UPLOAD_GRACE = timedelta(minutes=1)
# R46: how many items beyond the policy's limit each side may make with each window that asks for them after the claim's
# own: whoever has used up its items before can answer still.
EXTRA_ITEMS = 5


def window_until(case: Dispute) -> datetime:
    """The end of the window as it was set."""
    until = case.evidence_window_until or case.evidence_due_at
    if until is None:
        raise AssertionError("no window for evidence is open")
    return until


def may_give_until(case: Dispute, role: Role) -> datetime:
    """Until when this side may add evidence in the open window: its end, or that of an answer (R43)."""
    end, reply = window_until(case), case.side(role).reply_until
    return end if reply is None else max(end, reply)


def heard_until(case: Dispute, role: Role) -> datetime | None:
    """The date that this side can count on, whatever the other does: that of its answer, or that of the window.

    Where the case waits for an answer or a file of the other side, the window itself may be over before the clock acts.
    """
    side, due = case.side(role), case.evidence_due_at
    if due is None or side.complete or side.reply_until is None:
        return due if due is None else min(due, may_give_until(case, role))
    return side.reply_until


def opened(case: Dispute, until: datetime, asked: Role | None = None) -> Dispute:
    """The case with a window for evidence until then: for that side's, or for both."""
    case = replace(
        case,
        status=Status.CLAIM_EVIDENCE,
        evidence_due_at=until,
        evidence_window_until=None,
        evidence_asked_of=asked,
        evidence_answered=False,
        evidence_replied=(),
        uploads_awaited=False,
    )
    if asked is not None or case.settlement is not None:
        case = with_more_items(case)
    for role in PARTIES:
        side = case.side(role)._replace(reply_until=None)
        case = case.with_side(role, side._replace(complete=False) if role is asked else side)
    return case


def with_more_items(case: Dispute) -> Dispute:
    """R46: the case once each side may make some items beyond the policy's limit, as there is something to answer."""
    return replace(case, evidence_extra=case.evidence_extra + EXTRA_ITEMS)


def moved(case: Dispute, until: datetime, now: datetime) -> Dispute:
    """R22: the same window with the end that the team has set; whoever may answer still may, until then at least."""
    for role in PARTIES:
        side = case.side(role)
        if side.reply_until is not None:
            case = case.with_side(role, side._replace(reply_until=max(side.reply_until, until)))
    case = replace(case, evidence_due_at=until, evidence_window_until=None, uploads_awaited=False)
    return rescheduled(case, now)


def answerable(case: Dispute, giver: Role, now: datetime) -> Dispute:
    """R43: what this side gave can be answered by the other for a policy day, if that one cannot count on the window.

    So it is for who said in this window that it had nothing more to add, whatever it gave after that, and for who was
    not asked: what one side is shown is decided on too. Any other side has the window itself, and no more.
    """
    other = Role.SELLER if giver is Role.BUYER else Role.BUYER
    side = case.side(other)
    had_said = side.complete or side.reply_until is not None or other in case.evidence_replied
    if case.status is not Status.CLAIM_EVIDENCE or (other in _asked(case) and not had_said):
        return case
    return heard_out(case, other, now)


def heard_out(case: Dispute, role: Role, now: datetime) -> Dispute:
    """R43: this side has a policy day at least, whoever was asked; never beyond the window's end plus that day."""
    side, end = case.side(role), window_until(case)
    until = min(now, end) + case.policy.days(1)
    if side.reply_until is not None:
        until = max(until, side.reply_until)
    elif not side.complete and role in _asked(case) and end >= until:
        return case
    replied = tuple(it for it in case.evidence_replied if it is not role)
    case = replace(case, evidence_replied=replied)
    return case.with_side(role, side._replace(complete=False, reply_until=until))


def replied(case: Dispute, role: Role) -> Dispute:
    """R43: the case once this side has given something after "nothing more to add", or to answer a later item."""
    side = case.side(role)
    if role in case.evidence_replied or not (side.complete or side.reply_until):
        return case
    return replace(case, evidence_replied=(*case.evidence_replied, role))


def _asked(case: Dispute) -> tuple[Role, ...]:
    """Who is heard in this window: the side that was asked, or both."""
    return PARTIES if case.evidence_asked_of is None else (case.evidence_asked_of,)


def awaited(case: Dispute, now: datetime) -> list[datetime]:
    """Until when the evidence of those is awaited who were asked (both, where nobody was), or who may answer."""
    found = []
    for role in PARTIES:
        side = case.side(role)
        until = side.reply_until or (window_until(case) if role in _asked(case) else None)
        if not side.complete and until is not None and now < until:
            found.append(until)
    return found


def rescheduled(case: Dispute, now: datetime) -> Dispute:
    """The case once somebody has given or completed evidence: with the date up to which evidence is awaited now.

    Where nobody's is, that is the window's own end, or now where it is over: no date is set anew that has passed.
    `is_heard` says whether the review starts at once.
    """
    if case.status is not Status.CLAIM_EVIDENCE:
        return case
    end = window_until(case)
    untils = awaited(case, now)
    if case.uploads_awaited and case.evidence_due_at is not None:
        # What was waited for stays waited for, and so does what is announced before that instant (R22).
        untils += [case.evidence_due_at, uploads_until(case, now) or now]
    due = max(untils, default=max(end, now))
    # Where somebody has more time than the uploads had, the date moves again for what is on its way then.
    waits_on = case.uploads_awaited and due not in awaited(case, now)
    return replace(
        case,
        evidence_due_at=due,
        evidence_window_until=None if due == end else end,
        uploads_awaited=waits_on,
    )


def is_heard(case: Dispute, now: datetime) -> bool:
    """R43: nobody's evidence is awaited any more, and there is something to judge."""
    return can_be_judged(case) and not awaited(case, now)


def uploads_until(case: Dispute, after: datetime) -> datetime | None:
    """R22: until when to wait for files whose forms are valid after that instant; None where there are none."""
    ends = [upload.until for upload in case.pending_uploads if after < upload.until]
    return max(ends) + UPLOAD_GRACE if ends else None


def waiting_for_uploads(case: Dispute, until: datetime) -> Dispute:
    """R22: the deadline moves once, to the end of the last valid form plus a minute."""
    end = window_until(case)
    return replace(case, evidence_due_at=until, evidence_window_until=end, uploads_awaited=True)


def reviewed(case: Dispute, now: datetime) -> tuple[Dispute, datetime]:
    """The case before the team, and when it is to decide."""
    due = now + case.policy.days(case.policy.decision_days)
    return under_review(case, due), due


def requests_made(case: Dispute) -> int:
    """R24, R42: how often the team has asked in the present review: of the dispute, or of the return."""
    return case.evidence_requests if case.settlement is None else case.return_evidence_requests
