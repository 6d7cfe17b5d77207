"""The shop's own back office: gives money back outside of disputes, takes it back, and corrects its orders (R39)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from buyer_protection.application.actions import order_upserts, refunds_elsewhere
from buyer_protection.application.schemas.requests import RefundElsewhereRequest
from buyer_protection.domain.enums import RefundKind
from buyer_protection.domain.errors import ContentionError, DisputeError
from tests.simulation.actors import SHOP, TRIES
from tests.simulation.checks import UnexpectedError, ViolationError
from tests.simulation.commands import usd
from tests.simulation.faults import BREAKDOWNS
from tests.support.builders import PAID, SHIPPED
from tests.unit.application.order_calls import projection, worth
from tests.unit.application.parcel_calls import MUG, SPOON, sent_as

if TYPE_CHECKING:
    from tests.simulation.life import Life

# In how many lives the shop does anything at all.
MEDDLES = 0.35
# In how many it says anew what is in which parcel.
PACKS_ANEW = 0.25
KINDS = (RefundKind.GOODWILL, RefundKind.CHARGEBACK, RefundKind.CANCELLATION)


@dataclass
class Shop:
    """What it does is drawn at the start; each call is repeated until it is taken, like a careful client's."""

    life: "Life"
    dice: Random

    def start(self) -> None:
        self._packs_anew(self.life.dice("packing"))
        if self.dice.random() >= MEDDLES:
            return
        for number in range(self.dice.choice((1, 1, 2))):
            at = SHIPPED + timedelta(days=self.dice.uniform(5, 70))
            if self.dice.random() < 0.3:
                self._at(at - SHIPPED, "order", self._corrects())
            else:
                self._gives_back(f"re-{number}", at - SHIPPED)

    def _packs_anew(self, dice: Random) -> None:
        """R41: in some lives the order travels in two parcels from now on, or under another number."""
        if dice.random() >= PACKS_ANEW:
            return
        for _ in range(dice.choice((1, 1, 2))):
            number = dice.choice(("TN-1", "TN-7", "TN-8"))
            parcels = (("sh-1", number, MUG), ("sh-2", "TN-2", SPOON))
            asked = projection(shipments=sent_as(*(parcels if dice.random() < 0.7 else parcels[:1])))
            call = partial(order_upserts.put_order, self.life.api, SHOP, self.life.order_id, asked)
            self._at(timedelta(days=dice.uniform(5, 40)), "parcels", call)

    def _gives_back(self, refund_id: str, after: timedelta) -> None:
        amount = self.dice.choice((1, 700, PAID - 1, PAID, self.dice.randint(1, PAID)))
        kind = self.dice.choice(KINDS)
        self._at(after, "refund", self._refund(refund_id, kind, amount))
        if self.dice.random() < 0.3:
            later = after + timedelta(days=self.dice.uniform(0.1, 20))
            self._at(later, "reversal", self._refund(f"{refund_id}-back", kind, amount, refund_id))

    def _refund(
        self, refund_id: str, kind: RefundKind, amount: int, reverses: str | None = None
    ) -> Callable[[], object]:
        asked = RefundElsewhereRequest(refund_id, kind, usd(amount), SHIPPED, [], reverses)
        return lambda: refunds_elsewhere.record_refund(self.life.api, SHOP, self.life.order_id, asked)

    def _corrects(self) -> Callable[[], object]:
        asked = projection(items=worth(self.dice.choice((500, 1500, 2000, 2600))))
        return lambda: order_upserts.put_order(self.life.api, SHOP, self.life.order_id, asked)

    def _at(self, after: timedelta, name: str, call: Callable[[], object]) -> None:
        self.life.schedule.plan(SHIPPED + after, "shop", lambda: self._try(name, call))

    def _try(self, name: str, call: Callable[[], object], tries: int = 1) -> None:
        try:
            with self.life.gate.running("api"):
                call()
        except (*BREAKDOWNS, ContentionError):
            if tries < TRIES:
                self.life.schedule.plan_in(2**tries, "again", lambda: self._try(name, call, tries + 1))
        except DisputeError as refusal:
            self.life.log("SHOP", f"{name}: refused, {refusal.code}")
        except ViolationError:
            raise
        except Exception as mistake:
            raise UnexpectedError(f"{name}: {mistake!r}") from mistake
        else:
            self.life.log("SHOP", name)
