"""Whose turn it is, and what each reader can do by when: `party_state` and `available_actions` of the contract."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Action, IfMissed, PartyState, Role, Status
from buyer_protection.domain.evidence import items_at_most, made, under_way
from buyer_protection.domain.evidence_window import heard_until, may_give_until, requests_made
from buyer_protection.domain.opening import OPENING_OFFER_ID
from buyer_protection.domain.parcels import may_state_reason
from buyer_protection.domain.permissions import OF_THE_ASSIGNEE, may, window_is_over
from buyer_protection.domain.returns import MAX_ADDRESSES, addresses_of
from buyer_protection.domain.rulings import WaitingRuling
from buyer_protection.domain.settlement import grants_request


class AvailableAction(NamedTuple):
    """One thing the reader can do, or will be able to from `available_from` on.

    `due_at` is when the chance ends, `if_missed` what the clock does then; `offer_id` names the proposal meant, or the
    ruling that waits.
    """

    action: Action
    available_from: datetime
    due_at: datetime | None
    mandatory: bool
    if_missed: IfMissed | None
    offer_id: str | None = None


def other_party(role: Role) -> Role:
    """The buyer's other party is the seller, and the reverse."""
    return Role.SELLER if role is Role.BUYER else Role.BUYER


def must_act(case: Dispute, now: datetime) -> frozenset[Role]:
    """Whose turn it is: those whose silence the clock will answer. Nobody's once the window is over: the clock's."""
    window = case.window
    return frozenset() if window is None or window_is_over(case, now) else window.turn(case, now)


def party_state(case: Dispute, reader: Role, now: datetime) -> PartyState:
    """What the case asks of this reader."""
    if case.is_closed:
        return PartyState.RESOLVED
    if reader in must_act(case, now):
        return PartyState.REQUIRED_ACTION
    if case.status is Status.UNDER_REVIEW:
        return PartyState.UNDER_REVIEW
    return PartyState.REQUIRED_OTHER_PARTY_ACTION


def if_missed(case: Dispute, reader: Role) -> IfMissed | None:
    """What the clock does at the end of the present window, as far as it concerns this reader."""
    window = case.window
    return window.if_missed(case, reader) if window else None


def available_actions(
    case: Dispute, reader: Role, now: datetime, reader_id: str | None = None
) -> tuple[AvailableAction, ...]:
    """What the reader can do now or later in this status, in the order a page would show it.

    `reader_id`: who of the team reads; what needs the claim to be one's own (R47) is offered to its assignee alone.
    """
    if case.is_closed or window_is_over(case, now):
        return ()
    found = [a for a in _candidates(case, reader, now) if may(case, reader, a.action)]
    if reader is Role.CASE_MANAGER and reader_id not in (None, case.assigned_to):
        found = [a for a in found if a.action not in OF_THE_ASSIGNEE]
    if reader is Role.CASE_MANAGER and case.waiting_ruling is not None:
        own = _of_reader(case.waiting_ruling, reader_id)
        found = [a for a in found if a.action in own or a.action not in _ON_A_RULING]
    # A decision that is late is still to be made (R24); every other chance ends with its window.
    late_is_fine = reader is Role.CASE_MANAGER and case.window is not None and not case.window.is_strict
    return tuple(a for a in found if a.due_at is None or now < a.due_at or late_is_fine)


def _candidates(case: Dispute, reader: Role, now: datetime) -> Iterator[AvailableAction]:
    since = case.reminded_until or case.opened_at
    due, missed, pressing = case.deadline, if_missed(case, reader), reader in must_act(case, now)
    if reader in PARTIES:
        yield from _bargaining(case, reader, missed, pressing)
        yield AvailableAction(
            Action.ESCALATE, case.escalation_available_at, case.negotiation_due_at, False, missed
        )
        yield from _evidence(case, reader, now, missed, pressing)
        if case.messages_by.get(reader, 0) < case.policy.max_messages:
            yield AvailableAction(Action.SEND_MESSAGE, case.opened_at, None, False, None)
        # R50: not while it would be refused, as it is for files of the reader's own that are under way.
        if not case.side(reader).complete and not under_way(case, reader, now):
            yield AvailableAction(Action.EVIDENCE_COMPLETE, case.escalated_at or since, due, False, missed)
        if may_state_reason(case):
            change_due = case.reason_closes_at
            closes = IfMissed.REASON_CHANGE_CLOSES if change_due else None
            yield AvailableAction(Action.CHANGE_REASON, case.opened_at, change_due, False, closes)
        yield AvailableAction(Action.CANCEL, case.opened_at, None, False, None)
        yield from _returning(case, since, due, missed)
    else:
        yield AvailableAction(Action.SET_EVIDENCE_WINDOW, case.escalated_at or since, due, False, missed)
        yield from _deciding(case, since, missed)
        if case.offers_by_team < case.policy.max_offers_per_party:
            yield AvailableAction(Action.PROPOSE, case.escalated_at or since, due, False, missed)
        if case.messages_by.get(reader, 0) < case.policy.max_messages:
            yield AvailableAction(Action.SEND_MESSAGE, case.opened_at, None, False, None)
        yield AvailableAction(Action.ASSIGN, case.escalated_at or since, None, False, None)
        if case.assigned_to is not None:
            yield AvailableAction(Action.UNASSIGN, case.escalated_at or since, None, False, None)
        yield AvailableAction(Action.WRITE_NOTE, case.opened_at, None, False, None)
        if requests_made(case) < case.policy.max_evidence_requests:
            yield AvailableAction(Action.REQUEST_EVIDENCE, since, case.decision_due_at, False, missed)


def _deciding(case: Dispute, since: datetime, missed: IfMissed | None) -> Iterator[AvailableAction]:
    """The decision, or what can be done with the ruling that waits for its confirmation (R47)."""
    due, ruling = case.decision_due_at, case.waiting_ruling
    if ruling is None:
        yield AvailableAction(Action.DECIDE, since, due, True, missed)
        return
    for action in _ON_A_RULING:
        is_pressing = action is Action.CONFIRM_DECISION
        yield AvailableAction(action, since, due, is_pressing, missed, ruling.decision_id)


_ON_A_RULING = (Action.CONFIRM_DECISION, Action.REFUSE_DECISION, Action.WITHDRAW_DECISION)


def _of_reader(ruling: WaitingRuling, reader_id: str | None) -> tuple[Action, ...]:
    """What that member may do with it: its maker takes it back, anybody else confirms or refuses it."""
    if reader_id is None:
        return _ON_A_RULING
    return _ON_A_RULING[2:] if reader_id == ruling.made_by else _ON_A_RULING[:2]


def _evidence(
    case: Dispute, reader: Role, now: datetime, missed: IfMissed | None, is_turn: bool
) -> Iterator[AvailableAction]:
    """Adding evidence, until the reader's own chance ends; mandatory where silence loses the reader something."""
    if made(case, reader) >= items_at_most(case):
        return
    due = case.deadline
    if case.status is not Status.CLAIM_EVIDENCE or due is None:
        yield AvailableAction(Action.ADD_EVIDENCE, case.opened_at, due, False, None)
    else:
        until, counted_on = may_give_until(case, reader), heard_until(case, reader)
        # R43: while an answer is awaited its date is the one to name; it is taken until the window's end all the same.
        due = counted_on if counted_on is not None and now < counted_on else min(due, until)
        # Where both are silent the claim is cancelled: what the seller would not mind (R22).
        is_the_sellers_win = reader is Role.SELLER and missed is IfMissed.CLAIM_CANCELLED
        is_pressing = is_turn and not is_the_sellers_win
        yield AvailableAction(Action.ADD_EVIDENCE, case.opened_at, due, is_pressing, missed)


def _returning(
    case: Dispute, since: datetime, due: datetime | None, missed: IfMissed | None
) -> Iterator[AvailableAction]:
    confirmed_at = case.return_address_confirmed_at
    pressing = confirmed_at is None
    if len(addresses_of(case)) < MAX_ADDRESSES:
        yield AvailableAction(
            Action.CONFIRM_RETURN_ADDRESS, since, due, pressing, missed if pressing else None
        )
    if confirmed_at is not None:
        yield AvailableAction(Action.REGISTER_RETURN_SHIPMENT, confirmed_at, due, True, missed)
    yield AvailableAction(Action.ACKNOWLEDGE_RETURN, since, due, True, missed)


def _bargaining(
    case: Dispute, reader: Role, missed: IfMissed | None, pressing: bool
) -> Iterator[AvailableAction]:
    due = case.deadline if case.window and case.window.is_strict else None
    if due is None:
        missed = None
    mine, theirs = case.side(reader), case.side(other_party(reader)).offer
    if theirs is not None:
        is_request = theirs.offer_id == OPENING_OFFER_ID
        answers = [Action.ACCEPT_OFFER] if grants_request(case) or not is_request else []
        for action in (*answers, Action.DECLINE_OFFER):
            yield AvailableAction(action, theirs.made_at, due, pressing, missed, theirs.offer_id)
    team = case.proposal
    if team is not None and team.taken_by is not reader:
        yield AvailableAction(
            Action.ACCEPT_OFFER, team.offer.made_at, due, False, missed, team.offer.offer_id
        )
    if case.request_standing and grants_request(case):
        yield AvailableAction(Action.ACCEPT_REQUEST, case.opened_at, due, False, missed)
    if mine.offers_made < case.policy.max_offers_per_party:
        yield AvailableAction(Action.MAKE_OFFER, case.opened_at, due, False, missed)
    if mine.offer is not None:
        yield AvailableAction(
            Action.WITHDRAW_OFFER, mine.offer.made_at, due, False, None, mine.offer.offer_id
        )
