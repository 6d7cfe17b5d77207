"""The one table of what is true of a status that waits: its date, its rule, whose turn it is, what silence leads to.

Whatever else knows a window reads it here: the case's deadline, permissions, the clock, reminders, available actions,
mails, the guard of a write, the team's queue. What the clock does at the end is `windows.ON_END`, one function a row.
It stands below the case, so that the case itself can read it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from buyer_protection.domain.enums import PARTIES, IfMissed, Role, Status
from buyer_protection.domain.sides import OpenOffer, Side


class WaitingCase(Protocol):
    """What the table reads of a case."""

    @property
    def negotiation_due_at(self) -> datetime: ...
    @property
    def evidence_due_at(self) -> datetime | None: ...
    @property
    def evidence_window_until(self) -> datetime | None: ...
    @property
    def decision_due_at(self) -> datetime | None: ...
    @property
    def return_shipment_due_at(self) -> datetime | None: ...
    @property
    def return_receipt_due_at(self) -> datetime | None: ...
    @property
    def return_address_confirmed_at(self) -> datetime | None: ...
    @property
    def evidence_asked_of(self) -> Role | None: ...
    @property
    def evidence_answered(self) -> bool: ...
    @property
    def evidence_replied(self) -> tuple[Role, ...]: ...
    @property
    def current_offer(self) -> OpenOffer | None: ...
    @property
    def settlement(self) -> object | None: ...

    def side(self, role: Role, /) -> Side:
        """What is kept of that party."""
        ...


class Window(NamedTuple):
    """A row. `due` is the date that is shown; `turn` names those whose silence the clock will answer, now.

    `if_missed` says for a reader what the clock does that concerns it. A strict window is the clock's from its end on,
    and no person's; the end of the other kind is only noted, once, and changes nothing (R24). `name` is the mails'
    name of it, and that of its reminder. `is_queued`: the team sees the case in its queue, by `due`.
    """

    name: str
    rule: str
    due: Callable[[WaitingCase], datetime | None]
    turn: Callable[[WaitingCase, datetime], frozenset[Role]]
    if_missed: Callable[[WaitingCase, Role], IfMissed]
    is_strict: bool = True
    is_queued: bool = False


_BOTH = frozenset(PARTIES)
_BUYER, _SELLER, _MANAGER = (frozenset({role}) for role in (Role.BUYER, Role.SELLER, Role.CASE_MANAGER))


def has_evidence(case: WaitingCase) -> bool:
    """R22: whether either party has given an item that counts."""
    return any(case.side(role).evidence for role in PARTIES)


def can_be_judged(case: WaitingCase) -> bool:
    """R22, R36: what was agreed or decided before a return is never lost for want of more evidence."""
    return has_evidence(case) or case.settlement is not None


def _who_answers(case: WaitingCase, _now: datetime) -> frozenset[Role]:
    """R14: the side that the newest proposal was made to; both where none stands."""
    newest = case.current_offer
    if newest is None:
        return _BOTH
    return _SELLER if newest == case.side(Role.BUYER).offer else _BUYER


def _who_gives_evidence(case: WaitingCase, now: datetime) -> frozenset[Role]:
    """R22, R24: the side that the team asked; else each that has given nothing and may still.

    R42: about a return each that may still, whatever it gave before. R43: whoever may answer a later item and has
    not yet, for as long as it can count on. Nobody whose own time is over, though the case waits for the other side.
    """
    end = case.evidence_window_until or case.evidence_due_at
    sides = {role: side for role in PARTIES if not (side := case.side(role)).complete}
    sides = {role: side for role, side in sides.items() if _is_ahead(now, end, side.reply_until)}
    replying = {role for role, side in sides.items() if _is_ahead(now, side.reply_until)}
    replying -= {*case.evidence_replied}
    if case.evidence_asked_of is not None:
        asked = set() if case.evidence_answered else {case.evidence_asked_of} & sides.keys()
        return frozenset(asked | replying)
    first = {role for role, side in sides.items() if side.reply_until is None}
    if case.settlement is None:
        first = {role for role in first if not sides[role].evidence}
    return frozenset(first | replying)


def _is_ahead(now: datetime, *untils: datetime | None) -> bool:
    return any(until is not None and now < until for until in untils)


def _without_evidence(case: WaitingCase, _reader: Role) -> IfMissed:
    return IfMissed.DECIDED_WITHOUT_YOU if can_be_judged(case) else IfMissed.CLAIM_CANCELLED


def _without_shipment(case: WaitingCase, _reader: Role) -> IfMissed:
    confirmed = case.return_address_confirmed_at is not None
    return IfMissed.RETURN_NOT_SHIPPED if confirmed else IfMissed.REFUND_WITHOUT_RETURN


WINDOWS: dict[Status, Window] = {
    Status.NEGOTIATION: Window(
        name="NEGOTIATION",
        rule="R15",
        due=lambda case: case.negotiation_due_at,
        turn=_who_answers,
        if_missed=lambda _case, _reader: IfMissed.AUTO_ESCALATE,
    ),
    Status.CLAIM_EVIDENCE: Window(
        name="EVIDENCE",
        rule="R22",
        due=lambda case: case.evidence_due_at,
        turn=_who_gives_evidence,
        if_missed=_without_evidence,
        is_queued=True,
    ),
    Status.UNDER_REVIEW: Window(
        name="DECISION",
        rule="R24",
        due=lambda case: case.decision_due_at,
        turn=lambda _case, _now: _MANAGER,
        if_missed=lambda _case, reader: (
            IfMissed.DECIDED_WITHOUT_YOU if reader in PARTIES else IfMissed.DEADLINE_MISSED
        ),
        is_strict=False,
        is_queued=True,
    ),
    Status.AWAITING_RETURN: Window(
        name="RETURN_SHIPMENT",
        rule="R36",
        due=lambda case: case.return_shipment_due_at,
        turn=lambda case, _now: _BUYER if case.return_address_confirmed_at else _SELLER,
        if_missed=_without_shipment,
    ),
    Status.RETURN_SHIPPED: Window(
        name="RETURN_RECEIPT",
        rule="R36",
        due=lambda case: case.return_receipt_due_at,
        turn=lambda _case, _now: _SELLER,
        if_missed=lambda _case, _reader: IfMissed.REFUND_ON_DELIVERY,
    ),
}
