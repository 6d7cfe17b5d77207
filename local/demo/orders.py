"""Real orders made ready for the stage: which came late or never, how they map onto its time scale, who does what.

Pure, and the same for the same file: what the people do is drawn from the order's own data, never by chance.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

OPEN_AFTER_DAYS: Final = 5
NEGOTIATION_DAYS: Final = 15
MOST_PROMISED_DAYS: Final = 365
_REAL_DAY: Final = timedelta(days=1)


class Behaviour(StrEnum):
    """What the two sides do in a case."""

    SETTLE = "settles at once"
    COUNTER = "counter-offer"
    ESCALATE = "declined, then escalated"
    CLOCK = "escalated by the clock"
    NO_EVIDENCE = "escalated, no evidence"
    CANCEL = "cancelled at delivery"
    CHANGE_REASON = "came, not as described"


@dataclass(frozen=True)
class Line:
    """One line of the order; `amount_minor` is what was paid for all its units together."""

    item_id: str
    title: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class Plan:
    """An order that came late or never. Days are the policy's, counted from the shipment.

    `delivered_after` is None where it never came; `placed_before` is how long before the shipment it was placed.
    `draw` is a number of 0 to 99 that stands for everything that the data leave open.
    """

    order_id: str
    currency: str
    lines: tuple[Line, ...]
    shipped: bool
    placed_before: float
    promised_days: int
    delivered_after: float | None
    score: int
    draw: int

    @property
    def paid(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def opens_after(self) -> int:
        """R7, R8: days from the shipment to the first instant at which a dispute may be opened."""
        return 0 if self.promised_days <= OPEN_AFTER_DAYS else OPEN_AFTER_DAYS

    @property
    def arrives_after_opening(self) -> float | None:
        """Days from the opening to the delivery; negative where the parcel came before, None where it never came."""
        return None if self.delivered_after is None else self.delivered_after - self.opens_after

    @property
    def behaviour(self) -> Behaviour:
        return behaviour_of(self.score, self.draw, self.arrives_after_opening)

    @property
    def expected_refusal(self) -> tuple[str, str] | None:
        """The code and the rule with which the opening must be refused at the first instant; None where it is taken."""
        if not self.shipped:
            return "NOT_SHIPPED", "R9"
        return ("ORDER_COMPLETED", "R2") if self.promised_days == 0 else None


@dataclass(frozen=True)
class Calendar:
    """A plan's instants on the stage."""

    placed_at: datetime
    shipped_at: datetime
    opens_at: datetime
    delivered_at: datetime | None


def calendar(plan: Plan, opens_at: datetime, day: timedelta) -> Calendar:
    """The order's own dates, shifted so that its dispute may be opened at `opens_at`, a day being `day` long."""
    shipped_at = opens_at - plan.opens_after * day
    return Calendar(
        placed_at=shipped_at - plan.placed_before * day,
        shipped_at=shipped_at,
        opens_at=opens_at,
        delivered_at=None if plan.delivered_after is None else shipped_at + plan.delivered_after * day,
    )


def behaviour_of(score: int, draw: int, arrives_after_opening: float | None) -> Behaviour:
    """Happy reviewers settle, unhappy ones go further; a parcel that comes during the talks ends or turns them."""
    while_talking = arrives_after_opening is not None and 0 < arrives_after_opening < NEGOTIATION_DAYS - 1
    if while_talking and draw % 4:
        pleased = score >= 4 or (score == 3 and draw < 50)
        return Behaviour.CANCEL if pleased else Behaviour.CHANGE_REASON
    if while_talking:
        return Behaviour.CLOCK
    if score >= 3:
        return Behaviour.SETTLE if draw < 50 else Behaviour.COUNTER
    for below, behaviour in (
        (15, Behaviour.SETTLE), (35, Behaviour.COUNTER), (60, Behaviour.ESCALATE), (82, Behaviour.CLOCK),
    ):  # fmt: skip
        if draw < below:
            return behaviour
    return Behaviour.NO_EVIDENCE


def read_plans(path: Path, limit: int = 0) -> list[Plan]:
    """The plans of a file of orders, one JSON object a line; only the first `limit` of them unless that is 0.

    Raises ValueError for a line that is no order, OSError where the file cannot be read.
    """
    plans = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                plan = plan_of(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number} is no order: {error!r}") from error
            if plan is not None:
                plans.append(plan)
    if not plans:
        raise ValueError(f"{path} holds no order that came late or never")
    return plans[:limit] if limit > 0 else plans


def plan_of(row: Mapping[str, Any]) -> Plan | None:
    """The plan of one order; None where it came in time, or where nothing was paid that could be refunded."""
    promised, delivered = _instant(row["promised_at"]), _instant(row["delivered_at"])
    shipped, placed = _instant(row["shipped_at"]), _instant(row["placed_at"])
    if promised is None or placed is None:
        raise ValueError("placed_at and promised_at are needed")
    came = delivered is not None and row["order_status"] == "delivered"
    if came and delivered is not None and delivered <= promised:
        return None
    start = shipped or placed
    lines = tuple(
        Line(
            str(i["item_id"]), f"Item {i['item_id']} of the order", int(i["quantity"]), int(i["amount_minor"])
        )
        for i in row["items"]
    )
    order_id = str(row["order_id"])
    plan = Plan(
        order_id=order_id,
        currency=str(row["currency"]),
        lines=lines,
        shipped=shipped is not None,
        placed_before=max(0.0, (start - placed) / _REAL_DAY),
        promised_days=min(MOST_PROMISED_DAYS, max(0, math.ceil((promised - start) / _REAL_DAY))),
        delivered_after=max(0.0, (delivered - start) / _REAL_DAY) if came and delivered else None,
        score=int((row.get("review") or {}).get("score") or 1),
        draw=int(hashlib.sha256(order_id.encode()).hexdigest()[:8], 16) % 100,
    )
    return plan if plan.paid > 0 else None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
