"""The stores that one contract holds: over memory, over moto, over the emulator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from buyer_protection.application.ports import CaseStore, OrderStore, Outbox, RefundStore, TimerStore
from buyer_protection.application.seller_counters import SellerMetrics
from tests.fakes import FixedClock, World
from tests.integration.people import OPENED


@dataclass
class Ports:
    """The five stores, and how a waiting state of the machine parks its token. Ids are new in each test."""

    cases: CaseStore
    orders: OrderStore
    timers: TimerStore
    refunds: RefundStore
    outbox: Outbox
    sellers: SellerMetrics
    park: Callable[[str, str], None]
    run: str = "t"
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def dispute_id(self) -> str:
        return f"dp-{self.run}-{next(self._numbers)}"

    def order_id(self) -> str:
        return f"o-{self.run}-{next(self._numbers)}"


def in_memory() -> Ports:
    """The world of the unit tests and the simulator."""
    world = World(FixedClock(OPENED))
    return Ports(
        world.cases, world.orders, world.timers, world.refunds, world.outbox, world.sellers, world.park
    )


def over_dynamodb(run: str) -> Ports:
    """The real adapters, over whatever table has been configured. `run` sets the ids of a shared table apart."""
    from buyer_protection.adapters import keys
    from buyer_protection.adapters.case_store import PynamoCaseStore
    from buyer_protection.adapters.order_store import PynamoOrderStore
    from buyer_protection.adapters.outbox import PynamoOutbox
    from buyer_protection.adapters.refund_store import PynamoRefundStore
    from buyer_protection.adapters.seller_metrics import PynamoSellerMetrics
    from buyer_protection.adapters.tables import TimerRow
    from buyer_protection.adapters.timer_store import PynamoTimerStore

    def park(case_id: str, token: str) -> None:
        TimerRow(*keys.timer(case_id)).update(actions=[TimerRow.task_token.set(token)])

    return Ports(
        PynamoCaseStore(),
        PynamoOrderStore(),
        PynamoTimerStore(),
        PynamoRefundStore(),
        PynamoOutbox(),
        PynamoSellerMetrics(),
        park,
        run,
    )
