"""Policy as data: every number of the rules, and nowhere else.

A case keeps the snapshot of the policy it was opened under for its whole life, so that a new profile never moves
a deadline that somebody was promised.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta

from buyer_protection.domain.enums import Role

DAY_SECONDS = 86_400
# R48: from the request to erase a person's data until it begins; no case's policy, as it is about none.
ERASURE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Policy:
    """A profile's windows (in days) and flags. `day_seconds` shortens the day on a demo stage, and only there."""

    profile: str
    version: int
    day_seconds: float = DAY_SECONDS
    open_after_days: int = 5  # R7
    open_at_once_up_to_days: int = 5  # R8
    escalate_after_days: int = 3  # R16
    negotiation_days: int = 15  # R15
    evidence_days: int = 7  # R22
    evidence_window_max_days: int = 30  # R22: how far the team may set another date
    decision_days: int = 7  # R24
    reason_change_days: int = 5  # R27
    return_shipment_days: int = 10  # R36
    return_receipt_days: int = 10  # R36
    reminder_days: int = 1  # mails: a day before each due date
    contact_seller_first_hours: int = (
        0  # R6: above 0 contact must be declared, with so long since the shipment
    )
    seller_may_escalate: bool = False  # R18
    appeal_days: int = 0  # R25: no appeal
    max_disputes_per_order: int = 3  # R28
    max_offers_per_party: int = 20  # R14
    max_evidence_per_party: int = 50  # R26
    max_evidence_requests: int = 2  # R24, R42: in the review of the dispute, and again in that of a return
    max_messages: int = 500  # R5, R46: of each side, and of the team
    max_pending_uploads: int = 10  # R26: items of a party whose files are still under way
    # Snapshots are kept by position: what is new comes last.
    return_reply_days: int = 5  # R42: evidence of both sides about a return that is not in order
    shorten_buyer_name: bool = True  # whether sellers see "Maria S." instead of the buyer's whole name

    def __post_init__(self) -> None:
        """R25: a decision is final. `appeal_days` stays in the contract and in snapshots, and can only be 0."""
        if self.appeal_days:
            raise ValueError("there is no appeal against a decision (R25): appeal_days must be 0")

    @property
    def escalating_roles(self) -> frozenset[Role]:
        """R18: who may escalate: the buyer, and the seller where the flag says so."""
        return frozenset({Role.BUYER, Role.SELLER}) if self.seller_may_escalate else frozenset({Role.BUYER})

    def days(self, count: int) -> timedelta:
        """`count` days of this policy: exactly 24 hours each, unless the stage shortens them."""
        return timedelta(seconds=self.day_seconds * count)

    def opens_after(self, guaranteed_delivery_days: int) -> timedelta:
        """R6 to R8: how long after the shipment a dispute can be opened."""
        return max(self.promise_time(guaranteed_delivery_days), self.contact_time)

    def promise_time(self, guaranteed_delivery_days: int) -> timedelta:
        """R7, R8: how long the delivery has had before; nothing where the promise is short."""
        at_once = guaranteed_delivery_days <= self.open_at_once_up_to_days
        return timedelta(0) if at_once else self.days(self.open_after_days)

    @property
    def contact_time(self) -> timedelta:
        """R6: how long the seller has had the chance to answer, an hour being a 24th of this policy's day."""
        return self.days(1) * self.contact_seller_first_hours / 24

    def to_snapshot(self) -> dict[str, str | int | float | bool]:
        """What is kept with a case."""
        return asdict(self)

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, object]) -> "Policy":
        """The policy a case was opened under; what a later version added takes its default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in snapshot.items() if name in known})  # type: ignore[arg-type]


ALIEXPRESS_CLASSIC = Policy(profile="aliexpress-classic", version=1)

PROFILES: dict[str, Policy] = {ALIEXPRESS_CLASSIC.profile: ALIEXPRESS_CLASSIC}


def policy_for_stage(profile: str, day_seconds: float) -> Policy | None:
    """The profile as the stage runs it, or None where there is no such profile."""
    found = PROFILES.get(profile)
    return replace(found, day_seconds=day_seconds) if found else None
