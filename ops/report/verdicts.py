"""How claims of one group were decided: counts, and shares where there are enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OutcomeCode

RULINGS: Final = frozenset(
    {OutcomeCode.DECIDED_BUYER_FAVOUR, OutcomeCode.DECIDED_PARTIAL, OutcomeCode.DECIDED_SELLER_FAVOUR}
)
# Fewer claims say nothing of a share: one more or less would move it by over five points.
ENOUGH: Final = 20


def ruling_of(case: Dispute) -> OutcomeCode | None:
    """What the team ruled; None where it ruled nothing.

    Where the goods were to come back and never did, the case ended otherwise (R36): the ruling is the settlement then.
    """
    kept = (case.outcome, case.settlement)
    return next((it.code for it in kept if it is not None and it.code in RULINGS), None)


@dataclass(slots=True)
class Verdicts:
    """Decided claims by whom they favoured; amounts are shares of what the buyer asked for."""

    buyer: int = 0
    partial: int = 0
    seller: int = 0
    # Sum over claims of granted / asked: of each claim, so that currencies and sizes don't mix.
    granted_of_asked: float = 0.0

    @property
    def claims(self) -> int:
        """All of them."""
        return self.buyer + self.partial + self.seller

    def add(self, case: Dispute) -> None:
        """Count one decided claim."""
        outcome, code = case.outcome, ruling_of(case)
        if outcome is None:
            raise AssertionError(f"{case.dispute_id} was decided without an outcome")
        match code:
            case OutcomeCode.DECIDED_BUYER_FAVOUR:
                self.buyer += 1
            case OutcomeCode.DECIDED_PARTIAL:
                self.partial += 1
            case OutcomeCode.DECIDED_SELLER_FAVOUR:
                self.seller += 1
            case _:
                raise AssertionError(f"{case.dispute_id} is decided, and ended as {code}")
        asked = case.asked.amount_minor
        self.granted_of_asked += outcome.refund.amount_minor / asked if asked else 0.0

    def document(self) -> dict[str, int | float | None]:
        """For JSON: counts, shares in percent; a share is null below `ENOUGH` claims."""
        counts = {"claims": self.claims, "buyer": self.buyer, "partial": self.partial, "seller": self.seller}
        sums = {
            "buyer_percent": self.buyer,
            "partial_percent": self.partial,
            "seller_percent": self.seller,
            "granted_percent": self.granted_of_asked,
        }
        enough = self.claims >= ENOUGH
        return counts | {
            name: round(100 * it / self.claims, 1) if enough else None for name, it in sums.items()
        }
