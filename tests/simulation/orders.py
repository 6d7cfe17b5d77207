"""Q30: orders that change under their cases. Drawn lives of one order, with everything that its shop, its carrier and
its people may do to it; what must hold is checked after each move."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, cast

from buyer_protection.application.actions import order_upserts, orders, refunds_elsewhere
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.mails.delivery import MailDelivery, deliver_mails
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.schemas.requests import (
    ContactModel,
    MoneyModel,
    OpenDisputeRequest,
    OrderRequest,
    RefundedItem,
    RefundElsewhereRequest,
    ShipmentModel,
    TrackingRequest,
)
from buyer_protection.application.workers.clock import close_window, next_alarm
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.eligibility import eligibility
from buyer_protection.domain.enums import Action, Reason, RefundKind, RefundStatus, Role, TrackingStatus
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.refund_room import fits
from tests.simulation.actors import CALLERS
from tests.simulation.checks import ViolationError
from tests.simulation.commands import Wish, doing
from tests.simulation.life import Life
from tests.simulation.mailing import plain
from tests.support.builders import DAY, SHIPPED
from tests.support.fakes import FixedClock, World
from tests.unit.application.order_calls import projection, worth

SHOP = Command(Caller("shop", is_system=True))
ORDER = "order-1"
# What an offered step may still be refused for: its body is thrown by dice that know no limits of amounts.
BY_ITS_BODY = frozenset(
    {
        "CURRENCY_MISMATCH", "AMOUNT_OUT_OF_RANGE", "MORE_THAN_IS_LEFT", "OUTCOME_MISMATCH", "VALIDATION_FAILED",
        "DATE_OUT_OF_RANGE", "EVIDENCE_NOT_SHARED", "RETURN_NOT_APPLICABLE",
    }
)  # fmt: skip
REPORTS = (
    TrackingStatus.DELIVERED,
    TrackingStatus.DELIVERED,
    TrackingStatus.IN_TRANSIT,
    TrackingStatus.DELIVERY_CORRECTED,
    TrackingStatus.COLLECTION_EXPIRED,
)
# These have no body: what is offered is taken.
WITHOUT_BODY = frozenset({Action.ACCEPT_OFFER, Action.ACCEPT_REQUEST, Action.DECLINE_OFFER, Action.CANCEL})


class OrderLife:
    """One order with its cases. `moves` counts what was done, by name and outcome."""

    def __init__(self, seed: str) -> None:
        self.dice = Random(seed)
        self.clock = FixedClock(SHIPPED + 5 * DAY)
        self.world = World(self.clock)
        self.api, self.files, self.team = self.world.context, self.world.files, self.world.team
        self.moves: Counter[str] = Counter()
        self.refunds: list[str] = []
        # The most that each line was ever worth, and the shipping: the shop may lower what was settled long ago.
        self.worth: Counter[str] = Counter()
        self.published = self.sent = 0
        self._upsert(projection())

    # --- moves ------------------------------------------------------------------------------------------------

    def live(self, moves: int) -> None:
        """So many moves, and then time until nothing is open any more."""
        for _ in range(moves):
            self.move(self.dice.choice(self._all))
        for _ in range(30):
            self.move(self.wait)
        self.move(self.look)
        self._held_for_a_reason()

    @property
    def _all(self) -> list[Callable[[], object]]:
        shop = [self.upsert, self.upsert_by_the_bus, self.give_back, self.take_back]
        return [*shop, self.report, *[self.person] * 6, *[self.wait] * 2, self.look]

    def move(self, what: Callable[[], object]) -> None:
        """One move, what follows from it, and the checks. ViolationError where something does not hold."""
        name = what.__name__
        try:
            what()
        except DisputeError as refusal:
            self.moves[f"{name}: {refusal.code}"] += 1
        else:
            self.moves[name] += 1
        self._follow_ups()
        self._check()

    def upsert(self) -> None:
        self._upsert(self._order())

    def upsert_by_the_bus(self) -> None:
        at = self.clock.at + self.dice.choice((-2 * DAY, timedelta(0), timedelta(0), 400 * DAY))
        order_upserts.take_order(self.api, ORDER, self._order(), at)

    def give_back(self) -> None:
        name = f"re-{len(self.refunds)}"
        amount = self.dice.choice((1, 300, 1000, 2500, 4000))
        items = self.dice.choice(
            ([], [], [RefundedItem("mug", self.dice.randint(1, 2), _usd(min(amount, 700)))])
        )
        kind = self.dice.choice(list(RefundKind))
        asked = RefundElsewhereRequest(name, kind, _usd(amount), self.clock.at, items)
        refunds_elsewhere.record_refund(self.api, SHOP, ORDER, asked)
        self.refunds.append(name)

    def take_back(self) -> None:
        if self.refunds:
            name = self.dice.choice(self.refunds)
            amount = self.world.refunds_elsewhere[ORDER, name].amount.amount_minor
            asked = RefundElsewhereRequest(
                f"{name}-back", RefundKind.OTHER, _usd(amount), self.clock.at, [], name
            )
            refunds_elsewhere.record_refund(self.api, SHOP, ORDER, asked)

    def report(self) -> None:
        shipment = self.dice.choice(self.world.orders_kept[ORDER].shipments)
        status = self.dice.choice(REPORTS)
        at = self.clock.at - self.dice.choice((timedelta(0), DAY, 6 * DAY))
        event = TrackingRequest(f"t-{self.dice.randrange(10**9)}", shipment.shipment_id, status, at)
        orders.record_tracking_event(self.api, SHOP, ORDER, event)

    def person(self) -> None:
        case = self._case()
        if case is None:
            self._open()
            return
        role = self.dice.choice((Role.BUYER, Role.SELLER, Role.CASE_MANAGER))
        caller = CALLERS[role]
        offered = [
            one
            for one in available_actions(case, role, self.clock.at, caller.caller_id)
            if one.available_from <= self.clock.at
        ]
        if not offered:
            return
        one = self.dice.choice(offered)
        wish = Wish(cast(Life, self), role, self.dice, case, one.offer_id or "")
        try:
            doing(wish, one.action)(Command(caller))
        except DisputeError as refusal:
            known = refusal.code in BY_ITS_BODY and one.action not in WITHOUT_BODY
            _hold(known, "offered and refused", f"{one.action} by {role} in {case.status}: {refusal.code}")
            raise

    def look(self) -> None:
        """A refund that waits is looked at."""
        world = self.world
        sweep(
            Sweeper(
                world.cases, world.timers, world.refunds, world.executions, world.queue, world.bus,
                world.clock, world.orders, world.webhook_queue,
            )
        )  # fmt: skip

    def wait(self) -> None:
        """Time passes, to the case's next instant or by some hours; the clock does what is due."""
        case, until = self._case(), self.clock.at + timedelta(hours=self.dice.choice((1, 20, 70)))
        due = None if case is None else case.deadline
        self.clock.at = until if due is None or self.dice.random() < 0.5 else max(self.clock.at, due)
        for one in list(self.world.cases_kept.values()):
            while not (now := self._now_of(one.dispute_id)).is_closed:
                before = now.version
                close_window(self.world.cases, self.clock, next_alarm(now, 1, self.clock.at))
                if self._now_of(one.dispute_id).version == before:
                    break

    # --- what they are made of --------------------------------------------------------------------------------

    def _open(self) -> None:
        order, books = self.world.orders_kept[ORDER], self.world.ledger(ORDER)
        found = eligibility(order, books, self.world.policy, self.clock.at)
        most = found.max_refundable.amount_minor
        asked = OpenDisputeRequest(
            ORDER,
            self.dice.choice(list(Reason)),
            "It is not there.",
            MoneyModel(self.dice.randint(1, max(1, most)), order.currency),
        )
        if order.buyer_id != CALLERS[Role.BUYER].caller_id:
            return
        try:
            open_dispute(self.api, Command(CALLERS[Role.BUYER]), asked)
        except DisputeError as refusal:
            _hold(not found.eligible, "eligible and refused", refusal.code)
            raise

    def _order(self) -> OrderRequest:
        dice = self.dice
        items = worth(dice.choice((0, 500, 1500, 2000, 3000)), dice.choice((0, 500, 500)))
        items = dice.choice((items, items, items[:1], items[1:]))
        parcels = [ShipmentModel("sh-1", "Post", dice.choice(("TN-1", "TN-1", "TN-2")), SHIPPED)]
        if dice.random() < 0.3:
            parcels.append(ShipmentModel("sh-2", "Post", "TN-3", self.clock.at))
        changes: dict[str, Any] = {
            "items": items,
            "shipments": parcels,
            "currency": dice.choice(("USD", "USD", "USD", "EUR")),
            "buyer": ContactModel(name="Ana", email=dice.choice(("buyer@example.com", "other@example.com"))),
            "buyer_id": dice.choice(("buyer-1", "buyer-1", "buyer-1", "buyer-2")),
            "guaranteed_delivery_days": dice.choice((40, 60, 90)),
            "shipping_amount_minor": dice.choice((0, 0, 200)),
        }
        return projection(**changes)

    def _upsert(self, asked: OrderRequest) -> None:
        order_upserts.put_order(self.api, SHOP, ORDER, asked)

    def _case(self) -> Dispute | None:
        held = self.world.ledger(ORDER).active_dispute_id
        return None if held is None else self._now_of(held)

    def _now_of(self, dispute_id: str) -> Dispute:
        return self.world.cases_kept[dispute_id]

    def _follow_ups(self) -> None:
        world = self.world
        world.deliver_stream()
        for dispute_id in (*world.cases_kept, f"order/{ORDER}"):
            deliver_mails(self._delivery(), dispute_id)

    def _delivery(self) -> MailDelivery:
        world = self.world
        return MailDelivery(
            world.cases, world.orders, world.outbox, world.transport, plain, world.clock,
            "https://shop.example.com", world.addresses, world.queue, lambda *_: None,
        )  # fmt: skip

    # --- what must hold ---------------------------------------------------------------------------------------

    def _check(self) -> None:
        order, books = self.world.orders_kept[ORDER], self.world.ledger(ORDER)
        self.worth |= Counter({line.item_id: line.amount_minor for line in order.items})
        self.worth |= Counter({"": order.shipping_amount_minor})
        for event in self.world.bus.published[self.published :]:
            if event.type == "RefundRequested":
                self._leaves(event)
        self.published = len(self.world.bus.published)
        granted = [
            case.outcome.refund.amount_minor for case in self.world.cases_kept.values() if case.outcome
        ]
        _hold(sum(granted) == books.refunded_minor, "ledger and outcomes differ", f"{granted} {books}")
        _hold(
            sum(granted) <= self.worth.total(),
            "granted above what was paid",
            f"{granted} of {self.worth.total()}",
        )
        self._mails()

    def _leaves(self, event: OutboundEvent) -> None:
        books = self.world.ledger(ORDER)
        back = books.refunded_minor + max(0, books.elsewhere_minor)
        others = [
            refund.amount.amount_minor
            for refund, _ in self.world.refunds_kept.values()
            if refund.dispute_id != event.detail["dispute_id"]
            and self._now_of(refund.dispute_id).refund_status is RefundStatus.HELD
        ]
        held = sum(others)
        _hold(
            back - held <= self.worth.total(),
            "given back twice",
            f"{event.event_id}: {back} of {self.worth.total()}",
        )

    def _held_for_a_reason(self) -> None:
        """What has not left by the end cannot."""
        order, books = self.world.orders_kept[ORDER], self.world.ledger(ORDER)
        held = [it for it in self.world.cases_kept.values() if it.refund_status is RefundStatus.HELD]
        _hold(
            sorted(it.dispute_id for it in held) == [*books.held], "ledger and holds differ", f"{books.held}"
        )
        for case in held:
            refund, _ = self.world.refunds_kept[case.dispute_id]
            _hold(not fits(case, refund, order, books), "held without a reason", case.dispute_id)

    def _mails(self) -> None:
        order = self.world.orders_kept[ORDER]
        known = {order.buyer.email, order.seller.email}
        for mail in self.world.transport.sent[self.sent :]:
            case = self.world.cases_kept.get(mail.get("dispute_id", ""))
            party = (
                None if case is None else (case.buyer_id if mail["recipient"] == "BUYER" else case.seller_id)
            )
            now = order.buyer_id if mail["recipient"] == "BUYER" else order.seller_id
            _hold(
                mail["to"] in known and party in (None, now),
                "a mail to somebody else",
                f"{mail['to']} {party}",
            )
        self.sent = len(self.world.transport.sent)


def _usd(minor: int) -> MoneyModel:
    return MoneyModel(minor, "USD")


def _hold(holds: bool, kind: str, text: str) -> None:
    if not holds:
        raise ViolationError(kind, text)
