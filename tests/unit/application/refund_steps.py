"""Steps of a life about money: given back elsewhere, paid, failed, and what the sweeper notes (R39, R44)."""

from collections.abc import Callable
from datetime import datetime

from buyer_protection.application.actions.refunds_elsewhere import record_refund
from buyer_protection.application.schemas.events import RefundFailed, RefundSucceeded
from buyer_protection.application.schemas.requests import (
    MoneyModel,
    RefundElsewhereRequest,
)
from buyer_protection.application.workers.inbound_events import receive_event
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    RefundKind,
)
from tests.support.fakes import World
from tests.unit.application.helpers import (
    CASE,
    SHOP,
    call,
    case_of,
)

Step = Callable[[World], object]


def give_back(minor: int) -> Step:
    """The shop gives so much back outside of the dispute."""

    def step(w: World) -> None:
        amount, refund_id = MoneyModel(minor, "USD"), f"g-{minor}"
        refund = RefundElsewhereRequest(refund_id, RefundKind.GOODWILL, amount, w.clock.at)
        record_refund(w.context, call(SHOP), "order-1", refund)

    return step


def pay(of: World) -> None:
    _answer(of, RefundSucceeded)


def fail(of: World) -> None:
    _answer(of, RefundFailed)


def _answer(of: World, kind: type[RefundSucceeded] | type[RefundFailed]) -> None:
    outcome = case_of(of).outcome
    assert outcome is not None
    minor, now = outcome.refund.amount_minor, of.clock.at
    word = kind(refund_id=f"rf-{CASE}", amount_minor=minor, currency="USD", occurred_at=now)
    receive_event(of.context, word, now)


def refund(becomes: Callable[[Dispute, datetime], Change]) -> Step:
    """What the sweeper notes of a refund (R39, R44)."""
    return lambda of: of.cases.commit(becomes(case_of(of), of.clock.at), now=of.clock.at)
