"""The stores that one contract holds: over memory, over moto, over the emulator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.feed import EventFeed
from buyer_protection.application.ports.mails import Outbox
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.refunds import RefundStore
from buyer_protection.application.ports.sellers import SellerMetrics
from buyer_protection.application.ports.templates import TemplateStore
from buyer_protection.application.ports.timers import TimerStore
from buyer_protection.application.ports.webhooks import WebhookStore
from tests.integration.people import OPENED
from tests.support.fake_templates import MemoryTemplates
from tests.support.fakes import FixedClock, World


@dataclass
class Ports:
    """The stores, and how a waiting state of the machine parks its token. Ids are new in each test."""

    cases: CaseStore
    orders: OrderStore
    timers: TimerStore
    refunds: RefundStore
    outbox: Outbox
    sellers: SellerMetrics
    feed: EventFeed
    webhooks: WebhookStore
    templates: TemplateStore
    # By which the feed's rows are written.
    clock: FixedClock
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
        world.cases,
        world.orders,
        world.timers,
        world.refunds,
        world.outbox,
        world.sellers,
        world.feed,
        world.webhooks,
        MemoryTemplates(),
        world.clock,
        world.park,
    )


def over_dynamodb(run: str) -> Ports:
    """The real adapters, over whatever table has been configured. `run` sets the ids of a shared table apart."""
    from buyer_protection.adapters.dynamodb import keys
    from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
    from buyer_protection.adapters.dynamodb.event_feed import PynamoEventFeed
    from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
    from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
    from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
    from buyer_protection.adapters.dynamodb.seller_metrics import PynamoSellerMetrics
    from buyer_protection.adapters.dynamodb.tables import TimerRow
    from buyer_protection.adapters.dynamodb.template_store import PynamoTemplateStore
    from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
    from buyer_protection.adapters.dynamodb.webhook_store import PynamoWebhookStore

    def park(dispute_id: str, token: str) -> None:
        TimerRow(*keys.timer(dispute_id)).update(actions=[TimerRow.task_token.set(token)])

    clock = FixedClock(OPENED)
    return Ports(
        PynamoCaseStore(),
        PynamoOrderStore(),
        PynamoTimerStore(),
        PynamoRefundStore(),
        PynamoOutbox(),
        PynamoSellerMetrics(),
        PynamoEventFeed(clock),
        PynamoWebhookStore(),
        PynamoTemplateStore(),
        clock,
        park,
        run,
    )
