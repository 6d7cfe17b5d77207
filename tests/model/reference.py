"""The reference model of the rules that the domain is compared with (Q6): written from the requirements and the
contract, not from the code.

Nothing here imports the product. Instants are whole milliseconds after the first shipment, amounts are minor units,
everything else is the contract's own words as plain strings. A method of `Model` is one move: it returns None where the
move was made, "NOTHING" where there was nothing to do, and `(code, instant)` where it is refused; the instant goes with
TOO_EARLY (from when) and TOO_LATE (since when), and is None with every other code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

DAY = 86_400_000
MINUTE = 60_000
BUYER, SELLER, MANAGER = "BUYER", "SELLER", "CASE_MANAGER"
PARTIES = (BUYER, SELLER)
ENDED = frozenset({"RESOLVED", "DECIDED", "CANCELLED"})
NOTHING = "NOTHING"

Refusal = tuple[str, int | None]
Verdict = Refusal | str | None

# api.md: which action is whose, and in which status it can be done.
_TALKING = "NEGOTIATION CLAIM_EVIDENCE UNDER_REVIEW"
_ALIVE = f"{_TALKING} AWAITING_RETURN RETURN_SHIPPED"
WHO_AND_WHEN: dict[str, tuple[str, str]] = {
    "make_offer": ("BUYER SELLER", _TALKING),
    "accept": ("BUYER SELLER", _TALKING),
    "decline": ("BUYER SELLER", _TALKING),
    "withdraw": ("BUYER SELLER", _TALKING),
    "accept_request": ("SELLER", _TALKING),
    "escalate": ("BUYER", "NEGOTIATION"),
    "change_reason": ("BUYER", _ALIVE),
    "cancel": ("BUYER", _TALKING),
    "add_evidence": ("BUYER SELLER", "NEGOTIATION CLAIM_EVIDENCE AWAITING_RETURN RETURN_SHIPPED"),
    "withdraw_evidence": ("BUYER SELLER", "NEGOTIATION"),
    "send_message": ("BUYER SELLER CASE_MANAGER", _ALIVE),
    "mark_read": ("BUYER SELLER", _ALIVE),
    "complete_evidence": ("BUYER SELLER", "CLAIM_EVIDENCE"),
    "set_window": ("CASE_MANAGER", "CLAIM_EVIDENCE"),
    "request_evidence": ("CASE_MANAGER", "UNDER_REVIEW"),
    "decide": ("CASE_MANAGER", "UNDER_REVIEW"),
    "assign": ("CASE_MANAGER", "CLAIM_EVIDENCE UNDER_REVIEW"),
    "unassign": ("CASE_MANAGER", "CLAIM_EVIDENCE UNDER_REVIEW"),
    "propose": ("CASE_MANAGER", "CLAIM_EVIDENCE UNDER_REVIEW"),
    "confirm_address": ("SELLER", "AWAITING_RETURN"),
    "ship_return": ("BUYER", "AWAITING_RETURN"),
    "acknowledge": ("SELLER", "RETURN_SHIPPED"),
}
# R36: once a refund against a return is settled, the rest is not talked about again.
SETTLED_IS_SETTLED = frozenset(
    {"make_offer", "accept", "decline", "withdraw", "accept_request", "cancel", "propose"}
)


def moves_version(event: str) -> bool:
    """api.md: messages, reading, mails, parcels and the refund's status do not."""
    return not event.startswith(
        ("MESSAGE", "REFUND_", "REMINDED", "ESCALATION_AVAILABLE", "DELIVE", "RETURN_DELIVERED")
    )


# api.md's table of the case's life.
LEGAL = frozenset(
    tuple(row.split(" > "))
    for row in (
        "NEGOTIATION > RESOLVED",
        "NEGOTIATION > AWAITING_RETURN",
        "NEGOTIATION > CLAIM_EVIDENCE",
        "NEGOTIATION > CANCELLED",
        "CLAIM_EVIDENCE > CANCELLED",
        "CLAIM_EVIDENCE > UNDER_REVIEW",
        "CLAIM_EVIDENCE > RESOLVED",
        "CLAIM_EVIDENCE > AWAITING_RETURN",
        "UNDER_REVIEW > CLAIM_EVIDENCE",
        "UNDER_REVIEW > DECIDED",
        "UNDER_REVIEW > AWAITING_RETURN",
        "UNDER_REVIEW > RESOLVED",
        "UNDER_REVIEW > CANCELLED",
        "AWAITING_RETURN > CANCELLED",
        "RETURN_SHIPPED > CANCELLED",
        "AWAITING_RETURN > RETURN_SHIPPED",
        "AWAITING_RETURN > RESOLVED",
        "AWAITING_RETURN > DECIDED",
        "RETURN_SHIPPED > RESOLVED",
        "RETURN_SHIPPED > DECIDED",
        "RETURN_SHIPPED > CLAIM_EVIDENCE",
    )
)


@dataclass(frozen=True)
class Numbers:
    """The policy's numbers as the requirements state them; the limits are the test's own, so that they are met."""

    open_after: int = 5 * DAY  # R7
    at_once_up_to_days: int = 5  # R8
    escalate_after: int = 3 * DAY  # R16
    negotiation: int = 15 * DAY  # R15
    evidence: int = 7 * DAY  # R22
    evidence_at_most: int = 30 * DAY  # R22
    decision: int = 7 * DAY  # R24
    reason_change: int = 5 * DAY  # R27
    ship_return: int = 10 * DAY  # R36
    acknowledge: int = 10 * DAY  # R36
    return_reply: int = 5 * DAY  # R42
    reminder: int = 1 * DAY
    upload: int = 5 * MINUTE
    upload_grace: int = MINUTE
    reply: int = 1 * DAY  # R43
    window_at_least: int = 1 * DAY  # R22
    disputes_per_order: int = 3  # R28
    offers: int = 4
    evidence_items: int = 5
    extra_items: int = 5  # R46: with each window that asks for more
    evidence_requests: int = 2
    messages: int = 4
    addresses: int = 3  # R42
    corrections: int = 3  # R27
    pending_uploads: int = 2


@dataclass
class Proposal:
    """R14."""

    maker: str
    kind: str
    amount: int
    state: str = "OPEN"
    taken_by: str | None = None  # of the team's: the one side that has said yes


@dataclass
class Exhibit:
    """R26: `until` is set while files may still come."""

    party: str
    state: str
    until: int | None = None


@dataclass
class Ending:
    """How a case ended, or will end once the goods are back."""

    code: str
    amount: int
    with_return: bool
    by: str


@dataclass
class Parcel:
    """R29, R41: what its carrier has said; `delivered` is what stands of it, and when that was registered."""

    items: frozenset[str]
    said: list[int] = field(default_factory=list)
    corrected_up_to: int = -1
    delivered: tuple[int, int] | None = None

    def hear(self, at: int, now: int, *, corrects: bool) -> None:
        """A delivery, or a correction of those up to `at`. An earlier delivery was registered with the later one."""
        if corrects:
            self.corrected_up_to = max(self.corrected_up_to, at)
        else:
            self.said.append(at)
        standing = [it for it in self.said if it > self.corrected_up_to]
        known = self.delivered if self.delivered and self.delivered[0] > self.corrected_up_to else None
        self.delivered = (min(standing), known[1] if known else now) if standing else None


@dataclass
class Case:
    """One dispute."""

    reason: str
    requested: int
    most: int
    left: int
    opened_at: int
    parcels: dict[str, tuple[int, int] | None]  # of the disputed items: when delivered, when registered
    units: dict[str, int]
    status: str = "NEGOTIATION"
    deadline: int | None = None
    epoch: int = 1
    events: list[str] = field(default_factory=lambda: ["DISPUTE_OPENED"])
    reminded_until: int = 0
    proposals: list[Proposal] = field(default_factory=list)
    request_stands: bool = True
    exhibits: list[Exhibit] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)
    asked_of: str | None = None
    window_end: int = 0
    replies: dict[str, int] = field(default_factory=dict)
    replied: set[str] = field(default_factory=set)
    has_answered: bool = False
    extra_items: int = 0
    waits_for_uploads: bool = False
    requests: int = 0
    return_requests: int = 0
    escalated_by: str | None = None
    asked: int = 0
    review_since: int = 0
    settlement: Ending | None = None
    address_confirmed: bool = False
    addresses: int = 0
    sent_to: int = 0
    return_delivered_at: int | None = None
    ending: Ending | None = None
    refund_state: str | None = None
    refund_paid_at: int = 0
    refund_failed_at: int | None = None
    received_at: int | None = None
    detail: str | None = None
    corrections: int = 0
    messages: int = 0
    messages_by: Counter[str] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    assigned_to: str | None = None

    @property
    def is_closed(self) -> bool:
        return self.status in ENDED

    def last_of_parcels(self, which: int) -> int | None:
        """R27, R30: the last delivery (0) or its registration (1), once everything has been delivered."""
        known = [it[which] for it in self.parcels.values() if it is not None]
        return max(known) if len(known) == len(self.parcels) else None

    def reason_closes(self, numbers: Numbers) -> int | None:
        """R27: five days after the last disputed parcel was registered as delivered; the sub-reason's time too."""
        registered = self.last_of_parcels(1)
        return None if registered is None else registered + numbers.reason_change

    def reason_due(self, numbers: Numbers) -> int | None:
        """R27: until when NOT_RECEIVED may become NOT_AS_DESCRIBED."""
        return self.reason_closes(numbers) if self.reason == "NOT_RECEIVED" else None

    def standing(self, party: str) -> int | None:
        """The number of that side's standing proposal, from 1."""
        found = [n for n, it in enumerate(self.proposals, 1) if (it.maker, it.state) == (party, "OPEN")]
        return found[0] if found else None

    def counting(self, party: str) -> int:
        """R22: how many of that side's items count."""
        return sum((it.party, it.state) == (party, "ACCEPTED") for it in self.exhibits)


@dataclass
class Shop:
    """The order, with what disputes have made of it."""

    lines: dict[str, tuple[int, int]]  # item: quantity, paid for all of them
    promise_days: int
    shipped_at: int = 0
    finished_at: int | None = None
    active: bool = False
    opened: int = 0
    refunded: int = 0
    elsewhere: int = 0
    parcels: dict[str, Parcel] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)

    @property
    def paid(self) -> int:
        return sum(paid for _, paid in self.lines.values())

    @property
    def left(self) -> int:
        """R39: what was paid and not given back, by disputes or elsewhere."""
        return max(0, self.paid - self.refunded - self.elsewhere)

    @property
    def completion_at(self) -> int:
        """R3."""
        return self.shipped_at + self.promise_days * DAY

    def opens_at(self, numbers: Numbers) -> int:
        """R7, R8."""
        at_once = self.promise_days <= numbers.at_once_up_to_days
        return self.shipped_at if at_once else self.shipped_at + numbers.open_after

    def parcels_of(self, items: Iterable[str]) -> dict[str, tuple[int, int] | None]:
        """Those that carry any of these items, as they are now."""
        return {name: it.delivered for name, it in self.parcels.items() if it.items & {*items}}

    def open_units(self) -> dict[str, int]:
        """R40: of each line, the units that no settlement was about."""
        left = {item: units - self.settled.get(item, 0) for item, (units, _) in self.lines.items()}
        return {item: units for item, units in left.items() if units}

    def settle(self, units: dict[str, int], amount: int, now: int) -> None:
        """R25, R40: these units are dealt with; nothing else left finishes the order."""
        self.settled = {item: self.settled.get(item, 0) + units.get(item, 0) for item in self.lines}
        self.refunded += amount
        if not self.open_units():
            self.finished_at = now

    def most(self, items: dict[str, int]) -> int:
        """R11, R40: what was paid for these units, and is not refunded yet. Parts of a line add up to the line."""
        worth = 0
        for item, units in (items or self.open_units()).items():
            quantity, paid = self.lines[item]
            before = self.settled.get(item, 0)
            after = min(quantity, before + units)
            worth += paid * after // quantity - paid * before // quantity
        return min(worth, self.left)
